"""Two years as one page: linked maps, a swipe or the difference, with lineage and method."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final, Literal, get_args

import numpy as np

from layers.cells import Geometry, Scale
from layers.page import MapPage
from papers.between import account_between, notes_between, title_between
from papers.content import Answered, bounds_of, solve
from papers.hidden import HIDDEN, hidden, hidden_choice
from papers.html_layers import district_names, layers_in
from papers.html_map import page_legend, page_source
from papers.html_places import frame_of
from papers.html_words import LAYERS, MAP
from papers.lineage_panel import lineage_bounds, lineage_panel, lineage_story
from papers.paired import change_map, drift_overlay, two_maps
from papers.sector_bars import sector_bars
from papers.sheet import tag_of
from papers.stories import cell_notes, drift_sentence
from papers.words import LANGUAGES, Lang, WordsError, say, told
from spatial.compared import Compared
from spatial.comparison import answers_between, trends
from spatial.drift import Drift, drift
from spatial.findings import findings
from spatial.lattice import lattice
from spatial.reasons import incomparable
from spatial.trend import provable
from spatial.two_years import Comparison

__all__ = ["VIEWS", "View", "change_page"]

View = Literal["side", "swipe", "difference"]
"""What a page on two years shows first."""
VIEWS: Final[tuple[View, ...]] = get_args(View)
"""Every view, the default first."""
_RESAMPLES: Final = 400
_SEED: Final = 1


def change_page(
    compared: Compared,
    *,
    lang: Lang = "en",
    view: View = "side",
    title: str = "",
    hide: Collection[str] = HIDDEN,
    out: str = "change.html",
) -> MapPage:
    """
    Two years side by side as one page that needs no network, as the compare page shows them.

    Two linked maps on one scale, a swipe or the difference; a switch for each layer; places
    followed through the years; the change of each direction; whether the years compare; legend,
    source and method. It shows itself in a notebook; `save("change.html")` writes it.

    Parameters
    ----------
    compared
        Two years of a study, as `study.compare` gives them.
    lang
        "zh" or "en".
    view
        What is shown first: "side", "swipe" or "difference".
    title
        Instead of the page's own.
    hide
        Layers not shown at first: cells, places, rail, districts, campuses, drift, ground.
    out
        Name of the file, as the command that makes it again should write it.

    Raises
    ------
    WordsError
        When the language is neither, or there is no such view or layer.
    """
    if lang not in LANGUAGES:
        raise WordsError(f"lang must be {' or '.join(LANGUAGES)}, found {lang}")
    if view not in VIEWS:
        raise WordsError(f"view must be {', '.join(VIEWS)}, found {view}")
    study, asked = compared.study, compared.comparison
    years = _solved(compared)
    rng = np.random.default_rng(_SEED)
    shape = drift(study, role=asked.role, group=asked.group, resamples=_RESAMPLES, rng=rng)
    told_shape = shape if {asked.first, asked.second} <= set(shape.peopled) else None
    choices = {"lang": lang, "view": view} | ({"title": title} if title else {})
    choices |= hidden_choice(hide)
    made = account_between(study, asked, kind="page", command="map", out=out, **choices)
    notes = notes_between(
        years[asked.second],
        asked,
        made,
        shape=told_shape,
        proof=provable(len(compared.answers)),
        reasons=compared.reasons,
        lang=lang,
        seed=_SEED,
    )
    title = title or title_between(study, asked, lang=lang)
    content = _content(compared, years, told_shape, lang=lang) | {
        "title": title,
        "off": hidden(hide),
        "view": view,
        "tag": tag_of(study, lang),
        "source": page_source(study, made, lang),
        "notes": [text for key, text in notes.items() if key != "map"],
    }
    kind = "synthetic" if study.info.synthetic else "measured"
    cells, lineages = len(compared.cells), len(content["lineage"]["rows"])
    said = (
        f"{cells:,} cells, {asked.first} and {asked.second}, {lineages} places followed,"
        f" {lang}, {kind}"
    )
    return MapPage(title, lang, content, made, said, screen="years")


def _solved(compared: Compared) -> dict[int, Answered]:
    """Every year of the role with its cells and places, on one scale."""
    study, asked = compared.study, compared.comparison
    counted = study.years_of(asked.role)
    whole = replace(asked, first=counted[0], second=counted[-1])
    found: dict[int, Answered] = {}
    edges: tuple[float, ...] = ()
    for year, answer in answers_between(study, whole, answers=compared.answers).items():
        found[year] = solve(study, asked.question(year), answer=answer, edges=edges)
        edges = found[year].edges
    return found


def _content(
    compared: Compared, years: dict[int, Answered], shape: Drift | None, *, lang: Lang
) -> dict[str, Any]:
    """Everything the page draws, its own texts apart."""
    study, asked = compared.study, compared.comparison
    pair = [years[asked.first], years[asked.second]]
    south, west, north, east = bounds_of(*(one.cells["graduates"] for one in pair))
    layers = layers_in(study, asked.second, lang=lang)
    if shape is not None:
        layers.append(drift_overlay(shape, asked))
    kinds = [one.kind for one in layers]
    lineages, reasons = compared.lineages, compared.reasons
    panel = lineage_panel(lineages, asked, reasons=reasons, lang=lang)
    places = {year: named for year, (_, named) in compared.answers.items()}
    ids = [row["id"] for row in panel["rows"]]
    words = {name: each[lang] for name, each in MAP.items()}
    return {
        "lang": lang,
        "words": words | {one: told(one, lang) for one in ("here", "swipe", "view")},
        "bounds": [[south, west], [north, east]],
        "overlays": [one.entry for one in layers],
        "labels": district_names(study, lang=lang),
        "switches": [[one, LAYERS[one][lang]] for one in ("cells", "places", *reversed(kinds))],
        "views": [[one, told(f"view {one}", lang)] for one in VIEWS],
        "maps": _maps(compared, years, lang),
        "lineage": panel,
        "stories": {one: lineage_story(lineages, one, lang=lang) for one in ids},
        "near": {one: lineage_bounds(lineages, one, places) for one in ids},
        "drift": sector_bars(shape, asked, lang=lang) if shape is not None else None,
        "years": [_year(compared, year, lang) for year in years],
        "sentence": _sentence(shape, asked, lang),
        "quiet": told("of the years", lang, first=asked.first, second=asked.second),
    }


def _maps(compared: Compared, years: dict[int, Answered], lang: Lang) -> dict[str, Any]:
    """Both years on one scale, and their difference."""
    study, asked = compared.study, compared.comparison
    found = lattice(compared.cells.index)
    geometry = Geometry(found.ij, found.patch, found.matrices, "page")
    now = years[asked.second]
    frames = {year: frame_of(one, lang) for year, one in years.items()}
    tables = {year: one.cells for year, one in years.items()}
    over = trends(study, asked, tables=tables)
    legend = page_legend(now, lang)
    scale = Scale(now.edges, told(f"legend {asked.role}", lang), told("persons", lang))
    return {
        "two": two_maps(
            list(frames.values()),
            geometry,
            scale,
            asked,
            notes=cell_notes(over, lang=lang),
            legend=legend,
            lang=lang,
        ),
        "difference": change_map(
            compared.cells,
            frames[asked.second],
            geometry,
            asked,
            notes=cell_notes(over, lang=lang, recoded=compared.cells["recoded"]),
            rows=legend["rows"],
            hatched=bool(compared.reasons),
            lang=lang,
        ),
    }


def _year(compared: Compared, year: int, lang: Lang) -> dict[str, str]:
    """A year that the right map may show, and why it does not compare with the left, if so."""
    study, asked = compared.study, compared.comparison
    reasons = incomparable(
        study,
        asked.first,
        year,
        role=asked.role,
        group=asked.group,
        against=asked.against,
    )
    if not reasons:
        fair = told("comparable", lang, first=asked.first, year=year)
        return {"label": str(year), "fair": fair if year != asked.first else "", "warning": ""}
    why = " ".join(say(one.reason, lang) for one in reasons)
    head = told("not comparable short", lang)
    return {"label": str(year), "fair": "", "warning": told("note", lang, head=head, text=why)}


def _sentence(shape: Drift | None, asked: Comparison, lang: Lang) -> str:
    if shape is None:
        return ""
    found = findings(shape, first=asked.first, last=asked.second)
    return drift_sentence(found, role=asked.role, lang=lang)
