"""The cache of what a question on homes comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from spatial.criterion import Criterion
from spatial.homes import Homes
from spatial.homes_question import HomesQuestion, HomesTopic
from spatial.kinds import KindRules
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import Network, network_of
from spatial.rent import rent_table
from spatial.rent_listings import Per, rent_kinds
from spatial.schema import Role
from spatial.siting import rank, sensitivity
from spatial.siting_criteria import default_criteria, set_criteria
from spatial.siting_setting import Setting, screen_cells, screen_values
from spatial.siting_sites import Sites, clusters, named_sites
from spatial.study import Study
from views.answers import answer, study_of
from views.commutes import area_asked
from views.query import Query
from views.words import RULE_WORDS

__all__ = [
    "TOPIC_OF",
    "Screen",
    "homes_asked",
    "homes_at",
    "rail",
    "read_weights",
    "rules_of",
    "screen",
    "setting_of",
]

TOPIC_OF: Final[Mapping[str, HomesTopic]] = {
    "more": "quotient",
    "rent": "rent",
    "access": "access",
    "kinds": "kinds",
    "balance": "balance",
}
"""The topic of a link, as the house knows it; the siting screen is a question of its own."""


@dataclass(frozen=True, eq=False)
class Screen:
    """Cells ranked as a question weighs them, the sites they make, and what was missing."""

    setting: Setting
    values: pd.DataFrame
    missing: dict[str, str]
    plain: tuple[Criterion, ...]
    criteria: tuple[Criterion, ...]
    ranked: pd.DataFrame
    sites: Sites
    stays: pd.Series


class _Seen(Homes):
    """A question on homes whose places, rents and rail are those that the pages keep."""

    def __init__(self, query: Query, study: Study, question: HomesQuestion) -> None:
        self._query = query
        super().__init__(study, question)

    def places(self, role: Role) -> Places | None:
        """Places of one role in the question's year; None where it was not counted."""
        return homes_at(self._query, role)

    def rail_of(self, year: int) -> Network | None:
        """The rail of a year; None where there is none."""
        return _rail(self.study.digest, year, self.study)

    def rent_cells(self, per: Per) -> pd.DataFrame:
        """Rent of each cell."""
        kind = self.question.rent_kind
        return _rents(_plain(self._query), kind, per, self.study.digest, self.study)


def homes_asked(query: Query, topic: HomesTopic, *, role: Role | None = None) -> Homes:
    """
    What a topic comes to under the page's question, kept: each part when it is first asked for.

    Parameters
    ----------
    query, topic
        What is asked; what the topic has no use for is passed over.
    role
        Instead of the question's own.
    """
    study = study_of(query)
    asked = _question(query if role is None else replace(query, role=role), study, topic)
    return _homes(_plain(query), asked, study.digest, study)


def homes_at(query: Query, role: Role) -> Places | None:
    """Places of one side in the question's year; None where that side was not counted."""
    study = study_of(query)
    if query.year not in study.years_of(role):
        return None
    return answer(replace(query, role=role, measure="count", group="all")).places


def rail(query: Query) -> Network | None:
    """The rail of the question's year."""
    study = study_of(query)
    return _rail(study.digest, query.year, study)


def _question(query: Query, study: Study, topic: HomesTopic) -> HomesQuestion:
    """The page's question as the house asks it; what a link holds amiss is passed over."""
    kinds = rent_kinds(study) if topic == "rent" else ()
    told: dict[str, Any] = {
        "role": query.role,
        "group": query.group,
        "rent_kind": query.kind if query.kind in kinds else "all",
        "rent_per": query.per,
        "rent_edges": _edges(query.edges),
        "pay": _pay(query, study),
        "walk_m": float(query.walk),
        "rules": _rules(query.rules),
    }
    # Rents have no controls beside the quotient: what was chosen for another topic stays there.
    used = {"quotient": ("role", "group"), "rent": ("rent_kind", "rent_per", "rent_edges", "pay")}
    used |= {"access": ("role", "walk_m"), "kinds": ("role", "rules")}
    return HomesQuestion(
        topic=topic,
        year=query.year,
        resolution=query.resolution or None,
        k=query.k,
        alpha=query.alpha,
        top=query.top,
        **{name: told[name] for name in used.get(topic, ())},
    )


def _edges(text: str) -> tuple[float, ...]:
    """The reader's own edges of rent bands, where they are any."""
    own = []
    for one in text.split(","):
        try:
            own.append(float(one))
        except ValueError:
            continue
    return tuple(sorted({one for one in own if 0 < one < 1e7})[:6])


def _pay(query: Query, study: Study) -> tuple[tuple[str, float], ...]:
    """Pay that the reader changed in the table below the map."""
    drawn: Any = st.session_state.get(f"pay_{query.lang}") or {}
    own = {}
    for row, changes in dict(drawn.get("edited_rows", {})).items():
        for value in changes.values():
            if isinstance(value, int | float) and isfinite(value) and value > 0:
                own[study.info.pay[int(row)].id] = float(value)
    return tuple(sorted(own.items()))


