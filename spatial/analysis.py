"""Answers: a study and a question in, a table of cells and a table of places out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.hotspots import expected_by_chance, find_hotspots
from spatial.measures import measured
from spatial.moran import local_moran
from spatial.neighbours import Neighbours, disk
from spatial.peaks import smoothing_steps
from spatial.places import Layers, Places, describe_places, find_places
from spatial.question import Question, QuestionError
from spatial.schema import Role
from spatial.study import Study

__all__ = [
    "Question",
    "expected_by_chance",
    "hotspot_table",
    "layers_of",
    "measure_table",
    "neighbours_of",
    "place_table",
    "roll_up",
    "scores",
    "series_table",
    "values",
    "years_told",
]

_VERDICTS = {"HH": "hot", "LL": "cold"}


def roll_up(table: pd.DataFrame, *, resolution: int) -> pd.DataFrame:
    """
    Sums over the cells of a coarser `resolution`; the totals are kept.

    Parameters
    ----------
    table
        Amounts by cell, shape (n, columns). A column that is NaN in every cell below a coarser
        one is NaN there; otherwise NaN adds nothing.
    resolution
        At most that of the cells.

    Raises
    ------
    ValueError
        When `resolution` is finer than the cells.
    """
    coarse, place = np.unique(
        h3cells.parents(table.index.to_numpy(), resolution=resolution), return_inverse=True
    )
    sums = {}
    for name, values in table.items():
        amounts = values.to_numpy(dtype=np.float64)
        known = ~np.isnan(amounts)
        summed = np.bincount(place[known], amounts[known], minlength=len(coarse))
        found = np.bincount(place[known], minlength=len(coarse))
        sums[name] = np.where(found > 0, summed, np.nan)
    return pd.DataFrame(sums, index=pd.Index(coarse, name="cell"))


def years_told(study: Study, question: Question) -> tuple[int, ...]:
    """Years of the question's role that it can be asked of: with a base, where it needs one."""
    years = study.years_of(question.role)
    if question.measure not in ("share", "surplus"):
        return years
    return tuple(year for year in years if study.has_base(question.role, year))


def series_table(study: Study, question: Question) -> pd.DataFrame:
    """
    Graduates and base on every cell of the study area, at the question's resolution.

    Raises
    ------
    QuestionError
        When the question's resolution is finer than the study's.
    SchemaError
        When the study has no such role, year or group.
    """
    table = study.series(role=question.role, year=question.year, group=question.group)
    own = study.info.resolution
    if question.resolution is None or question.resolution == own:
        return table
    if question.resolution > own:
        raise QuestionError(
            f"resolution must be {own}, that of {study.info.name}, or coarser,"
            f" found {question.resolution}"
        )
    return roll_up(table, resolution=question.resolution) if len(table) else table


def neighbours_of(study: Study, question: Question) -> Neighbours:
    """
    Neighbours in the study area at the question's resolution: worth keeping.

    They reach as far as k, or as the surface under places needs, whichever is more.
    """
    area, resolution = study.area, question.resolution
    if len(area) and resolution is not None and resolution < study.info.resolution:
        area = np.unique(h3cells.parents(area, resolution=resolution))
    return disk(area, k=max(question.k, smoothing_steps(pd.Index(area))))


def hotspot_table(
    study: Study, question: Question, *, neighbours: Neighbours | None = None
) -> pd.DataFrame:
    """
    What the question asks of each cell, how far it stands out, and how likely by chance.

    Parameters
    ----------
    study, question
        What is asked of what.
    neighbours
        As `neighbours_of` gives them; looked up anew when left out.

    Returns
    -------
    pandas.DataFrame
        Index `cell` (uint64, sorted), the whole study area, zeros included. Columns graduates,
        base, area_km2, value (the measure), z, p, q, hotspot ("hot", "cold", "none"); for local
        Moran also moran (I), quadrant ("HH", "LL", "HL", "LH") and cluster (the quadrant, or
        "none" by chance), hot being a cluster of HH and cold one of LL. NaN where the measure is.

    Raises
    ------
    QuestionError
        When the measure compares with a base that the study does not have.
    SchemaError
        When the study has no such role, year or group.
    """
    table = measure_table(study, question)
    near = (neighbours or neighbours_of(study, question)).reach(question.k)
    return pd.concat([table, scores(table["value"], question, near)], axis=1)


