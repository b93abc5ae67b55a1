"""Without flows: what homes and jobs alone allow, and a modelled estimate that says it is one."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatial import cells as h3cells
from spatial.areas import Area
from spatial.commute import Found
from spatial.geodesic_matrix import distance_matrix_km
from spatial.gravity import Gravity, GravityError, calibrated_decay, gravity
from spatial.info import Words
from spatial.pairs import Pairs, flow_years, pairs_of
from spatial.question import QuestionError
from spatial.schema import ROLES
from spatial.study import Study

if TYPE_CHECKING:
    from spatial.transport import Separation

__all__ = [
    "Margins",
    "Modelled",
    "counted",
    "layout_of_margins",
    "margins_of",
    "modelled_flows",
]

Floats = NDArray[np.float64]

_MOST: Final = 1_000


@dataclass(frozen=True, eq=False)
class Margins:
    """People by cell of home and of job, series on an index `cell` (uint64), all above 0."""

    homes: pd.Series
    jobs: pd.Series


@dataclass(frozen=True, eq=False)
class Modelled:
    """
    Flows of a gravity model.

    Parameters
    ----------
    pairs
        Between mean places of homes and of jobs in coarse cells; `cell` is of `resolution`.
    decay
        Per km.
    resolution
        Of the coarse cells.
    from_year
        Year whose flows gave the decay; None where a mean distance was given.
    """

    pairs: Pairs
    decay: float
    resolution: int
    from_year: int | None

    @property
    def told(self) -> Words:
        """What the model is and where its decay comes from, in both languages."""
        how, whence = "the mean distance asked for", "给定的平均距离"
        if self.from_year is not None:
            how, whence = f"the flows of {self.from_year}", f"{self.from_year}年的通勤流"
        return {
            "en": "Distances, shares and exchange are modelled, not observed: a doubly constrained"
            f" gravity model between cells of resolution {self.resolution}, decay"
            f" {self.decay:.4f} per km fitted to {how}. People of one such cell still commute the"
            " way between the mean place of its homes and that of its jobs.",
            "zh": "距离、比重与流入流出均为模型估算，并非实测："
            f"{self.resolution}级网格间的双约束重力模型，衰减系数{self.decay:.4f}/公里，由{whence}标定。",
        }


def margins_of(study: Study, year: int) -> Margins:
    """
    Homes and jobs of a year as the study counts them.

    Raises
    ------
    QuestionError
        When either was not counted, or holds nobody.
    """
    found = {}
    for role in ROLES:
        if year not in study.years_of(role):
            years = ", ".join(map(str, study.years_of(role))) or "no year"
            raise QuestionError(
                f"without flows the commute of {year} needs homes and jobs, and"
                f" {study.info.name} counts {role} in {years}"
            )
        counted = study.series(role=role, year=year)["graduates"]
        found[role] = counted[counted > 0]
        if found[role].empty:
            raise QuestionError(f"{study.info.name} counts nobody of {role} in {year}")
    return Margins(found["residence"], found["work"])


def counted(margins: Margins, area: Area, layout: Separation | None) -> Found:
    """Who lives and works in the area, and of a layout the least and greatest mean distance."""
    residents, workers = (_inside(one, area) for one in (margins.homes, margins.jobs))
    ratio = workers / residents if residents > 0 else nan
    found = {
        "residents": (residents, nan, nan),
        "workers": (workers, nan, nan),
        "jobs_housing_ratio": (ratio, nan, nan),
    }
    if layout is not None:
        least, most = layout.minimum_km, layout.maximum_km
        error, most_error = layout.error_km, layout.maximum_error_km
        found["separation_km"] = (least, max(least - error, 0.0), least + error)
        found["maximum_km"] = (most, max(most - most_error, 0.0), most + most_error)
    return found


def layout_of_margins(margins: Margins) -> Separation:
    """The least and greatest mean distance that homes and jobs of the whole study allow."""
    from spatial.transport import separation

    return separation(margins.homes, margins.jobs)


def modelled_flows(
    study: Study, margins: Margins, *, year: int, mean_km: float | None
) -> Modelled | None:
    """
    Flows between the homes and jobs of a year by a doubly constrained gravity model.

    Parameters
    ----------
    study, margins, year
        Whose homes and jobs, and of when.
    mean_km
        Mean distance the model shall have; left out, the decay that fits the flows of the
        nearest year that has any is taken.

    Returns
    -------
    Modelled
        None where no mean is given and the study has no flows of any year.

    Raises
    ------
    QuestionError
        When homes and jobs do not allow that mean.
    """
    years = flow_years(study)
    if mean_km is None and not years:
        return None
    frame = _framed(margins)
    if mean_km is not None:
        decay, from_year = _decay(frame, mean_km), None
    else:
        from_year = min(years, key=lambda one: (abs(one - year), one))
        decay = _decay_of(pairs_of(study, from_year), resolution=frame.resolution)
    try:
        found = gravity(frame.homes, frame.jobs, frame.distance_km, decay=decay)
    except GravityError as fault:
        raise QuestionError(str(fault)) from None
    return Modelled(_pairs(frame, found), decay, frame.resolution, from_year)


@dataclass(frozen=True, eq=False)
class _Frame:
    """Homes and jobs of coarse cells, each at the mean place of its people."""

    homes: Floats
    jobs: Floats
    at_home: tuple[Floats, Floats]
    at_work: tuple[Floats, Floats]
    home_cells: h3cells.Cells
    job_cells: h3cells.Cells
    resolution: int

    @property
    def distance_km(self) -> Floats:
        return distance_matrix_km(*self.at_home, *self.at_work)


def _inside(people: pd.Series, area: Area) -> float:
    cells = h3cells.as_cells(people.index)
    held = area.holds(*h3cells.centres(cells), cells)
    return float(people.to_numpy(dtype=np.float64)[held].sum())


def _framed(margins: Margins) -> _Frame:
    """The margins at the finest resolution with at most 1 000 x 1 000 ways."""
    homes, jobs = h3cells.as_cells(margins.homes.index), h3cells.as_cells(margins.jobs.index)
    for resolution in range(h3cells.resolution_of(homes), -1, -1):
        ends = [h3cells.parents(one, resolution=resolution) for one in (homes, jobs)]
        if len(np.unique(ends[0])) * len(np.unique(ends[1])) <= _MOST**2:
            break
    return _frame(margins, resolution)


def _frame(margins: Margins, resolution: int) -> _Frame:
    home_cells, sent, at_home = _gathered(margins.homes, resolution)
    job_cells, taken, at_work = _gathered(margins.jobs, resolution)
    return _Frame(sent, taken, at_home, at_work, home_cells, job_cells, resolution)


def _gathered(
    people: pd.Series, resolution: int
) -> tuple[h3cells.Cells, Floats, tuple[Floats, Floats]]:
    """Coarse cells, the people of each, and the latitude and longitude of their mean place."""
    cells = h3cells.as_cells(people.index)
    weight = people.to_numpy(dtype=np.float64)
    coarse, row = np.unique(h3cells.parents(cells, resolution=resolution), return_inverse=True)
    total: Floats = np.bincount(row, weight).astype(np.float64)
    lat, lon = (np.bincount(row, weight * one) / total for one in h3cells.centres(cells))
    return coarse, total, (lat, lon)


def _decay(frame: _Frame, mean_km: float) -> float:
    try:
        return calibrated_decay(frame.homes, frame.jobs, frame.distance_km, mean_km=mean_km)
    except GravityError as fault:
        raise QuestionError(str(fault)) from None


def _decay_of(pairs: Pairs, *, resolution: int) -> float:
    """Decay at which the margins of observed flows, rolled up alike, have their own mean."""
    homes, jobs = (
        pd.Series(pairs.graduates).groupby(pairs.cell[ends]).sum()
        for ends in (pairs.origin, pairs.destination)
    )
    frame = _frame(Margins(homes[homes > 0], jobs[jobs > 0]), resolution)
    home, job = (
        np.searchsorted(cells, h3cells.parents(pairs.cell[ends], resolution=resolution))
        for cells, ends in (
            (frame.home_cells, pairs.origin),
            (frame.job_cells, pairs.destination),
        )
    )
    # Nobody may live where nobody of the flows does: rows of no people have no place.
    held = pairs.graduates > 0
    far = frame.distance_km[home[held], job[held]]
    return _decay(frame, float(np.average(far, weights=pairs.graduates[held])))


def _pairs(frame: _Frame, found: Gravity) -> Pairs:
    homes, jobs = len(frame.homes), len(frame.jobs)
    origin, destination = np.divmod(np.arange(homes * jobs), jobs)
    return Pairs(
        lat=np.concatenate([frame.at_home[0], frame.at_work[0]]),
        lon=np.concatenate([frame.at_home[1], frame.at_work[1]]),
        cell=np.concatenate([frame.home_cells, frame.job_cells]),
        origin=origin,
        destination=destination + homes,
        graduates=found.plan.ravel(),
        exact=False,
    )
