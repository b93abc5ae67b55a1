"""Exchange: who comes into an area, who goes out of it, and between which places people go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial.ends import ELSEWHERE, LABEL_COLUMNS, Labels, Side
from spatial.pairs import Pairs

__all__ = ["Exchange", "exchange", "homes_of_workers", "jobs_of_residents", "matrix", "partners"]

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """
    Graduates who live in an area, who work in it, and who do both.

    Parameters
    ----------
    residents
        Graduates who live in the area and work anywhere in the study.
    workers
        Graduates who work in it and live anywhere in the study.
    both
        Those who do both.
    total
        All graduates of the year's flows.
    """

    residents: float
    workers: float
    both: float
    total: float

    @property
    def inflow(self) -> float:
        """Graduates who work in the area and live outside it."""
        return self.workers - self.both

    @property
    def outflow(self) -> float:
        """Graduates who live in the area and work outside it."""
        return self.residents - self.both

    @property
    def net_inflow(self) -> float:
        """Inflow less outflow: workers less residents."""
        return self.workers - self.residents

    @property
    def self_containment(self) -> float:
        """Share of the residents who work in the area; NaN where nobody lives there."""
        return self.both / self.residents if self.residents else np.nan

    @property
    def self_sufficiency(self) -> float:
        """Share of the workers who live in the area; NaN where nobody works there."""
        return self.both / self.workers if self.workers else np.nan


def exchange(pairs: Pairs, inside: Mask) -> Exchange:
    """
    Residents, workers and those who are both, of the ends that lie `inside`, shape (m,).

    Transposing the pairs swaps residents with workers, and inflow with outflow.
    """
    home, job = inside[pairs.origin], inside[pairs.destination]
    people = pairs.graduates
    return Exchange(
        residents=float(people[home].sum()),
        workers=float(people[job].sum()),
        both=float(people[home & job].sum()),
        total=float(people.sum()),
    )


def homes_of_workers(pairs: Pairs, inside: Mask) -> pd.Series:
    """Graduates who work `inside`, by the cell they live in; cells without any are left out."""
    return _by_cell(pairs, inside[pairs.destination], "home")


def jobs_of_residents(pairs: Pairs, inside: Mask) -> pd.Series:
    """Graduates who live `inside`, by the cell they work in; cells without any are left out."""
    return _by_cell(pairs, inside[pairs.origin], "work")


def matrix(pairs: Pairs, homes: Labels, work: Labels) -> pd.DataFrame:
    """
    Graduates from each home label to each work label, nobody lost.

    Parameters
    ----------
    pairs
        Flows of one year, n of them between m ends.
    homes, work
        Labels of the ends as homes and as places of work: they may be the same.

    Returns
    -------
    pandas.DataFrame
        Shape (k + 1, l + 1), float64: ids of the homes as rows (named "home"), ids of the work
        places as columns (named "work"), and "elsewhere" as the last of each. The sum is that of
        the pairs. It is dense, and so for places and districts rather than for cells.
    """
    rows, columns = len(homes) + 1, len(work) + 1
    home = homes.code[pairs.origin] % rows  # -1, elsewhere, becomes the last
    job = work.code[pairs.destination] % columns
    sums = np.bincount(home * columns + job, pairs.graduates, minlength=rows * columns)
    return pd.DataFrame(
        sums.reshape(rows, columns).astype(np.float64),
        index=pd.Index([*homes.table["id"], ELSEWHERE], name="home"),
        columns=pd.Index([*work.table["id"], ELSEWHERE], name="work"),
    )


def partners(pairs: Pairs, inside: Mask, labels: Labels, *, side: Side) -> pd.DataFrame:
    """
    Where those come from who work inside and live outside it, or go who live inside.

    Parameters
    ----------
    pairs
        Flows of one year, n of them between m ends.
    inside
        Which ends lie in the area, shape (m,).
    labels
        Of the ends outside: of homes for side "home", of work places for side "work".
    side
        "home": the homes of the inflow. "work": the work places of the outflow.

    Returns
    -------
    pandas.DataFrame
        Columns id, name, name_en, kind, graduates, share (of the inflow or outflow) and mean_km
        (geodesic), the most graduates first and "elsewhere" last; labels without any are left
        out. The graduates add up to the inflow or outflow.
    """
    home, job = inside[pairs.origin], inside[pairs.destination]
    rows = np.flatnonzero(job & ~home if side == "home" else home & ~job)
    crossing = pairs.where(rows)
    end = crossing.origin if side == "home" else crossing.destination
    code = labels.code[end] % (len(labels) + 1)
    people, size = crossing.graduates, len(labels) + 1
    graduates = np.bincount(code, people, minlength=size).astype(np.float64)
    km = np.bincount(code, people * crossing.distance_km, minlength=size)
    other = pd.DataFrame([(ELSEWHERE, "", "", ELSEWHERE)], columns=list(LABEL_COLUMNS), dtype="str")
    table = pd.concat([labels.table, other], ignore_index=True).assign(graduates=graduates)
    held = graduates > 0
    table = table[held].assign(
        share=graduates[held] / graduates.sum(), mean_km=km[held] / graduates[held]
    )
    last = (table["kind"] == ELSEWHERE).to_numpy()
    order = np.lexsort((-table["graduates"].to_numpy(), last))
    return table.iloc[order].reset_index(drop=True)


def _by_cell(pairs: Pairs, rows: Mask, side: Side) -> pd.Series:
    end = (pairs.origin if side == "home" else pairs.destination)[rows]
    people = np.bincount(end, pairs.graduates[rows], minlength=len(pairs.lat))
    held = np.flatnonzero(people > 0)
    cells, at = np.unique(pairs.cell[held], return_inverse=True)
    sums = np.bincount(at, people[held], minlength=len(cells)).astype(np.float64)
    return pd.Series(sums, index=pd.Index(cells, name="cell"), name="graduates")
