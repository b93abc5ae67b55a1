"""The map of what changed, and the bars of the eight directions beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from layers.brief_parts import Bar, Bars, Maps
from layers.difference import difference_classes, difference_legend
from layers.legend import key_row
from layers.palette import DIFFERENCE
from papers.content import Answered, cells_of, framed, map_of
from papers.solved import Solved
from papers.words import Lang, edge, signed, told
from spatial.blocks import FEWEST
from spatial.drift import change
from spatial.scale import round_edges
from spatial.structure import SECTORS

__all__ = ["change_maps"]


def change_maps(found: Solved, *, lang: Lang) -> Maps:
    """Cells that changed beyond noise, coloured as on the screen, with the directions."""
    asked = found.comparison
    seen = found.changed["shrunk"].where(~found.changed["noise"])
    edges = round_edges([np.abs(seen.dropna().to_numpy())], classes=4)
    classes = difference_classes(seen, edges)
    cells, places = found.answers[asked.second]
    answered = Answered(found.study, asked.question(asked.second), cells, places, found.edges)
    bounds = framed(*(found.answers[one] for one in (asked.first, asked.second)))
    shown = replace(
        map_of(answered, lang=lang, bounds=bounds, small=True),
        cells=cells_of(found.changed, classes),
        colours=DIFFERENCE,
        hatched=bool(found.reasons),
    )
    labels = [edge(one, lang) for one in edges]
    legend = difference_legend(told("legend change", lang), edges, labels)
    if found.reasons:
        legend["rows"].append(key_row("hatch", DIFFERENCE[1], told("row hatch", lang)))
    title = told("map change", lang, first=asked.first, year=asked.second)
    return Maps([(title, shown)], legend, bars=_bars(found, lang))


def _bars(found: Solved, lang: Lang) -> Bars:
    """Eight sectors, the one that rose most first, in percentage points of all graduates."""
    shape = found.drift
    rows: list[Bar] = []
    if shape is not None:
        first, last = (
            shape.counted.index(one) for one in (found.comparison.first, found.comparison.second)
        )
        moved, drawn = change(shape.values, shape.draws, first=first, last=last)
        at = [shape.indicators.index(f"share {sector}") for sector in SECTORS]
        low, high = np.quantile(drawn[:, at], [0.025, 0.975], axis=0)
        if shape.blocks < FEWEST:
            low, high = np.full(len(at), np.nan), np.full(len(at), np.nan)
        for number, (sector, place) in enumerate(zip(SECTORS, at, strict=True)):
            points = 100 * float(np.nan_to_num(moved[place]))
            text = signed(points)
            name = told(f"sector {sector}", lang)
            rows.append(
                Bar(name, points, 100 * float(low[number]), 100 * float(high[number]), text)
            )
    rows.sort(key=lambda one: -one.value)
    return Bars(told("bars", lang), told("bars note", lang), rows)
