"""The cache of what a question on the commute comes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from spatial.analysis import layers_of
from spatial.areas import Area, area_of, drawn_area
from spatial.commute_beside import catchment as catchment_of
from spatial.commute_beside import directions, distances, other_ends
from spatial.commute_beside import gathered as gathered_at
from spatial.commute_report import CommuteReport, commute_report
from spatial.corridors import corridors
from spatial.desire import FlowLines, flow_lines
from spatial.ends import Labels, ends_of
from spatial.exchange import Exchange, exchange, matrix, partners
from spatial.export_commute import FlowKind
from spatial.pairs import Pairs, flow_years, pairs_of
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import network_of
from spatial.schema import Role
from spatial.study import Study
from views.answers import answer, study_of
from views.query import Query

__all__ = [
    "DRAWS",
    "Ledger",
    "area_asked",
    "bands_km",
    "beside",
    "catchment",
    "flow_years_of",
    "gathered",
    "labels",
    "ledger",
    "lines",
    "pairs",
    "pairs_asked",
    "places_at",
    "reach",
    "report",
    "report_without",
    "rides",
    "ring_of",
    "settle_commute",
    "shown_side",
    "sphere_reach",
    "table_between",
]

DRAWS = 200
_RIDES = 15
_NEAR_KM = 5
_FIXED = ("statistic", "chance", "k", "alpha")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Who lives and works in the area, and the places at the other end."""

    exchange: Exchange
    coming: pd.DataFrame
    going: pd.DataFrame


def settle_commute(query: Query, study: Study) -> Query:
    """The question with a year that has flows, an area that is there, and edges that ascend."""
    years = flow_years_of(study)
    year = query.year if query.year in years or not years else years[-1]
    beside = query.beside if query.beside in years and query.beside != year else 0
    query = replace(query, year=year, beside=beside, bands=_bands_text(query.bands))
    try:
        area_asked(query)
    except QuestionError:
        query = replace(query, area="")
    return query


def bands_km(query: Query) -> tuple[float, ...]:
    """Edges of the distance bands, km, ascending; the usual ones where none can be read."""
    try:
        edges = sorted({float(one) for one in query.bands.split(",") if one.strip()})
    except ValueError:
        edges = []
    good = [one for one in edges if 0 < one < 1000]
    return tuple(good[:8]) or (5.0, 10.0, 25.0)


def ring_of(text: str) -> list[tuple[float, float]]:
    """
    Corners of an area drawn on the map, written "@lat,lon;lat,lon;...".

    Raises
    ------
    QuestionError
        When these are no corners.
    """
    try:
        corners = [one.split(",") for one in text.removeprefix("@").split(";")]
        return [(float(lat), float(lon)) for lat, lon in corners]
    except ValueError:
        raise QuestionError(f"a drawn area must be corners, found {text[:40]!r}") from None


def area_asked(query: Query) -> Area:
    """The area of a question: drawn, a district, a place of either role, or the whole study."""
    if query.area.startswith("@"):
        return drawn_area(ring_of(query.area))
    study = study_of(query)
    role: Role = "residence" if query.area.startswith("residence-") else "work"
    known = set(study.layer("districts")["id"].astype(str)) if study.has("districts") else set()
    if not query.area or query.area in known:
        return area_of(study, query.area)
    return area_of(study, query.area, places=places_at(query, role))


def places_at(query: Query, role: Role) -> Places:
    """
    Places of one side of the commute, in the question's year or the nearest one counted.

    Found as they are where nobody asks otherwise: this page has no control for it, and a file's
    command no option.
    """
    study, plain = study_of(query), Query()
    years = study.years_of(role)
    year = min(years, key=lambda one: abs(one - query.year)) if years else query.year
    asked = replace(query, role=role, year=year, measure="count", group="all")
    asked = replace(asked, **{name: getattr(plain, name) for name in _FIXED})
    return answer(asked).places


