"""What a check of places varies, and what the words for its result stand for."""

from __future__ import annotations

from collections.abc import Sequence

from spatial.robustness import Sureness
from spatial.variants import Variant
from views.query import Query
from views.text import Translate
from views.words import marked

__all__ = ["SURENESS_WORDS", "varied_text"]

SURENESS_WORDS: dict[Sureness, str] = {
    "sure": marked("sure"),
    "mostly": marked("mostly sure"),
    "shaky": marked("shaky"),
}


def varied_text(query: Query, variants: Sequence[Variant], tr: Translate) -> str:
    """What is varied, and from how many finds on a place is called sure: a line each."""
    rings = sorted({one.question.k for one in variants})
    rates = sorted({one.question.alpha for one in variants})
    shifts = len({one.offset for one in variants}) - 1
    parts = _sizes(query, variants, tr)
    if shifts:
        text = tr("the grid shifted by about half a cell in {shifts} directions")
        parts.append(text.format(shifts=shifts))
    parts.append(tr("neighbourhoods of {rings} ring(s)").format(rings=_listed(rings)))
    text = tr("false discovery rates of {rates}")
    parts.append(text.format(rates=_listed([f"{one:.0%}" for one in rates])))
    lines = [
        tr("Each place is looked for again in {total} other settings: {varied}.").format(
            total=len(variants), varied=tr("; ").join(parts)
        )
    ]
    if not shifts:
        lines.append(
            tr(
                "The grid cannot be shifted under cells of this size, the study's own: there are"
                " no finer counts to move."
            )
        )
    lines.append(
        tr(
            "Found again: one place there holds at least half of its graduates. Sure: in at least"
            " nine of ten settings; mostly sure: in two of three; shaky: in fewer. The thresholds"
            " are ours."
        )
    )
    return "\n".join(lines)


def _sizes(query: Query, variants: Sequence[Variant], tr: Translate) -> list[str]:
    """Which other sizes of cell, in words."""
    found = {one.question.resolution or 0 for one in variants}
    larger = any(one < query.resolution for one in found)
    smaller = any(one > query.resolution for one in found)
    if larger and smaller:
        return [tr("cells one size larger and one smaller")]
    if larger:
        return [tr("cells one size larger")]
    return [tr("cells one size smaller")] if smaller else []


def _listed(values: Sequence[object]) -> str:
    return " / ".join(map(str, values))
