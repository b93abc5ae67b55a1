"""Needs: what a table of homes is made from, and one sentence where the study lacks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from spatial.homes import Homes
from spatial.homes_question import HomesKind

__all__ = ["lacking", "missing_of"]

Need = tuple[Callable[[Homes], bool], str]


def lacking(homes: Homes, kind: HomesKind) -> str:
    """What the study lacks of a table, one word or two; "" where it lacks nothing."""
    return next((need for need in _NEEDED[kind] if not _NEEDS[need][0](homes)), "")


def missing_of(homes: Homes, kind: HomesKind) -> str:
    """Why the study cannot tell a table, and how to add what it lacks; "" where it can."""
    need = lacking(homes, kind)
    if not need:
        return ""
    name, asked = homes.study.info.name, homes.question
    return _NEEDS[need][1].format(name=name, year=asked.year, role=asked.role)


def _has_base(homes: Homes) -> bool:
    return homes.study.has_base(homes.question.role, homes.question.year)


def _has_rents(homes: Homes) -> bool:
    return homes.rents is not None


def _has_known_rents(homes: Homes) -> bool:
    return homes.rents is not None and bool(homes.rents["rent"].notna().any())


def _has_areas(homes: Homes) -> bool:
    if len(homes.study.layer("districts")):
        return True
    places = homes.places(homes.role)
    return places is not None and len(places.table) > 0


def _has_reading(homes: Homes) -> bool:
    return homes.concentration.rent is not None


def _has_pockets(homes: Homes) -> bool:
    return len(homes.pockets) > 0


def _has_anything_near(homes: Homes) -> bool:
    return len(homes.access.attrs["missing"]) < 3


def _has_earlier_year(homes: Homes) -> bool:
    return homes.study.years[0] < homes.question.year


_NEEDS: Final[dict[str, Need]] = {
    "base": (
        _has_base,
        "{name} has no base for {role} in {year} to compare with: load its counts with"
        " --base-{role}",
    ),
    "rents": (_has_rents, "{name} has no rents: add them with `gradmap load rents`"),
    "known": (
        _has_known_rents,
        "{name} knows the rent of no cell: add more with `gradmap load rents`",
    ),
    "areas": (
        _has_areas,
        "{name} has no districts, and in {year} no place stands out: add districts with"
        " `gradmap load districts`",
    ),
    "homes asked": (
        lambda homes: homes.question.role == "residence",
        "rents are held against graduates at home: ask for residence, found {role}",
    ),
    "reading": (
        _has_reading,
        "{name} knows no rent where it has a base: add more with `gradmap load rents`",
    ),
    "homes": (
        lambda homes: homes.counted("residence"),
        "{name} does not count homes in {year}: load counts of residence",
    ),
    "pockets": (
        _has_pockets,
        "{name} has no listings to compare, or no place stands out in {year}: add listings with"
        " `gradmap load rents`",
    ),
    "pay": (
        lambda homes: bool(homes.sectors),
        "{name} has no table of pay: its study.json has a place for one",
    ),
    "months": (
        lambda homes: homes.question.rent_per != "m2",
        "pay is held against rents by the month or room, found m2",
    ),
    "near": (
        _has_anything_near,
        "{name} has no stations, campuses or places of work in {year}: add stations with"
        " `gradmap load stations`",
    ),
    "rail": (
        lambda homes: homes.rail is not None,
        "{name} has no stations in {year}: add them with `gradmap load stations`",
    ),
    "earlier": (
        _has_earlier_year,
        "stations open between two years, and {year} is the first of {name}",
    ),
    "role": (
        lambda homes: homes.counted(homes.question.role),
        "{name} does not count {role} in {year}",
    ),
    "both": (
        lambda homes: homes.both,
        "{name} does not count both homes and jobs in {year}: load counts of both",
    ),
    "flows": (
        lambda homes: homes.flows,
        "{name} has no flows of {year}: add them with `gradmap load flows`",
    ),
}
_NEEDED: Final[dict[HomesKind, tuple[str, ...]]] = {
    "quotient": ("base",),
    "quotient_areas": ("base", "areas"),
    "quotient_slopes": ("base",),
    "quotient_bands": ("homes asked", "base", "rents", "reading"),
    "pockets": ("homes", "rents", "pockets"),
    "rent": ("rents", "known"),
    "rent_areas": ("rents", "known", "areas"),
    "pay": ("rents", "months", "pay"),
    "access": ("near",),
    "near": ("near",),
    "farthest": ("rail",),
    "within": ("rail",),
    "opened": ("rail", "earlier"),
    "kinds": ("role",),
    "balance": ("both",),
    "magnets": ("both", "flows"),
    "demand": ("both", "flows"),
}