def _asked(query: Query) -> Query:
    """The part of a question that the commute depends on."""
    names = ("study", "role", "year", "resolution", "k", "alpha", "top", "area")
    return Query(**{name: getattr(query, name) for name in names})


def flow_years_of(study: Study) -> tuple[int, ...]:
    """Years with flows, ascending."""
    return _years(study.digest, study)


def shown_side(query: Query) -> Role:
    """The role whose cells are shown: the other end of the area's commutes."""
    if not query.area:
        return query.role
    return "residence" if query.role == "work" else "work"


def pairs(query: Query) -> Pairs:
    """Flows of the question's year."""
    study = study_of(query)
    return _pairs(study.digest, query.year, study)


def reach(found: Pairs) -> tuple[float, float]:
    """Mean distance in km, and the share within 5 km; NaN where nobody travels."""
    total = float(found.graduates.sum())
    if not total:
        return float("nan"), float("nan")
    km = found.distance_km
    mean = float((km * found.graduates).sum() / total)
    return mean, float(found.graduates[km <= _NEAR_KM].sum() / total)


def sphere_reach(found: Pairs) -> float:
    """Mean distance on the mean sphere, km."""
    total = float(found.graduates.sum())
    return float((found.sphere_distance_km * found.graduates).sum() / total) if total else 0.0


def inside(query: Query) -> NDArray[np.bool_]:
    """Which ends of the flows lie in the area."""
    found = pairs(query)
    return area_asked(query).holds(found.lat, found.lon, found.cell)


def pairs_asked(query: Query) -> Pairs:
    """Flows of those who work in the area, or of those who live there."""
    found = pairs(query)
    if not query.area:
        return found
    held = inside(query)
    return found.where(held[found.destination if query.role == "work" else found.origin])


def labels(query: Query, role: Role) -> Labels:
    """Place of each end as a home or as a work place, else its district."""
    study = study_of(query)
    asked = replace(_asked(query), role=role, area="")
    return _labels(asked, study.digest, study)


def ledger(query: Query) -> Ledger:
    """Who comes into the area and who goes out of it."""
    study = study_of(query)
    return _ledger(_asked(replace(query, role="work")), study.digest, study)


def catchment(query: Query, year: int) -> pd.Series:
    """
    Graduates by cell: homes of those who work in the area, or jobs of those who live there.

    For the whole study, everyone on the question's own side.
    """
    study = study_of(query)
    return _catchment(_asked(replace(query, year=year)), study.digest, study)


def gathered(query: Query) -> tuple[Any, float]:
    """Places and the rest of each district by the people on the question's side, and all."""
    found, held = pairs(query), labels(query, query.role)
    table = gathered_at(found, held, side="home" if query.role == "residence" else "work")
    return table, float(found.graduates.sum())


def beside(query: Query, kind: FlowKind) -> pd.DataFrame:
    """What stands beside the lines, as it is taken away."""
    if kind == "catchment":
        return catchment(query, query.year).to_frame()
    if kind == "partners":
        ends = labels(query, "residence"), labels(query, "work")
        return other_ends(pairs(query), inside(query), *ends, whole=not query.area)
    return (distances if kind == "distances" else directions)(pairs_asked(query))


def lines(query: Query) -> FlowLines:
    """The heaviest lines into and out of the area, or of the whole study."""
    study = study_of(query)
    return _lines(replace(_asked(query), lines=query.lines), study.digest, study)


def report(query: Query, year: int) -> CommuteReport:
    """Every indicator of the area in one year."""
    study = study_of(query)
    asked = replace(_asked(query), year=year, bands=query.bands)
    return _report(asked, study.digest, study)


def report_without(query: Query, mean_km: float) -> CommuteReport:
    """What homes and jobs alone allow; with a mean distance above 0, a modelled estimate too."""
    study = study_of(query)
    return _without(_asked(query), mean_km, study.digest, study)


