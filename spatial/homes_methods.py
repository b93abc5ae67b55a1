"""Methods of homes: how the numbers of each table were made, in sentences with their sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from spatial.homes import DRAWS, SEED, Homes
from spatial.homes_edges import BALANCE_LEAST
from spatial.homes_question import HomesKind

__all__ = ["method_of"]

_MODEL: Final = (
    "Minutes are modelled, not measured: the way on foot, the wait, the ride and the changes of a"
    " rail model, or the street alone where that is faster."
)
_QUOTIENT: Final = (
    "Location quotient: graduates over what the base leads one to expect at the rate of all cells"
    " with base; low and high by the exact Poisson interval (Garwood 1936); shrunk towards 1 by an"
    " empirical Bayes weight (Clayton and Kaldor 1987); q by Benjamini and Hochberg (1995); more"
    " or fewer where q <= {alpha:g}, of rows with 1 or more expected."
)
_PLACES: Final = (
    "Places: the {top} most prominent peaks of the smoothed graduates, each with its connected hot"
    " cells (Gi*, Ord and Getis 1995; neighbours within {k} step{s}; q <= {alpha:g})."
)
_RENT: Final = (
    "Rent: median of the {kind} listings of {year} in the cell, for each {per}, where there are"
    " {least} or more, else of those in the smallest disk of cells around it that holds {least},"
    " {rings} rings at most; else the mean of the zones it lies in, by area; else nothing. Its"
    " interval by order statistics."
)


def method_of(homes: Homes, kind: HomesKind) -> str:
    """How a table's numbers were made, with the source of each formula."""
    resolution = homes.question.resolution or homes.study.info.resolution
    cells = f"H3 resolution {resolution}, the whole study area."
    return f"{_METHODS[kind](homes)} {cells}" if kind != "within" else _METHODS[kind](homes)


def _quotient(homes: Homes) -> str:
    return _QUOTIENT.format(alpha=homes.question.alpha)


def _places(homes: Homes) -> str:
    asked = homes.question
    return _PLACES.format(top=asked.top, k=asked.k, s="s" * (asked.k > 1), alpha=asked.alpha)


def _rent(homes: Homes) -> str:
    table: Any = homes.rents
    return _RENT.format(**table.attrs)


def _drawn(draws: int) -> str:
    return (
        f"95 % interval from neighbourhoods drawn anew {draws} times, seed {SEED} (Davison and"
        " Hinkley 1997)."
    )


def _cells_of_quotient(homes: Homes) -> str:
    shown = "Shown: the shrunk quotient where it is more or fewer, 1 elsewhere."
    return f"{_quotient(homes)} {shown}"


def _slopes(homes: Homes) -> str:
    del homes
    return (
        "Slopes of graduates on base over cells: poisson by Poisson pseudo-likelihood with robust"
        " errors (Santos Silva and Tenreyro 2006), log_log by least squares of logarithms over"
        " cells that hold both, with robust errors. rent_rank: Spearman's rank correlation (1904)"
        f" of the quotient with the cell's rent. {_drawn(300)}"
    )


def _bands(homes: Homes) -> str:
    return (
        "Graduates at home and all residents by the rent band of their cell, of cells with a known"
        f" rent; a band holds its lower edge. {_quotient(homes)} {_rent(homes)}"
    )


def _pockets(homes: Homes) -> str:
    return (
        "Median rent of the listings in residential pockets (places whose share of all graduates'"
        " homes is at least twice their share of jobs) over that of all other listings."
        f" {_drawn(DRAWS)} {_places(homes)}"
    )


def _rent_areas(homes: Homes) -> str:
    return (
        "Median of the rents of a place's or district's cells, each cell counted by its graduates."
        f" {_rent(homes)} {_places(homes)}"
    )


def _pay(homes: Homes) -> str:
    own = f" Pay set: {_told(dict(homes.question.pay))}." if homes.question.pay else ""
    return (
        "Affordable is a rent of at most 20, 30 or 40 % of a month's pay: share of the listings,"
        f" and of graduates by the median rent of their cell.{own} {_rent(homes)}"
    )


def _walk(homes: Homes) -> str:
    return (
        "Straight lines from the centre of a cell to the nearest station that runs in the year, at"
        f" 80 m a minute; a walk is {homes.question.walk_m:g} m. To a campus its point or outline,"
        " to a place of work its nearest cell; near is within 1 km."
    )


def _access(homes: Homes) -> str:
    shown = "Shown: minutes of cells with graduates."
    lacking = homes.access.attrs["missing"]
    missing = f" Not known here: {', '.join(lacking)}." if lacking else ""
    return f"{_walk(homes)} {shown}{missing} {_places(homes)}"


def _farthest(homes: Homes) -> str:
    return (
        f"{_walk(homes)} The cells with most graduates times metres beyond the walk, of which"
        " 5 km from the station count at most."
    )


def _within(homes: Homes) -> str:
    return (
        f"Share of graduates within {homes.question.walk_m:g} m, in a straight line from their"
        " cell's centre, of a station of that very year; cells of the study's own resolution"
        f" {homes.study.info.resolution}."
    )


def _near(homes: Homes) -> str:
    return f"{_access(homes)} Every cell is in one combination of what is near (Lex et al. 2014)."


def _opened(homes: Homes) -> str:
    return (
        f"Stations that stand in {homes.question.year}, did not in {homes.study.years[0]}, and are"
        " the nearest of some graduates; mean straight lines from the centres of their cells of"
        f" the study's own resolution {homes.study.info.resolution}. Places of work and campuses"
        " have no part in it."
    )


def _kinds(homes: Homes) -> str:
    rules = ", ".join(
        f"{name} {_told(value)}" for name, value in asdict(homes.question.kind_rules()).items()
    )
    return (
        "Homes are called by the first rule that fires, of campus edge, large estate, end of a"
        " line, near the magnets and fringe; places of work by their share of all graduates at"
        " work. A published finding names such kinds and gives no thresholds; rules, ours:"
        f" {rules}. {_MODEL} {_places(homes)}"
    )


def _balance(homes: Homes) -> str:
    del homes
    return (
        "Balance: graduates at home less those at work, over both. Shown: balance of cells with"
        f" {BALANCE_LEAST} graduates or more."
    )


def _magnets(homes: Homes) -> str:
    return (
        "Graduates who go from each residence place to a place of work, by the flows of the year,"
        f" and the one that takes most. {_MODEL} {_places(homes)}"
    )


def _demand(homes: Homes) -> str:
    return (
        "Graduates who go from a residence place to a place of work, by the flows of the year, and"
        f" how many take longer than each limit. {_MODEL} {_places(homes)}"
    )


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(one)}" for name, one in value.items())
    if isinstance(value, tuple):
        return " ".join(map(_told, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


_METHODS: Final[dict[HomesKind, Callable[[Homes], str]]] = {
    "quotient": _cells_of_quotient,
    "quotient_areas": lambda homes: f"{_quotient(homes)} {_places(homes)}",
    "quotient_slopes": _slopes,
    "quotient_bands": _bands,
    "pockets": _pockets,
    "rent": _rent,
    "rent_areas": _rent_areas,
    "pay": _pay,
    "access": _access,
    "farthest": _farthest,
    "within": _within,
    "near": _near,
    "opened": _opened,
    "kinds": _kinds,
    "balance": _balance,
    "magnets": _magnets,
    "demand": _demand,
}
