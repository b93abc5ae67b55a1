"""
Fonts that print Chinese and English: found on this machine, cut down to what a page needs.

A PDF carries its fonts. The cut-down copies have TrueType outlines whatever the original has,
because matplotlib labels every embedded font TrueType and strict readers refuse another kind under
that label.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

__all__ = ["CHINESE", "Face", "FontError", "Fonts", "chinese_face", "latin_face"]

CHINESE: Final = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei"),
    *("WenQuanYi Zen Hei", "Droid Sans Fallback", "SimHei", "Noto Serif CJK SC", "SimSun"),
)
"""Families that print Chinese, the ones looked for first."""
_LATIN: Final = "DejaVu Sans"  # comes with matplotlib, so that it is always there
_BOLD: Final = 600
_MM_PER_PT: Final = 25.4 / 72
_ERROR: Final = 0.5  # of a font unit in a thousand, between cubic and quadratic outlines
# What stands in for a character that a face lacks, so that no page shows an empty box.
_STAND_IN: Final = {
    "\u202f": "\u00a0",
    "\u00a0": " ",
    "−": "-",
    "–": "-",
    "—": "-",
    "·": "|",
    "²": "2",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
}
_UNKNOWN: Final = "?"
_DROPPED: Final = ["GPOS", "GSUB", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG", "FFTM"]


class FontError(ValueError):
    """A page that no font on this machine can print; the message says what to do."""


@dataclass(frozen=True)
class Face:
    """Files of a family, regular and bold, each with its place in a collection."""

    family: str
    regular: tuple[str, int]
    bold: tuple[str, int]


@cache
def chinese_face() -> Face | None:
    """The first family of `CHINESE` that is installed; None where none is."""
    found = next(filter(None, map(_face, CHINESE)), None)
    if found is None and _look_again():
        found = next(filter(None, map(_face, CHINESE)), None)
    return found


@cache
def latin_face() -> Face:
    """A family for English alone."""
    found = _face(_LATIN)
    if found is None:
        raise FontError(f"a page needs the font {_LATIN}, which comes with matplotlib, found none")
    return found


class Fonts:
    """
    A regular and a bold font that hold the characters of some texts, and how wide they set.

    Parameters
    ----------
    texts
        Everything that will be printed; what else the page may say is in `_ALWAYS`.
    chinese
        Whether a face with Chinese is to be taken; otherwise one for English alone.

    Raises
    ------
    FontError
        When a face with Chinese is asked for and none is installed.
    """

    def __init__(self, texts: Iterable[str], *, chinese: bool) -> None:
        face = chinese_face() if chinese else latin_face()
        if face is None:
            raise FontError(
                "printing Chinese needs a font that has it, such as Noto Sans CJK SC (in Debian,"
                " fonts-noto-cjk), and none is installed"
            )
        self.family = face.family
        wanted = sorted({*_ALWAYS, *"".join(texts), *_STAND_IN.values()})
        self._folder = Path(tempfile.mkdtemp(prefix="gradmap-fonts."))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._cut = {
            bold: _cut_down(*file, "".join(wanted), self._folder / name)
            for bold, name, file in (
                (False, "book.ttf", face.regular),
                (True, "bold.ttf", face.bold),
            )
        }

    def properties(self, *, bold: bool = False) -> FontProperties:
        """The font as matplotlib takes it."""
        from matplotlib.font_manager import FontProperties

        return FontProperties(fname=str(self._cut[bold].file))

    def safe(self, text: str) -> str:
        """`text` with stand-ins for characters that the fonts lack."""
        return "".join(self._safe(one) for one in text)

    def _safe(self, one: str) -> str:
        known = self._cut[False].advance.keys() & self._cut[True].advance.keys()
        if one in known or one == "\n":
            return one
        return "".join(part if part in known else _UNKNOWN for part in _STAND_IN.get(one, _UNKNOWN))

    def width(self, text: str, *, size: float, bold: bool = False) -> float:
        """Millimetres that one line of `text` takes at `size` points."""
        advance = self._cut[bold].advance
        return sum(advance.get(one, 1.0) for one in self.safe(text)) * size * _MM_PER_PT


@dataclass(frozen=True)
class _Cut:
    """A cut-down font, and the width of each character in parts of the size."""

    file: Path
    advance: dict[str, float]


_ALWAYS: Final = "".join(map(chr, range(32, 127))) + "°·²–—−×≤≥…“”‘’\u00a0\u202f北"


def _face(family: str) -> Face | None:
    from matplotlib.font_manager import fontManager

    entries = [one for one in fontManager.ttflist if one.name == family and one.style == "normal"]
    entries = [one for one in entries if Path(one.fname).is_file()]
    if not entries:
        return None
    regular = min(entries, key=lambda one: abs(_weight(one) - 400))
    bold = min(entries, key=lambda one: abs(_weight(one) - 700))
    if _weight(bold) < _BOLD:
        bold = regular
    return Face(family, (regular.fname, regular.index), (bold.fname, bold.index))


def _weight(entry: Any) -> int:  # noqa: ANN401 - a number or one of matplotlib's words
    from matplotlib.font_manager import weight_dict

    return weight_dict.get(entry.weight, 400) if isinstance(entry.weight, str) else entry.weight


def _look_again() -> bool:
    """Whether fonts were installed since matplotlib last looked; those are added."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {one.fname for one in fontManager.ttflist}
    new = [file for file in findSystemFonts() if file not in known]
    for file in new:
        try:
            fontManager.addfont(file)
        except (OSError, RuntimeError, ValueError):  # a broken file is no font of ours
            continue
    return bool(new)


