"""The commute page: how far graduates travel, from where to where, and what the layout forces."""

from __future__ import annotations

import streamlit as st

from spatial.question import QuestionError
from spatial.study import Study
from views.commute_charts import show_figures
from views.commute_method import show_commute_method
from views.commute_panel import area_name, end_name, who_goes
from views.commute_screen import commute_payload, key_of
from views.commute_sidebar import ask
from views.commute_without import show_without_flows
from views.commutes import flow_years_of, ledger, pairs, reach, settle_commute
from views.mapview import show_commute
from views.opening import begin
from views.query import Query
from views.sidebar import follow, hold
from views.takeaway_commute import take_commute
from views.text import Translate, count_text, percent_text, plain, say

__all__ = ["show"]


def show() -> None:
    """The whole page."""
    begun = begin()
    if begun is None:
        return
    query, study, tr = begun
    if not flow_years_of(study):
        follow(query)
        show_without_flows(query, study, tr)
        return
    query = settle_commute(query, study)
    hold(query)
    follow(query)
    ask(query, study, tr)
    try:
        _answer(query, study, tr)
    except QuestionError as fault:
        st.error(plain(str(fault)))


def _answer(query: Query, study: Study, tr: Translate) -> None:
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        with st.container(key="words"):
            st.markdown(f"## {plain(_sentence(query, study, tr))}")
            tag = f":orange-badge[{tr('Synthetic sample')}] " if study.info.synthetic else ""
            st.markdown(f"{tag}:gray[{plain(_quiet(query, study, tr))}]")
        with st.container(key="actions", horizontal=True, width="content"):
            take_commute(query, study, tr)
            show_commute_method(query, study, tr)
    shown = st.session_state.get("commute", {}).get("shown")
    whole = shown == key_of(query)
    payload = commute_payload(query, study, tr, whole=whole)
    show_commute(payload, on_year=_took_year, on_area=_took_area)
    if whole:
        show_figures(query, study, tr)


def _sentence(query: Query, study: Study, tr: Translate) -> str:
    if not query.area:
        return _city_sentence(query, study, tr)
    found = ledger(query)
    people = found.exchange
    name = area_name(query, tr)
    coming, going = found.coming, found.going
    if query.role == "work":
        text = tr(
            "In {year}, {people} {who} work in {area}; {share} of them come in from outside,"
            " most from {most}."
        )
        most, share = coming, people.inflow / people.workers if people.workers else 0.0
    else:
        text = tr(
            "In {year}, {people} {who} live in {area}; {share} of them go out to work, most to"
            " {most}."
        )
        most, share = going, people.outflow / people.residents if people.residents else 0.0
    first = next(most.itertuples(), None)
    return text.format(
        year=query.year,
        who=who_goes(study, tr),
        people=count_text(people.workers if query.role == "work" else people.residents, query.lang),
        area=name,
        share=percent_text(share),
        most="–" if first is None else end_name(first, query.lang, tr),
    )


def _city_sentence(query: Query, study: Study, tr: Translate) -> str:
    found = pairs(query)
    mean, near = reach(found)
    return tr(
        "In {year}, {who} travel {km} km to work on average; {share} work within 5 km of home."
    ).format(year=query.year, who=who_goes(study, tr), km=f"{mean:.1f}", share=f"{near:.0%}")


def _quiet(query: Query, study: Study, tr: Translate) -> str:
    who = study.info.definitions.get("flows")
    counted = say(who, query.lang) if who else tr("graduates from home to work")
    return tr("Flows count {who}").format(who=counted)


def _took_year() -> None:
    chosen = st.session_state["commute"].year
    if chosen and str(chosen).isdigit():
        st.session_state["year"] = int(chosen)


def _took_area() -> None:
    st.session_state["area"] = str(st.session_state["commute"].area or "")
