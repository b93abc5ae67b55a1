"""A page in millimetres from its upper left corner: texts, boxes and drawings set side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from layers.fonts import Fonts
from layers.palette import PAGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LEADING", "PAPERS", "Box", "Page", "lines_of_text"]

PAPERS: Final = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""Width and height of a sheet held upright, millimetres."""
_MM_PER_INCH: Final = 25.4
_MM_PER_PT: Final = 25.4 / 72
LEADING: Final = 1.42
"""Distance of lines over the size of their letters; Chinese wants more than English."""

# A word, or one character of a script that is broken anywhere.
_UNIT = re.compile(r"[ -~\u00a0-\u024f\u2010-\u206f\u2200-\u22ff]+? +|[ -~\u00a0-\u024f–−×≤≥…]+|.")
_NOT_FIRST: Final = "，。；：、！？）》”’,.;:!?)%·"
_NOT_LAST: Final = "（《“‘("


@dataclass(frozen=True)
class Box:
    """Left, top, width and height on the page, millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def meets(self, other: Box, *, gap: float = 0.0) -> bool:
        """Whether the two overlap, or come nearer than `gap`."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


class Page:
    """One page, drawn by matplotlib; nothing on it knows of inches or of a lower left corner."""

    def __init__(self, width: float, height: float, *, fonts: Fonts) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height, self.fonts = width, height, fonts
        self.figure: Figure = Figure(
            figsize=(width / _MM_PER_INCH, height / _MM_PER_INCH), facecolor=PAGE["card"]
        )
        FigureCanvasAgg(self.figure)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 8.0,
        bold: bool = False,
        colour: str = PAGE["ink"],
        align: str = "left",
        part: str = "text",
    ) -> float:
        """Set one line with its top at `y`; the height it takes."""
        self.figure.text(
            x / self.width,
            1 - (y + 0.98 * size * _MM_PER_PT) / self.height,
            self.fonts.safe(text),
            fontproperties=self.fonts.properties(bold=bold),
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            gid=part,
            parse_math=False,
        )
        return size * LEADING * _MM_PER_PT

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        *,
        width: float,
        size: float = 8.0,
        bold: bool = False,
        colour: str = PAGE["ink"],
        part: str = "text",
    ) -> float:
        """Set a text in lines of at most `width`; the height it takes."""
        top = y
        for line in lines_of_text(text, self.fonts, width=width, size=size, bold=bold):
            y += self.text(x, y, line, size=size, bold=bold, colour=colour, part=part)
        return y - top

    def block(
        self,
        box: Box,
        *,
        fill: str = "none",
        edge: str = "none",
        width: float = 0.5,
        hatch: str = "",
        above: bool = False,
    ) -> None:
        """Draw a filled, outlined or hatched box, line width in points."""
        from matplotlib.patches import Rectangle

        self.figure.add_artist(
            Rectangle(
                (box.x / self.width, 1 - box.bottom / self.height),
                box.width / self.width,
                box.height / self.height,
                transform=self.figure.transFigure,
                facecolor=fill,
                edgecolor=edge,
                linewidth=width,
                hatch=hatch or None,
                zorder=3 if above else 0,
            )
        )

    def line(
        self, x: float, y: float, to_x: float, to_y: float, *, colour: str, width: float, dash: bool
    ) -> None:
        """Draw a straight line, width in points."""
        from matplotlib.lines import Line2D

        self.figure.add_artist(
            Line2D(
                [x / self.width, to_x / self.width],
                [1 - y / self.height, 1 - to_y / self.height],
                color=colour,
                linewidth=width,
                linestyle=(0, (3, 2)) if dash else "-",
                solid_capstyle="butt",
            )
        )

    def drawing(self, box: Box, **more: Any) -> Axes:  # noqa: ANN401 - what matplotlib's axes take
        """Axes that fill a box."""
        at = (
            box.x / self.width,
            1 - box.bottom / self.height,
            box.width / self.width,
            box.height / self.height,
        )
        return self.figure.add_axes(at, **more)


def lines_of_text(
    text: str, fonts: Fonts, *, width: float, size: float, bold: bool = False
) -> list[str]:
    """`text` broken into lines of at most `width` mm: at spaces, and between Chinese characters."""
    found: list[str] = []
    line = ""
    for unit in _units(text):
        if line and fonts.width((line + unit).rstrip(), size=size, bold=bold) > width:
            found.append(line.rstrip())
            line = unit.lstrip()
            while fonts.width(line, size=size, bold=bold) > width and len(line) > 1:
                cut = _fitting(line, fonts, width=width, size=size, bold=bold)
                found.append(line[:cut])
                line = line[cut:]
        else:
            line += unit
    return [*found, line.rstrip()] if line.strip() else found


def _units(text: str) -> list[str]:
    """Parts that a line is not broken in: words, and characters with the marks that cling."""
    found: list[str] = []
    for unit in _UNIT.findall(text):
        clings = unit[0] in _NOT_FIRST or (found and found[-1][-1] in _NOT_LAST)
        if found and clings and not found[-1].endswith(" "):
            found[-1] += unit
        else:
            found.append(unit)
    return found


def _fitting(line: str, fonts: Fonts, *, width: float, size: float, bold: bool) -> int:
    """How many characters of a word too long for any line go on this one."""
    cut = len(line)
    while cut > 1 and fonts.width(line[:cut], size=size, bold=bold) > width:
        cut -= 1
    return cut