def _rules(text: str) -> tuple[tuple[str, float], ...]:
    """The reader's own numbers of rules, where they are any."""
    plain: Any = KindRules()
    own: dict[str, float] = {}
    for part in text.split(";"):
        name, _, number = part.partition(":")
        if name in RULE_WORDS:
            try:
                own[name] = float(type(getattr(plain, name))(float(number)))
            except (ValueError, OverflowError):
                continue
    try:
        KindRules(**{name: type(getattr(plain, name))(one) for name, one in own.items()})
    except QuestionError:
        return ()
    return tuple(sorted(own.items()))


def rules_of(query: Query) -> KindRules:
    """The rules of kinds: the reader's own numbers where they are any."""
    return _question(query, study_of(query), "kinds").kind_rules()


def setting_of(query: Query) -> Setting:
    """What is screened."""
    area = area_asked(query)
    drawn = area.shape is not None and query.area.startswith("@")
    return Setting(
        year=query.year,
        resolution=query.resolution or None,
        area="" if drawn else query.area,
        outline=str(shapely.to_wkt(area.shape)) if drawn else "",
        rent_kind=query.kind,
        rent_per=query.per,
    )


def screen(query: Query, weights: str = "") -> Screen:
    """Sites under the question's weights, or under others written the same way."""
    study = study_of(query)
    names = ("study", "year", "resolution", "kind", "per", "area")
    # A setting has no word for how places of work are found: they are found as `Setting` has it.
    asked = Query(**{name: getattr(query, name) for name in names})
    return _screen(replace(asked, weights=weights or query.weights), study.digest, study)


def _plain(query: Query, *more: str) -> Query:
    names = ("study", "year", "resolution", "k", "alpha", "top", *more)
    return Query(**{name: getattr(query, name) for name in names})


# Answers are shared, not copied: nothing in the house changes a table it was given.
@st.cache_resource(max_entries=32, show_spinner=False)
def _homes(query: Query, asked: HomesQuestion, digest: str, _study: Study) -> Homes:  # noqa: ARG001
    return _Seen(query, _study, asked)


@st.cache_resource(max_entries=24, show_spinner=False)
def _rents(query: Query, kind: str, per: Per, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001
    resolution = query.resolution or None
    return rent_table(_study, year=query.year, resolution=resolution, kind=kind, per=per)


@st.cache_resource(max_entries=12, show_spinner=False)
def _rail(digest: str, year: int, _study: Study) -> Network | None:  # noqa: ARG001 - a key
    return network_of(_study, year)


@st.cache_resource(max_entries=8, show_spinner=False)
def _near(query: Query, digest: str, _study: Study) -> Neighbours:  # noqa: ARG001 - a key
    return screen_cells(_study, setting_of(query))


@st.cache_resource(max_entries=12, show_spinner=False)
def _values(query: Query, digest: str, _study: Study) -> tuple[pd.DataFrame, dict[str, str]]:
    around = _near(replace(query, area="", kind="all", per=""), digest, _study)
    # As a file of it is made again: whatever is asked of hotspots elsewhere changes no site.
    plain = Query(study=query.study, year=query.year, resolution=query.resolution)
    work = homes_at(plain, "work")
    return screen_values(_study, setting_of(query), work_places=work, neighbours=around)


@st.cache_resource(max_entries=48, show_spinner=False)
def _screen(query: Query, digest: str, _study: Study) -> Screen:
    asked = replace(query, weights="")
    values, missing = _values(asked, digest, _study)
    plain = default_criteria(_study, values)
    weights, limits = read_weights(query.weights, plain)
    criteria = set_criteria(plain, weights=weights, limits=limits)
    ranked = rank(values, criteria)
    around = _near(replace(asked, area="", kind="all", per=""), digest, _study)
    sites = clusters(ranked, values, criteria, neighbours=around)
    stays = sensitivity(sites.values, criteria, rng=np.random.default_rng(1))
    named = named_sites(_study, sites, year=query.year)
    return Screen(setting_of(asked), values, missing, plain, criteria, ranked, named, stays)


def read_weights(
    text: str, plain: Sequence[Criterion]
) -> tuple[dict[str, float], dict[str, float | None]]:
    """
    Weights and limits of a link, written "walk_minutes:3:15;rent:2"; what is amiss is passed over.

    Where nothing would be weighed at all, the defaults stay.
    """
    known = {one.id: one for one in plain}
    weights: dict[str, float] = {}
    limits: dict[str, float | None] = {}
    for part in text.split(";"):
        name, *numbers = part.split(":")
        try:
            values = [float(one) for one in numbers]
        except ValueError:
            continue
        if name not in known or not values or not 0 <= values[0] <= 10:
            continue
        weights[name] = values[0]
        if len(values) > 1 and known[name].limit is not None and 0 < values[1] < 1e7:
            limits[name] = values[1]
    left = [weights.get(one.id, one.weight) for one in plain if one.scored]
    return (weights, limits) if any(one > 0 for one in left) else ({}, {})
