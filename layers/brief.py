"""A brief: findings, maps and tables on a few pages, as PDF, as one HTML file or for Word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from layers.brief_docx import docx_of
from layers.brief_html import html_of
from layers.brief_pages import pages_of
from layers.brief_parts import Bars, Block, Heading, Maps, Points, Table, Text
from layers.fonts import Fonts
from layers.page import framed
from layers.sheet_page import Page
from layers.sheet_save import SheetError, pdf_of, put

__all__ = ["BRIEF_FORMATS", "Brief", "BriefContent"]

BRIEF_FORMATS: Final = (".pdf", ".html", ".docx")
"""Endings of the files a brief is written to."""


@dataclass(frozen=True, eq=False)
class BriefContent:
    """
    Everything a brief says, in the reader's language.

    Parameters
    ----------
    title, tag
        What it is on, and what must be said large of data that were never observed.
    blocks
        Headings, texts, maps, tables and bars, in order.
    page
        Words for the foot of a page, with room for page and pages.
    lang
        Its language, as HTML names it.
    provenance
        As JSON values.
    """

    title: str
    tag: str
    blocks: Sequence[Block]
    page: str
    lang: str
    provenance: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        """Every text in it, for the fonts."""
        return [self.title, self.tag, self.page, *_texts(self.blocks)]


@dataclass(frozen=True, eq=False)
class Brief:
    """A brief; `save` writes it as the ending says."""

    content: BriefContent
    fonts: Fonts
    _pages: list[Page] = field(default_factory=list, repr=False)

    def __repr__(self) -> str:
        maps = sum(len(one.maps) for one in self.content.blocks if isinstance(one, Maps))
        return f"Brief({self.content.title!r}: {maps} maps, {self.content.lang})"

    @property
    def title(self) -> str:
        """What it is on."""
        return self.content.title

    @property
    def provenance(self) -> dict[str, Any]:
        """As JSON values."""
        return self.content.provenance

    def _repr_html_(self) -> str:
        """The page in a frame of its own, as a notebook shows it."""
        return framed(self.to_bytes(".html").decode(), title=self.content.title)

    @property
    def pages(self) -> list[Page]:
        """Its pages on A4, drawn when first asked for."""
        if not self._pages:
            one = self.content
            self._pages.extend(
                pages_of(one.blocks, title=one.title, tag=one.tag, foot=one.page, fonts=self.fonts)
            )
        return self._pages

    def to_bytes(self, ending: str) -> bytes:
        """
        The file's content.

        Raises
        ------
        SheetError
            When the ending is none of `BRIEF_FORMATS`.
        """
        one = self.content
        if ending == ".pdf":
            figures = [page.figure for page in self.pages]
            return pdf_of(figures, title=one.title, provenance=one.provenance)
        if ending == ".html":
            text = html_of(
                one.blocks,
                title=one.title,
                tag=one.tag,
                lang=one.lang,
                provenance=one.provenance,
                fonts=self.fonts,
            )
            return text.encode()
        if ending == ".docx":
            return docx_of(
                one.blocks,
                title=one.title,
                tag=one.tag,
                foot=one.page,
                lang=one.lang,
                provenance=one.provenance,
                fonts=self.fonts,
            )
        raise SheetError(
            f"a brief ends in {' or '.join(BRIEF_FORMATS)}, found {ending or 'no ending'}"
        )

    def save(self, path: str | Path) -> Path:
        """
        The file written, PDF, HTML or DOCX as its ending says; what was there is replaced.

        Raises
        ------
        SheetError
            When the ending is none of these, or the file cannot be written.
        """
        target = Path(path)
        return put(self.to_bytes(target.suffix.lower()), target)


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for one in blocks:
        if isinstance(one, Heading | Text):
            yield one.text
        elif isinstance(one, Points):
            yield from one.texts
        elif isinstance(one, Table):
            yield from (one.note, *one.header, *(cell for row in one.rows for cell in row))
        elif isinstance(one, Maps):
            yield one.legend["title"]
            yield from (row["label"] for row in (*one.legend["classes"], *one.legend["rows"]))
            for title, shown in one.maps:
                yield title
                yield from (part for name in shown.names for part in name[:2])
            if one.bars is not None:
                yield from _bar_texts(one.bars)


def _bar_texts(bars: Bars) -> Iterator[str]:
    yield from (bars.title, bars.note)
    yield from (part for row in bars.rows for part in (row.label, row.text))
