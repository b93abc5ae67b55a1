"""What happened between two years, in sentences: the city's drift and one place's lineage."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spatial.findings import Finding, Findings
from spatial.story import Chapter, Story
from views.query import Query
from views.text import Translate, count_text
from views.words import marked

__all__ = [
    "SECTOR_WORDS",
    "VERDICT_WORDS",
    "cell_words",
    "drift_sentence",
    "story_sentence",
    "trend_line",
]

SECTOR_WORDS = {
    "N": marked("north"),
    "NE": marked("north-east"),
    "E": marked("east"),
    "SE": marked("south-east"),
    "S": marked("south"),
    "SW": marked("south-west"),
    "W": marked("west"),
    "NW": marked("north-west"),
}

VERDICT_WORDS = {
    "appeared": marked("appeared"),
    "grew": marked("grew"),
    "steady": marked("steady"),
    "shrank": marked("shrank"),
    "moved": marked("moved"),
    "split": marked("split off"),
    "merged": marked("merged"),
    "vanished": marked("vanished"),
}


def drift_sentence(query: Query, found: Findings, tr: Translate) -> str:
    """Dispersing? Outward? Which sector rises, which falls? Only what stands beyond noise."""
    parts = [*_spread(found, tr), *_sectors(found, tr)]
    who = tr("graduates' jobs") if query.role == "work" else tr("graduates' homes")
    if not parts:
        text = tr("From {first} to {last}, {who} kept their shape: no change stands beyond noise.")
        return text.format(first=found.first, last=found.last, who=who)
    return tr("From {first} to {last}, {who} {changes}.").format(
        first=found.first, last=found.last, who=who, changes=tr(", ").join(parts)
    )


def _spread(found: Findings, tr: Translate) -> list[str]:
    parts = []
    if (turned := _turned(found.dispersing, lower_is_yes=True)) is not None:
        parts.append(tr("dispersed") if turned else tr("concentrated"))
    if (turned := _turned(found.outward, lower_is_yes=False)) is not None:
        text = tr("moved outward by {km} km") if turned else tr("moved inward by {km} km")
        parts.append(text.format(km=f"{abs(found.outward.change):.1f}"))
    return parts


def _turned(one: Finding, *, lower_is_yes: bool) -> bool | None:
    """Whether the change is the one asked for, or its opposite; None where it is not clear."""
    if one.low <= 0 <= one.high or one.low != one.low:
        return None
    return (one.change < 0) == lower_is_yes


def _sectors(found: Findings, tr: Translate) -> list[str]:
    parts = []
    for one, text in (
        (found.rises, tr("rose by {points} points in the {sector}")),
        (found.falls, tr("fell by {points} points in the {sector}")),
    ):
        if one.verdict == "yes" and one.sector:
            sector = tr(SECTOR_WORDS[one.sector])
            parts.append(text.format(points=f"{abs(one.change):.1f}", sector=sector))
    return parts


def story_sentence(query: Query, told: Story, tr: Translate) -> str:
    """One lineage from its first year to its last."""
    name = told.name if query.lang == "zh" else told.name_en
    events = [_chapter(query, one, tr) for one in told.events]
    if not events:
        text = tr("{name} held steady: {before} in {first}, {after} in {last}.")
        return text.format(
            name=name,
            before=count_text(told.graduates[0], query.lang),
            after=count_text(told.graduates[-1], query.lang),
            first=told.years[0],
            last=told.years[-1],
        )
    return tr("{name}: {events}.").format(name=name, events=tr("; ").join(events))


def _chapter(query: Query, one: Chapter, tr: Translate) -> str:
    other = one.other_name if query.lang == "zh" else one.other_name_en
    text = {
        "appeared": tr("appeared by {year} with {after}"),
        "grew": tr("grew by {percent} to {after} by {year}"),
        "shrank": tr("shrank by {percent} to {after} by {year}"),
        "moved": tr("moved {km} km by {year}"),
        "split": tr("split off from {other} by {year}"),
        "merged": tr("merged into {other} by {year}"),
        "vanished": tr("vanished by {year}, from {before}"),
    }[one.verdict]
    percent = "" if one.percent is None else f"{abs(one.percent):.0f}%"
    return text.format(
        year=one.to_year,
        before=count_text(one.before, query.lang),
        after=count_text(one.after, query.lang),
        percent=percent,
        km=f"{one.moved_km:.1f}",
        other=other,
    )


def trend_line(told: Story, tr: Translate) -> str:
    """What so few years can prove."""
    few = tr(
        "Shown in {shown} of {years} years; a trend over {years} years could reach p = {p} at"
        " best, so none is claimed."
    )
    many = tr("Shown in {shown} of {years} years; trends are tested (p = {p} at best).")
    return (many if told.proof.enough else few).format(
        shown=len(told.shown), years=len(told.years), p=f"{told.proof.smallest_p:.3g}"
    )


_EMERGING = {
    "new": marked("new hotspot"),
    "consecutive": marked("consecutive hotspot"),
    "intensifying": marked("intensifying hotspot"),
    "persistent": marked("persistent hotspot"),
    "diminishing": marked("diminishing hotspot"),
    "sporadic": marked("sporadic hotspot"),
    "oscillating": marked("oscillating hotspot"),
    "historical": marked("historical hotspot"),
}


def cell_words(table: pd.DataFrame, tr: Translate) -> list[str]:
    """
    What may be said of each cell over the years, in its tooltip.

    Below eight years only what was seen is said, and that nothing is tested.
    """
    columns = ["slices", "hot", "word", "since", "until", "emerging", "of", "smallest_p"]
    keys = table[columns].astype({"since": object, "until": object})
    told: dict[tuple[object, ...], str] = {}
    found = []
    for row in keys.itertuples(index=False, name=None):
        if row not in told:
            told[row] = _cell_word(dict(zip(columns, row, strict=True)), tr)
        found.append(told[row])
    return found


def _cell_word(row: dict[str, Any], tr: Translate) -> str:
    if not row["hot"]:
        return ""
    text = tr("hot in {hot} of {years} years").format(hot=row["hot"], years=row["slices"])
    if row["emerging"] in _EMERGING and row["of"] == "hot":
        return f"{text} · {tr(_EMERGING[row['emerging']])}"
    if row["word"] == "new":
        new = tr("new since {year}, not testable (p = {p} at best)")
        best = f"{row['smallest_p']:.2g}"
        return f"{text} · {new.format(year=row['since'], p=best)}"
    if row["word"] == "former":
        return f"{text} · {tr('was hot until {year}').format(year=row['until'])}"
    return text