def _cut_down(file: str, number: int, characters: str, target: Path) -> _Cut:
    content, advance = _cut_out(file, number, characters)
    target.write_bytes(content)
    return _Cut(target, advance)


@lru_cache(maxsize=8)
def _cut_out(file: str, number: int, characters: str) -> tuple[bytes, dict[str, float]]:
    """A cut-down font and its widths; sheets of one study need the same, and it takes a second."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(layout_features=[], hinting=False, notdef_outline=True)
    options.drop_tables += _DROPPED
    content = BytesIO()
    # A font that said when it was cut would make no two files alike.
    asked = {"fontNumber": number, "lazy": True, "recalcTimestamp": False}
    with Path(file).open("rb") as handle, TTFont(handle, **asked) as font:
        cut = Subsetter(options)
        cut.populate(text=characters)
        cut.subset(font)
        if "CFF " in font:
            _with_quadratic_outlines(font)
        font.save(content)
        names, scale, widths = font.getBestCmap(), font["head"].unitsPerEm, font["hmtx"]
        advance = {chr(code): widths[name][0] / scale for code, name in names.items()}
    return content.getvalue(), advance


def _with_quadratic_outlines(font: Any) -> None:  # noqa: ANN401 - fontTools' own
    """Turn PostScript outlines into TrueType ones, in place."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    order, drawn = font.getGlyphOrder(), font.getGlyphSet()
    error = font["head"].unitsPerEm * _ERROR / 1000
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, error, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = outlines = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = order, glyphs
    for name, glyph in glyphs.items():
        glyph.recalcBounds(outlines)
        advance, _ = font["hmtx"][name]
        font["hmtx"][name] = (advance, getattr(glyph, "xMin", 0))
    font["head"].glyphDataFormat = 0
    most = font["maxp"] = newTable("maxp")
    most.tableVersion, most.numGlyphs = 0x00010000, len(order)
    for field in (
        *("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxStackElements"),
        *("maxInstructionDefs", "maxSizeOfInstructions", "maxComponentElements"),
    ):
        setattr(most, field, 0)
    most.maxZones = 1
    font["post"].formatType = 2.0
    font["post"].extraNames, font["post"].mapping, font["post"].glyphOrder = [], {}, order
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"
