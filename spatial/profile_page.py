"""The profile as a page of Markdown, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any, Literal

import pandas as pd

from spatial.profile import Profile
from spatial.profile_row import SECTIONS
from spatial.profile_words import INDICATOR_WORDS, PAGE_WORDS, SECTION_WORDS, UNIT_WORDS
from spatial.study import Study

__all__ = ["Lang", "method_of", "profile_page"]

Lang = Literal["en", "zh"]

_BY_YEAR = ("graduates_home", "graduates_work")


def profile_page(study: Study, found: Profile, told: dict[str, Any], *, lang: Lang = "en") -> str:
    """
    The whole page, with what one needs to judge it and to make it again at its end.

    Parameters
    ----------
    study, found
        The study and what was found of it.
    told
        Its provenance, as `profile_file.profile_provenance` gives it.
    lang
        Of all words; names without one in that language stay in the other.
    """
    name = _name(found.area.name, found.area.name_en, lang) or PAGE_WORDS["drawn"][lang]
    lines = [f"# {PAGE_WORDS['title'][lang].format(name=name, year=found.year)}", ""]
    title = study.info.title.get(lang) or study.info.name
    marks = [title if title != name else "", _sentence("synthetic", lang, on=study.info.synthetic)]
    lines += [" · ".join(one for one in marks if one), ""]
    for section in SECTIONS:
        rows = found.table[found.table["section"] == section]
        if len(rows):
            lines += [f"## {SECTION_WORDS[section][lang]}", "", *_section(study, found, rows, lang)]
            lines.append("")
    if found.missing:
        lacking = PAGE_WORDS["comma"][lang].join(one[lang] for one in found.missing)
        lines += [PAGE_WORDS["lacks"][lang].format(list=lacking), ""]
    lines += [PAGE_WORDS["marks"][lang], "", *_footer(found, told, lang)]
    return "\n".join(lines) + "\n"


def method_of(found: Profile, lang: Lang = "en") -> str:
    """How the numbers of a profile were made."""
    return PAGE_WORDS["method"][lang].format(
        draws=found.draws, seed=found.seed, resolution=found.resolution
    )


def _section(study: Study, found: Profile, rows: pd.DataFrame, lang: Lang) -> Iterator[str]:
    years = rows["indicator"].isin(_BY_YEAR)
    if years.any():
        yield from _years(rows[years], lang)
        yield ""
        rows = rows[~years]
    kept: Any = rows.to_dict("records")
    heads = ["indicator", "value"]
    interval = any(not isnan(one["low"]) for one in kept)
    note = "note" if lang == "en" else "note_zh"
    noted = any(one[note] for one in kept)
    heads += ["interval"] * interval + ["note"] * noted
    yield _line(PAGE_WORDS[head][lang] for head in heads)
    yield _line("---:" if head in ("value", "interval") else "---" for head in heads)
    for one in kept:
        cells = [_label(found, one, lang), _figure(study, one["value"], one["unit"], lang)]
        if interval:
            ends = (
                _figure(study, one[end], one["unit"], lang, bare=True) for end in ("low", "high")
            )
            cells.append("" if isnan(one["low"]) else "–".join(ends))
        if noted:
            cells.append(one[note])
        yield _line(cells)


def _years(rows: pd.DataFrame, lang: Lang) -> Iterator[str]:
    """Graduates year by year, in a column for each role."""
    names = [name for name in _BY_YEAR if (rows["indicator"] == name).any()]
    note = "note" if lang == "en" else "note_zh"
    noted = bool((rows[note] != "").any())
    heads = [PAGE_WORDS["year"][lang], *(INDICATOR_WORDS[name][lang] for name in names)]
    yield _line(heads + [PAGE_WORDS["note"][lang]] * noted)
    yield _line(["---"] + ["---:"] * len(names) + ["---"] * noted)
    for year, of_year in rows.groupby("year"):
        cells = [str(year)]
        for name in names:
            value = of_year.loc[of_year["indicator"] == name, "value"]
            cells.append(f"{value.iloc[0]:,.0f}" if len(value) else "")
        notes = list(dict.fromkeys(one for one in of_year[note] if one))
        yield _line(cells + ["; ".join(notes)] * noted)


def _label(found: Profile, one: dict[str, Any], lang: Lang) -> str:
    label = INDICATOR_WORDS[one["indicator"]][lang]
    name = _name(one["name"], one["name_en"], lang)
    if one["indicator"] == "partner":
        label = name
    elif one["indicator"] == "station_from_middle":
        label = f"{name}{PAGE_WORDS['comma'][lang]}{label}"
    elif name:
        label = f"{label}: {name}"
    year = f" ({one['year']})" if one["year"] != found.year else ""
    return f"{label}{year}{' *' if one['modelled'] else ''}"


def _figure(study: Study, value: float, unit: str, lang: Lang, *, bare: bool = False) -> str:
    """A figure with its unit, or without where `bare`."""
    if unit == "share":
        return f"{value:.1%}"
    digits = {"ratio": 2, "km": 1, "min": 1, "km2": 1}.get(unit, 0)
    text = f"{value:,.{digits}f}"
    if bare:
        return text
    if unit == "rent":
        currency = study.info.currency.get(lang) or study.info.currency.get("en", "")
        words = PAGE_WORDS["month" if currency else "bare_month"][lang]
        return f"{text} {words.format(currency=currency)}"
    after = UNIT_WORDS.get(unit, {}).get(lang, "")
    return f"{text} {after}".rstrip()


def _footer(found: Profile, told: dict[str, Any], lang: Lang) -> Iterator[str]:
    """Where the numbers come from, how they were made, and the command."""
    who = [words.get(lang, "") for name, words in told["definition"].items() if name != "base"]
    if any(who):
        yield " ".join(one for one in who if one)
        yield ""
    source = " · ".join(one for one in (told["source"], told["source_url"]) if one)
    terms = [f"{PAGE_WORDS['licence'][lang]}: {told['licence']}" if told["licence"] else ""]
    parts = [one for one in (source, *terms, told["citation"]) if one]
    if parts:
        yield f"{PAGE_WORDS['source'][lang]}: {'; '.join(parts)}"
        yield ""
    yield method_of(found, lang)
    yield ""
    made = PAGE_WORDS["made"][lang]
    version = told["versions"].get("gradmap", "")
    yield made.format(digest=told["study_digest"][:16], when=told["created"], version=version)
    yield ""
    yield f"    {told['command']}"


def _sentence(word: str, lang: Lang, *, on: bool) -> str:
    return PAGE_WORDS[word][lang] if on else ""


def _name(name: str, name_en: str, lang: Lang) -> str:
    return (name or name_en) if lang == "zh" else (name_en or name)


def _line(cells: Any) -> str:  # noqa: ANN401 - texts
    return "| " + " | ".join(_guarded(str(one)) for one in cells) + " |"


def _guarded(text: str) -> str:
    """A text that a table's line can hold."""
    return " ".join(text.split()).replace("|", "\\|")
