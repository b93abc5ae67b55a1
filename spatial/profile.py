"""Profile: one page of indicators on a district, a place, or a whole study."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from spatial import cells as h3cells
from spatial.areas import Area
from spatial.commute_places import place_resolution, places_of_year
from spatial.info import Words
from spatial.places import Places
from spatial.profile_around import place_rows, rail_rows, rent_rows
from spatial.profile_flows import flow_rows
from spatial.profile_people import base_rows, people_rows
from spatial.profile_row import COLUMNS, SECTIONS, Row, Subject
from spatial.question import QuestionError
from spatial.rail import network_of
from spatial.schema import ROLES, Role
from spatial.study import Study

__all__ = ["Profile", "profile"]

_PARTS: Final[tuple[Callable[[Subject], Iterator[Row | Words]], ...]] = (
    people_rows,
    base_rows,
    flow_rows,
    rail_rows,
    rent_rows,
    place_rows,
)


@dataclass(frozen=True, eq=False)
class Profile:
    """
    What is known of an area.

    Parameters
    ----------
    area, year, resolution
        What was asked; `resolution` is that at which places were found.
    table
        One row an indicator: section, indicator (English name), name and name_en (of the
        station, place, partner or kind of home it is about), year (of the data), value, low and
        high (95 % interval, NaN where none), unit, note, note_zh, modelled.
    missing
        What the study lacks, each in both languages.
    draws, seed
        Of the intervals of flows.
    """

    area: Area
    year: int
    resolution: int
    table: pd.DataFrame
    missing: tuple[Words, ...]
    draws: int
    seed: int


def profile(
    study: Study,
    area: Area,
    *,
    year: int,
    resolution: int | None = None,
    places: Mapping[Role, Places | None] | None = None,
    draws: int = 200,
    seed: int = 1,
) -> Profile:
    """
    One page of indicators of an area; what the study lacks is listed, not failed.

    Counts, flows and rents of another year stand in where the year has none, the nearest one,
    and every row tells its year. Cells count where their centre lies in the area.

    Parameters
    ----------
    study, area, year
        What is asked of what. The rail is that of the year.
    resolution
        At which places are found: as `commute_places.place_resolution` has it.
    places
        Of each role as `commute_places.places_of_year` finds them, where they are at hand.
    draws, seed
        Draws of the bootstrap of flows, and the seed of their chance; 0: no intervals.

    Raises
    ------
    QuestionError
        When no cell of the study lies in the area, or the resolution is finer than the study's.
    """
    fineness = place_resolution(study, resolution)
    if places is None:
        places = {
            role: places_of_year(study, year, role=role, resolution=fineness) for role in ROLES
        }
    lat, lon = h3cells.centres(study.area)
    inside = np.asarray(area.holds(lat, lon, study.area), dtype=np.bool_)
    if not inside.any():
        name = area.name_en or area.name or "a drawn area"
        raise QuestionError(f"a profile needs cells of {study.info.name}, {name} holds none")
    asked = Subject(study, area, year, inside, places, network_of(study, year), draws, seed)
    found = [one for part in _PARTS for one in part(asked)]
    rows = [one for one in found if isinstance(one, Row) and not np.isnan(one.value)]
    # Python's sort is stable: rows keep the order they were told in.
    rows.sort(key=lambda one: SECTIONS.index(one.section))
    return Profile(
        area=area,
        year=year,
        resolution=fineness,
        table=pd.DataFrame([one.values() for one in rows], columns=list(COLUMNS)),
        missing=tuple(one for one in found if not isinstance(one, Row)),
        draws=draws,
        seed=seed,
    )
