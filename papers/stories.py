"""What happened between two years, in sentences: the city's drift and one place's lineage."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from papers.words import Lang, count, told
from spatial.findings import Finding, Findings
from spatial.schema import Role
from spatial.story import Chapter, Story

__all__ = ["cell_notes", "drift_sentence", "story_sentence", "trend_line"]

_EMERGING: Final = (
    *("new", "consecutive", "intensifying", "persistent"),
    *("diminishing", "sporadic", "oscillating", "historical"),
)


def drift_sentence(found: Findings, *, role: Role, lang: Lang) -> str:
    """Dispersing? Outward? Which sector rises, which falls? Only what stands beyond noise."""
    parts = [*_spread(found, lang), *_sectors(found, lang)]
    return told(
        "drift" if parts else "drift none",
        lang,
        first=found.first,
        last=found.last,
        who=told(f"drift {role}", lang),
        changes=told("comma", lang).join(parts),
    )


def _spread(found: Findings, lang: Lang) -> list[str]:
    parts = []
    if (turned := _turned(found.dispersing, lower_is_yes=True)) is not None:
        parts.append(told("dispersed" if turned else "concentrated", lang))
    if (turned := _turned(found.outward, lower_is_yes=False)) is not None:
        km = f"{abs(found.outward.change):.1f}"
        parts.append(told("outward" if turned else "inward", lang, km=km))
    return parts


def _turned(one: Finding, *, lower_is_yes: bool) -> bool | None:
    """Whether the change is the one asked for, or its opposite; None where it is not clear."""
    if one.low <= 0 <= one.high or one.low != one.low:
        return None
    return (one.change < 0) == lower_is_yes


def _sectors(found: Findings, lang: Lang) -> list[str]:
    return [
        told(
            key,
            lang,
            points=f"{abs(one.change):.1f}",
            sector=told(f"sector {one.sector}", lang),
        )
        for one, key in ((found.rises, "rose"), (found.falls, "fell"))
        if one.verdict == "yes" and one.sector
    ]


def story_sentence(found: Story, lang: Lang) -> str:
    """One lineage from its first year to its last."""
    name = found.name if lang == "zh" else found.name_en
    if not found.events:
        return told(
            f"story {found.span}",
            lang,
            name=name,
            before=count(found.graduates[0], lang),
            after=count(found.graduates[-1], lang),
            first=found.years[0],
            last=found.years[-1],
        )
    events = [_chapter(one, lang) for one in found.events]
    return told("story", lang, name=name, events=told("semicolon", lang).join(events))


def _chapter(one: Chapter, lang: Lang) -> str:
    return told(
        f"became {one.verdict}",
        lang,
        year=one.to_year,
        before=count(one.before, lang),
        after=count(one.after, lang),
        percent="" if one.percent is None else f"{abs(one.percent):.0f}%",
        km=f"{one.moved_km:.1f}",
        other=one.other_name if lang == "zh" else one.other_name_en,
    )


def trend_line(found: Story, lang: Lang) -> str:
    """What so few years can prove."""
    return told(
        "trend many" if found.proof.enough else "trend few",
        lang,
        shown=len(found.shown),
        years=len(found.years),
        p=f"{found.proof.smallest_p:.3g}",
    )


def cell_notes(
    trends: pd.DataFrame, *, lang: Lang, recoded: pd.Series | None = None
) -> dict[str, Any]:
    """
    What may be said of each cell over the years, as an index into a few texts.

    Below eight years only what was seen is said, and that nothing is tested.

    Parameters
    ----------
    trends
        As `comparison.trends` gives them.
    lang
        "zh" or "en".
    recoded
        Whether a cell's people look entered next door; told beside, where given.
    """
    words = _cell_words(trends, lang)
    if recoded is not None:
        hint = told("recoded", lang)
        words = [
            " · ".join(filter(None, [word, hint])) if flagged else word
            for word, flagged in zip(words, recoded, strict=True)
        ]
    texts = sorted(set(words) - {""})
    number = {text: at for at, text in enumerate(texts, start=1)} | {"": 0}
    return {"texts": texts, "index": np.array([number[one] for one in words], dtype=np.uint16)}


def _cell_words(table: pd.DataFrame, lang: Lang) -> list[str]:
    columns = ["slices", "hot", "word", "since", "until", "emerging", "of", "smallest_p"]
    keys = table[columns].astype({"since": object, "until": object})
    known: dict[tuple[object, ...], str] = {}
    found = []
    for row in keys.itertuples(index=False, name=None):
        if row not in known:
            known[row] = _cell_word(dict(zip(columns, row, strict=True)), lang)
        found.append(known[row])
    return found


def _cell_word(row: dict[str, Any], lang: Lang) -> str:
    if not row["hot"]:
        return ""
    text = told("cell hot", lang, hot=row["hot"], years=row["slices"])
    if row["emerging"] in _EMERGING and row["of"] == "hot":
        word = told(f"emerging {row['emerging']}", lang)
        return f"{text} · {word}"
    if row["word"] == "new":
        best = f"{row['smallest_p']:.2g}"
        new = told("cell new", lang, year=row["since"], p=best)
        return f"{text} · {new}"
    if row["word"] == "former":
        former = told("cell former", lang, year=row["until"])
        return f"{text} · {former}"
    return text
