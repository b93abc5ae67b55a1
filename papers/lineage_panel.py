"""Places through the years as a table: each with its most telling verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from papers.stories import story_sentence, trend_line
from papers.words import Lang, count, say, signed, told
from spatial.lineage import Lineages
from spatial.places import Places, outline
from spatial.reasons import Reason
from spatial.story import story
from spatial.two_years import Comparison

__all__ = ["lineage_bounds", "lineage_note", "lineage_panel", "lineage_rows", "lineage_story"]

_EVENTS: Final = ("appeared", "vanished", "split", "merged", "moved")
_ORDER: Final = (*_EVENTS, "grew", "shrank", "steady")


def lineage_rows(found: Lineages, asked: Comparison) -> list[dict[str, Any]]:
    """
    Each lineage with its most telling verdict, on one footprint through the years.

    Whether it grew or shrank is told of the first and the last year together, as are the numbers
    beside it: what loses a little every year is steady in each step, and smaller in the end.

    Returns
    -------
    list of dict
        id, verdict, name, name_en, before and after (graduates of the two years), overlap (the
        least of its steps where it grew, shrank or was steady), to_year, moved_km, and `with`,
        the names of the other lineage of a split or merger; what appeared or vanished comes
        first, then the largest.
    """
    events, years = found.events, found.years
    fixed: dict[Any, float] = years.set_index(["lineage", "year"])["graduates_fixed"].to_dict()
    named: dict[Any, Any] = years.drop_duplicates("lineage").set_index("lineage").to_dict("index")
    spans = dict(zip(found.spans["lineage"], found.spans["verdict"], strict=True))
    rows = []
    for lineage, group in events.groupby("lineage", sort=False):
        verdict = min(group["verdict"], key=_ORDER.index)
        telling = group[group["verdict"] == verdict].iloc[-1]
        if verdict not in _EVENTS:
            verdict = spans[lineage]
            telling = group.iloc[int(group["overlap"].argmin())]
        rows.append(
            {
                "id": str(lineage),
                "verdict": str(verdict),
                "name": str(named[lineage]["name"]),
                "name_en": str(named[lineage]["name_en"]),
                "before": float(fixed[lineage, asked.first]),
                "after": float(fixed[lineage, asked.second]),
                "overlap": float(telling["overlap"]),
                "to_year": int(telling["to_year"]),
                "with": named.get(telling["with_lineage"]),
                "moved_km": float(telling["moved_km"]),
            }
        )
    return sorted(
        rows, key=lambda one: (_ORDER.index(one["verdict"]), -max(one["before"], one["after"]))
    )


def lineage_panel(
    found: Lineages,
    asked: Comparison,
    *,
    reasons: Sequence[Reason],
    lang: Lang,
    chosen: str = "",
) -> dict[str, Any]:
    """The table of places through the years, the story of the chosen one, and warnings."""
    rows = [
        {
            "id": one["id"],
            "verdict": one["verdict"],
            "word": told(f"verdict {one['verdict']}", lang),
            "name": _name(one, lang),
            "cells": [
                count(round(one["before"]), lang),
                count(round(one["after"]), lang),
                signed(100 * (one["after"] / one["before"] - 1), "%") if one["before"] > 0 else "–",
                _detail(one, lang),
            ],
        }
        for one in lineage_rows(found, asked)
    ]
    columns = ["", told("column place", lang), str(asked.first), str(asked.second)]
    return {
        "title": told("head lineage", lang),
        "columns": [*columns, told("column change", lang), told("column became", lang)],
        "rows": rows,
        "chosen": chosen,
        "story": lineage_story(found, chosen, lang=lang),
        "warning": " ".join(say(one.reason, lang) for one in reasons),
        "note": lineage_note(asked, lang=lang),
        "empty": told("lineage none", lang),
    }


def lineage_note(asked: Comparison, *, lang: Lang) -> str:
    """What verdicts are told against, where it is not the count that stands beside them."""
    return "" if asked.against == "before" else told("against share", lang)


def lineage_story(found: Lineages, lineage: str, *, lang: Lang) -> str:
    """One lineage through the years, and what so few can prove; empty where there is none."""
    if lineage not in set(found.years["lineage"]):
        return ""
    one = story(found, lineage)
    return f"{story_sentence(one, lang)} {trend_line(one, lang)}"


def lineage_bounds(
    found: Lineages, lineage: str, places: Mapping[int, Places]
) -> dict[str, Any] | None:
    """Where a lineage lies, in the last year it was shown; None where it never was."""
    rows = found.years[(found.years["lineage"] == lineage) & found.years["shown"]]
    if rows.empty:
        return None
    last = rows.iloc[-1]
    member = places[int(last["year"])].member
    held = member.index[member == last["place"]].to_numpy()
    if not len(held):
        return None
    west, south, east, north = outline(held).bounds
    return {"key": lineage, "bounds": [[south, west], [north, east]]}


def _detail(one: dict[str, Any], lang: Lang) -> str:
    """The number or name that a verdict rests on."""
    year, other = one["to_year"], one["with"]
    if one["verdict"] == "appeared":
        return told("since", lang, year=year)
    if one["verdict"] == "vanished":
        return told("gone", lang, year=year)
    if one["verdict"] == "moved":
        return told("moved km", lang, km=f"{one['moved_km']:.1f}", year=year)
    if one["verdict"] in ("split", "merged") and other:
        key = "split from" if one["verdict"] == "split" else "merged into"
        return told(key, lang, place=_name(other, lang), year=year)
    return told("overlap", lang, overlap=f"{one['overlap']:.2f}")


def _name(one: Mapping[Any, Any], lang: Lang) -> str:
    return str((one["name"] if lang == "zh" else one["name_en"]) or one["name"])
