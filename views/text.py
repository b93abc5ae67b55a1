"""Words and numbers as the reader's language has them: Chinese or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "count_text", "edge_text", "percent_text", "plain", "say", "translator"]

LANGUAGES: Final = {"zh": "中文", "en": "English"}
_LOCALE = Path(__file__).parent / "locale"
_WAN = 10_000
_THIN = "\u202f"

Translate = Callable[[str], str]


def translator(lang: str) -> Translate:
    """A function from English text to the text in `lang`; English where none is written."""
    catalogue = _catalogue(lang)
    return lambda text: catalogue.get(text) or text


def say(words: Mapping[str, str], lang: str) -> str:
    """A study's own text in `lang`, else in any language it has."""
    return words.get(lang) or next((text for text in words.values() if text), "")


def plain(text: str) -> str:
    """
    Text that may hold strangers' words, with what Markdown would read into them set aside.

    A name could else fetch a picture from afar, or pass for a link of ours.
    """
    found = text.replace("\\", "\\\\")
    for sign in "`*_[]<>$~":
        found = found.replace(sign, f"\\{sign}")
    return " ".join(found.split())


def count_text(number: float, lang: str) -> str:
    """A count as readers write it: 2.7 万 in Chinese from ten thousand on, else 27 410."""
    if lang == "zh" and abs(number) >= _WAN:
        return f"{number / _WAN:.1f} 万"
    digits = 1 if 0 < abs(number) < 10 and number % 1 else 0
    return f"{number:,.{digits}f}".replace(",", _THIN)


def edge_text(number: float, lang: str) -> str:
    """A class edge, as short as it can be: 4万, 2.5k, 500, 0.25."""
    if lang == "zh" and abs(number) >= _WAN:
        return f"{number / _WAN:g}万"
    if lang != "zh" and abs(number) >= 1000:
        return f"{number / 1000:g}k"
    return f"{number:g}"


def percent_text(share: float) -> str:
    """A share of one as a percentage with one decimal."""
    return f"{share * 100:.1f}%"


@cache
def _catalogue(lang: str) -> dict[str, str]:
    file = _LOCALE / lang / "LC_MESSAGES" / "gradmap.po"
    if not file.is_file():
        return {}
    with file.open("rb") as handle:
        entries = read_po(handle)
    return {
        entry.id: entry.string
        for entry in entries
        if isinstance(entry.id, str) and entry.id and isinstance(entry.string, str)
    }
