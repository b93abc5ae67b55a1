"""A brief of a study and two years: findings in sentences, maps, tables, method and sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from layers.brief import Brief, BriefContent
from layers.brief_parts import Block, Heading, Maps, Points, Text
from layers.sheet_content import MapContent
from papers.between import account_between, notes_between, title_between
from papers.brief_change import change_maps
from papers.brief_numbers import (
    commute_table,
    indicator_table,
    lineage_table,
    place_table_of,
    rent_rows,
    rent_table_of,
)
from papers.brief_sentences import findings_of
from papers.content import Answered, bounds_of, cell_legend, framed, map_of, solve
from papers.sheet import fonts_for, tag_of
from papers.solved import Solved, solve_years
from papers.words import Lang, told
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = ["brief"]


def brief(
    study: Study,
    first: int,
    year: int,
    *,
    comparison: Comparison | None = None,
    lang: Lang = "zh",
    resamples: int = 400,
    seed: int = 1,
    out: str = "brief.pdf",
) -> Brief:
    """
    A few pages on what changed from one year to another.

    Parameters
    ----------
    study, first, year
        What is told of what.
    comparison
        Role, group, resolution and the rest of what is asked of the two years; left out, homes of
        all graduates on the study's own cells. Its years must be `first` and `year`.
    lang
        "zh" or "en".
    resamples, seed
        Draws behind the intervals of the city's shape, and the seed of their chance.
    out
        Name of the file, as the command that makes it again should write it.

    Raises
    ------
    FontError
        When the language is Chinese and no font on this machine has it.
    QuestionError, SchemaError
        When the study cannot answer.
    ValueError
        When the comparison is of other years.
    """
    asked = comparison or Comparison(first=first, second=year, role="residence")
    if (asked.first, asked.second) != (first, year):
        raise ValueError(
            f"a comparison must be of {first} and {year}, found {asked.first} and {asked.second}"
        )
    found = solve_years(study, asked, resamples=resamples, rng=np.random.default_rng(seed))
    choices = {"lang": lang, "resamples": resamples, "seed": seed}
    made = account_between(study, asked, kind="brief", command="brief", out=out, **choices)
    content = BriefContent(
        title=title_between(study, asked, lang=lang),
        tag=tag_of(study, lang),
        blocks=_blocks(found, made, lang=lang, seed=seed),
        page=told("page", lang, page="{page}", pages="{pages}"),
        lang={"zh": "zh-CN", "en": "en"}[lang],
        provenance=made,
    )
    return Brief(content, fonts_for(content.texts, lang=lang))


def _blocks(found: Solved, made: dict[str, Any], *, lang: Lang, seed: int) -> list[Block]:
    year = found.comparison.second
    blocks: list[Block] = [
        Heading(told("head findings", lang)),
        Points(findings_of(found, lang=lang), warned=bool(found.reasons)),
        Heading(told("head two maps", lang)),
        _two_maps(found, lang),
        Heading(told("head indicators", lang)),
        indicator_table(found, lang=lang),
        Heading(told("head difference", lang)),
        change_maps(found, lang=lang),
    ]
    if (lineage := lineage_table(found, lang=lang)).rows:
        blocks += [Heading(told("head lineage", lang)), lineage]
    if (places := place_table_of(found, lang=lang)).rows:
        blocks += [Heading(told("head places", lang, year=year)), places]
    if found.commute is not None:
        blocks += [
            Heading(told("head commute", lang, year=year)),
            commute_table(found.commute, lang=lang),
        ]
    if found.rents is not None and rent_rows(found, lang=lang):
        blocks += [Heading(told("head rents", lang, year=year)), rent_table_of(found, lang=lang)]
    blocks.append(Heading(told("head notes", lang)))
    return [*blocks, *_notes(found, made, lang=lang, seed=seed)]


def _two_maps(found: Solved, lang: Lang) -> Maps:
    years = (found.comparison.first, found.comparison.second)
    answered = [_answered(found, year) for year in years]
    bounds = framed(*((one.cells, one.places) for one in answered))
    maps: list[tuple[str, MapContent]] = [
        (str(one.question.year), map_of(one, lang=lang, bounds=bounds, small=True))
        for one in answered
    ]
    return Maps(maps, cell_legend(answered[-1], lang=lang, small=True))


def _answered(found: Solved, year: int) -> Answered:
    question = found.comparison.question(year)
    return solve(found.study, question, answer=found.answers[year], edges=found.edges)


def _notes(found: Solved, made: dict[str, Any], *, lang: Lang, seed: int) -> list[Block]:
    answered = _answered(found, found.comparison.second)
    _, west, _, east = bounds_of(answered.cells["graduates"])
    notes = notes_between(
        answered,
        found.comparison,
        made,
        shape=found.drift,
        proof=found.proof,
        reasons=found.reasons,
        also=_told_notes(found),
        lang=lang,
        seed=seed,
        lon=(west + east) / 2,
    )
    return [Text(one, quiet=True) for one in notes.values()]


def _told_notes(found: Solved) -> list[str]:
    """Notes of the study that bear on what the brief shows."""
    wanted = ["synthetic", "totals", "base"]
    wanted += ["flows"] if found.commute is not None else []
    wanted += ["rents"] if found.rents is not None else []
    return wanted
