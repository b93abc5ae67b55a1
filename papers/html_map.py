"""A map of a study and a question as one page: computed by `spatial`, drawn by `layers`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

from layers.cells import Geometry, Scale, cell_layer
from layers.legend import key_row
from layers.packed import Packed
from layers.page import MapPage
from layers.palette import CAMPUS
from papers.content import Answered, bounds_of, cell_legend, solve
from papers.hidden import HIDDEN, hidden, hidden_choice
from papers.html_layers import district_names, layers_in
from papers.html_places import card_of, frame_of, name_of, panel_of
from papers.html_words import LAYERS, MAP, NOT_COMPARABLE, UNITS
from papers.sheet import notes_of, tag_of
from papers.words import LANGUAGES, Lang, WordsError, count, say, told
from spatial import cells as h3cells
from spatial.account import asking
from spatial.analysis import hotspot_table, measure_table, neighbours_of, years_told
from spatial.api import question_of
from spatial.lattice import lattice
from spatial.provenance import provenance
from spatial.question import Question
from spatial.reasons import incomparable
from spatial.scale import round_edges
from spatial.study import Study

__all__ = ["page_legend", "page_source", "study_map"]

_AS_SHOWN: Final = 8
_SCORES: Final = {"gi": "Gi* z", "moran": "I z"}


def study_map(
    study: Study,
    question: Question | None = None,
    *,
    lang: Lang = "en",
    title: str = "",
    hide: Collection[str] = HIDDEN,
    out: str = "map.html",
    **asked: Any,  # noqa: ANN401 - a question's own fields
) -> MapPage:
    """
    The map of a question with every year of its role, as one page that needs no network.

    Cells of all years on one scale with a switch of years, places with their table and cards,
    whatever layers the study has with a switch for each, legend, source and method. It shows
    itself in a notebook; `save("map.html")` writes it.

    Parameters
    ----------
    study
        What is shown.
    question
        What is asked of it.
    asked
        Its fields, where there is no `question`: the year is the latest and the resolution the
        one the app proposes where they are left out.
    lang
        "zh" or "en".
    title
        Instead of the page's own.
    hide
        Layers not shown at first: cells, places, rail, districts, campuses, ground.
    out
        Name of the file, as the command that makes it again should write it.

    Raises
    ------
    QuestionError, SchemaError
        When the study cannot answer.
    WordsError
        When the language is neither, or there is no such layer.
    """
    if lang not in LANGUAGES:
        raise WordsError(f"lang must be {' or '.join(LANGUAGES)}, found {lang}")
    if question is None:
        fineness = min(_AS_SHOWN, study.info.resolution)
        question = question_of(study, **{"resolution": fineness} | asked)
    years = _solved(study, question)
    now = years[question.year]
    choices = {"lang": lang} | ({"title": title} if title else {}) | hidden_choice(hide)
    made = _account(now, choices, out=out)
    title = title or _title(now, lang, tuple(years))
    content = _content(years, now, lang=lang) | {
        "off": hidden(hide),
        "title": title,
        "tag": tag_of(study, lang),
        "source": page_source(study, made, lang),
        "notes": [t for key, t in notes_of(now, made, lang=lang, lon=0.0).items() if key != "map"],
    }
    kind = "synthetic" if study.info.synthetic else "measured"
    span = f"{min(years)}-{max(years)}" if len(years) > 1 else f"{question.year}"
    said = f"{len(now.cells):,} cells, {span}, {len(now.places.table)} places, {lang}, {kind}"
    return MapPage(title, lang, content, made, said)


def _solved(study: Study, question: Question) -> dict[int, Answered]:
    """The question answered for every year of its role that can tell, on one scale."""
    years = years_told(study, question)
    if question.year not in years:
        hotspot_table(study, question)  # says why it has no answer
    each = {year: replace(question, year=year) for year in years}
    values = [measure_table(study, one)["value"].to_numpy() for one in each.values()]
    edges = round_edges(values, whole=question.measure == "count")
    around = neighbours_of(study, question)
    return {year: solve(study, one, neighbours=around, edges=edges) for year, one in each.items()}


def _content(years: dict[int, Answered], now: Answered, *, lang: Lang) -> dict[str, Any]:
    """Everything the page draws, its own texts apart."""
    study, question = now.study, now.question
    south, west, north, east = bounds_of(*(one.cells["graduates"] for one in years.values()))
    layers = {year: layers_in(study, year, lang=lang) for year in years}
    every = {one.key: one for found in layers.values() for one in found}
    kinds = list(dict.fromkeys(one.kind for one in every.values()))
    return {
        "lang": lang,
        "words": {name: words[lang] for name, words in MAP.items()},
        "bounds": [[south, west], [north, east]],
        "cells": _cells(years, question, lang).data,
        "overlays": [one.entry for one in every.values()],
        "labels": district_names(study, lang=lang),
        "legend": page_legend(now, lang),
        "switches": [[one, LAYERS[one][lang]] for one in ("cells", "places", *reversed(kinds))],
        "years": [
            {
                "label": str(year),
                "sentence": _sentence(one, lang),
                "quiet": _quiet(one, lang),
                "warning": _warning(one, list(years), lang),
                "overlays": [layer.key for layer in layers[year]],
                "panel": panel_of(one, lang),
                "cards": {
                    str(row["id"]): card_of(row, lang) for _, row in one.places.table.iterrows()
                },
            }
            for year, one in years.items()
        ],
    }


def page_legend(now: Answered, lang: Lang) -> dict[str, Any]:
    """The legend of the cells and of every layer the study has."""
    legend = cell_legend(now, lang=lang)
    if now.study.has("campuses"):
        campus = LAYERS["campuses"][lang]
        legend["rows"].append(key_row("ring", CAMPUS["rim"], campus, layer="campuses"))
    return legend


def _cells(years: dict[int, Answered], question: Question, lang: Lang) -> Packed:
    now = years[question.year]
    found = lattice(now.cells.index)
    scale = Scale(
        now.edges,
        told(f"legend {question.role if question.measure == 'count' else question.measure}", lang),
        UNITS[question.measure][lang],
        percent=question.measure == "share",
    )
    return cell_layer(
        [frame_of(one, lang) for one in years.values()],
        Geometry(found.ij, found.patch, found.matrices, "page"),
        scale,
        role=question.role,
        current=list(years).index(question.year),
        score=_SCORES[question.statistic],
    )


def _title(found: Answered, lang: Lang, years: tuple[int, ...]) -> str:
    info, question = found.study.info, found.question
    place = say(info.place, lang) or say(info.title, lang) or info.name
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else years[0]
    text = told(f"title {question.role}", lang, place=place, year=span)
    group = next((one for one in info.groups if one.id == question.group), None)
    if group is None:
        return text
    return text + told("of group", lang, group=say(group.title, lang) or group.id)


def _sentence(found: Answered, lang: Lang) -> str:
    table, question = found.places.table, found.question
    if table.empty:
        return told("sentence none", lang, year=question.year)
    return told(
        f"sentence {question.role}",
        lang,
        year=question.year,
        places=len(table),
        share=f"{float(table['share'].sum()):.0%}",
        name=name_of(table.loc[table["graduates"].idxmax()], lang),
    )


def _quiet(found: Answered, lang: Lang) -> str:
    return told(
        "quiet",
        lang,
        total=count(float(found.cells["graduates"].sum()), lang),
        area=f"{float(h3cells.area_km2(found.cells.index).mean()):.2f}",
        resolution=h3cells.resolution_of(found.cells.index),
    )


def _warning(found: Answered, years: list[int], lang: Lang) -> str:
    """Why a year does not compare with the one shown before it; empty where it does."""
    study, question = found.study, found.question
    at = years.index(question.year)
    if at == 0:
        return ""
    reasons = incomparable(
        study,
        years[at - 1],
        question.year,
        role=question.role,
        group=question.group,
        measure=question.measure,
    )
    if not reasons:
        return ""
    told = " ".join(say(one.reason, lang) for one in reasons)
    return NOT_COMPARABLE[lang].format(year=years[at - 1], reason=told)


def page_source(study: Study, made: dict[str, Any], lang: Lang) -> str:
    """One line under the map: where the data come from and on what terms."""
    info = study.info
    parts = [info.source.citation or info.source.name or say(info.title, lang) or info.name]
    if info.source.licence:
        parts.append(info.source.licence)
    parts += [one.get("name", "") for one in made.get("attributions", {}).values()]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _account(found: Answered, choices: dict[str, Any], *, out: str) -> dict[str, Any]:
    """The provenance of the places, with the command that makes the page."""
    question = found.question
    made = provenance(found.study, question, kind="places", out=out)
    words: list[object] = ["--year", question.year, "--role", question.role]
    default = Question(year=question.year, role=question.role)
    for name in ("group", "measure", "statistic", "chance", "k", "alpha", "top"):
        if (value := getattr(question, name)) != getattr(default, name):
            words += [f"--{name}", value]
    words += ["--resolution", h3cells.resolution_of(found.cells.index)]
    if question.chance == "permutation":
        words += ["--permutations", question.permutations, "--seed", question.seed]
    words += [part for name, value in choices.items() for part in (f"--{name}", value)]
    command = asking(found.study, "map", [*words, "--out", out])
    return made | {"page": choices, "command": command}
