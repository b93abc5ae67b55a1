"""Style: the classes and colours of a map, for whatever opens the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["NOT_DRAWN", "Style"]

NOT_DRAWN: Final = ""
"""In place of a colour: of a class that the map leaves to its ground."""

_FAR: Final = 1e300  # beyond every value: a class without an end
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, kw_only=True)
class Style:
    """
    Classes of one column and how each is drawn.

    Parameters
    ----------
    colours
        One for each class, "#rrggbb": of the fill of shapes, of the stroke of lines.
    column
        That is classed; "" where all rows are drawn alike, as one class.
    edges
        Of numbers: where one class ends and the next begins, ascending, one fewer than colours; a
        value on an edge is of the upper class.
    words
        Of texts: the word of each class.
    labels
        What a legend calls each class; its bounds or its word where none are given.
    rims
        Colour of the outline of each class; no outlines where none are given.
    rim_mm
        How wide they are.
    opacity
        0 to 1.
    unless
        Column of truths: where one is true, the row is of the class that holds 0.
    hatched
        Whether gaps are cut through the fill: what is shown does not compare.
    width_of, widest, widest_mm
        Of lines: the column that their width follows, the value of the widest, and its width;
        all as wide where there is no column.
    tapered
        Whether a line is wide where it begins and narrow where it ends.
    dashed
        Whether a line, or an outline, is.
    order
        Column by which rows are drawn, so that the greatest lies on top.
    names, written
        Columns that hold the name of a row, of which the first that is not empty is taken; and
        whether it stands on the map.
    ink, paper
        Colours of names and of the rim around them, and of the gaps of hatching.
    title
        Of the legend.
    """

    colours: tuple[str, ...]
    column: str = ""
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    rims: tuple[str, ...] = ()
    rim_mm: float = 0.4
    opacity: float = 1.0
    unless: str = ""
    hatched: bool = False
    width_of: str = ""
    widest: float = 1.0
    widest_mm: float = 0.6
    tapered: bool = False
    dashed: bool = False
    order: str = ""
    names: tuple[str, ...] = ()
    written: bool = True
    ink: str = NOT_DRAWN
    paper: str = NOT_DRAWN
    title: str = ""

    def __post_init__(self) -> None:
        classes = len(self.colours)
        if len(self.words or (*self.edges, "")) != classes or (not self.column and classes != 1):
            raise ValueError(
                "a style needs a word for each colour, or one edge fewer than colours, found"
                f" {classes} colours, {len(self.words)} words, {len(self.edges)} edges"
            )
        for what, each in (("label", self.labels), ("rim", self.rims)):
            if each and len(each) != classes:
                raise ValueError(
                    f"a style needs a {what} for each colour, found {len(each)} {what}s"
                    f" for {classes} colours"
                )
        given = (*self.colours, *self.rims, self.ink, self.paper)
        wrong = [one for one in given if one and not _COLOUR.fullmatch(one)]
        if wrong:
            raise ValueError(f"a colour must be #rrggbb, found {wrong[0]!r}")
        if list(self.edges) != sorted(self.edges):
            raise ValueError(f"edges must ascend, found {self.edges}")

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Style:
        """
        The style that `to_dict` tells of.

        Raises
        ------
        ValueError
            When it is none.
        """
        known = {one.name: type(one.default) for one in fields(cls) if one.name != "colours"}
        known["colours"] = tuple
        found: dict[str, Any] = {}
        for name, value in told.items():
            kind = known.get(str(name))
            if kind is tuple and isinstance(value, list):
                found[name] = tuple(value)
            elif kind is float and isinstance(value, int | float):
                found[name] = float(value)
            elif kind in (str, bool) and isinstance(value, kind):
                found[name] = value
            else:
                raise ValueError(f"a style knows no {name} of {value!r}")
        texts = [*found.get("colours", ()), *found.get("rims", ()), *found.get("words", ())]
        texts += [*found.get("labels", ()), *found.get("names", ())]
        numbers = found.get("edges", ())
        if not all(isinstance(one, str) for one in texts) or not all(
            isinstance(one, int | float) for one in numbers
        ):
            raise ValueError("a style needs texts for colours and words, and numbers for edges")
        if "colours" not in found:
            raise ValueError("a style needs colours")
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        """Everything about it that is not as it would be anyway, as JSON values."""
        plain = {one.name: one.default for one in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != plain[name]
        }

    def in_one_tongue(self) -> Style:
        """The same with whatever a reader's language decides left out: how it is drawn."""
        return replace(self, labels=(), names=(), title="")

    def renamed(self, columns: Mapping[str, str]) -> Style:
        """The same for a table whose columns have other names."""
        given = {name: getattr(self, name) for name in ("column", "unless", "width_of", "order")}
        found = {name: columns.get(one, one) for name, one in given.items()}
        return replace(self, **found, names=tuple(columns.get(one, one) for one in self.names))

    def classes(self, table: pd.DataFrame) -> NDArray[np.intp]:
        """Class of each row, shape (n,); -1 where its value is missing or of none."""
        if not self.column:
            return np.zeros(len(table), dtype=np.intp)
        values = table[self.column]
        if self.words:
            at = {word: number for number, word in enumerate(self.words)}
            return np.array([at.get(one, -1) for one in values], dtype=np.intp)
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if self.unless:
            numbers = np.where(table[self.unless].to_numpy(dtype=np.bool_), 0.0, numbers)
        found = np.searchsorted(np.asarray(self.edges, dtype=np.float64), numbers, side="right")
        return np.where(np.isnan(numbers), -1, found)

    def rim(self, number: int) -> str:
        """Colour of the outline of a class, or `NOT_DRAWN`."""
        return self.rims[number] if self.rims else NOT_DRAWN

    def named(self, number: int) -> str:
        """What a legend calls a class."""
        if self.labels:
            return self.labels[number]
        if self.words:
            return self.words[number]
        low, high = self._bounds(number)
        if low > -_FAR and high < _FAR:
            return f"{low:g} to {high:g}"
        return f"below {high:g}" if high < _FAR else f"{low:g} or more" if low > -_FAR else "all"

    def _bounds(self, number: int) -> tuple[float, float]:
        ends = (-_FAR, *self.edges, _FAR)
        return float(ends[number]), float(ends[number + 1])

    def rules(self) -> Iterator[tuple[int, tuple[float, float] | str]]:
        """
        Each class with its bounds or its word, from the top down.

        QGIS takes the first range that holds a value, ends included, so that a value on an edge
        is of the upper class only if that comes first.
        """
        for number in reversed(range(len(self.colours))):
            yield number, self.words[number] if self.words else self._bounds(number)
