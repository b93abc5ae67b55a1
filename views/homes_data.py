"""The cache of what a question on homes comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from spatial.access import access_table, share_within, worst_cells
from spatial.cheapness import pockets_are_cheap
from spatial.concentrate import Concentration, concentration
from spatial.criterion import Criterion
from spatial.kinds import KindRules, kinds_of
from spatial.mismatch import balance, demand_over, pockets_to_magnets
from spatial.neighbours import Neighbours
from spatial.overlaps import overlaps
from spatial.pairs import pairs_of
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import Network, network_of, opened_between
from spatial.rent import rent_table
from spatial.rent_listings import rent_kinds
from spatial.schema import Role
from spatial.siting import rank, sensitivity
from spatial.siting_criteria import default_criteria, set_criteria
from spatial.siting_setting import Setting, rent_per, screen_cells, screen_values
from spatial.siting_sites import Sites, clusters, named_sites
from spatial.study import Study
from views.answers import answer, study_of
from views.commutes import area_asked
from views.query import Query
from views.words import RULE_WORDS

__all__ = [
    "Screen",
    "accessible",
    "balanced",
    "cheap",
    "compared",
    "demand",
    "farthest",
    "fed",
    "flags",
    "homes_at",
    "kinds",
    "opened",
    "rail",
    "read_weights",
    "rent_edges",
    "rents",
    "rules_of",
    "screen",
    "setting_of",
    "within",
]

_WALK_YEARS = 12


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


def homes_at(query: Query, role: Role) -> Places | None:
    """Places of one side in the question's year; None where that side was not counted."""
    study = study_of(query)
    if query.year not in study.years_of(role):
        return None
    return answer(replace(query, role=role, measure="count", group="all")).places


def compared(query: Query) -> Concentration:
    """Graduates against their base."""
    study = study_of(query)
    return _compared(_plain(query, "role", "group", "kind", "per"), study.digest, study)


def cheap(query: Query) -> pd.DataFrame:
    """Rents of the residential pockets over those of all other listings."""
    study = study_of(query)
    return _cheap(_plain(query), study.digest, study)


def rents(query: Query) -> pd.DataFrame | None:
    """Rent of each cell; None where the study has none."""
    study = study_of(query)
    if not study.has("rents"):
        return None
    return _rents(_plain(query, "kind", "per"), study.digest, study)


def rent_edges(query: Query, study: Study) -> tuple[float, ...]:
    """Edges of the rent bands: the reader's own, else the study's, else quarters of the cells."""
    own = []
    for one in query.edges.split(","):
        try:
            own.append(float(one))
        except ValueError:
            continue
    good = sorted({one for one in own if 0 < one < 1e7})
    if good:
        return tuple(good[:6])
    table = rents(query)
    if study.info.rent_edges and query.per != "m2":
        return study.info.rent_edges[:6]
    known = np.empty(0) if table is None else table["rent"].dropna().to_numpy()
    if not len(known):
        return ()
    steps = np.quantile(known, [0.1, 0.25, 0.5, 0.75, 0.9])
    return tuple(sorted({float(f"{one:.2g}") for one in steps}))


def rail(query: Query) -> Network | None:
    """The rail of the question's year."""
    study = study_of(query)
    return _rail(study.digest, query.year, study)


def accessible(query: Query) -> pd.DataFrame:
    """What is near each cell."""
    study = study_of(query)
    return _accessible(_plain(query, "walk"), study.digest, study)


def within(query: Query) -> pd.DataFrame:
    """Share of graduates within the walk by year and role."""
    study = study_of(query)
    return _within(Query(study=query.study, walk=query.walk), study.digest, study)


def farthest(query: Query) -> pd.DataFrame:
    """Cells whose graduates have most to walk beyond the limit."""
    people = answer(replace(query, measure="count")).cells["graduates"]
    return worst_cells(accessible(query), people, rail(query), walk_m=float(query.walk))


def opened(query: Query, first: int) -> pd.DataFrame:
    """Stations opened since `first` that are now the nearest, by the graduates they serve."""
    study = study_of(query)
    return _opened(_plain(query, "role"), first, study.digest, study)


def flags(query: Query) -> pd.DataFrame:
    """Graduates by what is near their cell: rail, campus, work."""
    people = answer(replace(query, measure="count")).cells["graduates"]
    found = accessible(query)
    missing = found.attrs["missing"]
    layers = {"near_rail": "stations", "near_campus": "campuses", "near_work": "work"}
    columns = [name for name, layer in layers.items() if layer not in missing]
    return overlaps(found[columns], people)


def rules_of(query: Query) -> KindRules:
    """The rules of kinds: the reader's own numbers where they are any."""
    plain = KindRules()
    own: dict[str, Any] = {}
    for part in query.rules.split(";"):
        name, _, number = part.partition(":")
        if name in RULE_WORDS:
            try:
                own[name] = type(getattr(plain, name))(float(number))
            except (ValueError, OverflowError):
                continue
    try:
        return KindRules(**own)
    except QuestionError:
        return KindRules()


def kinds(query: Query) -> pd.DataFrame | None:
    """Kind of each place of the question's role, and the rules that fired."""
    study = study_of(query)
    return _kinds(_plain(query, "role", "rules"), study.digest, study)