def measure_table(study: Study, question: Question) -> pd.DataFrame:
    """
    What the question asks of each cell, without a judgement on it.

    Returns
    -------
    pandas.DataFrame
        Columns graduates, base, area_km2 and value of `hotspot_table`, which raises alike.
    """
    table = series_table(study, question)
    if question.measure in ("share", "surplus") and not table["base"].notna().any():
        raise QuestionError(
            f"measure {question.measure} compares with a base, and {study.info.name} has none for"
            f" {question.role} in {question.year}"
        )
    table["area_km2"] = _areas(study, table.index)
    table["value"] = values(table, question)
    return table


def place_table(
    study: Study,
    question: Question,
    table: pd.DataFrame,
    *,
    neighbours: Neighbours | None = None,
) -> Places:
    """
    The question's most prominent places, named and classed.

    Parameters
    ----------
    study, question
        What was asked of what.
    table
        Its answer, as `hotspot_table` gives it.
    neighbours
        As `neighbours_of` gives them; looked up anew when left out.

    Returns
    -------
    Places
        With the class from homes and jobs of the question's year and group, where both are
        counted. Names come from the study's own layers, else from the packaged gazetteer.
    """
    neighbours = neighbours or neighbours_of(study, question)
    found = find_places(table["graduates"], table, neighbours, top=question.top)
    return describe_places(
        found,
        role=question.role,
        residence=_graduates(study, question, table, role="residence"),
        work=_graduates(study, question, table, role="work"),
        layers=layers_of(study),
    )


def _graduates(
    study: Study, question: Question, table: pd.DataFrame, *, role: Role
) -> pd.Series | None:
    """Graduates of the question's year and group in either role; None where not counted."""
    if role == question.role:
        return table["graduates"]
    if question.year not in study.years_of(role):
        return None
    return series_table(study, replace(question, role=role))["graduates"]


def layers_of(study: Study) -> Layers:
    """What the study knows besides counts, for names and classes."""

    def brought(name: str) -> gpd.GeoDataFrame | None:
        return study.layer(name) if study.has(name) else None

    return Layers(
        gazetteer=brought("places"),
        stations=brought("stations"),
        districts=brought("districts"),
        campuses=brought("campuses"),
    )


def _areas(study: Study, cells: pd.Index) -> NDArray[np.float64]:
    if len(cells) == len(study.area):
        return study.area_km2.to_numpy()
    return h3cells.area_km2(cells)


def values(table: pd.DataFrame, question: Question) -> pd.Series:
    """The question's measure of each cell, from its graduates, base and area_km2."""
    if question.measure == "density":  # the areas are at hand, and slow to come by
        return table["graduates"] / table["area_km2"]
    return measured(table["graduates"], table["base"], measure=question.measure)


def scores(values: pd.Series, question: Question, neighbours: Neighbours) -> pd.DataFrame:
    """How far each value stands out, and how likely by chance: z, p, q, hotspot and the like."""
    permutations = question.permutations if question.chance == "permutation" else 0
    rng = np.random.default_rng(question.seed)
    alpha = question.alpha
    if question.statistic == "gi":
        return find_hotspots(values, neighbours, alpha=alpha, permutations=permutations, rng=rng)
    found = local_moran(values, neighbours, alpha=alpha, permutations=permutations, rng=rng)
    found["hotspot"] = found["cluster"].map(_VERDICTS).fillna("none")
    return found[["z", "p", "q", "hotspot", "moran", "quadrant", "cluster"]]
