"""A brief on paper: its parts set one under another, on as many A4 pages as they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from layers.brief_parts import Bars, Block, Heading, Maps, Points, Table, Text
from layers.fonts import Fonts
from layers.palette import DIFFERENCE, PAGE
from layers.sheet_furniture import draw_legend
from layers.sheet_map import draw_map
from layers.sheet_page import LEADING, PAPERS, Box, Page, lines_of_text

__all__ = ["pages_of"]

_MARGIN: Final = 17.0
_TOP: Final = 15.0
_FOOT: Final = 17.0
_MM_PER_PT: Final = 25.4 / 72
_BODY: Final = 9.2
_QUIET: Final = 7.6
_CELL: Final = 8.0
_ROW: Final = 4.7
_MAP: Final = 74.0
_GAP: Final = 5.0


def pages_of(
    blocks: Sequence[Block], *, title: str, tag: str, foot: str, fonts: Fonts
) -> list[Page]:
    """
    The pages, each with its foot.

    Parameters
    ----------
    blocks, title, tag
        What is set.
    foot
        Words with room for page and pages.
    fonts
        To set it in.
    """
    flow = _Flow(fonts)
    flow.title(title, tag)
    for at, one in enumerate(blocks):
        follows = blocks[at + 1] if at + 1 < len(blocks) else None
        flow.put(one, follows)
    for number, page in enumerate(flow.pages, start=1):
        told = foot.format(page=number, pages=len(flow.pages))
        _foot(page, told=told, title=title, tag=tag)
    return flow.pages


def _foot(page: Page, *, told: str, title: str, tag: str) -> None:
    y, right = page.height - 12.0, page.width - _MARGIN
    page.line(_MARGIN, y - 1.5, right, y - 1.5, colour=PAGE["line"], width=0.6, dash=False)
    page.text(right, y, told, size=7.5, colour=PAGE["muted"], align="right", part="foot")
    left = _MARGIN
    if tag:
        page.text(left, y, tag, size=7.5, bold=True, colour=PAGE["tag-ink"], part="foot")
        left += page.fonts.width(tag, size=7.5, bold=True) + 4
    page.text(left, y, title, size=7.5, colour=PAGE["muted"], part="foot")


class _Flow:
    """Pages that are being filled, and how far down the last one is."""

    def __init__(self, fonts: Fonts) -> None:
        self.fonts = fonts
        self.pages: list[Page] = []
        self.y = 0.0
        self.turn()

    @property
    def page(self) -> Page:
        """The page that is being filled."""
        return self.pages[-1]

    @property
    def width(self) -> float:
        """Between the margins, mm."""
        return self.page.width - 2 * _MARGIN

    @property
    def room(self) -> float:
        """Left on the page, mm."""
        return self.page.height - _FOOT - self.y

    def turn(self) -> None:
        """Begin a new page."""
        self.pages.append(Page(*PAPERS["A4"], fonts=self.fonts))
        self.y = _TOP

    def make_room(self, height: float) -> None:
        """Begin a new page where less than `height` is left."""
        if self.room < height and self.y > _TOP:
            self.turn()

    def title(self, title: str, tag: str) -> None:
        """The head of the first page."""
        self.y += self.page.paragraph(
            _MARGIN, self.y, title, width=self.width, size=17, bold=True, part="title"
        )
        self.y += 1.0
        if tag:
            wide = self.fonts.width(tag, size=10, bold=True) + 5
            self.page.block(
                Box(_MARGIN, self.y, wide, 6.2), fill=PAGE["tag"], edge=PAGE["tag-ink"], width=0.6
            )
            self.page.text(
                _MARGIN + 2.5,
                self.y + (6.2 - 1.1 * 10 * _MM_PER_PT) / 2,
                tag,
                size=10,
                bold=True,
                colour=PAGE["tag-ink"],
                part="tag",
            )
            self.y += 7.2
        self.y += 1.5

    def put(self, one: Block, follows: Block | None) -> None:
        """Set one part; a heading goes with what follows it."""
        if isinstance(one, Heading):
            self._heading(one, follows)
        elif isinstance(one, Text):
            self._lines(one.text, size=_QUIET if one.quiet else _BODY, quiet=one.quiet)
        elif isinstance(one, Points):
            self._points(one)
        elif isinstance(one, Table):
            self._table(one)
        else:
            self._maps(one)

    def _heading(self, one: Heading, follows: Block | None) -> None:
        height = 9.0 + (self._least(follows) if follows is not None else 0.0)
        self.make_room(height)
        if self.y > _TOP:
            self.y += 2.5
        self.y += self.page.text(
            _MARGIN, self.y, one.text, size=11.5, bold=True, colour=PAGE["accent"], part="heading"
        )
        self.y += 0.8

    def _least(self, one: Block) -> float:
        """How much of a part must be on the page of its heading."""
        if isinstance(one, Maps):
            return self._maps_height(one)
        if isinstance(one, Table):
            return _ROW * (1 + min(len(one.rows), 4))
        return 3 * _BODY * LEADING * _MM_PER_PT

    def _lines(self, text: str, *, size: float, quiet: bool = False, indent: float = 0.0) -> None:
        colour = PAGE["muted"] if quiet else PAGE["ink"]
        step = size * LEADING * _MM_PER_PT
        for line in lines_of_text(text, self.fonts, width=self.width - indent, size=size):
            self.make_room(step)
            self.page.text(_MARGIN + indent, self.y, line, size=size, colour=colour, part="text")
            self.y += step
        self.y += 0.8

    def _points(self, one: Points) -> None:
        for at, text in enumerate(one.texts):
            lines = lines_of_text(text, self.fonts, width=self.width - 4, size=_BODY)
            self.make_room(len(lines) * _BODY * LEADING * _MM_PER_PT)
            warned = one.warned and at == 0
            mark = "！" if warned else "·"
            colour = PAGE["chosen"] if warned else PAGE["accent"]
            if not warned:
                self.page.text(_MARGIN + 0.8, self.y, mark, size=_BODY, bold=True, colour=colour)
            else:
                step = len(lines) * _BODY * LEADING * _MM_PER_PT
                self.page.block(Box(_MARGIN, self.y, 1.2, step), fill=colour)
            self._lines(text, size=_BODY, indent=4)

    def _table(self, one: Table) -> None:
        rows = list(one.rows)
        while True:
            fit = max(int((self.room - _ROW - 4.0) / _ROW), 0)
            if fit < min(3, len(rows)):
                self.turn()
                continue
            self._rows(one, rows[:fit])
            rows = rows[fit:]
            if not rows:
                break
            self.turn()
        if one.note:
            self._lines(one.note, size=_QUIET, quiet=True)
        self.y += 1.5

    def _rows(self, one: Table, rows: Sequence[Sequence[str]]) -> None:
        page, total = self.page, sum(one.weights)
        edges = [_MARGIN]
        for weight in one.weights:
            edges.append(edges[-1] + self.width * weight / total)
        for at, row in enumerate([one.header, *rows]):
            head = at == 0
            for column, text in enumerate(row):
                left = column < one.left
                x = edges[column] if left else edges[column + 1] - 1.0
                shown = self._cut(text, edges[column + 1] - edges[column] - 1.5, bold=head)
                page.text(
                    x,
                    self.y + 0.5,
                    shown,
                    size=_CELL,
                    bold=head,
                    colour=PAGE["muted"] if head else PAGE["ink"],
                    align="left" if left else "right",
                    part="cell",
                )
            self.y += _ROW
            page.line(
                _MARGIN,
                self.y,
                _MARGIN + self.width,
                self.y,
                colour=PAGE["muted"] if head else PAGE["line"],
                width=0.6 if head else 0.4,
                dash=False,
            )
        self.y += 1.0

    def _cut(self, text: str, room: float, *, bold: bool) -> str:
        """`text`, cut where it would run into the next column."""
        wide = self.fonts.width
        if wide(text, size=_CELL, bold=bold) <= room:
            return text
        while text and wide(text + "...", size=_CELL, bold=bold) > room:
            text = text[:-1]
        return text.rstrip() + "..."

    def _maps_height(self, one: Maps) -> float:
        return 6.0 + _MAP + 12.0 + 4.6 * len(one.legend["rows"]) / 2 + 3.0

    def _maps(self, one: Maps) -> None:
        self.make_room(self._maps_height(one))
        count = len(one.maps) + (one.bars is not None)
        wide = (self.width - _GAP * (count - 1)) / count
        top = self.y
        for at, (title, shown) in enumerate(one.maps):
            x = _MARGIN + at * (wide + _GAP)
            self.page.text(x, top, title, size=8.8, bold=True, part="map title")
            draw_map(self.page, Box(x, top + 5.2, wide, _MAP), shown, size=6.4, strength=0.6)
        if one.bars is not None:
            x = _MARGIN + len(one.maps) * (wide + _GAP)
            draw_bars(self.page, Box(x, top, wide, 5.2 + _MAP), one.bars)
        self.y = top + 5.2 + _MAP + 2.5
        used = draw_legend(
            self.page, _MARGIN, self.y, one.legend, width=self.width, zoom=0.92, columns=2
        )
        self.y += used + 2.0


def draw_bars(page: Page, box: Box, bars: Bars) -> None:
    """Draw bars to either side of zero with their intervals as whiskers."""
    y = box.y
    y += page.text(box.x, y, bars.title, size=8.8, bold=True, part="bars")
    y += page.paragraph(
        box.x, y, bars.note, width=box.width, size=7.0, colour=PAGE["muted"], part="bars"
    )
    y += 2.0
    if not bars.rows:
        return
    label = max(page.fonts.width(one.label, size=7.8) for one in bars.rows) + 3
    number = max(page.fonts.width(one.text, size=7.8) for one in bars.rows) + 2
    left, right = box.x + label, box.right - number
    reach = max(
        (abs(v) for one in bars.rows for v in (one.value, one.low, one.high) if v == v), default=1
    )
    middle, scale = (left + right) / 2, (right - left) / 2 / (reach or 1.0)
    step = min((box.bottom - y) / len(bars.rows), 7.5)
    page.line(
        middle, y, middle, y + step * len(bars.rows), colour=PAGE["quiet"], width=0.5, dash=False
    )
    for at, one in enumerate(bars.rows):
        here = y + at * step
        up = one.value >= 0
        colour = DIFFERENCE[(6 if one.sure else 4) if up else (1 if one.sure else 3)]
        start = middle if up else middle + one.value * scale
        page.block(Box(start, here + 0.25 * step, abs(one.value) * scale, 0.5 * step), fill=colour)
        if one.low == one.low and one.high == one.high:
            page.line(
                middle + one.low * scale,
                here + step / 2,
                middle + one.high * scale,
                here + step / 2,
                colour=PAGE["ink"],
                width=0.6,
                dash=False,
            )
        page.text(box.x, here + step / 2 - 1.7, one.label, size=7.8, part="bars")
        page.text(box.right, here + step / 2 - 1.7, one.text, size=7.8, align="right", part="bars")
