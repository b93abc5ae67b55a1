"""Margins: how many live and how many work at each place, without who goes where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spatial import cells as h3cells
from spatial.cells import Cells
from spatial.geodesic_matrix import Spots, spots
from spatial.shipping import UNITS, Shipment, in_units, least_shipment, refined, sums

__all__ = ["Margins", "Rolled"]

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_BLOCK: Final = 500_000  # distances held at once where the matrix is not kept


@dataclass(frozen=True, eq=False)
class Margins:
    """
    People at both ends on one list of places, in units of which everybody is `UNITS`.

    Parameters
    ----------
    places
        Shape (n,).
    homes, jobs
        Units at each place, 0 or more, whole, shapes (n,), as many in all.
    cells
        The cell of each place, where places are cells.
    """

    places: Spots
    homes: Floats
    jobs: Floats
    cells: Cells | None = None

    @staticmethod
    def of_points(
        lat: ArrayLike,
        lon: ArrayLike,
        homes: ArrayLike,
        to_lat: ArrayLike,
        to_lon: ArrayLike,
        jobs: ArrayLike,
    ) -> Margins:
        """Margins at points in degrees; points at the very same position are one place."""
        north = np.concatenate([np.atleast_1d(lat), np.atleast_1d(to_lat)]).astype(np.float64)
        east = np.concatenate([np.atleast_1d(lon), np.atleast_1d(to_lon)]).astype(np.float64)
        own, place = np.unique(np.stack([north, east], axis=1), axis=0, return_inverse=True)
        sent, taken = _people(homes, name="homes"), _people(jobs, name="jobs")
        at_home = sums(place[: len(sent)], sent, size=len(own))
        at_work = sums(place[len(sent) :], taken, size=len(own))
        return _margins(own[:, 0], own[:, 1], at_home, at_work)

    @staticmethod
    def of_cells(homes: pd.Series, jobs: pd.Series) -> Margins:
        """Margins at cell centres of people by cell (uint64)."""
        sent, taken = _people(homes, name="homes"), _people(jobs, name="jobs")
        listed = np.concatenate([homes.index[sent > 0], jobs.index[taken > 0]])
        own, place = np.unique(h3cells.as_cells(listed), return_inverse=True)
        sent, taken = sent[sent > 0], taken[taken > 0]
        at_home = sums(place[: len(sent)], sent, size=len(own))
        at_work = sums(place[len(sent) :], taken, size=len(own))
        return _margins(*h3cells.centres(own), at_home, at_work, cells=own)

    @property
    def sends(self) -> Rows:
        """Rows of places with homes."""
        return np.flatnonzero(self.homes)

    @property
    def takes(self) -> Rows:
        """Rows of places with jobs."""
        return np.flatnonzero(self.jobs)

    @property
    def ways(self) -> int:
        """How many ways lead from a home to a job."""
        return len(self.sends) * len(self.takes)

    def cancelled(self) -> Margins:
        """What is left when as many as can work where they live."""
        over = self.homes - self.jobs
        return Margins(self.places, np.maximum(over, 0), np.maximum(-over, 0), self.cells)

    def plan(self, *, farthest: bool = False) -> Shipment:
        """The plan of least total distance, or of the greatest, between rows of `places`."""
        return least_shipment(
            self.places.of(self.sends),
            self.places.of(self.takes),
            self.homes[self.sends],
            self.jobs[self.takes],
            farthest=farthest,
        )

    def mean_km(self, *, farthest: bool = False) -> float:
        """Least mean distance over everybody, or the greatest; 0 where nobody is left to move."""
        return abs(self.plan(farthest=farthest).total) / UNITS if self.ways else 0.0

    def rolled(self, *, most: int) -> Rolled:
        """
        These margins of cells at the finest resolution with at most `most` x `most` ways.

        A coarse cell stands twice, at the mean place of its homes and at that of its jobs.
        """
        sends, takes = self.sends, self.takes
        home_cells, job_cells = self.own_cells[sends], self.own_cells[takes]
        resolution = h3cells.resolution_of(self.own_cells)
        if self.ways <= most**2 or resolution == 0:
            return Rolled(self, self, np.arange(len(sends)), np.arange(len(takes)), resolution)
        home_of, job_of = np.arange(len(sends)), np.arange(len(takes))
        while resolution > 0 and (home_of.max() + 1) * (job_of.max() + 1) > most**2:
            resolution -= 1
            home_of, job_of = (_family(one, resolution) for one in (home_cells, job_cells))
        sent, taken = self.homes[sends], self.jobs[takes]
        at = self.places.of(sends).means(sent, home_of), self.places.of(takes).means(taken, job_of)
        ends = sums(home_of, sent), sums(job_of, taken)
        none = [np.zeros(len(one)) for one in ends]
        coarse = Margins(
            at[0].beside(at[1]),
            np.concatenate([ends[0], none[1]]),
            np.concatenate([none[0], ends[1]]),
        )
        return Rolled(self, coarse, home_of, job_of, resolution)

    @property
    def own_cells(self) -> Cells:
        """The cell of each place."""
        if self.cells is None:
            raise ValueError("places must be cells, found points")
        return self.cells


@dataclass(frozen=True, eq=False)
class Rolled:
    """
    Margins of cells, the coarser ones they were rolled up to, and what that costs.

    Parameters
    ----------
    fine, coarse
        The margins before and after; the same where nothing needed rolling up.
    home_of, job_of
        Row among `coarse.sends` of each of `fine.sends`, and likewise among `takes`.
    resolution
        That of the coarse cells.
    """

    fine: Margins
    coarse: Margins
    home_of: Rows
    job_of: Rows
    resolution: int

    def least_km(self) -> tuple[float, float]:
        """Least mean distance of the fine margins lies between these; equal where not rolled up."""
        if self.coarse is self.fine:
            exact = self.fine.mean_km()
            return exact, exact
        plan, fine = self.coarse.plan(), self.fine
        sends, takes = fine.places.of(fine.sends), fine.places.of(fine.takes)
        heads = self.coarse.places.of(self.coarse.takes)
        gained = fine.homes[fine.sends] @ _lowest(sends, heads, plan.take)
        lost = fine.jobs[fine.takes] @ _lowest(takes, heads, plan.take)
        return float(gained - lost) / UNITS, self._carried_out_km(plan)

    def greatest_km(self) -> tuple[float, float]:
        """
        Greatest mean distance of the fine margins lies between these; see `least_km`.

        From a home to a job is no farther than to the job's coarse place and from there on: so
        prices that cover the way there, and the rest for each job, cover all ways.
        """
        if self.coarse is self.fine:
            exact = self.fine.mean_km(farthest=True)
            return exact, exact
        plan, fine = self.coarse.plan(farthest=True), self.fine
        sends, takes = fine.places.of(fine.sends), fine.places.of(fine.takes)
        heads = self.coarse.places.of(self.coarse.takes)
        covered = fine.homes[fine.sends] @ _lowest(sends, heads, plan.take, farthest=True)
        rest = plan.take[self.job_of] - takes.pairs_km(heads.of(self.job_of))
        covered += fine.jobs[fine.takes] @ rest
        return self._carried_out_km(plan), -float(covered) / UNITS

    def _carried_out_km(self, plan: Shipment) -> float:
        """Mean distance of a coarse plan shared out among the fine cells."""
        fine = self.fine
        sent, taken = fine.homes[fine.sends], fine.jobs[fine.takes]
        origin, destination, amount = refined(plan, self.home_of, self.job_of, sent, taken)
        homes = fine.places.of(fine.sends).of(origin)
        return float(amount @ homes.pairs_km(fine.places.of(fine.takes).of(destination))) / UNITS


def _lowest(places: Spots, heads: Spots, price: Floats, *, farthest: bool = False) -> Floats:
    """
    Least of cost to a head less its price, over all heads, shape (n,); cost is distance or -it.

    Between two places it differs by at most their distance, as each distance to a head does.
    """
    step, sign = max(1, _BLOCK // len(heads)), -1 if farthest else 1
    blocks = [places.of(slice(at, at + step)) for at in range(0, len(places), step)]
    return np.concatenate([(sign * one.matrix_km(heads) - price).min(axis=1) for one in blocks])


def _family(cells: Cells, resolution: int) -> Rows:
    """Number of the coarse cell that holds each cell, 0 up, shape (n,)."""
    return np.unique(h3cells.parents(cells, resolution=resolution), return_inverse=True)[1]


def _margins(
    lat: Floats, lon: Floats, homes: Floats, jobs: Floats, *, cells: Cells | None = None
) -> Margins:
    """Margins in units; a share too small for a unit is nobody."""
    middle = (float(lat.min()) + float(lat.max())) / 2
    places = spots(lat, lon, lat_0=middle)
    return Margins(places, in_units(homes), in_units(jobs), cells)


def _people(given: ArrayLike, *, name: str) -> Floats:
    people = np.atleast_1d(np.asarray(given, dtype=np.float64))
    if not np.isfinite(people).all() or (people < 0).any():
        raise ValueError(f"{name} must be numbers of 0 or more, found others")
    if not people.sum() > 0:
        raise ValueError(f"{name} must hold somebody, found nobody")
    return people
