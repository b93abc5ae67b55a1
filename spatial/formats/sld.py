"""SLD: a style as the OGC's Styled Layer Descriptor 1.1 has it, for map servers."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from spatial.formats.style import Style

__all__ = ["sld"]

_SPACES: Final = (
    'xmlns="http://www.opengis.net/sld" xmlns:se="http://www.opengis.net/se"'
    ' xmlns:ogc="http://www.opengis.net/ogc" version="1.1.0"'
)
_PIXELS_PER_MM: Final = 1 / 0.28  # the OGC's own pixel


def sld(style: Style, *, drawn: str, layer: str) -> str:
    """
    The style as the OGC has it; hatching and the taper of lines it has no words for.

    Parameters
    ----------
    style
        Its columns named as they are in the file.
    drawn
        "fill" for shapes, "line" for lines.
    layer
        Name of what is drawn.
    """
    rules = [
        f"<se:Rule><se:Name>{escape(style.named(number))}</se:Name>"
        f"{_filter(style, what)}{_symbolizer(style, number, drawn)}{_text(style)}</se:Rule>"
        for number, what in style.rules()
    ]
    title = f"<se:Title>{escape(style.title)}</se:Title>" if style.title else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<StyledLayerDescriptor {_SPACES}><NamedLayer>'
        f"<se:Name>{escape(layer)}</se:Name><UserStyle>{title}<se:FeatureTypeStyle>{''.join(rules)}"
        "</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>\n"
    )


def _filter(style: Style, what: tuple[float, float] | str) -> str:
    if not style.column:
        return ""
    name = _property(style.column)
    if isinstance(what, str):
        return f"<ogc:Filter>{_compared('EqualTo', name, what)}</ogc:Filter>"
    low, high = what
    held = _compared("GreaterThanOrEqualTo", name, repr(low))
    held = f"<ogc:And>{held}{_compared('LessThan', name, repr(high))}</ogc:And>"
    if style.unless:
        plain = _compared("EqualTo", _property(style.unless), "true")
        zero = low <= 0 < high
        held = f"<ogc:Or>{held}{plain}</ogc:Or>" if zero else _both(held, plain)
    return f"<ogc:Filter>{held}</ogc:Filter>"


def _both(held: str, unless: str) -> str:
    return f"<ogc:And>{held}<ogc:Not>{unless}</ogc:Not></ogc:And>"


def _symbolizer(style: Style, number: int, drawn: str) -> str:
    colour, rim = style.colours[number], style.rim(number)
    if drawn == "line":
        width = _number(style.widest_mm)
        if style.width_of:
            ends = _property(style.width_of), f"<ogc:Literal>{style.widest!r}</ogc:Literal>"
            share = f"<ogc:Div>{ends[0]}{ends[1]}</ogc:Div>"
            width = f"<ogc:Mul>{share}<ogc:Literal>{width}</ogc:Literal></ogc:Mul>"
        return f"<se:LineSymbolizer>{_stroke(style, colour, width)}</se:LineSymbolizer>"
    fill = ""
    if colour:
        fill = f"<se:Fill>{_given('fill', colour)}{_opacity('fill', style)}</se:Fill>"
    stroke = _stroke(style, rim, _number(style.rim_mm)) if rim else ""
    return f"<se:PolygonSymbolizer>{fill}{stroke}</se:PolygonSymbolizer>" if fill + stroke else ""


def _stroke(style: Style, colour: str, width: str) -> str:
    told = _given("stroke", colour) + _opacity("stroke", style) + _given("stroke-width", width)
    dashes = _given("stroke-dasharray", "6 5") if style.dashed else ""
    return f"<se:Stroke>{told}{dashes}</se:Stroke>"


def _text(style: Style) -> str:
    """Names; of several columns the first, since a rule cannot choose."""
    if not style.names or not style.written:
        return ""
    name = _property(style.names[0])
    return f"<se:TextSymbolizer><se:Label>{name}</se:Label></se:TextSymbolizer>"


def _number(width_mm: float) -> str:
    return f"{width_mm * _PIXELS_PER_MM:.3g}"


def _property(name: str) -> str:
    return f"<ogc:PropertyName>{escape(name)}</ogc:PropertyName>"


def _given(name: str, value: str) -> str:
    return f'<se:SvgParameter name="{name}">{value}</se:SvgParameter>'


def _opacity(part: str, style: Style) -> str:
    return _given(f"{part}-opacity", f"{style.opacity:g}")


def _compared(how: str, name: str, value: str) -> str:
    return (
        f"<ogc:PropertyIs{how}>{name}<ogc:Literal>{escape(value)}</ogc:Literal>"
        f"</ogc:PropertyIs{how}>"
    )
