"""A brief as a Word document: real headings, lists and tables, pictures with their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from json import dumps
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from layers.brief_parts import Bars, Block, Heading, Maps, Points, Table, Text
from layers.brief_pictures import MAP_MM, bars_png, legend_png, map_png
from layers.fonts import Fonts
from layers.palette import PAGE
from layers.word import element, field, grid, name_of, packed, picture, rgb, underline

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

__all__ = ["PART", "docx_of"]

PART: Final = "customXml/gradmap.xml"
"""Member of the file that holds the provenance, JSON in one element; Word keeps it."""
_LATIN: Final = "Arial"
_CHINESE: Final = "Microsoft YaHei"  # a reader without it takes another with the characters
_MARGIN: Final = 19.0
_WIDE: Final = 210.0 - 2 * _MARGIN
_GAP: Final = 4.0
_LONGEST: Final = 255  # characters of a property
_STYLES: Final = {  # size in points, colour, bold, points before and after
    "Title": (19, "ink", True, 0, 4),
    "Heading 1": (13, "accent", True, 12, 4),
    "Normal": (10, "ink", False, 0, 4),
    "List Bullet": (10, "ink", False, 0, 2),
    "Caption": (9, "ink", True, 4, 2),
    "Quiet": (8, "muted", False, 0, 3),
    "Cell": (8.5, "ink", False, 1, 1),
}


def docx_of(
    blocks: Sequence[Block],
    *,
    title: str,
    tag: str,
    foot: str,
    lang: str,
    provenance: dict[str, Any],
    fonts: Fonts,
) -> bytes:
    """
    The whole document, A4; the same bytes for the same content.

    Parameters
    ----------
    blocks, title, tag
        What is set.
    foot
        Words of the foot, with room for page and pages, which Word counts.
    lang
        Language of the text, as HTML names it.
    provenance
        As JSON values; stands in the part `PART`.
    fonts
        Of the words in pictures.
    """
    import docx

    document = docx.Document()
    _page(document)
    _styles(document, lang)
    document.add_heading(title, level=0)
    if tag:
        _tag(document.add_paragraph(), tag)
    for one in blocks:
        if isinstance(one, Heading):
            document.add_heading(one.text, level=1)
        elif isinstance(one, Text):
            document.add_paragraph(one.text, style="Quiet" if one.quiet else None)
        elif isinstance(one, Points):
            _points(document, one)
        elif isinstance(one, Table):
            _table(document, one)
        else:
            _maps(document, one, fonts)
    _foot(document.sections[0].footer.paragraphs[0], foot, f"{tag}  {title}".strip())
    _properties(document, title, provenance)
    return packed(document)


def _page(document: Document) -> None:
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin, section.bottom_margin = Mm(16), Mm(18)


def _styles(document: Document, lang: str) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    for name, (size, colour, bold, before, after) in _STYLES.items():
        if name in document.styles:
            style: Any = document.styles[name]
        else:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = document.styles["Normal"]
        font = style.font
        font.name, font.size, font.bold, font.italic = _LATIN, Pt(size), bold, False
        font.color.rgb = rgb(colour)
        fonts = style.element.rPr.rFonts
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(name_of(f"w:{kind}"), None)
        for kind in ("ascii", "hAnsi", "cs"):
            fonts.set(name_of(f"w:{kind}"), _LATIN)
        fonts.set(name_of("w:eastAsia"), _CHINESE)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(after)
        for border in style.element.findall(f".//{name_of('w:pBdr')}"):
            border.getparent().remove(border)
    spoken = element("w:lang", val="en-US", eastAsia="zh-CN")
    if lang != "zh-CN":
        spoken = element("w:lang", val="en-GB", eastAsia="zh-CN")
    document.styles["Normal"].element.rPr.append(spoken)


def _tag(paragraph: Paragraph, tag: str) -> None:
    run = paragraph.add_run(f" {tag} ")
    run.bold, run.font.color.rgb = True, rgb("tag-ink")
    run._element.get_or_add_rPr().append(element("w:shd", val="clear", fill=PAGE["tag"][1:]))


def _points(document: Document, one: Points) -> None:
    for at, text in enumerate(one.texts):
        paragraph = document.add_paragraph(text, style="List Bullet")
        if one.warned and at == 0:
            run = paragraph.runs[0]
            run.bold, run.font.color.rgb = True, rgb("chosen")


def _table(document: Document, one: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    widths = [_WIDE * weight / sum(one.weights) for weight in one.weights]
    table = grid(document, widths)
    for at, texts in enumerate([one.header, *one.rows]):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(element("w:cantSplit"))
        if at == 0:
            properties.append(element("w:tblHeader"))
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            paragraph = cell.paragraphs[0]
            paragraph.style = "Cell"
            # Neither the first rows nor the last stand alone on a page.
            paragraph.paragraph_format.keep_with_next = at < 3 or at == len(one.rows) - 1
            if column >= one.left:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            run = paragraph.add_run(text)
            run.bold = at == 0
            if at == 0:
                run.font.color.rgb = rgb("muted")
            cell._tc.get_or_add_tcPr().append(underline("muted" if at == 0 else "line"))
    document.add_paragraph(one.note, style="Quiet")


def _maps(document: Document, one: Maps, fonts: Fonts) -> None:
    """Captions over pictures in a table without lines, the legend under it."""
    pictures = [(title, map_png(shown, fonts)) for title, shown in one.maps]
    if one.bars is not None:
        pictures.append((_told(one.bars), bars_png(one.bars, fonts)))
    wide = _WIDE / len(pictures) - _GAP
    table = grid(document, [_WIDE / len(pictures)] * len(pictures))
    captions, drawn = table.add_row().cells, table.add_row().cells
    for column, (title, content) in enumerate(pictures):
        caption = captions[column].paragraphs[0]
        caption.style = "Caption"
        caption.paragraph_format.keep_with_next = True
        # Bars have their title in the picture.
        caption.add_run(title if column < len(one.maps) else "")
        paragraph = drawn[column].paragraphs[0]
        paragraph.paragraph_format.keep_with_next = True
        picture(paragraph, content, title, wide=wide, high=wide * MAP_MM[1] / MAP_MM[0])
    legend, high = legend_png(one.legend, fonts, width=_WIDE)
    picture(document.add_paragraph(), legend, _key(one.legend), wide=_WIDE, high=high)


def _told(bars: Bars) -> str:
    rows = "; ".join(f"{one.label} {one.text}" for one in bars.rows)
    return f"{bars.title} ({bars.note}): {rows}"


def _key(legend: dict[str, Any]) -> str:
    classes = ", ".join(one["label"] for one in legend["classes"] if one["label"])
    return "; ".join([f"{legend['title']}: {classes}", *(one["label"] for one in legend["rows"])])


def _foot(paragraph: Paragraph, foot: str, left: str) -> None:
    """What the brief is on, and pages that Word counts."""
    paragraph.style = "Quiet"
    paragraph.add_run(f"{left}    ")
    before, _, rest = foot.partition("{page}")
    between, _, after = rest.partition("{pages}")
    paragraph.add_run(before)
    field(paragraph, "PAGE")
    paragraph.add_run(between)
    field(paragraph, "NUMPAGES")
    paragraph.add_run(after)


def _properties(document: Document, title: str, provenance: dict[str, Any]) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    made = datetime.strptime(provenance["created"], "%Y-%m-%dT%H:%M:%S%z").replace(tzinfo=None)
    core = document.core_properties
    core.title, core.author = title[:_LONGEST], str(provenance.get("citation", ""))[:_LONGEST]
    core.subject = str(provenance.get("command", ""))[:_LONGEST]
    core.comments, core.last_modified_by, core.revision = "Gradmap", "Gradmap", 1
    core.created = core.modified = made
    told = escape(dumps(provenance, ensure_ascii=True, sort_keys=True))
    content = f'<?xml version="1.0"?>\n<gradmap xmlns="urn:gradmap:provenance">{told}</gradmap>'
    package = document.part.package
    part = Part(PackURI(f"/{PART}"), "application/xml", content.encode(), package)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
    document.part.relate_to(part, kind)
