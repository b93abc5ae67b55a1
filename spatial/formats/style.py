"""Style: the classes and colours of a map, as QGIS and KML readers take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Style", "qml", "sld"]

_FAR: Final = 1e300  # beyond every value: a class without an end
_SLD: Final = (
    'xmlns="http://www.opengis.net/sld" xmlns:se="http://www.opengis.net/se"'
    ' xmlns:ogc="http://www.opengis.net/ogc" version="1.1.0"'
)

Drawn = Literal["fill", "line"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """
    Classes of one column and their colours.

    Parameters
    ----------
    column
        That is coloured.
    colours
        One for each class, "#rrggbb".
    edges
        Of numbers: where one class ends and the next begins, ascending, one fewer than colours; a
        value on an edge is of the upper class.
    words
        Of texts: the word of each class.
    labels
        What a legend calls each class; its bounds or its word where none are given.
    opacity
        0 to 1.
    """

    column: str
    colours: tuple[str, ...]
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    opacity: float = 0.8

    def __post_init__(self) -> None:
        if len(self.words or (*self.edges, "")) != len(self.colours):
            raise ValueError(
                "a style needs a word for each colour, or one edge fewer than colours, found"
                f" {len(self.colours)} colours, {len(self.words)} words, {len(self.edges)} edges"
            )
        if self.labels and len(self.labels) != len(self.colours):
            raise ValueError(
                f"a style needs a label for each colour, found {len(self.labels)} labels"
                f" for {len(self.colours)} colours"
            )

    def classes(self, values: pd.Series) -> NDArray[np.intp]:
        """Class of each value, shape (n,); -1 where it is missing or of none."""
        if self.words:
            at = {word: number for number, word in enumerate(self.words)}
            return np.array([at.get(one, -1) for one in values], dtype=np.intp)
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        found = np.searchsorted(np.asarray(self.edges, dtype=np.float64), numbers, side="right")
        return np.where(np.isnan(numbers), -1, found)

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
        return ends[number], ends[number + 1]

    def rules(self) -> Iterator[tuple[int, tuple[float, float] | str]]:
        """
        Each class with its bounds or its word, from the top down.

        QGIS takes the first range that holds a value, ends included, so that a value on an edge
        is of the upper class only if that comes first.
        """
        for number in reversed(range(len(self.colours))):
            yield number, self.words[number] if self.words else self._bounds(number)


def qml(style: Style, *, drawn: Drawn) -> str:
    """The style as QGIS keeps it."""
    kind, holder = (
        ("categorizedSymbol", "categories") if style.words else ("graduatedSymbol", "ranges")
    )
    rows, symbols = [], []
    for number, what in style.rules():
        label = quoteattr(style.named(number))
        held = (
            f'value={quoteattr(what)} type="string"'
            if isinstance(what, str)
            else f'lower="{what[0]!r}" upper="{what[1]!r}"'
        )
        tag = "category" if style.words else "range"
        rows.append(f'<{tag} symbol="{number}" {held} label={label} render="true"/>')
        symbols.append(_symbol(number, style.colours[number], style.opacity, drawn))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology">'
        f'<renderer-v2 type="{kind}" attr={quoteattr(style.column)} symbollevels="0"'
        ' graduatedMethod="GraduatedColor" enableorderby="0" forceraster="0">'
        f"<{holder}>{''.join(rows)}</{holder}><symbols>{''.join(symbols)}</symbols>"
        f"</renderer-v2><blendMode>0</blendMode><layerGeometryType>"
        f"{2 if drawn == 'fill' else 1}</layerGeometryType></qgis>\n"
    )


def sld(style: Style, *, drawn: Drawn, layer: str) -> str:
    """The style as the OGC's Styled Layer Descriptor has it."""
    rules = []
    for number, what in style.rules():
        name = f"<ogc:PropertyName>{escape(style.column)}</ogc:PropertyName>"
        if isinstance(what, str):
            held = _compared("EqualTo", name, what)
        else:
            held = _compared("GreaterThanOrEqualTo", name, repr(what[0]))
            held = f"<ogc:And>{held}{_compared('LessThan', name, repr(what[1]))}</ogc:And>"
        rules.append(
            f"<se:Rule><se:Name>{escape(style.named(number))}</se:Name>"
            f"<ogc:Filter>{held}</ogc:Filter>{_symbolizer(style, number, drawn)}</se:Rule>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<StyledLayerDescriptor {_SLD}><NamedLayer>'
        f"<se:Name>{escape(layer)}</se:Name><UserStyle><se:FeatureTypeStyle>{''.join(rules)}"
        "</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>\n"
    )


def _symbol(number: int, colour: str, opacity: float, drawn: Drawn) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    rgba = f"{red},{green},{blue},255"
    told = (
        {"color": rgba, "style": "solid", "outline_style": "no"}
        if drawn == "fill"
        else {"line_color": rgba, "line_style": "solid", "line_width": "0.6", "capstyle": "round"}
    )
    options = "".join(
        f'<Option type="QString" name="{one}" value="{to}"/>' for one, to in told.items()
    )
    simple = "SimpleFill" if drawn == "fill" else "SimpleLine"
    return (
        f'<symbol type="{drawn}" name="{number}" alpha="{opacity:g}" clip_to_extent="1"'
        f' force_rhr="0"><layer class="{simple}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option></layer></symbol>'
    )


def _symbolizer(style: Style, number: int, drawn: Drawn) -> str:
    colour, part = style.colours[number], "Fill" if drawn == "fill" else "Stroke"
    word = part.lower()
    kind = "Polygon" if drawn == "fill" else "Line"
    return (
        f"<se:{kind}Symbolizer><se:{part}>"
        f'<se:SvgParameter name="{word}">{colour}</se:SvgParameter>'
        f'<se:SvgParameter name="{word}-opacity">{style.opacity:g}</se:SvgParameter>'
        f"</se:{part}></se:{kind}Symbolizer>"
    )


def _compared(how: str, name: str, value: str) -> str:
    return (
        f"<ogc:PropertyIs{how}>{name}<ogc:Literal>{escape(value)}</ogc:Literal>"
        f"</ogc:PropertyIs{how}>"
    )
