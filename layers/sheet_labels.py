"""Names on a map, set so that none covers another: the more people, the earlier the choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from layers.fonts import Fonts
from layers.sheet_page import Box

__all__ = ["Label", "Placed", "place_labels"]

_MM_PER_PT: Final = 25.4 / 72
_RISE: Final = 1.18  # height of a line over the size of its letters, marks above and below held
_GAP: Final = 0.5
# Tried in this order, in parts of the label's own width and height.
_INSIDE: Final = ((0.0, 0.0), (0.0, -0.6), (0.0, 0.6), (0.3, 0.0), (-0.3, 0.0))
# Sides of the place: above, below, right, left, then its corners.
_OUTSIDE: Final = ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))
_COVERS: Final = 0.75  # of a place's width and height that a name set inside may hide


@dataclass(frozen=True)
class Label:
    """
    A name with a number under it.

    Parameters
    ----------
    x, y
        Where it is wanted on the page, mm.
    about
        What it names, so that a name larger than that is set beside it.
    quiet
        Set after all others, small and grey, and only where it is wanted.
    """

    name: str
    number: str
    x: float
    y: float
    about: Box | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Placed:
    """One line of a label where it is set: its box, and how."""

    text: str
    box: Box
    size: float
    bold: bool
    quiet: bool
    label: str


def place_labels(
    labels: Iterable[Label],
    *,
    frame: Box,
    taken: Sequence[Box],
    fonts: Fonts,
    size: float = 8.0,
) -> list[Placed]:
    """
    Lines of those labels that find room, each wholly inside the frame.

    Parameters
    ----------
    labels
        The most important first. One that finds no room with its number is tried without, and
        one that finds none at all is left out.
    frame
        The map.
    taken
        Boxes on it that no label may touch.
    fonts
        That tell how wide a text sets.
    size
        Of a name, points; numbers and quiet names are smaller.
    """
    found: list[Placed] = []
    boxes = list(taken)
    inner = Box(frame.x + 1, frame.y + 1, frame.width - 2, frame.height - 2)
    wanted = sorted(labels, key=lambda one: one.quiet)
    named = [one.about for one in wanted if one.about is not None]
    for label in wanted:
        others = [one for one in named if one is not label.about]
        placed: list[Placed] = []
        tries: list[tuple[bool, list[Box]]] = [
            *((True, others), (True, []), (False, others), (False, []))
        ]
        for numbered, avoided in tries[:1] if label.quiet else tries:
            lines = _lines(label, fonts, size=size, numbered=numbered)
            spot = _room(lines, label, inner=inner, boxes=[*boxes, *avoided])
            if spot is not None:
                placed = _moved_all(lines, *spot)
                break
        found += placed
        boxes += [one.box for one in placed]
    return found


def _lines(label: Label, fonts: Fonts, *, size: float, numbered: bool) -> list[Placed]:
    """The lines of a label centred on (0, 0)."""
    sizes = [(label.name, size * (0.84 if label.quiet else 1.0), not label.quiet)]
    if numbered and label.number:
        sizes.append((label.number, size * 0.82, False))
    heights = [one * _RISE * _MM_PER_PT for _, one, _ in sizes]
    top = -sum(heights) / 2
    found = []
    for (text, points, bold), height in zip(sizes, heights, strict=True):
        wide = fonts.width(text, size=points, bold=bold)
        box = Box(-wide / 2, top, wide, height)
        found.append(Placed(text, box, points, bold, label.quiet, label.name))
        top += height
    return found


def _room(
    lines: list[Placed], label: Label, *, inner: Box, boxes: Sequence[Box]
) -> tuple[float, float] | None:
    """The middle of the first free spot for the lines; None where there is none."""
    wide = max(one.box.width for one in lines)
    high = sum(one.box.height for one in lines)
    for x, y in _spots(label, wide, high):
        here = Box(x - wide / 2, y - high / 2, wide, high)
        if inner.holds(here) and not any(here.meets(one, gap=_GAP) for one in boxes):
            return x, y
    return None


def _spots(label: Label, wide: float, high: float) -> list[tuple[float, float]]:
    """Middles to try: inside what is named where it is large enough to be seen, else beside."""
    inside = [(label.x + across * wide, label.y + down * high) for across, down in _INSIDE]
    if label.quiet:
        return inside[:1]
    place = label.about
    if place is None:
        return inside
    outside = [
        (
            place.x + place.width / 2 + side * (place.width + wide) / 2 + side * _GAP,
            place.y + place.height / 2 + up * (place.height + high) / 2 + up * _GAP,
        )
        for side, up in _OUTSIDE
    ]
    seen = wide < _COVERS * place.width and high < _COVERS * place.height
    return [*inside, *outside] if seen else [*outside, *inside]


def _moved_all(lines: list[Placed], x: float, y: float) -> list[Placed]:
    return [
        replace(one, box=Box(one.box.x + x, one.box.y + y, one.box.width, one.box.height))
        for one in lines
    ]
