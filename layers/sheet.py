"""A map sheet: one page with a map and everything a report needs beside it, as PDF or PNG."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final, Literal, get_args

from layers.fonts import Fonts
from layers.sheet_layout import Layout, SheetContent
from layers.sheet_map import PaperMap
from layers.sheet_page import PAPERS, Page
from layers.sheet_save import SheetError, pdf_of, png_of, put

__all__ = ["FORMATS", "Orientation", "Paper", "Sheet", "SheetContent", "draw_sheet"]

Paper = Literal["A4", "A3"]
"""Sizes of a sheet."""
Orientation = Literal["portrait", "landscape"]
"""Upright or across."""
FORMATS: Final = (".pdf", ".png")
"""Endings of the files a sheet is written to."""
_DPI: Final = (36, 1200)
_SEEN_DPI: Final = 110  # in a notebook


@dataclass(frozen=True, eq=False)
class Sheet:
    """One drawn page; `save` writes it."""

    page: Page
    map: PaperMap
    title: str
    dpi: int
    provenance: dict[str, Any]
    unnamed: tuple[str, ...]
    """Places on the map whose names found no room."""

    def __repr__(self) -> str:
        return f"Sheet({self.title!r}: {self.page.width:g} x {self.page.height:g} mm)"

    def to_bytes(self, ending: str) -> bytes:
        """
        The file's content.

        Raises
        ------
        SheetError
            When the ending is neither .pdf nor .png.
        """
        if ending == ".pdf":
            return pdf_of([self.page.figure], title=self.title, provenance=self.provenance)
        if ending == ".png":
            return png_of(
                self.page.figure, dpi=self.dpi, title=self.title, provenance=self.provenance
            )
        raise SheetError(f"a sheet ends in {' or '.join(FORMATS)}, found {ending or 'no ending'}")

    def _repr_html_(self) -> str:
        """The page as a notebook shows it: a picture as wide as its cell."""
        told = self.provenance
        content = png_of(self.page.figure, dpi=_SEEN_DPI, title=self.title, provenance=told)
        return (
            f'<img alt="{escape(self.title)}" style="max-width: 100%"'
            f' src="data:image/png;base64,{b64encode(content).decode()}">'
        )

    def save(self, path: str | Path) -> Path:
        """
        The file written, PDF or PNG as its ending says; what was there is replaced.

        Raises
        ------
        SheetError
            When the ending is neither, or the file cannot be written.
        """
        target = Path(path)
        return put(self.to_bytes(target.suffix.lower()), target)


def draw_sheet(
    content: SheetContent,
    *,
    paper: Paper = "A4",
    orientation: Orientation = "portrait",
    dpi: int = 300,
    fonts: Fonts,
) -> Sheet:
    """
    The sheet, drawn.

    Raises
    ------
    SheetError
        When the paper, its orientation or the dots an inch are none that are known.
    """
    _check(paper, orientation, dpi)
    short, long = PAPERS[paper]
    portrait = orientation == "portrait"
    page = Page(short if portrait else long, long if portrait else short, fonts=fonts)
    layout = Layout(page, content, unit=short / 210)
    top = layout.head()
    bottom = layout.foot()
    drawn = layout.upright(top, bottom) if portrait else layout.across(top, bottom)
    named = {one.label for one in drawn.placed}
    unnamed = tuple(name for name, *_ in content.map.names if name not in named)
    return Sheet(page, drawn, content.title, dpi, content.provenance, unnamed)


def _check(paper: str, orientation: str, dpi: int) -> None:
    faults = []
    if paper not in PAPERS:
        faults.append(f"paper must be {' or '.join(PAPERS)}, found {paper}")
    if orientation not in get_args(Orientation):
        known = " or ".join(get_args(Orientation))
        faults.append(f"orientation must be {known}, found {orientation}")
    if not _DPI[0] <= dpi <= _DPI[1]:
        faults.append(f"dpi must be {_DPI[0]} to {_DPI[1]}, found {dpi}")
    if faults:
        raise SheetError("; ".join(faults))
