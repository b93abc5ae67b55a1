"""A brief of a study and two years: findings in sentences, maps, tables, method and sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from layers.brief import Brief, BriefContent
from layers.brief_parts import Block, Heading, Maps, Points, Text
from layers.sheet_content import MapContent
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
from papers.sheet import fonts_for, note, notes_of, tag_of
from papers.solved import Solved, solve_years
from papers.words import Lang, say, told
from spatial.account import asking
from spatial.provenance import provenance_between
from spatial.study import Study
from spatial.two_years import Comparison

__all__ = ["brief"]

_ORDER: Final = (
    *("source", "counted", "method", "drift", "change", "trend", "breaks", "threshold", "map"),
    *("made", "also"),
)


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
    made = _account(found, lang=lang, resamples=resamples, seed=seed, out=out)
    content = BriefContent(
        title=_title(found, lang),
        tag=tag_of(study, lang),
        blocks=_blocks(found, made, lang=lang, seed=seed),
        page=told("page", lang, page="{page}", pages="{pages}"),
        lang={"zh": "zh-CN", "en": "en"}[lang],
        provenance=made,
    )
    return Brief(content, fonts_for(content.texts, lang=lang))


def _blocks(found: Solved, made: dict[str, Any], *, lang: Lang, seed: int) -> list[Block]:
    study, asked = found.study, found.comparison
    year = asked.second
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
    return [*blocks, *_notes(study, found, made, lang=lang, seed=seed)]


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


def _notes(
    study: Study, found: Solved, made: dict[str, Any], *, lang: Lang, seed: int
) -> list[Block]:
    answered = _answered(found, found.comparison.second)
    _, west, _, east = bounds_of(answered.cells["graduates"])
    notes = notes_of(answered, made, lang=lang, lon=(west + east) / 2)
    shape, proof = found.drift, found.proof
    if shape is not None:
        words = {"blocks": shape.blocks, "resamples": shape.resamples, "seed": seed}
        notes["drift"] = note("drift", told("method drift", lang, **words), lang=lang)
    change = told("method change", lang, alpha=f"{found.comparison.alpha:g}")
    notes["change"] = note("change", change, lang=lang)
    key = "method trend" if proof.enough else "method few"
    trend = told(key, lang, years=proof.slices, p=f"{proof.smallest_p:.2g}")
    notes["trend"] = note("trend", trend, lang=lang)
    notes["breaks"] = note("breaks", _breaks(found, lang), lang=lang)
    if also := [say(study.info.notes[name], lang) for name in _told_notes(study, found)]:
        notes["also"] = note("also", " ".join(also), lang=lang)
    return [Text(notes[name], quiet=True) for name in _ORDER if name in notes]


def _breaks(found: Solved, lang: Lang) -> str:
    """Breaks between the two years, or that none is declared."""
    asked = found.comparison
    if not found.reasons:
        return told("breaks none", lang, first=asked.first, last=asked.second)
    return " ".join(
        told("break", lang, after=one.after, before=one.before, reason=say(one.reason, lang))
        for one in found.reasons
    )


def _told_notes(study: Study, found: Solved) -> list[str]:
    """Notes of the study that bear on what the brief shows."""
    wanted = ["synthetic", "totals", "base"]
    wanted += ["flows"] if found.commute is not None else []
    wanted += ["rents"] if found.rents is not None else []
    return [name for name in wanted if say(study.info.notes.get(name, {}), "en")]


def _title(found: Solved, lang: Lang) -> str:
    info, asked = found.study.info, found.comparison
    place = say(info.place, lang) or say(info.title, lang) or info.name
    key = f"brief title {asked.role}"
    text = told(key, lang, place=place, first=asked.first, year=asked.second)
    group = next((one for one in info.groups if one.id == asked.group), None)
    if group is None:
        return text
    return text + told("of group", lang, group=say(group.title, lang) or group.id)


def _account(found: Solved, *, out: str, **choices: Any) -> dict[str, Any]:  # noqa: ANN401
    """The provenance of the comparison, with how it was printed and the command that prints."""
    asked = found.comparison
    made = provenance_between(found.study, asked, kind="difference", out=out)
    words: list[object] = ["--years", asked.first, asked.second, "--role", asked.role]
    default = Comparison(first=asked.first, second=asked.second, role=asked.role)
    for name in ("group", "k", "alpha", "top", "against"):
        if (value := getattr(asked, name)) != getattr(default, name):
            words += [f"--{name}", value]
    own = found.study.info.resolution
    words += ["--resolution", own if asked.resolution is None else asked.resolution]
    words += _options(choices)
    command = asking(found.study, "brief", [*words, "--out", out])
    return made | {"brief": choices, "command": command}


def _options(choices: dict[str, Any]) -> Sequence[object]:
    return [part for name, value in choices.items() for part in (f"--{name}", value)]