def balanced(query: Query) -> pd.Series:
    """Homes less jobs over both, by cell."""
    sides = [
        answer(replace(query, role=role, measure="count")).cells["graduates"]
        for role in ("residence", "work")
    ]
    return balance(sides[0], sides[1])


def fed(query: Query) -> pd.DataFrame:
    """The magnets that each residence place feeds, and how far they are."""
    study = study_of(query)
    return _fed(_plain(query), study.digest, study)


def demand(query: Query) -> pd.DataFrame:
    """Share of hotspot to hotspot demand over 30, 45 and 60 minutes."""
    study = study_of(query)
    return _demand(_plain(query), study.digest, study)


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
    asked = replace(_plain(query, "kind", "per", "area"), weights=weights or query.weights)
    return _screen(asked, study.digest, study)


def _plain(query: Query, *more: str) -> Query:
    names = ("study", "year", "resolution", "k", "alpha", "top", *more)
    return Query(**{name: getattr(query, name) for name in names})


# Tables are shared, not copied: nothing in the house changes a table it was given.
@st.cache_resource(max_entries=24, show_spinner=False)
def _compared(query: Query, digest: str, _study: Study) -> Concentration:  # noqa: ARG001 - a key
    known = rents(query) if query.role == "residence" else None
    return concentration(
        _study,
        role=query.role,
        year=query.year,
        group=query.group,
        resolution=query.resolution or None,
        places=homes_at(query, query.role),
        rents=None if known is None else known["rent"],
        edges=rent_edges(query, _study) or None,
        alpha=query.alpha,
        rng=np.random.default_rng(1),
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _cheap(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    places = homes_at(query, "residence")
    if places is None:
        return pd.DataFrame()
    rng = np.random.default_rng(1)
    return pockets_are_cheap(_study, places, year=query.year, rng=rng, draws=400)


@st.cache_resource(max_entries=24, show_spinner=False)
def _rents(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    per = rent_per(_study, Setting(year=query.year, rent_per=query.per))
    kind = query.kind if query.kind in rent_kinds(_study) else "all"
    return rent_table(
        _study, year=query.year, resolution=query.resolution or None, kind=kind, per=per
    )


@st.cache_resource(max_entries=12, show_spinner=False)
def _rail(digest: str, year: int, _study: Study) -> Network | None:  # noqa: ARG001 - a key
    return network_of(_study, year)


@st.cache_resource(max_entries=24, show_spinner=False)
def _accessible(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    return access_table(
        _study,
        year=query.year,
        network=rail(query),
        resolution=query.resolution or None,
        walk_m=float(query.walk),
        work=homes_at(query, "work"),
    )


@st.cache_resource(max_entries=24, show_spinner=False)
def _within(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    return share_within(
        _study,
        walk_m=float(query.walk),
        years=_study.years[-_WALK_YEARS:],
        network=lambda year: rail(replace(query, year=year)),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _kinds(query: Query, digest: str, _study: Study) -> pd.DataFrame | None:  # noqa: ARG001
    places = homes_at(query, query.role)
    if places is None:
        return None
    return kinds_of(
        _study,
        places,
        role=query.role,
        year=query.year,
        network=rail(query),
        work=homes_at(query, "work"),
        rules=rules_of(query),
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _opened(query: Query, first: int, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001
    people = _study.series(role=query.role, year=query.year)["graduates"]
    table = opened_between(_study, first, query.year)
    weight = people.reindex(table["cell"]).fillna(0.0).to_numpy()
    table = table.assign(graduates=weight)
    near = np.where(np.isinf(table["before_m"]), np.inf, table["before_m"] * weight)
    table = table.assign(before_m=near, after_m=table["after_m"] * weight)
    held = table.groupby(["station", "name", "name_en"], as_index=False)[
        ["graduates", "before_m", "after_m"]
    ].sum()
    held = held[held["graduates"] > 0]
    held["before_m"] /= held["graduates"]
    held["after_m"] /= held["graduates"]
    return held.sort_values("graduates", ascending=False, ignore_index=True)


@st.cache_resource(max_entries=12, show_spinner=False)
def _fed(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    homes, work = homes_at(query, "residence"), homes_at(query, "work")
    if homes is None or work is None:
        raise QuestionError("homes and jobs of one year are both needed")
    return pockets_to_magnets(pairs_of(_study, query.year), homes, work, rail(query))


@st.cache_resource(max_entries=12, show_spinner=False)
def _demand(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    homes, work = homes_at(query, "residence"), homes_at(query, "work")
    if homes is None or work is None:
        raise QuestionError("homes and jobs of one year are both needed")
    return demand_over(pairs_of(_study, query.year), homes, work, rail(query))


@st.cache_resource(max_entries=8, show_spinner=False)
def _near(query: Query, digest: str, _study: Study) -> Neighbours:  # noqa: ARG001 - a key
    return screen_cells(_study, setting_of(query))


@st.cache_resource(max_entries=12, show_spinner=False)
def _values(query: Query, digest: str, _study: Study) -> tuple[pd.DataFrame, dict[str, str]]:
    around = _near(replace(query, area="", kind="all", per=""), digest, _study)
    work = homes_at(query, "work")
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
