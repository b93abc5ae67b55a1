"""The findings of a brief, each one sentence computed from the data."""

from __future__ import annotations

from math import isfinite, isnan
from typing import Any

from papers.brief_numbers import share_under
from papers.lineage_panel import lineage_rows
from papers.solved import Solved
from papers.words import Lang, count, edge, say, signed, told
from spatial.findings import Finding
from spatial.steps import VERDICTS

__all__ = ["findings_of"]


def findings_of(found: Solved, *, lang: Lang) -> list[str]:
    """What can be said, the warning of a break first; what the study lacks is left out."""
    said = [*_warning(found, lang), *_people(found, lang)]
    if found.findings is not None:
        four = found.findings
        said += [
            _finding(one, lang) for one in (four.dispersing, four.outward, four.rises, four.falls)
        ]
    said += [*_changes(found, lang), *_commute(found, lang), *_rents(found, lang)]
    return said


def _warning(found: Solved, lang: Lang) -> list[str]:
    if not found.reasons:
        return []
    reason = " ".join(say(one.reason, lang) for one in found.reasons)
    first, year = found.comparison.first, found.comparison.second
    return [told("not comparable", lang, first=first, year=year, reason=reason)]


def _people(found: Solved, lang: Lang) -> list[str]:
    first, year = found.comparison.first, found.comparison.second
    (before, places_before), (after, places) = found.answers[first], found.answers[year]
    old, new = float(before["graduates"].sum()), float(after["graduates"].sum())
    change = signed(100 * (new / old - 1), "%") if old else "–"
    said = [
        told("find total", lang, before=count(old, lang), after=count(new, lang), change=change)
    ]
    table = places.table
    if table.empty:
        return [*said, told("find places none", lang, year=year)]
    top = table.loc[table["graduates"].idxmax()]
    return [
        *said,
        told(
            "find places",
            lang,
            first=first,
            year=year,
            places=len(table),
            share=f"{float(table['share'].sum()):.0%}",
            name=(top["name"] if lang == "zh" else top["name_en"]) or top["name"],
            count=count(float(top["graduates"]), lang),
            places_before=len(places_before.table),
            share_before=f"{float(places_before.table['share'].sum()):.0%}",
        ),
    ]


def _finding(one: Finding, lang: Lang) -> str:
    digits = 3 if one.indicator == "gini" else 1
    if isnan(one.change):
        interval = ""
    elif isfinite(one.low) and isfinite(one.high):
        interval = told(
            "interval",
            lang,
            change=signed(one.change, digits=digits),
            low=signed(one.low, digits=digits),
            high=signed(one.high, digits=digits),
        )
    else:
        interval = told("interval none", lang, change=signed(one.change, digits=digits))
    sector = told(f"sector {one.sector}", lang) if one.sector else ""
    return told(
        f"find {one.asked} {one.verdict}",
        lang,
        sector=sector,
        before=f"{one.before:.{digits}f}",
        after=f"{one.after:.{digits}f}",
        interval=interval,
    )


def _changes(found: Solved, lang: Lang) -> list[str]:
    changed = found.changed
    beyond = ~changed["noise"]
    cells = told(
        "find cells",
        lang,
        all=count(len(changed), lang),
        more=count(int((beyond & (changed["excess"] > 0)).sum()), lang),
        fewer=count(int((beyond & (changed["excess"] < 0)).sum()), lang),
    )
    verdicts = [row["verdict"] for row in lineage_rows(found.lineages, found.comparison)]
    if not verdicts:
        return [cells]
    told_each = [
        told(
            "verdict count",
            lang,
            verdict=told(f"verdict {verdict}", lang),
            number=verdicts.count(verdict),
        )
        for verdict in VERDICTS
        if verdict in verdicts
    ]
    joined = told("comma", lang).join(told_each)
    years = len(found.answers)
    return [
        told("find lineage", lang, years=years, lineages=len(verdicts), verdicts=joined),
        cells,
    ]


def _commute(found: Solved, lang: Lang) -> list[str]:
    if found.commute is None:
        return []
    year = found.comparison.second
    known: dict[str, dict[str, Any]] = {
        str(name): dict(row) for name, row in found.commute.indicators.iterrows()
    }
    if not found.commute.observed:
        low, high = (known[name]["value"] for name in ("separation_km", "maximum_km"))
        if isnan(low) or isnan(high):
            return []
        return [told("find bounds", lang, year=year, low=f"{low:.1f}", high=f"{high:.1f}")]
    mean = known["mean_distance_km"]
    if isnan(mean["value"]):
        return []
    soon, interval = float(known["share_within_45min"]["value"]), ""
    if isfinite(mean["low"]):
        between = f"{mean['low']:.1f}–{mean['high']:.1f}"
        interval = f"（95% 区间 {between}）" if lang == "zh" else f" (95% interval {between})"
    minutes = "" if isnan(soon) else told("find commute minutes", lang, share=f"{soon:.0%}")
    km = f"{mean['value']:.1f}"
    return [told("find commute", lang, year=year, km=km, interval=interval, minutes=minutes)]


def _rents(found: Solved, lang: Lang) -> list[str]:
    edges = found.study.info.rent_edges
    if found.rents is None or not edges:
        return []
    limit = edges[len(edges) // 2]
    share = share_under(found, limit)
    if isnan(share):
        return []
    unit = told("unit rent", lang, currency=say(found.study.info.currency, lang))
    key = "find rents" if found.comparison.role == "residence" else "find rents work"
    year = found.comparison.second
    shown = f"{limit:g}" if lang == "zh" and limit < 10_000 else edge(limit, "zh")
    if lang == "en":
        shown = f"{limit:,.0f}".replace(",", "\u202f")
    return [told(key, lang, year=year, share=f"{share:.0%}", edge=shown, unit=unit.strip())]
