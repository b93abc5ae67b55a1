"""The controls of the page on homes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from spatial.kinds import KindRules
from spatial.rent_listings import ZONE, rent_kinds
from spatial.study import Study
from views.commute_sidebar import area_names
from views.homes_data import rules_of
from views.query import TOPICS, Query
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
from views.words import KIND_WORDS, PER_WORDS, RULE_WORDS, TOPIC_WORDS

__all__ = ["ask"]

_RULES = {
    "residence": (
        *("campus_km", "estate_density_ratio", "end_stations", "magnet_minutes", "fringe_share"),
    ),
    "work": ("centre_share", "node_share"),
}
_LAYERS = ("places", "rail", "walk", "districts", "campuses", "ground")


def ask(query: Query, study: Study, tr: Translate) -> None:
    """Which question, of what; layers; statistics; language."""
    with st.sidebar:
        brand(tr)
        st.radio(tr("Topic"), TOPICS, format_func=lambda one: tr(TOPIC_WORDS[one]), key="topic")
        st.caption(tr("Question"))
        choose_study(tr)
        years = sorted({*study.years_of("work"), *study.years_of("residence")})
        st.selectbox(tr("Year"), years, key="year")
        if query.topic in ("more", "access", "kinds"):
            choose_role(study, tr)
            if query.topic == "more":
                choose_group(query, study, tr)
        if query.topic in ("rent", "siting") and study.has("rents"):
            _choose_rents(query, study, tr)
        if query.topic == "access":
            st.slider(
                tr("Walk, metres"),
                *(400, 2000),
                step=100,
                key="walk",
                help=tr("80 m are a minute: 800 m are ten."),
            )
        if query.topic == "kinds":
            _choose_rules(query, tr)
        if query.topic == "siting":
            # The places that a screen knows, however many are outlined on the map.
            names = area_names(replace(query, top=Query().top), study, tr)
            st.selectbox(
                tr("Area"), list(names), format_func=lambda one: names.get(one, one), key="area"
            )
        choose_layers(query, study, tr, names=_LAYERS)
        choose_statistics(study, tr, statistic=False)
        choose_language(tr)


def _choose_rules(query: Query, tr: Translate) -> None:
    """One number a rule; they stand in the link."""
    with st.expander(tr("Rules"), expanded=True):
        rules = rules_of(query)
        for name in _RULES[query.role]:
            key = f"rule_{name}"
            st.session_state[key] = float(getattr(rules, name))
            step = 0.005 if name.endswith("_share") else 0.1 if "ratio" in name else 1.0
            st.number_input(
                tr(RULE_WORDS[name]),
                min_value=0.0,
                max_value=120.0,
                step=0.1 if name == "campus_km" else step,
                format="%.3f" if name.endswith("_share") else "%g",
                key=key,
                on_change=_took_rules,
            )


def _took_rules() -> None:
    plain = KindRules()
    changed = [
        f"{name}:{st.session_state[key]:g}"
        for name in RULE_WORDS
        if (key := f"rule_{name}") in st.session_state
        and st.session_state[key] != getattr(plain, name)
    ]
    st.session_state["rules"] = ";".join(changed)


def _choose_rents(query: Query, study: Study, tr: Translate) -> None:
    kinds = ["all", *rent_kinds(study)]
    if len(kinds) > 2:
        st.selectbox(
            tr("Listings"),
            kinds,
            format_func=lambda one: (
                tr("all") if one == "all" else tr(KIND_WORDS[one]) if one in KIND_WORDS else one
            ),
            key="kind",
        )
    if kinds == ["all", ZONE]:
        pers = ["", "month"]  # a zone's figure is what it is
    else:
        pers = [one for one in PER_WORDS if one != "m2" or query.topic == "rent"]
    if len(pers) > 2:
        st.selectbox(
            tr("Rent counted"), pers, format_func=lambda one: tr(PER_WORDS[one]), key="per"
        )
    if query.topic == "rent":
        st.text_input(
            tr("Price bands"),
            key="edges",
            placeholder=", ".join(f"{one:g}" for one in study.info.rent_edges),
            help=tr("Edges with commas between them; empty for the study's own."),
        )
