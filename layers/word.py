"""Marks of a Word document that its library leaves to be set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from layers.palette import PAGE

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

__all__ = ["element", "field", "grid", "name_of", "packed", "picture", "rgb", "underline"]


def grid(document: Document, widths: Sequence[float]) -> Any:  # noqa: ANN401 - a table of Word's
    """A table without rows or lines, its columns so many mm wide, its text in line with ours."""
    from docx.shared import Mm

    table: Any = document.add_table(rows=0, cols=len(widths))
    table.autofit = False
    for column, wide in zip(table.columns, widths, strict=True):
        column.width = Mm(wide)
    padding = element("w:tblCellMar")
    for side, part in (("left", 0), ("right", 60)):
        padding.append(element(f"w:{side}", w=str(part), type="dxa"))
    table._tbl.tblPr.append(padding)
    return table


def underline(colour: str) -> Any:  # noqa: ANN401 - an element of Word's
    """A line under a cell."""
    borders = element("w:tcBorders")
    borders.append(element("w:bottom", val="single", sz="4", space="0", color=PAGE[colour][1:]))
    return borders


def picture(paragraph: Paragraph, content: bytes, told: str, *, wide: float, high: float) -> None:
    """A picture of so many mm, with the words that stand for it."""
    from docx.shared import Mm

    shape = paragraph.add_run().add_picture(BytesIO(content), width=Mm(wide), height=Mm(high))
    inline: Any = shape._inline
    inline.docPr.set("descr", told)
    for side in "TBLR":  # left out, some readers set a picture in by an eighth of an inch
        inline.set(f"dist{side}", "0")


def field(paragraph: Paragraph, name: str) -> None:
    """A number that Word counts: PAGE or NUMPAGES."""
    made = element("w:fldSimple", instr=name)
    made.append(paragraph.add_run("1")._element)
    paragraph._p.append(made)


def packed(document: Document) -> bytes:
    """The file without the hour at which its members were written."""
    first, last = BytesIO(), BytesIO()
    document.save(first)
    with ZipFile(first) as read, ZipFile(last, "w", ZIP_DEFLATED) as written:
        for name in read.namelist():
            member = ZipInfo(name)
            member.compress_type = ZIP_DEFLATED
            written.writestr(member, read.read(name))
    return last.getvalue()


def rgb(colour: str) -> Any:  # noqa: ANN401 - a colour of Word's
    """A colour of the page's palette."""
    from docx.shared import RGBColor

    return RGBColor.from_string(PAGE[colour][1:].upper())


def element(name: str, **attributes: str) -> Any:  # noqa: ANN401 - an element of Word's
    """An element of Word's by its short name, with its attributes."""
    from docx.oxml import OxmlElement

    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(name_of(f"w:{key}"), value)
    return made


def name_of(short: str) -> str:
    """The full name behind a short one."""
    from docx.oxml.ns import qn

    return qn(short)
