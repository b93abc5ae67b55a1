"""Breaks: years that LODES counted in different ways, and what the difference is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from spatial.info import Break, Words
from spatial.sources.lodes.words import JOBS

__all__ = ["Entry", "breaks_of", "notes_of"]

Entry = Mapping[str, Any]
"""One entry of a study's audit."""

_SERIES: Final = ("residence", "work", "flows")
_ZH: Final = {"residence": "居住地", "work": "就业地", "flows": "通勤"}
_KEYS: Final = (
    ("column", "计数列", "column counted"),
    ("placed by", "定位方式", "blocks placed by"),
)


def breaks_of(audit: Sequence[Entry]) -> tuple[Break, ...]:
    """
    Breaks between successive years that LODES counted in different ways.

    Within a series, blocks of another census, another job type, other states, another column,
    places found in another way or another source make one; the reason names all that apply.
    Between years without a series in common, blocks and job type do, for all graduates.
    """
    found = []
    for series in _SERIES:
        years = {one["year"]: one for one in audit if one.get("role") == series and "year" in one}
        for after, before in pairwise(sorted(years)):
            if reasons := _differences(years[after], years[before]):
                found.append(Break(after, before, series, _sentence(after, before, reasons)))
    by_year = _by_year(audit)
    for after, before in pairwise(sorted(by_year)):
        first, second = by_year[after], by_year[before]
        if {one["role"] for one in first}.isdisjoint(one["role"] for one in second) and (
            reasons := _ways(first[0], second[0])
        ):
            found.append(Break(after, before, "graduates", _sentence(after, before, reasons)))
    return tuple(found)


def notes_of(audit: Sequence[Entry]) -> dict[str, Words]:
    """Notes on years whose series LODES counted in different ways, by name."""
    notes = {}
    for year, entries in _by_year(audit).items():
        blocks = {f"{one['blocks']}": one["role"] for one in entries}
        if len(blocks) > 1:
            zh = "，".join(f"{_ZH[role]}按{census}年普查街区" for census, role in blocks.items())
            en = ", ".join(f"{role} by those of {census}" for census, role in blocks.items())
            notes[f"lodes_{year}"] = {
                "zh": f"{year}年{zh}计数，两者不可直接比较。",
                "en": f"{year} counts by census blocks, {en}: the two do not compare.",
            }
    return notes


def _by_year(audit: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Entries of LODES by year."""
    found: dict[int, list[Entry]] = {}
    for one in audit:
        if "lodes" in one:
            found.setdefault(one["year"], []).append(one)
    return found


def _differences(first: Entry, second: Entry) -> list[tuple[str, str]]:
    """What two years of a series do differently, in Chinese and English, {a} and {b} the years."""
    if "lodes" not in first and "lodes" not in second:
        return []
    if ("lodes" in first) != ("lodes" in second):
        a, b = (one.get("file") or one.get("method") or "?" for one in (first, second))
        return [(f"{{a}}年出自{a}，{{b}}年出自{b}", f"{{a}} comes from {a} and {{b}} from {b}")]
    found = _ways(first, second)
    if sorted(first["states"]) != sorted(second["states"]):
        a, b = (", ".join(sorted(one["states"])).upper() for one in (first, second))
        found.append((f"{{a}}年含{a}，{{b}}年含{b}", f"{{a}} covers {a} and {{b}} {b}"))
    for key, zh, en in _KEYS:
        if (a := first.get(key)) != (b := second.get(key)):
            found.append((f"{zh}：{{a}}年为{a}，{{b}}年为{b}", f"{en}: {a} in {{a}}, {b} in {{b}}"))
    return found


def _ways(first: Entry, second: Entry) -> list[tuple[str, str]]:
    """Blocks and job types that differ."""
    found = []
    if first["blocks"] != second["blocks"]:
        a, b = (f"{one['blocks']}" for one in (first, second))
        v, w = (f"LODES{one['lodes']}" for one in (first, second))
        zh = f"{{a}}年按{a}年普查街区计数（{v}），{{b}}年按{b}年普查街区计数（{w}）"
        en = f"{{a}} counts by census blocks of {a} ({v}) and {{b}} by those of {b} ({w})"
        found.append((zh, en))
    if first["job_type"] != second["job_type"]:
        one, other = JOBS[first["job_type"]], JOBS[second["job_type"]]
        zh = f"{{a}}年为{one['zh']}，{{b}}年为{other['zh']}"
        found.append((zh, f"{{a}} counts {one['en']} and {{b}} {other['en']}"))
    return found


def _sentence(after: int, before: int, reasons: Sequence[tuple[str, str]]) -> Words:
    zh, en = (
        mark.join(words).replace("{a}", str(after)).replace("{b}", str(before))
        for mark, words in zip(("；", "; "), zip(*reasons, strict=True), strict=True)
    )
    return {
        "zh": f"{zh}。两年不可直接比较。",
        "en": f"{en}: the two years do not compare.",
    }
