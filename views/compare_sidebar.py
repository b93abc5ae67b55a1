"""The controls of the compare page."""

from __future__ import annotations

import streamlit as st

from spatial.study import Study
from views.query import MODES, Query
from views.sidebar import (
    brand,
    choose_group,
    choose_language,
    choose_layers,
    choose_role,
    choose_statistics,
    choose_study,
)
from views.text import Translate
from views.words import marked

__all__ = ["ask"]

_MODE_WORDS = {
    "side": marked("Side by side"),
    "swipe": marked("Swipe"),
    "difference": marked("Difference"),
    "roles": marked("Homes and jobs"),
}
_AGAINST_WORDS = {
    "before": marked("what it held before"),
    "total": marked("its share of the city"),
    "base": marked("what its base predicts"),
}
_LAYERS = ("places", "drift", "rail", "districts", "ground")


def ask(query: Query, study: Study, tr: Translate, *, breaks: bool) -> None:
    """What is compared with what, how it is shown, layers, statistics, language."""
    with st.sidebar:
        brand(tr)
        st.caption(tr("Question"))
        choose_study(tr)
        years = study.years_of(query.role)
        if query.mode != "roles" and len(years) > 1:
            left, right = st.columns(2)
            left.selectbox(tr("From"), [one for one in years if one < years[-1]], key="first")
            right.selectbox(tr("To"), [one for one in years if one > query.first], key="year")
        else:
            st.selectbox(tr("Year"), years, key="year")
        if query.mode != "roles":
            choose_role(study, tr)
        choose_group(query, study, tr)
        modes = [one for one in MODES if one != "roles" or len(study.roles) > 1]
        st.segmented_control(
            tr("View"),
            modes,
            format_func=lambda one: tr(_MODE_WORDS[one]),
            key="mode",
            required=True,
            width="stretch",
        )
        if query.mode != "roles":
            compared = study.has_base(query.role, query.first) and study.has_base(
                query.role, query.year
            )
            st.selectbox(
                tr("A cell is expected to hold"),
                [one for one in _AGAINST_WORDS if one != "base" or compared],
                format_func=lambda one: tr(_AGAINST_WORDS[one]),
                key="against",
                help=tr("Change is what differs from this, beyond noise."),
            )
        if breaks:
            st.segmented_control(
                tr("These years do not compare"),
                ["no", "yes"],
                format_func=lambda one: tr("Show anyway") if one == "yes" else tr("Hatch"),
                key="anyway",
                required=True,
                width="stretch",
            )
        choose_layers(query, study, tr, names=_LAYERS)
        choose_statistics(study, tr, statistic=False)
        choose_language(tr)
