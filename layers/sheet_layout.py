"""Where the blocks of a map sheet go: head, map, legend, list, inset and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd

from layers.palette import PAGE
from layers.sheet_content import MapContent
from layers.sheet_furniture import bar_km, draw_inset, draw_legend, draw_north, draw_scale
from layers.sheet_map import PaperMap, blank_map, draw_map, hidden_by
from layers.sheet_page import LEADING, Box, Page, lines_of_text
from layers.sheet_plane import Bounds

__all__ = ["Layout", "SheetContent"]

_MM_PER_PT: Final = 25.4 / 72


@dataclass(frozen=True, eq=False)
class SheetContent:
    """
    Everything a sheet says, in the reader's language.

    Parameters
    ----------
    title, sentence
        What is shown, and what it shows.
    tag
        Set large in its own colours, for data that were never observed; empty where they were.
    quiet
        Unit and size of a cell, beside the tag.
    map, legend
        The map, and its legend as `layers.legend` makes it for the screen.
    listed
        Title and rows of the list of places: number, name, graduates, share.
    area, area_bounds
        Outlines of the whole study, for the inset.
    words
        north, inset, km; "ratio" with room for a number, "list of" for how many of all.
    notes
        Source, date, method, breaks, each with its heading.
    provenance
        As JSON values.
    """

    title: str
    sentence: str
    tag: str
    quiet: str
    map: MapContent
    legend: dict[str, Any]
    listed: tuple[str, Sequence[tuple[str, str, str, str]]]
    area: gpd.GeoSeries
    area_bounds: Bounds
    words: dict[str, str]
    notes: Sequence[str]
    provenance: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """Every text on it, for the fonts."""
        rows = [cell for row in self.listed[1] for cell in row]
        marks = [row["label"] for row in (*self.legend["classes"], *self.legend["rows"])]
        names = [part for one in (*self.map.names, *self.map.quiet_names) for part in one[:2]]
        said = [self.title, self.sentence, self.tag, self.quiet, self.legend["title"]]
        return [*said, self.listed[0], *rows, *marks, *names, *self.notes, *self.words.values()]


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the blocks of a sheet go; `unit` is 1 on A4 and grows with the paper."""

    page: Page
    content: SheetContent
    unit: float

    @property
    def margin(self) -> float:
        """Around the page, mm."""
        return 11.0 * self.unit

    @property
    def inner(self) -> float:
        """Width between the margins, mm."""
        return self.page.width - 2 * self.margin

    def head(self) -> float:
        """Draw title, sentence and tag; where the map may begin."""
        page, content, unit, left = self.page, self.content, self.unit, self.margin
        y = self.margin
        y += page.paragraph(
            left, y, content.title, width=self.inner, size=17 * unit, bold=True, part="title"
        )
        y += 0.6 * unit
        y += page.paragraph(
            left, y, content.sentence, width=self.inner, size=10.5 * unit, part="sentence"
        )
        y += 0.8 * unit
        return y + self._tag_line(y) + 2.2 * unit

    def _tag_line(self, y: float) -> float:
        """The tag and the quiet line beside it, or below where both are too long for one."""
        page, content, unit, left = self.page, self.content, self.unit, self.margin
        x, height = left, 0.0
        if content.tag:
            size = 10.0 * unit
            wide = page.fonts.width(content.tag, size=size, bold=True) + 5 * unit
            tall = 6.2 * unit
            page.block(Box(left, y, wide, tall), fill=PAGE["tag"], edge=PAGE["tag-ink"], width=0.6)
            page.text(
                left + 2.5 * unit,
                y + (tall - 1.1 * size * _MM_PER_PT) / 2,
                content.tag,
                size=size,
                bold=True,
                colour=PAGE["tag-ink"],
                part="tag",
            )
            x, height = left + wide + 3 * unit, tall
        room = left + self.inner - x
        size = 8.0 * unit
        fits = page.fonts.width(content.quiet, size=size) <= room
        if not fits:
            x, room = left, self.inner
        down = (y + 1.3 * unit) if fits and height else y + height + (0.8 * unit if height else 0)
        used = page.paragraph(
            x, down, content.quiet, width=room, size=size, colour=PAGE["muted"], part="quiet"
        )
        return max(height, down - y + used)

    def foot(self) -> float:
        """Draw the notes along the lower edge; where the map must end."""
        page, unit = self.page, self.unit
        size = 6.8 * unit
        notes = [one for one in self.content.notes if one]
        lines = [lines_of_text(one, page.fonts, width=self.inner, size=size) for one in notes]
        step = size * LEADING * _MM_PER_PT
        y = page.height - self.margin - step * sum(map(len, lines))
        top = y
        page.line(
            self.margin,
            top - 1.5 * unit,
            self.margin + self.inner,
            top - 1.5 * unit,
            colour=PAGE["line"],
            width=0.6,
            dash=False,
        )
        for one in lines:
            for line in one:
                y += page.text(self.margin, y, line, size=size, colour=PAGE["muted"], part="note")
        return top - 3.5 * unit

    def upright(self, top: float, bottom: float) -> PaperMap:
        """The map over a band of legend, list and inset."""
        unit, gap = self.unit, 6 * self.unit
        band = 52 * unit
        drawn = self._map(Box(self.margin, top, self.inner, bottom - band - 3 * unit - top))
        y = bottom - band
        inset = 0.25 * self.inner
        # The legend leaves to the list what its names need, as far as its own rows allow.
        spare = self.inner - inset - 2 * gap - self._list_width()
        legend = min(max(spare, self._legend_width()), 0.40 * self.inner)
        draw_legend(self.page, self.margin, y, self.content.legend, width=legend, zoom=unit)
        x = self.margin + legend + gap
        wide = self.inner - legend - inset - 2 * gap
        self._list(Box(x, y, wide, band))
        self._inset(Box(x + wide + gap, y, inset, band), drawn)
        return drawn

    def across(self, top: float, bottom: float) -> PaperMap:
        """The map beside a column of legend, list and inset."""
        unit, gap = self.unit, 5 * self.unit
        side = 74 * unit
        drawn = self._map(Box(self.margin, top, self.inner - side - gap, bottom - top))
        x, y = self.margin + self.inner - side, top
        y += draw_legend(self.page, x, y, self.content.legend, width=side, zoom=unit) + 3 * unit
        inset = min(44 * unit, 0.42 * (bottom - y))
        self._list(Box(x, y, side, bottom - inset - 3 * unit - y))
        self._inset(Box(x, bottom - inset, side, inset), drawn)
        return drawn

    def _map(self, box: Box) -> PaperMap:
        """The map with north arrow and scale bar in its corners, where no name may stand."""
        unit, words, shown = self.unit, self.content.words, self.content.map
        north = Box(box.right - 11 * unit, box.y + 2 * unit, 9 * unit, 15 * unit)
        blank = blank_map(box, shown)
        bar = bar_km(blank.km_per_mm, most_mm=45 * unit) / blank.km_per_mm
        wide, tall = max(bar + 16 * unit, 36 * unit), 11.5 * unit
        corners = [
            Box(box.x + 2 * unit, box.bottom - tall - 2 * unit, wide, tall),
            Box(box.right - wide - 2 * unit, box.bottom - tall - 2 * unit, wide, tall),
            Box(box.x + 2 * unit, box.y + 2 * unit, wide, tall),
        ]
        scale = min(corners, key=lambda one: hidden_by(one, blank, shown))
        drawn = draw_map(
            self.page, box, shown, taken=[scale, north], size=8.2 * unit, strength=unit
        )
        for one in (scale, north):
            self.page.block(one, fill=PAGE["card"], edge=PAGE["line"], width=0.5, above=True)
        draw_scale(
            self.page,
            scale,
            drawn,
            most_mm=45 * unit,
            unit=words["km"],
            ratio=words["ratio"],
            zoom=unit,
        )
        draw_north(self.page, north, word=words["north"], zoom=unit)
        return drawn

    def _list_width(self) -> float:
        """What the list needs so that no name is cut; what `_list` takes beside the texts."""
        unit, fonts = self.unit, self.page.fonts
        widths = [
            [fonts.width(one, size=7.5 * unit) for one in row[1:]] for row in self.content.listed[1]
        ]
        name, count, share = (max(one) for one in zip(*widths, strict=True)) if widths else (0,) * 3
        return 6 * unit + name + 2 * unit + count + 3 * unit + share

    def _legend_width(self) -> float:
        """The least that the legend can do with: its longest row, and room for its classes."""
        unit, fonts, legend = self.unit, self.page.fonts, self.content.legend
        rows = [fonts.width(one["label"], size=7.5 * unit) for one in legend["rows"]]
        return max(8 * unit + max(rows, default=0.0), 6 * unit * len(legend["classes"]))

    def _list(self, box: Box) -> None:
        """As many places as fit, the largest first."""
        page, unit = self.page, self.unit
        title, rows = self.content.listed
        if not rows:
            return
        y = box.y + 8.5 * unit * LEADING * _MM_PER_PT + 1.0 * unit
        size = 7.5 * unit
        step = size * LEADING * _MM_PER_PT + 0.15 * unit
        fit = max(int((box.bottom - y) / step), 0)
        if fit < len(rows):
            title += self.content.words["list of"].format(shown=fit, all=len(rows))
        page.text(box.x, box.y, title, size=8.5 * unit, bold=True, part="list")
        wide = [page.fonts.width(one, size=size) for row in rows for one in row[3:]]
        share = max(wide)
        name_x = box.x + 6 * unit
        for number, name, count, part in rows[:fit]:
            page.text(
                box.x + 4 * unit,
                y,
                number,
                size=size,
                colour=PAGE["muted"],
                align="right",
                part="list",
            )
            count_x = box.right - share - 3 * unit
            room = count_x - page.fonts.width(count, size=size) - 2 * unit - name_x
            page.text(name_x, y, self._shortened(name, room, size), size=size, part="list")
            page.text(count_x, y, count, size=size, align="right", part="list")
            page.text(
                box.right, y, part, size=size, colour=PAGE["muted"], align="right", part="list"
            )
            y += step

    def _shortened(self, text: str, room: float, size: float) -> str:
        """`text`, cut with an ellipsis where it would run into the next column."""
        fonts = self.page.fonts
        if fonts.width(text, size=size) <= room:
            return text
        while text and fonts.width(text + "...", size=size) > room:
            text = text[:-1]
        return text.rstrip() + "..."

    def _inset(self, box: Box, drawn: PaperMap) -> None:
        page, unit = self.page, self.unit
        used = page.text(
            box.x, box.y, self.content.words["inset"], size=8.5 * unit, bold=True, part="inset"
        )
        top = box.y + used + 1.0 * unit
        draw_inset(
            page,
            Box(box.x, top, box.width, box.bottom - top),
            outlines=self.content.area,
            bounds=self.content.area_bounds,
            frame=drawn,
        )
