"""The tables of a brief: indicators, places through the years, commute and rents."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite, isnan
from typing import Any, Final

import numpy as np

from layers.brief_parts import Table
from papers.lineage_panel import lineage_note, lineage_rows
from papers.solved import Solved
from papers.words import Lang, count, say, signed, told
from spatial.blocks import FEWEST
from spatial.commute_report import CommuteReport
from spatial.drift import change
from spatial.rent import rent_bands

__all__ = [
    "commute_table",
    "indicator_table",
    "lineage_table",
    "place_table_of",
    "rent_rows",
    "rent_table_of",
    "share_under",
]

_SHAPE: Final = ("gini", "distance_km", "major_km", "minor_km", "east_km", "north_km")
_COMMUTE: Final = (
    *("mean_distance_km", "median_distance_km", "share_within_5km", "commuting_radius_km"),
    *("separation_km", "maximum_km", "excess_share", "mean_minutes", "share_within_45min"),
    *("share_over_60min", "homes_near_rail", "rail_coverage_800m"),
)
_MOST_ROWS: Final = 14


def indicator_table(found: Solved, *, lang: Lang) -> Table:
    """Each indicator of shape in both years, its change and the interval of that."""
    first, year = found.comparison.first, found.comparison.second
    old, new = (float(found.answers[one][0]["graduates"].sum()) for one in (first, year))
    rows = [
        (
            told("indicator graduates", lang),
            count(old, lang),
            count(new, lang),
            signed(100 * (new / old - 1), "%") if old else "–",
            "–",
        )
    ]
    if found.drift is not None:
        rows += _shape_rows(found, lang)
    header = [
        told("column indicator", lang),
        str(first),
        str(year),
        told("column change", lang),
        told("column interval", lang),
    ]
    return Table(header, rows, left=1, weights=(3.4, 1.3, 1.3, 1.3, 2.2))


def _shape_rows(found: Solved, lang: Lang) -> list[tuple[str, str, str, str, str]]:
    shape = found.drift
    if shape is None:
        return []
    first, last = (
        shape.counted.index(one) for one in (found.comparison.first, found.comparison.second)
    )
    moved, drawn = change(shape.values, shape.draws, first=first, last=last)
    rows = []
    for name in _SHAPE:
        at = shape.indicators.index(name)
        before, after = shape.values[first, at], shape.values[last, at]
        if isnan(before) or isnan(after):
            continue
        digits = 3 if name == "gini" else 2
        between = "–"
        if shape.blocks >= FEWEST:
            low, high = np.quantile(drawn[:, at], [0.025, 0.975])
            between = f"{signed(low, digits=digits)} / {signed(high, digits=digits)}"
        rows.append(
            (
                told(f"indicator {name}", lang),
                f"{before:.{digits}f}".replace("-", "−"),
                f"{after:.{digits}f}".replace("-", "−"),
                signed(moved[at], digits=digits),
                between,
            )
        )
    return rows


def lineage_table(found: Solved, *, lang: Lang) -> Table:
    """What became of each place: the events first, then the largest of the steady ones."""
    rows = lineage_rows(found.lineages, found.comparison)
    cells = [
        (
            one["name"] if lang == "zh" else one["name_en"] or one["name"],
            _verdict(one, lang),
            count(round(one["before"]), lang),
            count(round(one["after"]), lang),
            signed(100 * (one["after"] / one["before"] - 1), "%") if one["before"] > 0 else "–",
        )
        for one in rows[:_MOST_ROWS]
    ]
    header = [
        told("column place", lang),
        told("column verdict", lang),
        str(found.comparison.first),
        str(found.comparison.second),
        told("column change", lang),
    ]
    against = lineage_note(found.comparison, lang=lang)
    note = " ".join(filter(None, [against, _more(rows, lang)]))
    return Table(header, cells, left=2, weights=(3, 2, 1.3, 1.3, 1.3), note=note)


def place_table_of(found: Solved, *, lang: Lang) -> Table:
    """The places of the second year, the largest first."""
    table = found.answers[found.comparison.second][1].table
    table = table.sort_values("graduates", ascending=False)
    rows = [
        (
            str((one["name"] if lang == "zh" else one["name_en"]) or one["name"]),
            told(f"class {one['class']}", lang),
            count(one["graduates"], lang),
            f"{one['share'] * 100:.1f}%",
            str(one["cells"]),
            f"{one['q']:.2g}" if one["q"] >= 0.001 else "< 0.001",
        )
        for one in table.head(_MOST_ROWS).to_dict("records")
    ]
    header = [
        told(f"column {name}", lang)
        for name in ("place", "class", "graduates", "share", "cells", "q")
    ]
    more = _more(table.index, lang)
    return Table(header, rows, left=2, weights=(3, 2, 1.3, 1.1, 1.0, 1.2), note=more)


def commute_table(report: CommuteReport, *, lang: Lang) -> Table:
    """The indicators that are known, with interval or bounds."""
    rows = []
    for name in _COMMUTE:
        one = _indicator(report, name)
        if isnan(one["value"]):
            continue
        share = one["unit"] == "share"
        between = "–"
        if isfinite(one["low"]) and isfinite(one["high"]):
            between = f"{_amount(one['low'], share=share)} – {_amount(one['high'], share=share)}"
        label = told(f"commute {name}", lang)
        label += told("modelled mark", lang) if one["modelled"] else ""
        rows.append((label, _amount(one["value"], share=share), between))
    header = [told(f"column {name}", lang) for name in ("indicator", "value", "bounds")]
    note = " ".join(say(one, lang) for one in report.told[:2])
    return Table(header, rows, left=1, weights=(4, 1.3, 2), note=note)


def _indicator(report: CommuteReport, name: str) -> dict[str, Any]:
    return {str(key): value for key, value in report.indicators.loc[name].items()}


def rent_rows(found: Solved, *, lang: Lang) -> list[tuple[str, str, str]]:
    """Graduates of the second year by the band of the median rent about them."""
    edges = found.study.info.rent_edges
    if found.rents is None or not edges:
        return []
    people = found.answers[found.comparison.second][0]["graduates"]
    bands = rent_bands(found.rents["rent"], edges).reindex(people.index, fill_value=-1)
    known = float(people[bands >= 0].sum())
    if not known:
        return []
    words = [f"< {edges[0]:g}", *(f"{a:g}–{b:g}" for a, b in pairwise(edges)), f"≥ {edges[-1]:g}"]
    held = people.groupby(bands).sum()
    unit = told("unit rent", lang, currency=say(found.study.info.currency, lang)).strip()
    return [
        (
            f"{word} {unit}",
            count(round(float(held.get(at, 0.0))), lang),
            f"{float(held.get(at, 0.0)) / known * 100:.1f}%",
        )
        for at, word in enumerate(words)
    ]


def rent_table_of(found: Solved, *, lang: Lang) -> Table:
    """Bands of rent and who lives, or works, in each."""
    header = [told(f"column {name}", lang) for name in ("band", "graduates", "share")]
    return Table(header, rent_rows(found, lang=lang), left=1, weights=(4, 1.3, 2))


def share_under(found: Solved, limit: float) -> float:
    """Share of the second year's graduates where the median rent is below a limit; NaN if none."""
    if found.rents is None:
        return float("nan")
    people = found.answers[found.comparison.second][0]["graduates"]
    rents = found.rents["rent"].reindex(people.index)
    known = float(people[rents.notna()].sum())
    return float(people[rents < limit].sum()) / known if known else float("nan")


def _verdict(one: dict[str, Any], lang: Lang) -> str:
    word = told(f"verdict {one['verdict']}", lang)
    whole = one["verdict"] in ("grew", "shrank", "steady")  # of both years, so of no one year
    return word if whole else f"{word}{told('then', lang)}{one['to_year']}"


def _more(rows: Any, lang: Lang) -> str:  # noqa: ANN401 - anything with a length
    left = len(rows) - _MOST_ROWS
    return told("more rows", lang, rows=left) if left > 0 else ""


def _amount(value: float, *, share: bool) -> str:
    return f"{value * 100:.1f}%" if share else f"{value:.1f}"
