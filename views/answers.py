"""The only cache: a question in, a table out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from layers.cells import Geometry
from spatial.analysis import (
    hotspot_table,
    measure_table,
    neighbours_of,
    place_table,
    years_told,
)
from spatial.districts import district_of
from spatial.lattice import lattice
from spatial.neighbours import Neighbours
from spatial.places import Places
from spatial.scale import round_edges
from spatial.study import Study
from views.query import LAYER_OF, Query
from views.studies import known_studies, opened

__all__ = ["Answer", "answer", "districts_of", "edges", "geometry", "settle", "study_of", "values"]

_PROPOSED_RESOLUTION = 8


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
    around = _around(query, digest, _study)
    table = hotspot_table(_study, question, neighbours=around)
    return Answer(table, place_table(_study, question, table, neighbours=around))


def _around(query: Query, digest: str, study: Study) -> Neighbours:
    """Neighbours of each cell; the same in every year, so found once for all of them."""
    plain = replace(Query(), resolution=query.resolution, k=query.k, year=study.years[-1])
    return _neighbours(plain, digest, study)


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
        for year in years_told(_study, replace(query, year=_study.years[-1]).question())
    ]
    return round_edges(values, whole=query.measure == "count")


@st.cache_resource(max_entries=16, show_spinner=False)
def _geometry(query: Query, digest: str, _study: Study) -> Geometry:
    found = lattice(_around(query, digest, _study).cells.to_numpy())
    key = f"{digest[:16]}-{query.resolution}"
    return Geometry(np.asarray(found.ij), found.patch, found.matrices, key)


@st.cache_resource(max_entries=16, show_spinner=False)
def _districts(query: Query, digest: str, _study: Study) -> pd.Series:
    return district_of(_around(query, digest, _study).cells, _study.layer("districts"))