def rides(query: Query) -> pd.DataFrame:
    """Long heavy pairs with the bus that would serve them; empty where no time can be modelled."""
    study = study_of(query)
    return _rides(_asked(query), study.digest, study)


def table_between(query: Query) -> pd.DataFrame:
    """Graduates from place to place."""
    study = study_of(query)
    return _matrix(replace(_asked(query), area=""), study.digest, study)


def _bands_text(text: str) -> str:
    return ",".join(f"{one:g}" for one in bands_km(Query(bands=text)))


# Tables are shared, not copied: nothing in the house changes a table it was given.
@st.cache_resource(max_entries=16, show_spinner=False)
def _years(digest: str, _study: Study) -> tuple[int, ...]:  # noqa: ARG001 - a key
    return flow_years(_study)


@st.cache_resource(max_entries=12, show_spinner=False)
def _pairs(digest: str, year: int, _study: Study) -> Pairs:  # noqa: ARG001 - a key
    return pairs_of(_study, year)


@st.cache_resource(max_entries=16, show_spinner=False)
def _labels(query: Query, digest: str, _study: Study) -> Labels:  # noqa: ARG001 - a key
    places = places_at(query, query.role) if query.role in _study.roles else None
    districts = _study.layer("districts") if _study.has("districts") else None
    return ends_of(pairs(query), places=places, districts=districts)


@st.cache_resource(max_entries=48, show_spinner=False)
def _ledger(query: Query, digest: str, _study: Study) -> Ledger:  # noqa: ARG001 - a key
    found, held = pairs(query), inside(query)
    return Ledger(
        exchange(found, held),
        partners(found, held, labels(query, "residence"), side="home"),
        partners(found, held, labels(query, "work"), side="work"),
    )


@st.cache_resource(max_entries=96, show_spinner=False)
def _catchment(query: Query, digest: str, _study: Study) -> pd.Series:  # noqa: ARG001 - a key
    found, held = pairs(query), inside(query)
    coarser = query.resolution and query.resolution < _study.info.resolution
    return catchment_of(
        found,
        held,
        side=query.role,
        whole=not query.area,
        resolution=query.resolution if coarser else None,
    )


@st.cache_resource(max_entries=48, show_spinner=False)
def _lines(query: Query, digest: str, _study: Study) -> FlowLines:  # noqa: ARG001 - a key
    found = pairs(query)
    held = inside(query) if query.area else None
    area = area_asked(query)
    return flow_lines(
        found,
        inside=held,
        inside_name=(area.name or "所绘范围", area.name_en or "the drawn area"),
        homes=_in_places(query, found, "residence"),
        work=_in_places(query, found, "work"),
        most=query.lines,
        layers=layers_of(_study),
    )


def _in_places(query: Query, found: Pairs, role: Role) -> Labels | None:
    """The place that holds each end; ends outside places go by coarse cells."""
    return ends_of(found, places=places_at(query, role)) if role in study_of(query).roles else None


@st.cache_resource(max_entries=32, show_spinner=False)
def _report(query: Query, digest: str, _study: Study) -> CommuteReport:  # noqa: ARG001 - a key
    return commute_report(
        _study,
        query.year,
        area=area_asked(query),
        side=query.role,
        bands_km=bands_km(query),
        draws=DRAWS,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _without(query: Query, mean_km: float, digest: str, _study: Study) -> CommuteReport:  # noqa: ARG001
    return commute_report(_study, query.year, mean_km=mean_km or None)


@st.cache_resource(max_entries=24, show_spinner=False)
def _rides(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    found = pairs_asked(query)
    return corridors(
        found,
        network_of(_study, query.year),
        homes=_in_places(query, found, "residence"),
        work=_in_places(query, found, "work"),
        most=_RIDES,
        layers=layers_of(_study),
    )


@st.cache_resource(max_entries=12, show_spinner=False)
def _matrix(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    return matrix(pairs(query), labels(query, "residence"), labels(query, "work"))
