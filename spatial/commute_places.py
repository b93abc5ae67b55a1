"""Places of a commute: those of the year that an area, a line or a matrix may name."""

from __future__ import annotations

from typing import Final

from spatial.areas import Area, area_of
from spatial.commute_question import ring_area
from spatial.places import Places
from spatial.question import Question, QuestionError
from spatial.schema import Role
from spatial.study import Study

__all__ = ["PROPOSED_RESOLUTION", "named_area", "place_resolution", "places_of_year"]

PROPOSED_RESOLUTION: Final = 8
"""H3 resolution at which places are found where nobody asks for another."""


def place_resolution(study: Study, asked: int | None = None) -> int:
    """
    The resolution at which places are found: what was asked, else the proposed one.

    Parameters
    ----------
    study
        Its own resolution is the finest there can be.
    asked
        None: the proposed one, or the study's own where that is coarser.

    Raises
    ------
    QuestionError
        When the study is coarser than what was asked.
    """
    own = study.info.resolution
    if asked is None:
        return min(PROPOSED_RESOLUTION, own)
    if not 0 <= asked <= own:
        raise QuestionError(
            f"resolution must be {own}, that of {study.info.name}, or coarser, found {asked}"
        )
    return asked


def places_of_year(
    study: Study, year: int, *, role: Role, resolution: int | None = None, top: int = 20
) -> Places | None:
    """
    Places of the year, or of the nearest one in which the role is counted.

    Parameters
    ----------
    study, year
        What is asked of what.
    role
        Homes or jobs.
    resolution
        As `place_resolution` has it.
    top
        Places kept, the most prominent ones.

    Returns
    -------
    Places
        None where the role is counted in no year.
    """
    from spatial.analysis import hotspot_table, neighbours_of, place_table

    years = study.years_of(role)
    fineness = place_resolution(study, resolution)
    if not years:
        return None
    nearest = min(years, key=lambda one: abs(one - year))
    question = Question(year=nearest, role=role, resolution=fineness, top=top)
    around = neighbours_of(study, question)
    table = hotspot_table(study, question, neighbours=around)
    return place_table(study, question, table, neighbours=around)


def named_area(
    study: Study,
    name: str,
    *,
    year: int,
    side: Role,
    resolution: int | None = None,
    top: int = 20,
) -> Area:
    """
    The district of that id or name, else the place among those of the year.

    A name "@lat,lon;lat,lon;..." is that of an area with these corners.

    Places of the side asked for come before those of the other one.

    Parameters
    ----------
    study, name
        As `areas.area_of` takes them.
    year, side
        Whose places.
    resolution, top
        At which places are found, as `place_resolution` has it, and how many of each role.

    Raises
    ------
    QuestionError
        When there is none, with the nearest names there are.
    """
    fineness = place_resolution(study, resolution)
    if name.strip().startswith("@"):
        return ring_area(name.strip())
    try:
        return area_of(study, name)
    except QuestionError as unknown:
        fault = unknown
    other: Role = "work" if side == "residence" else "residence"
    for role in (side, other):
        places = places_of_year(study, year, role=role, resolution=fineness, top=top)
        if places is not None:
            try:
                return area_of(study, name, places=places)
            except QuestionError as unknown:
                fault = unknown if role == side else fault
    raise fault
