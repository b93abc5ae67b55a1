"""The cache of what two years come to: difference, lineage, agreement, drift, trends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from spatial.agreement import Agreement
from spatial.comparison import (
    Comparison,
    agreement_between,
    difference_table,
    lineages_between,
    trends,
)
from spatial.drift import Drift, drift
from spatial.lineage import Lineages
from spatial.places import Places
from spatial.study import Study
from views.answers import answer, study_of
from views.query import Query

__all__ = [
    "DRIFT_SEED",
    "agreed",
    "comparison_of",
    "difference",
    "drifted",
    "lineages",
    "places_by_year",
    "trended",
]

_DRAWS = 199
_RESAMPLES = 400
DRIFT_SEED = 1
"""Of the generator that draws blocks anew."""


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
            one = answer(replace(query, year=year))
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
    asked, rng = comparison_of(query), np.random.default_rng(1)
    try:
        return agreement_between(_study, asked, permutations=_DRAWS, rng=rng)
    except ValueError:
        # A study area too ragged to be moved over itself: likeness can be told, chance cannot.
        return agreement_between(_study, asked, permutations=0, rng=rng)


@st.cache_resource(max_entries=16, show_spinner=False)
def _drifted(query: Query, digest: str, _study: Study) -> Drift:  # noqa: ARG001
    rng = np.random.default_rng(DRIFT_SEED)
    return drift(_study, role=query.role, group=query.group, resamples=_RESAMPLES, rng=rng)
