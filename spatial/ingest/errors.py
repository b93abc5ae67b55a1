"""InputError: what is wrong with a stranger's file, in one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from spatial.geodesy import CoordinateError

__all__ = ["InputError", "naming"]


class InputError(ValueError):
    """A file that cannot be taken in; the message gives the rule, the finding and the place."""


@contextmanager
def naming(place: str) -> Iterator[None]:
    """Within this block, faults of coordinates become InputErrors that name `place`."""
    try:
        yield
    except CoordinateError as error:
        raise InputError(f"{place}: {error}") from None
