"""InputError: what is wrong with a stranger's file, in one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from spatial.geodesy import CoordinateError

__all__ = ["InputError", "naming"]

_LONGEST: Final = 800


class InputError(ValueError):
    """
    A file that cannot be taken in; the message gives the rule, the finding and the place.

    Findings quote the file, so whatever would break or hide part of a line is made a blank.
    """

    def __init__(self, sentence: str = "") -> None:
        shown = "".join(letter if letter.isprintable() else " " for letter in sentence)
        super().__init__(shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}...")


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Within this block, faults of coordinates become InputErrors that name `place`."""
    try:
        yield
    except CoordinateError as error:
        raise InputError(f"{place}: {error}") from None
