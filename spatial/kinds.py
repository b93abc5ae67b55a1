"""
Kinds of place: why people live there, and how large a place of work is.

The rules are ours, written down and meant to be changed: a published finding names the kinds of
residential pocket (campus edge, end of a line, near the magnets, large estate, fringe) and gives
no thresholds. A place can be several; it is called by the first rule that fires, and all that
fire are told with their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from spatial.place_measures import home_measures, work_measures
from spatial.places import Places
from spatial.question import QuestionError
from spatial.rail import Network
from spatial.schema import Role
from spatial.study import Study

__all__ = ["HOME_KINDS", "WORK_KINDS", "Fired", "HomeKind", "KindRules", "kinds_of"]

Row = dict[Hashable, Any]

HomeKind = Literal["campus_edge", "large_estate", "end_of_line", "near_magnets", "fringe"]
"""Kinds of residence places."""
HOME_KINDS: Final[tuple[HomeKind, ...]] = get_args(HomeKind)
"""Every kind of residence place."""
WORK_KINDS: Final = ("centre", "node", "small")
"""Every kind of work place."""

_OTHER: Final = "other"


@dataclass(frozen=True, kw_only=True)
class KindRules:
    """
    Where one kind of place ends and the next begins.

    Parameters
    ----------
    order
        Which rule speaks first: the narrowest reason before the widest.
    campus_km
        Campus edge: a campus lies this near to the place's peak.
    end_stations, end_walk_m
        End of line: the peak's nearest station is this many stops or fewer from the end of a
        line, and no farther than this, metres in a straight line.
    estate_density_ratio
        Large estate: the core holds at least this many times the graduates per km2 of the
        middle one of the places asked about. A ratio, for a count of signals and one of a
        register differ in how many they see.
    estate_kinds
        Or: the study's gazetteer names the place and calls it so.
    magnet_minutes, magnet_km
        Near the magnets, which are the places of work that are centres or nodes: this many
        modelled minutes or fewer from door to door; kilometres where the study has no rail.
    fringe_share
        Fringe: at least this share of the base (of graduates, without a base) lives nearer to
        the study's centre.
    fringe_density_ratio
        Or: the place's base per km2 is at most this part of what the middle resident lives at.
    centre_share, node_share
        Places of work with at least this share of all graduates at work are centres, nodes.
    mix_lead
        A place leans to jobs when its share of graduates at work is this many times its share
        of those at home, and to homes the other way round.

    Raises
    ------
    QuestionError
        When a number is negative or not finite, or `order` is not the five kinds.
    """

    order: tuple[HomeKind, ...] = HOME_KINDS
    campus_km: float = 1.0
    end_stations: int = 2
    end_walk_m: float = 1500.0
    estate_density_ratio: float = 1.3
    estate_kinds: tuple[str, ...] = ("estate",)
    magnet_minutes: float = 30.0
    magnet_km: float = 5.0
    fringe_share: float = 0.5
    fringe_density_ratio: float = 0.25
    centre_share: float = 0.06
    node_share: float = 0.015
    mix_lead: float = 2.0

    def __post_init__(self) -> None:
        faults = []
        for name in (one.name for one in fields(self)):
            value = getattr(self, name)
            if isinstance(value, int | float) and not (isfinite(value) and value >= 0):
                faults.append(f"{name} must be 0 or more, found {value}")
        if sorted(self.order) != sorted(HOME_KINDS):
            kinds = ", ".join(HOME_KINDS)
            faults.append(f"order must hold {kinds}, each once, found {', '.join(self.order)}")
        if faults:
            raise QuestionError("; ".join(faults))


@dataclass(frozen=True)
class Fired:
    """
    A rule that fired for a place, and the number that made it.

    Parameters
    ----------
    rule
        The kind it stands for.
    measure, value, limit
        What was measured, and what it was held against; `value` is NaN where a word decided.
    name, name_en
        Of the campus, station or place of work it is about; empty where about none.
    """

    rule: str
    measure: str
    value: float
    limit: float
    name: str = ""
    name_en: str = ""


def kinds_of(
    study: Study,
    places: Places,
    *,
    role: Role,
    year: int,
    network: Network | None,
    work: Places | None = None,
    rules: KindRules | None = None,
) -> pd.DataFrame:
    """
    Kind of each place, and the rules that fired.

    Parameters
    ----------
    study, places, role, year
        Places of that role and year of the study, named.
    network
        The rail of the year; None where there is none.
    work
        Places of work of the year, for the magnets of homes.
    rules
        None stands for the defaults.

    Returns
    -------
    pandas.DataFrame
        Index id. kind: of homes one of HOME_KINDS or "other", of work one of WORK_KINDS; mix:
        "jobs", "homes", "both", or "unknown" where only one role is counted; fired: a tuple of
        `Fired`, the one that gave the kind first; missing: a tuple of rules that could not be
        tried for want of a layer. Then what was measured, NaN where unknown: see
        `place_measures`.
    """
    rules = rules or KindRules()
    if role == "work":
        measured = work_measures(places)
        rows = measured.to_dict("records")
        fired = [_fired_work(row, rules) for row in rows]
        kind = [one[0].rule for one in fired]
        missing: list[tuple[str, ...]] = [()] * len(measured)
    else:
        measured = home_measures(
            study, places, year=year, network=network, work=work, magnet_share=rules.node_share
        )
        rows = measured.to_dict("records")
        fired = [_fired_home(row, rules) for row in rows]
        kind = [one[0].rule if one else _OTHER for one in fired]
        missing = [_untried(row) for row in rows]
    told = pd.DataFrame(index=measured.index)
    told["kind"] = pd.array(kind, dtype="str")
    told["mix"] = pd.array([_mix(row["jobs_to_homes"], rules) for row in rows], dtype="str")
    told["fired"] = pd.Series(fired, index=measured.index, dtype=object)
    told["missing"] = pd.Series(missing, index=measured.index, dtype=object)
    return pd.concat([told, measured], axis=1)


def _fired_home(row: Row, rules: KindRules) -> tuple[Fired, ...]:
    found = (_TRIED[kind](row, rules) for kind in rules.order)
    return tuple(one for one in found if one is not None)


def _fired_work(row: Row, rules: KindRules) -> tuple[Fired, ...]:
    """The size, then the mix where one side leads."""
    share, lead = float(row["share"]), float(row["jobs_to_homes"])
    size, limit = "small", rules.node_share
    for rule, least in (("centre", rules.centre_share), ("node", rules.node_share)):
        if share >= least:
            size, limit = rule, least
            break
    found = [Fired(size, "share", share, limit)]
    mix = _mix(lead, rules)
    if mix in ("jobs", "homes"):
        limit = rules.mix_lead if mix == "jobs" else 1 / rules.mix_lead
        found.append(Fired(mix, "jobs_to_homes", lead, limit))
    return tuple(found)


def _mix(jobs_to_homes: float, rules: KindRules) -> str:
    if np.isnan(jobs_to_homes):
        return "unknown"
    if jobs_to_homes >= rules.mix_lead:
        return "jobs"
    return "homes" if jobs_to_homes * rules.mix_lead <= 1 else "both"


def _untried(row: Row) -> tuple[str, ...]:
    """Rules for which the study has nothing to go by."""
    measures = {
        "campus_edge": ("campus_km",),
        "end_of_line": ("end_stations",),
        "large_estate": ("density_ratio",),
        "near_magnets": ("magnet_minutes", "magnet_km"),
        "fringe": ("nearer_share", "base_density_ratio"),
    }
    return tuple(
        rule for rule, known in measures.items() if all(np.isnan(row[one]) for one in known)
    )


def _campus(row: Row, rules: KindRules) -> Fired | None:
    km = row["campus_km"]
    if not km <= rules.campus_km:
        return None
    return Fired("campus_edge", "campus_km", km, rules.campus_km, row["campus"], row["campus_en"])


def _end(row: Row, rules: KindRules) -> Fired | None:
    if not (row["end_stations"] <= rules.end_stations and row["station_m"] <= rules.end_walk_m):
        return None
    limit = float(rules.end_stations)
    return Fired(
        "end_of_line", "end_stations", row["end_stations"], limit, row["end"], row["end_en"]
    )


def _estate(row: Row, rules: KindRules) -> Fired | None:
    if row["gazetteer_kind"] in rules.estate_kinds:
        return Fired("large_estate", "gazetteer", np.nan, np.nan, row["gazetteer_kind"])
    if not row["density_ratio"] >= rules.estate_density_ratio:
        return None
    return Fired("large_estate", "density_ratio", row["density_ratio"], rules.estate_density_ratio)


def _magnet(row: Row, rules: KindRules) -> Fired | None:
    by_time = np.isfinite(row["magnet_minutes"])
    measure = "magnet_minutes" if by_time else "magnet_km"
    value, limit = float(row[measure]), getattr(rules, measure)
    if not value <= limit:
        return None
    return Fired("near_magnets", measure, value, limit, row["magnet"], row["magnet_en"])


def _fringe(row: Row, rules: KindRules) -> Fired | None:
    if row["nearer_share"] >= rules.fringe_share:
        return Fired("fringe", "nearer_share", row["nearer_share"], rules.fringe_share)
    if row["base_density_ratio"] <= rules.fringe_density_ratio:
        limit = rules.fringe_density_ratio
        return Fired("fringe", "base_density_ratio", row["base_density_ratio"], limit)
    return None


_TRIED: Final[dict[HomeKind, Callable[[Row, KindRules], Fired | None]]] = {
    "campus_edge": _campus,
    "end_of_line": _end,
    "large_estate": _estate,
    "near_magnets": _magnet,
    "fringe": _fringe,
}
