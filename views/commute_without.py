"""The commute page of a study without flows: what homes and jobs alone allow, and a model."""

from __future__ import annotations

from math import isnan

import streamlit as st

from spatial.question import QuestionError
from spatial.study import Study
from views.commute_charts import figure_text
from views.commutes import report_without
from views.query import Query
from views.sidebar import brand, choose_language, choose_study
from views.text import Translate, plain
from views.words import INDICATOR_WORDS

__all__ = ["show_without_flows"]


def show_without_flows(query: Query, study: Study, tr: Translate) -> None:
    """Bounds of the mean distance, and a gravity estimate for a mean that the reader assumes."""
    years = [one for one in study.years_of("work") if one in study.years_of("residence")]
    with st.sidebar:
        brand(tr)
        st.caption(tr("Question"))
        choose_study(tr)
        if years:
            st.selectbox(tr("Year"), years, key="year")
        choose_language(tr)
    with st.container(key="plain"):
        st.markdown(f"## {tr('This study does not say who goes where.')}")
        st.markdown(
            tr(
                "It has no flows from home to work. They can be added with `gradmap load flows`;"
                " until then only bounds are known, and what is more is modelled."
            )
        )
        if query.year not in years:
            st.info(tr("Homes and jobs of one year are both needed, and this study has not both."))
            return
        target = st.number_input(
            tr("Mean distance to assume, km (0 for none)"), min_value=0.0, max_value=200.0, step=0.5
        )
        try:
            with st.spinner(tr("Working out the bounds ..."), show_time=True):
                found = report_without(query, float(target))
        except QuestionError as fault:
            st.error(plain(str(fault)))
            return
        for name, one in found.indicators.iterrows():
            value = float(one["value"])
            if isnan(value) or str(name) not in INDICATOR_WORDS:
                continue
            label = tr(INDICATOR_WORDS[str(name)])
            label += f" ({tr('modelled')})" if one["modelled"] else ""
            st.metric(label, figure_text(value, one["unit"], query.lang), help=one["definition"])
        for words in found.told:
            st.caption(plain(words.get(query.lang) or words["en"]))
