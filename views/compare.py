"""The compare page: two years side by side, what changed, and whether they compare at all."""

from __future__ import annotations

import streamlit as st

from papers.stories import drift_sentence
from papers.words import told
from spatial.findings import findings
from spatial.reasons import Reason, incomparable
from spatial.study import Study
from views.charts import show_charts
from views.compare_screen import compare_payload
from views.compare_sidebar import ask
from views.comparisons import agreed, drifted
from views.mapview import show_compare
from views.method import show_comparison_method
from views.opening import begin
from views.query import Query
from views.sidebar import follow
from views.takeaway_years import take_comparison
from views.text import Translate, plain, say

__all__ = ["show"]


def show() -> None:
    """The whole page."""
    begun = begin()
    if begun is None:
        return
    query, study, tr = begun
    follow(query)
    reasons = _reasons(query, study)
    ask(query, study, tr, breaks=bool(reasons))
    if query.mode != "roles" and query.first == query.year:
        st.info(
            tr(
                "This study counts {role} in one year only: there is nothing to compare it with."
            ).format(role=tr("homes") if query.role == "residence" else tr("jobs"))
        )
        return
    try:
        _answer(query, study, tr, reasons)
    except ValueError as fault:  # what the house refuses is a ValueError that says why
        st.error(plain(str(fault)))


def _answer(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> None:
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        with st.container(key="words"):
            st.markdown(f"## {plain(_sentence(query, tr))}")
            st.markdown(_quiet(query, study, tr, reasons))
        with st.container(key="actions", horizontal=True, width="content"):
            if query.mode != "roles":
                take_comparison(query, study, tr, reasons)
                show_comparison_method(query, study, tr)
    with st.spinner(tr("Comparing the years ..."), show_time=True):
        payload = compare_payload(query, study, tr, reasons)
    show_compare(payload, on_year=_took_year, on_lineage=_took_lineage)
    if query.mode != "roles":
        show_charts(query, study, tr, agreement=agreed(query), drift=drifted(query))


def _sentence(query: Query, tr: Translate) -> str:
    if query.mode == "roles":
        return tr("Where graduates live and where they work, {year}.").format(year=query.year)
    found = findings(drifted(query), first=query.first, last=query.year)
    return drift_sentence(found, role=query.role, lang=query.lang)


def _quiet(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> str:
    tag = f":orange-badge[{tr('Synthetic sample')}] " if study.info.synthetic else ""
    if query.mode == "roles":
        return f"{tag}:gray[{tr('Homes left, jobs right, on one scale')}]"
    if not reasons:
        text = told("comparable", query.lang, first=query.first, year=query.year)
        return f"{tag}:gray[{text}]"
    why = plain(" ".join(say(one.reason, query.lang) for one in reasons))
    return f"{tag}:red-badge[{tr('Not comparable')}] :red[{why}]"


def _reasons(query: Query, study: Study) -> list[Reason]:
    if query.mode == "roles" or query.first == query.year:
        return []
    return incomparable(
        study,
        query.first,
        query.year,
        role=query.role,
        group=query.group,
        against=query.against,
    )


def _took_year() -> None:
    chosen = st.session_state["compare"].year
    if chosen and str(chosen).isdigit():
        st.session_state["year"] = int(chosen)


def _took_lineage() -> None:
    st.session_state["lineage"] = str(st.session_state["compare"].lineage or "")
