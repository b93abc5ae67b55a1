"""The only cache: a question in, a table out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Geometry
from spatial.agreement import Agreement
from spatial.analysis import hotspot_table, measure_table, neighbours_of, place_table
from spatial.comparison import (
    Comparison,
    agreement_between,
    difference_table,
    lineages_between,
    trends,
)
from spatial.districts import district_of
from spatial.drift import Drift, drift
from spatial.lattice import lattice
from spatial.lineage import Lineages
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.scale import round_edges
from spatial.study import Study
from views.query import LAYER_OF, Query
from views.studies import known_studies, opened

__all__ = ["Answer", "answer", "districts_of", "edges", "geometry", "settle", "study_of", "values"]

_PROPOSED_RESOLUTION = 8
_DRAWS = 199
_RESAMPLES = 400


@dataclass(frozen=True, eq=False)
class Answer:
    """What a question comes to: one row a cell, and the places found. Not to be changed."""

    cells: pd.DataFrame
    places: Places


def study_of(query: Query) -> Study:
    """The study a question is about: the first where it names none that is known."""
    studies = known_studies()
    return opened(studies.get(query.study) or next(iter(studies.values())))


def settle(query: Query, study: Study) -> Query:
    """The question with everything it leaves open, or asks amiss, set as the study has it."""
    studies = known_studies()
    role = query.role if query.role in study.roles else study.roles[0]
    years = study.years_of(role)
    own = study.info.resolution
    groups = ["all", *(one.id for one in study.info.groups)]
    figures = ["none", "graduates", *(one.column for one in study.info.figures)]
    first = query.first if query.first in years else years[0]
    year = query.year if query.year in years else years[-1]
    has_base = study.has_base(role, year)
    compared = query.measure in ("share", "surplus")
    return replace(
        query,
        study=query.study if query.study in studies else next(iter(studies)),
        role=role,
        year=year,
        first=min(first, year) if first != year else years[0],
        group=query.group if query.group in groups else "all",
        measure="count" if compared and not has_base else query.measure,
        resolution=min(query.resolution or _PROPOSED_RESOLUTION, own),
        overlays=tuple(
            one for one in query.overlays if one not in LAYER_OF or study.has(LAYER_OF[one])
        ),
        fill=query.fill if query.fill in figures and study.has("districts") else "none",
    )


def answer(query: Query) -> Answer:
    """Counts, scores and places for one question."""
    study = study_of(query)
    return _answer(query.asked(), study.digest, study)


def values(query: Query) -> pd.DataFrame:
    """What is mapped of one year, not judged: quick, for the years beside the one asked."""
    study = study_of(query)
    return _values(_plain(query), study.digest, study)


def edges(query: Query) -> list[float]:
    """Class edges of the question's measure, pooled over every year of the role."""
    study = study_of(query)
    return _edges(_plain(replace(query, year=0)), study.digest, study)


def geometry(query: Query) -> Geometry:
    """Where the cells of a question lie on their lattice."""
    study = study_of(query)
    return _geometry(replace(Query(), resolution=query.resolution), study.digest, study)


def districts_of(query: Query) -> pd.Series:
    """District of each cell of a question, missing where none holds it."""
    study = study_of(query)
    return _districts(replace(Query(), resolution=query.resolution), study.digest, study)


def _plain(query: Query) -> Query:
    """The part of a question that its values depend on, its statistics left out."""
    names = ("study", "role", "year", "group", "measure", "resolution")
    return Query(**{name: getattr(query, name) for name in names})


# Tables are shared, not copied: nothing in the house changes a table it was given.
@st.cache_resource(max_entries=96, show_spinner=False)
def _answer(query: Query, digest: str, _study: Study) -> Answer:
    question = query.question()
    around = _neighbours(
        replace(Query(), resolution=query.resolution, k=query.k, year=query.year), digest, _study
    )
    table = hotspot_table(_study, question, neighbours=around)
    return Answer(table, place_table(_study, question, table, neighbours=around))


@st.cache_resource(max_entries=16, show_spinner=False)
def _neighbours(query: Query, digest: str, _study: Study) -> Neighbours:  # noqa: ARG001 - a key
    return neighbours_of(_study, query.question())


