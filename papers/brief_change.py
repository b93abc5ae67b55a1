"""The map of what changed, and the bars of the eight directions beside it."""

from __future__ import annotations

from dataclasses import replace

from layers.brief_parts import Bar, Bars, Maps
from layers.difference import difference_classes, difference_legend
from layers.palette import DIFFERENCE
from papers.content import Answered, cell_legend, cells_of, framed, map_of
from papers.paired import change_edges, change_key
from papers.sector_bars import sector_changes
from papers.solved import Solved
from papers.words import Lang, edge, signed, told

__all__ = ["change_maps"]


def change_maps(found: Solved, *, lang: Lang) -> Maps:
    """Cells that changed beyond noise, coloured as on the screen, with the directions."""
    asked = found.comparison
    seen, edges = change_edges(found.changed)
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
    place = cell_legend(answered, lang=lang, small=True)["rows"]
    legend["rows"] += [*place, *change_key(found.changed, hatched=bool(found.reasons), lang=lang)]
    title = told("map change", lang, first=asked.first, year=asked.second)
    return Maps([(title, shown)], legend, bars=_bars(found, lang))


def _bars(found: Solved, lang: Lang) -> Bars:
    """Eight sectors, the one that rose most first, in percentage points of all graduates."""
    rows = [
        Bar(told(f"sector {one.sector}", lang), one.points, one.low, one.high, signed(one.points))
        for one in (sector_changes(found.drift, found.comparison) if found.drift else ())
    ]
    return Bars(told("bars", lang), told("bars note", lang), rows)
