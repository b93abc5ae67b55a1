"""Sites: a good cell and what is as good around it, as a planner would name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.analysis import layers_of
from spatial.criterion import Criterion
from spatial.naming import borrow_gazetteer, name_places, slugs
from spatial.neighbours import Neighbours, disk
from spatial.places import outline
from spatial.rail_network import standing
from spatial.siting import rank
from spatial.study import Study

__all__ = ["Sites", "clusters", "named_sites"]

_RADIUS_KM: Final = 0.6  # a site one walks across in a quarter of an hour
_CANDIDATES: Final = 200


@dataclass(frozen=True, eq=False)
class Sites:
    """
    Candidate sites.

    Parameters
    ----------
    table
        The best of them, one row each, best first, WGS-84: see `clusters`.
    values
        What every candidate is judged by, listed or not, as `rank` and `sensitivity` take it:
        index `cell`, the best cell of each.
    member
        Best cell of the site that holds each cell; only cells of candidates, so no cell twice.
    """

    table: gpd.GeoDataFrame
    values: pd.DataFrame
    member: pd.Series

    def __repr__(self) -> str:
        return f"Sites({len(self.table)} listed of {len(self.values)} candidates)"


def clusters(
    ranked: pd.DataFrame,
    values: pd.DataFrame,
    criteria: Sequence[Criterion],
    *,
    min_score: float = 0.0,
    most: int = 20,
    drop: float = 0.1,
    steps: int | None = None,
    neighbours: Neighbours | None = None,
) -> Sites:
    """
    Good cells joined into sites that do not touch.

    The best cell takes the cells connected with it, within `steps`, that score at most `drop`
    less; then the next best cell that does not touch a site does, and so on. Sites are thereby
    of a size to build on: all cells above a threshold hang together along whole rail lines.

    A site is judged by the medians of its cells' values, and by the same criteria: its score is
    the score of what its row says. Medians of values within a limit are within it.

    Parameters
    ----------
    ranked, values, criteria
        A ranking and what it was made from.
    min_score
        Least score of a site's best cell.
    most
        Sites listed; up to 200 candidates are compared.
    drop
        How much less than its best cell the other cells of a site may score.
    steps
        None takes about 0.6 km: 2 at resolution 9, 1 at 8.
    neighbours
        Of the same cells; looked up anew when left out.

    Returns
    -------
    Sites
        The table has rank, score (of the medians), peak (its best cell, uint64), lat, lon (its
        centre), cells, area_km2, graduates (in the site itself), mean_score and best_score (of
        its cells), the median of every value, score_<id> of each, unknown and geometry.
    """
    if neighbours is None:
        neighbours = disk(ranked.index, k=1)
    width = _steps(ranked.index) if steps is None else steps
    parts = _grown(ranked, neighbours, min_score=min_score, drop=drop, steps=width)
    ids = h3cells.as_cells(ranked.index)
    owner = np.repeat(np.arange(len(parts)), [len(one) for one in parts])
    rows = np.concatenate([np.empty(0, dtype=np.intp), *parts])
    peaks = pd.Index(ids[[one[0] for one in parts]], name="cell", dtype="uint64")
    judged = _judged(values.iloc[rows], owner, peaks)
    scores = rank(judged, criteria)
    listed = scores[scores["rank"] > 0].sort_values("rank", kind="stable").head(most)
    place = peaks.get_indexer(listed.index)
    own = pd.Series(ranked["score"].to_numpy()[rows]).groupby(owner)
    area = np.bincount(owner, h3cells.area_km2(ids[rows]), minlength=len(parts))
    lat, lon = h3cells.centres(h3cells.as_cells(listed.index))
    facts = pd.DataFrame(
        {
            "rank": listed["rank"].to_numpy(),
            "score": listed["score"].to_numpy(),
            "peak": h3cells.as_cells(listed.index),
            "lat": lat,
            "lon": lon,
            "cells": np.array([len(parts[one]) for one in place], dtype=np.int64),
            "area_km2": area[place],
            "mean_score": own.mean().to_numpy()[place],
            "best_score": own.max().to_numpy()[place],
        }
    )
    more = [judged.iloc[place], listed.drop(columns=["rank", "score", "excluded_by"])]
    table = pd.concat([facts, *(one.reset_index(drop=True) for one in more)], axis=1)
    shapes = [outline(ids[parts[one]]) for one in place]
    member = pd.Series(peaks.to_numpy()[owner], index=pd.Index(ids[rows], name="cell"), name="site")
    return Sites(gpd.GeoDataFrame(table, geometry=shapes, crs=4326), judged, member)


def named_sites(study: Study, sites: Sites, *, year: int) -> Sites:
    """
    `sites` with id, name, name_en, named_by, district and district_en in front of each row.

    Names come from the study's gazetteer, or the packaged one that covers it, else from the
    nearest station of the year, else from the district or the position. The district is "" where
    none holds the best cell.
    """
    layers, table = layers_of(study), sites.table
    gazetteer = layers.gazetteer
    if gazetteer is None:
        gazetteer = borrow_gazetteer(study.area)
    stations = None if layers.stations is None else standing(layers.stations, year)
    names = name_places(table, gazetteer=gazetteer, stations=stations, districts=layers.districts)
    ids = pd.Series(
        [f"site-{slug}" for slug in slugs(names["name_en"])], index=table.index, dtype="str"
    )
    front = pd.concat([ids.rename("id"), names, _districts(study, table)], axis=1)
    joined = gpd.GeoDataFrame(pd.concat([front, table], axis=1), geometry="geometry", crs=4326)
    return replace(sites, table=joined)


def _districts(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame("", index=table.index, columns=["district", "district_en"], dtype="str")
    districts = study.layer("districts")
    if districts.empty or table.empty:
        return found
    points = gpd.points_from_xy(table["lon"], table["lat"])
    point, row = districts.sindex.query(points, predicate="intersects")
    for at, name in ((0, "name"), (1, "name_en")):
        found.iloc[point, at] = districts[name].astype(str).to_numpy()[row]
    return found


def _steps(cells: pd.Index) -> int:
    return max(1, round(_RADIUS_KM / h3cells.spacing_km(cells))) if len(cells) else 1


def _judged(values: pd.DataFrame, owner: NDArray[np.intp], peaks: pd.Index) -> pd.DataFrame:
    """Median of every value over the cells of each site; graduates are added up."""
    found = values.groupby(owner).median()
    if "graduates" in values:
        found["graduates"] = values["graduates"].groupby(owner).sum()
    return found.set_axis(peaks)


def _grown(
    ranked: pd.DataFrame, neighbours: Neighbours, *, min_score: float, drop: float, steps: int
) -> list[NDArray[np.intp]]:
    """Rows of the cells of each site, its best cell first."""
    near = neighbours.reach(1).table
    n = near.shape[1]
    score = np.append(ranked["score"].to_numpy(), np.nan)  # the padding is never good enough
    order = np.argsort(ranked["rank"].to_numpy(), kind="stable")
    order = order[int((ranked["rank"] == 0).sum()) :]
    closed = np.zeros(n + 1, dtype=np.bool_)
    parts: list[NDArray[np.intp]] = []
    for best in order.tolist():
        if len(parts) == _CANDIDATES or not score[best] >= min_score:
            break
        if closed[best]:
            continue
        held = edge = np.array([best], dtype=np.intp)
        for _ in range(steps):
            around = np.unique(near[:, edge])
            good = ~closed[around] & (score[around] >= score[best] - drop)
            edge = np.setdiff1d(around[good], held)
            held = np.concatenate([held, edge])
        parts.append(held)
        closed[near[:, held]] = True
    return parts
