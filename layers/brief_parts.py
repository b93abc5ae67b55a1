"""The parts a brief is made of; the same for paper and for the page in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layers.sheet_content import MapContent

__all__ = ["Bar", "Bars", "Block", "Heading", "Maps", "Points", "Table", "Text"]


@dataclass(frozen=True)
class Heading:
    """A line over what follows; never the last on a page."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; quiet ones are small and grey."""

    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Points:
    """Sentences, one a point; the first stands out where it is a warning."""

    texts: Sequence[str]
    warned: bool = False


@dataclass(frozen=True)
class Table:
    """
    Rows under a header.

    Parameters
    ----------
    left
        How many columns from the left hold words and are set to the left.
    weights
        Width of each column, in parts of any unit.
    note
        A line under the table, where it has one.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int
    weights: Sequence[float]
    note: str = ""


@dataclass(frozen=True)
class Bar:
    """One change with its interval; `sure` where that holds no zero."""

    label: str
    value: float
    low: float
    high: float
    text: str

    @property
    def sure(self) -> bool:
        """Whether the interval holds no zero; never where there is none."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Bars:
    """Bars to either side of zero, in the colours of growth and loss."""

    title: str
    note: str
    rows: Sequence[Bar]


@dataclass(frozen=True, eq=False)
class Maps:
    """Titled maps side by side with one legend, and bars in the place of another map."""

    maps: Sequence[tuple[str, MapContent]]
    legend: dict[str, Any]
    bars: Bars | None = None


Block = Heading | Text | Points | Table | Maps
