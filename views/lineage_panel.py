"""Places through the years as the compare page lists them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spatial.places import outline
from spatial.reasons import Reason
from spatial.story import story
from views.answers import answer
from views.comparisons import lineages
from views.query import Query
from views.stories import VERDICT_WORDS, story_sentence, trend_line
from views.text import Translate, count_text, say

__all__ = ["chosen_bounds", "lineage_panel"]

_ORDER = ("appeared", "vanished", "split", "merged", "moved", "grew", "shrank", "steady")


def lineage_panel(query: Query, tr: Translate, reasons: list[Reason]) -> dict[str, Any]:
    """The table of places through the years, the story of the chosen one, and warnings."""
    found = lineages(query)
    table = _last_events(query)
    rows = [
        {
            "id": one["lineage"],
            "verdict": one["verdict"],
            "word": tr(VERDICT_WORDS[one["verdict"]]),
            "name": one["name"] if query.lang == "zh" else one["name_en"],
            "cells": [
                _amount(one["before"], query),
                _amount(one["after"], query),
                _percent(one["before"], one["after"]),
                _detail(one, query, tr),
            ],
        }
        for one in table
    ]
    told = ""
    known = set(found.years["lineage"])
    if query.lineage in known:
        one_story = story(found, query.lineage)
        told = story_sentence(query, one_story, tr) + " " + trend_line(one_story, tr)
    return {
        "title": tr("Places through the years"),
        "columns": [
            "",
            tr("Place"),
            str(query.first),
            str(query.year),
            tr("Change"),
            tr("What happened"),
        ],
        "rows": rows,
        "chosen": query.lineage,
        "story": told,
        "warning": " ".join(say(one.reason, query.lang) for one in reasons),
        "empty": tr("No place was found in either year."),
    }


def _last_events(query: Query) -> list[dict[str, Any]]:
    """Each lineage with its most telling verdict, on one footprint through the years."""
    found = lineages(query)
    events, years = found.events, found.years
    fixed: dict[Any, float] = years.set_index(["lineage", "year"])["graduates_fixed"].to_dict()
    named: dict[Any, Any] = years.drop_duplicates("lineage").set_index("lineage").to_dict("index")
    rank = {verdict: at for at, verdict in enumerate(_ORDER)}
    rows = []
    for lineage, group in events.groupby("lineage", sort=False):
        verdict = min(group["verdict"], key=lambda one: rank[one])
        telling = group[group["verdict"] == verdict].iloc[-1]
        rows.append(
            {
                "lineage": str(lineage),
                "verdict": str(verdict),
                "name": str(named[lineage]["name"]),
                "name_en": str(named[lineage]["name_en"]),
                "before": float(fixed[lineage, query.first]),
                "after": float(fixed[lineage, query.year]),
                "overlap": float(telling["overlap"]),
                "to_year": int(telling["to_year"]),
                "with": named.get(telling["with_lineage"]),
                "moved_km": float(telling["moved_km"]),
            }
        )
    return sorted(rows, key=lambda one: (rank[one["verdict"]], -max(one["before"], one["after"])))


def _detail(one: dict[str, Any], query: Query, tr: Translate) -> str:
    """The number or name that a verdict rests on."""
    year, other = one["to_year"], one["with"]
    if one["verdict"] == "appeared":
        return tr("since {year}").format(year=year)
    if one["verdict"] == "vanished":
        return tr("gone by {year}").format(year=year)
    if one["verdict"] == "moved":
        return tr("{km} km, {year}").format(km=f"{one['moved_km']:.1f}", year=year)
    if one["verdict"] in ("split", "merged") and other:
        text = (
            tr("from {place}, {year}") if one["verdict"] == "split" else tr("into {place}, {year}")
        )
        return text.format(place=other["name" if query.lang == "zh" else "name_en"], year=year)
    return tr("overlap {overlap}").format(overlap=f"{one['overlap']:.2f}")


def _amount(value: float, query: Query) -> str:
    return count_text(round(value), query.lang)


def _percent(before: float, after: float) -> str:
    if before <= 0:
        return "–"
    return f"{after / before - 1:+.1%}".replace("-", "−")


def chosen_bounds(query: Query) -> dict[str, Any] | None:
    """Where the chosen lineage lies, in the last year it was shown."""
    if not query.lineage:
        return None
    found = lineages(query)
    rows = found.years[(found.years["lineage"] == query.lineage) & found.years["shown"]]
    if rows.empty:
        return None
    last = rows.iloc[-1]
    places = answer(replace(query, year=int(last["year"]))).places
    held = places.member.index[places.member == last["place"]].to_numpy()
    if not len(held):
        return None
    west, south, east, north = outline(held).bounds
    return {"key": query.lineage, "bounds": [[south, west], [north, east]]}