@st.cache_resource(max_entries=96, show_spinner=False)
def _values(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001 - a key
    return measure_table(_study, query.question())


@st.cache_resource(max_entries=64, show_spinner=False)
def _edges(query: Query, digest: str, _study: Study) -> list[float]:
    values = [
        _values(_plain(replace(query, year=year)), digest, _study)["value"].to_numpy()
        for year in _study.years_of(query.role)
    ]
    return round_edges(values, whole=query.measure == "count")


@st.cache_resource(max_entries=16, show_spinner=False)
def _geometry(query: Query, digest: str, _study: Study) -> Geometry:
    any_year = replace(query, year=_study.years[-1]).question()
    found = lattice(neighbours_of(_study, any_year).cells.to_numpy())
    key = f"{digest[:16]}-{query.resolution}"
    return Geometry(np.asarray(found.ij), found.patch, found.matrices, key)


@st.cache_resource(max_entries=16, show_spinner=False)
def _districts(query: Query, digest: str, _study: Study) -> pd.Series:  # noqa: ARG001 - a key
    any_year = replace(query, year=_study.years[-1]).question()
    return district_of(neighbours_of(_study, any_year).cells, _study.layer("districts"))


def difference(query: Query) -> pd.DataFrame:
    """What changed in each cell between `first` and `year`."""
    study = study_of(query)
    return _difference(_compared(query), study.digest, study)


def lineages(query: Query) -> Lineages:
    """Places followed from `first` to `year`."""
    study = study_of(query)
    return _lineages(_compared(query), study.digest, study)


def trended(query: Query) -> pd.DataFrame:
    """What may be said of each cell over all years of the role."""
    study = study_of(query)
    return _trended(_compared(query), study.digest, study)


def agreed(query: Query) -> Agreement:
    """How alike the hot cells of `first` and `year` are."""
    study = study_of(query)
    return _agreed(_compared(query), study.digest, study)


def drifted(query: Query) -> Drift:
    """The shape of the role's graduates by year."""
    study = study_of(query)
    asked = Query(study=query.study, role=query.role, group=query.group)
    return _drifted(asked, study.digest, study)


def places_by_year(query: Query) -> dict[int, Places]:
    """The places shown in each year from `first` to `year`."""
    return {year: places for year, (_, places) in _years(query, study_of(query)).items()}


def comparison_of(query: Query) -> Comparison:
    """The two years of a question as the analysis takes them."""
    return Comparison(
        first=query.first,
        second=query.year,
        role=query.role,
        group=query.group,
        resolution=query.resolution or None,
        k=query.k,
        alpha=query.alpha,
        top=query.top,
        against=query.against,
    )


def _compared(query: Query) -> Query:
    """The part of a question that a comparison depends on."""
    return replace(query.asked(), first=query.first, against=query.against, measure="count")


def _years(query: Query, study: Study) -> dict[int, tuple[pd.DataFrame, Places]]:
    found = {}
    for year in study.years_of(query.role):
        if query.first <= year <= query.year:
            one = _answer(replace(query.asked(), year=year), study.digest, study)
            found[year] = (one.cells, one.places)
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _difference(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001
    tables = {year: table for year, (table, _) in _years(query, _study).items()}
    return difference_table(_study, comparison_of(query), tables=tables)


@st.cache_resource(max_entries=16, show_spinner=False)
def _lineages(query: Query, digest: str, _study: Study) -> Lineages:  # noqa: ARG001
    return lineages_between(_study, comparison_of(query), answers=_years(query, _study))


@st.cache_resource(max_entries=16, show_spinner=False)
def _trended(query: Query, digest: str, _study: Study) -> pd.DataFrame:  # noqa: ARG001
    years = _study.years_of(query.role)
    whole = replace(query, first=years[0], year=years[-1])
    tables = {year: table for year, (table, _) in _years(whole, _study).items()}
    return trends(_study, comparison_of(query), tables=tables)


@st.cache_resource(max_entries=32, show_spinner=False)
def _agreed(query: Query, digest: str, _study: Study) -> Agreement:  # noqa: ARG001
    rng = np.random.default_rng(1)
    return agreement_between(_study, comparison_of(query), permutations=_DRAWS, rng=rng)


@st.cache_resource(max_entries=16, show_spinner=False)
def _drifted(query: Query, digest: str, _study: Study) -> Drift:  # noqa: ARG001
    rng = np.random.default_rng(1)
    return drift(_study, role=query.role, group=query.group, resamples=_RESAMPLES, rng=rng)
