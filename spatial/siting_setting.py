"""Setting: everything a siting screen depends on beside its criteria, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from spatial.analysis import hotspot_table, place_table, series_table
from spatial.areas import Area, area_of, shape_area
from spatial.neighbours import Neighbours, disk
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.rail import network_of
from spatial.rent import rent_table
from spatial.rent_listings import PERS, ROOM, Per
from spatial.siting_values import REACH_KM, SMALL_M2, criteria_values, reach_steps
from spatial.study import Study

__all__ = ["Setting", "rent_per", "screen_cells", "screen_values"]

_MOST_RINGS: Final = 10  # of `rent_table`


@dataclass(frozen=True, kw_only=True)
class Setting:
    """
    What is screened: hashable, so a cache key; all words and numbers, so a link.

    Parameters
    ----------
    year
        Year of observation.
    resolution
        H3 resolution to roll up to; None is the study's own.
    area
        Id or name of a district or work place; "" for all of the study.
    outline
        A drawn area instead: a polygon as WKT, longitude and latitude in degrees.
    reach_km
        What is within reach of a cell.
    small_m2
        Floor area up to which a listing is small, m2.
    rent_kind
        Kind of the listings, or "all".
    rent_per
        What a rent is for: "month", "m2" or "room"; "" takes rooms where the study knows them,
        so that a room and a share of a flat are the same thing, and else the month.
    top
        Sites listed, and cells or sites that a weighting calls the best.
    draws, seed
        Random weightings, and the seed of their generator.

    Raises
    ------
    QuestionError
        When any of these is out of its range, every fault being named.
    """

    year: int
    resolution: int | None = None
    area: str = ""
    outline: str = ""
    reach_km: float = REACH_KM
    small_m2: float = SMALL_M2
    rent_kind: str = "all"
    rent_per: Per | Literal[""] = ""
    top: int = 20
    draws: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        faults = []
        for name, low, high in (("top", 1, 200), ("draws", 1, 100_000), ("seed", 0, 2**63 - 1)):
            if not low <= (value := getattr(self, name)) <= high:
                faults.append(f"{name} must be {low} to {high}, found {value}")
        for name, most in (("reach_km", 10), ("small_m2", 10_000)):
            if not 0 < (size := getattr(self, name)) <= most:
                faults.append(f"{name} must be above 0, at most {most}, found {size}")
        if self.rent_per not in ("", *PERS):
            faults.append(f"rent_per must be one of {', '.join(PERS)}, found {self.rent_per}")
        if self.area and self.outline:
            faults.append("an area must be named or drawn, found both")
        if faults:
            raise QuestionError("; ".join(faults))

    def to_dict(self) -> dict[str, Any]:
        """Every field as a JSON value."""
        return asdict(self)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Setting:
        """
        The setting in `given`, missing fields at their defaults.

        Raises
        ------
        QuestionError
            When a field is not known, of the wrong form or out of its range.
        """
        known = [one.name for one in fields(cls)]
        if unknown := sorted(set(given) - set(known)):
            raise QuestionError(f"a setting has {', '.join(known)}, found {', '.join(unknown)}")
        try:
            return cls(**given)
        except TypeError as fault:
            raise QuestionError(f"a setting must hold words and numbers: {fault}") from fault


def screen_cells(study: Study, setting: Setting) -> Neighbours:
    """The cells of a screen and what is within reach of each: worth keeping."""
    roles = [role for role in study.roles if setting.year in study.years_of(role)]
    if not roles:
        years = ", ".join(map(str, study.years)) or "none"
        raise QuestionError(f"{study.info.name} counts years {years}, found {setting.year}")
    asked = Question(year=setting.year, role=roles[0], resolution=setting.resolution)
    cells = series_table(study, asked).index
    return disk(cells, k=reach_steps(cells, reach_km=setting.reach_km))


def screen_values(
    study: Study,
    setting: Setting,
    *,
    work_places: Places | None = None,
    neighbours: Neighbours | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """
    The values of `criteria_values`, everything they need made from the study.

    Parameters
    ----------
    study, setting
        What is asked of what.
    work_places
        Of the year; found anew when left out, the 20 most prominent.
    neighbours
        As `screen_cells` gives them; looked up anew when left out.
    """
    near = screen_cells(study, setting) if neighbours is None else neighbours
    work = _work_places(study, setting) if work_places is None else work_places
    rents = None
    if len(study.layer("rents")):
        rents = rent_table(
            study,
            year=setting.year,
            resolution=setting.resolution,
            kind=setting.rent_kind,
            per=rent_per(study, setting),
            rings=min(near.k, _MOST_RINGS),
        )
    return criteria_values(
        study,
        year=setting.year,
        resolution=setting.resolution,
        network=network_of(study, setting.year),
        work_places=work,
        rents=rents,
        area=_area(study, setting, work),
        reach_km=setting.reach_km,
        small_m2=setting.small_m2,
        neighbours=near,
    )


def rent_per(study: Study, setting: Setting) -> Per:
    """What a rent is for: as set, else "room" where the study knows rooms, else "month"."""
    if setting.rent_per:
        return setting.rent_per
    rents = study.layer("rents")
    if (rents["kind"].astype(str) == ROOM).any():
        return "room"
    if "rooms" in rents:
        rooms = pd.to_numeric(rents["rooms"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        if (rooms > 0).any():
            return "room"
    return "month"


def _area(study: Study, setting: Setting, work: Places | None) -> Area:
    if not setting.outline:
        return area_of(study, setting.area, places=work)
    try:
        shape = shapely.from_wkt(setting.outline)
    except shapely.errors.ShapelyError as fault:
        raise QuestionError(f"an outline must be WKT, found {setting.outline[:40]!r}") from fault
    return shape_area(shape)


def _work_places(study: Study, setting: Setting) -> Places | None:
    """The 20 most prominent places of work of the year; None where work is not counted."""
    if setting.year not in study.years_of("work"):
        return None
    asked = Question(year=setting.year, role="work", resolution=setting.resolution)
    return place_table(study, asked, hotspot_table(study, asked))
