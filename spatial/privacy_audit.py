"""What a study tells of those it hides: their number by series, and nothing finer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from spatial.info import StudyInfo
from spatial.privacy_counts import HiddenPeople

__all__ = ["SUPPRESSED", "hides", "with_hidden"]

SUPPRESSED: Final = "suppressed"
"""Where an audit entry tells people and cells hidden, by column."""

_ROLES: Final = {"residence": "居住", "work": "就业", "flows": "通勤"}  # others count no people
_HIDDEN: Final = "hidden: counts under "
_YEAR: Final = re.compile(r"\b(19|20|21)\d\d\b")


def with_hidden(
    info: StudyInfo, hidden: Sequence[HiddenPeople], totals: Mapping[tuple[str, int, str], float]
) -> StudyInfo:
    """
    The info with an audit and a note that tell of the hidden.

    People in stay as they were, those hidden are dropped for being under the threshold. Where
    their number may not be told, they were not counted in. Reasons with fewer people than the
    threshold go likewise, and so do notes with figures.

    Parameters
    ----------
    info
        With its threshold.
    hidden
        What was hidden by series.
    totals
        People shown by role, year and column (graduates or base), for series without an entry.
    """
    series = sorted({(one.role, one.year) for one in hidden})
    entries = []
    for entry in info.audit:
        key = (entry.get("role"), entry.get("year"))
        mine = [one for one in hidden if (one.role, one.year) == key]
        if key in series:
            series.remove(key)
        if entry.get("role") in _ROLES and isinstance(entry.get("people_in"), int | float):
            entries.append(_told(entry, mine, info.threshold))
        else:
            entries.append(entry)
    for role, year in series:
        mine = [one for one in hidden if (one.role, one.year) == (role, year)]
        entries.append(_told(_made(mine, totals), mine, info.threshold))
    told = replace(info, audit=tuple(entries))
    return replace(told, notes=info.notes | {"suppression": _words(told)})


def _made(mine: Sequence[HiddenPeople], totals: Mapping[tuple[str, int, str], float]) -> Any:  # noqa: ANN401
    """An entry as a load would have made it."""
    role, year = mine[0].role, mine[0].year
    on_map = _sum(mine, of_base=False) + totals.get((role, year, "graduates"), 0.0)
    made = {"role": role, "year": year, "people_in": on_map, "on_map": on_map}
    made |= {"dropped": {}, "notes": []}
    if any(one.column == "base" for one in mine):
        base = _sum(mine, of_base=True) + totals.get((role, year, "base"), 0.0)
        made["base"] = {"people_in": base, "on_map": base, "dropped": {}, "notes": []}
    return made


def _told(entry: Mapping[str, Any], mine: Sequence[HiddenPeople], threshold: int) -> dict[str, Any]:
    """An entry after these were hidden."""
    told = _balance(entry, [one for one in mine if one.column != "base"], threshold)
    if isinstance(entry.get("base"), Mapping):
        told["base"] = _balance(
            entry["base"], [one for one in mine if one.column == "base"], threshold
        )
    if columns := {
        one.column: {"people": one.people, "cells": one.cells} for one in mine if one.told
    }:
        told[SUPPRESSED] = {**entry.get(SUPPRESSED, {}), **columns}
    return told


def _balance(
    entry: Mapping[str, Any], mine: Sequence[HiddenPeople], threshold: int
) -> dict[str, Any]:
    """People in = on the map + dropped, in numbers that may be told."""
    hidden, untold = _sum(mine), _sum(mine, told=False)
    reasons = dict(entry.get("dropped", {}))
    small = {reason for reason, people in reasons.items() if 0 < people < threshold}
    untold += sum(reasons[reason] for reason in small)
    dropped = {reason: people for reason, people in reasons.items() if reason not in small}
    if sure := hidden - _sum(mine, told=False):
        reason = _reason(threshold)
        dropped[reason] = dropped.get(reason, 0.0) + sure
    notes = [one for one in entry.get("notes", []) if not re.search(r"\d", _YEAR.sub("", one))]
    return {
        **entry,
        "people_in": entry["people_in"] - untold,
        "on_map": entry["on_map"] - hidden,
        "dropped": dropped,
        "notes": notes,
    }


def hides(reason: str) -> bool:
    """Whether people were dropped for this reason because of a threshold."""
    return reason.startswith(_HIDDEN)


def _reason(threshold: int) -> str:
    return f"{_HIDDEN}{threshold}"


def _sum(
    mine: Sequence[HiddenPeople], *, told: bool | None = None, of_base: bool | None = None
) -> float:
    return sum(
        one.people
        for one in mine
        if told in (None, one.told) and of_base in (None, one.column == "base")
    )


def _words(info: StudyInfo) -> dict[str, str]:
    """The sentence that a screen shows of a study with a threshold."""
    reason = _reason(info.threshold)
    parts: dict[str, list[str]] = {"en": [], "zh": []}
    for entry in info.audit:
        people = entry.get("dropped", {}).get(reason, 0)
        if people and entry.get("role") in _ROLES:
            role, year = entry["role"], entry["year"]
            parts["en"].append(f"{role} {year} {people:,.0f}")
            parts["zh"].append(f"{year}年{_ROLES[role]}{people:,.0f}人")
    en = (
        f"Counts under {info.threshold} are hidden before anything else is computed: such a cell"
        " looks empty, and every sum is over what is shown."
    )
    zh = f"小于{info.threshold}的数值已隐去，先于一切计算：此类网格视同为空，各项合计仅含所示数值。"
    if parts["en"]:
        en += f" People hidden: {', '.join(parts['en'])}."
        zh += f"隐去人数：{'，'.join(parts['zh'])}。"
    return {"en": en, "zh": zh}
