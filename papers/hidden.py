"""Hidden: the layers that a map page has a switch for and does not show at first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from papers.html_words import LAYERS
from papers.words import WordsError

__all__ = ["HIDDEN", "hidden", "hidden_choice", "read_hidden"]

HIDDEN: Final = ("campuses",)
"""Those that are hidden where nothing else is said, as in the app."""
_NONE: Final = "none"


def hidden(names: Collection[str]) -> tuple[str, ...]:
    """
    The layers named, in the order of the switches.

    Raises
    ------
    WordsError
        When one is no layer of a map page.
    """
    if unknown := sorted(set(names) - set(LAYERS)):
        raise WordsError(f"layers to hide are {', '.join(LAYERS)}, found {', '.join(unknown)}")
    return tuple(one for one in LAYERS if one in names)


def hidden_choice(names: Collection[str]) -> dict[str, str]:
    """The choice as a command writes it; nothing where it is the usual one."""
    found = hidden(names)
    return {} if found == HIDDEN else {"hide": ",".join(found) or _NONE}


def read_hidden(text: str) -> tuple[str, ...]:
    """
    The layers in a choice that a command wrote: names with commas between, or "none".

    Raises
    ------
    WordsError
        When one is no layer of a map page.
    """
    return () if text == _NONE else hidden([one.strip() for one in text.split(",")])
