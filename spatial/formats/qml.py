"""QML: a style as QGIS keeps it, in a GeoPackage or beside a Shapefile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from spatial.formats.style import Style

__all__ = ["qml"]

_THINNEST_MM: Final = 0.2
_HAIR_MM: Final = 0.1
_END: Final = 0.15  # of the width of a tapered line: what is left of it at its end
_SHAPES: Final = {"line": 1, "fill": 2}


def qml(style: Style, *, drawn: str, aliases: Mapping[str, str] | None = None) -> str:
    """
    The style as QGIS reads it.

    Parameters
    ----------
    style
        Its columns named as they are in the file.
    drawn
        "fill" for shapes, "line" for lines.
    aliases
        What each column of the file stands for, shown in place of its name.
    """
    parts = [
        _fields(aliases or {}),
        _renderer(style, drawn),
        _labels(style, drawn),
        "<blendMode>0</blendMode>",
        f"<layerGeometryType>{_SHAPES[drawn]}</layerGeometryType>",
    ]
    kinds = "Symbology|Labeling" + ("|Fields" if aliases else "")
    labelled = f' labelsEnabled="{int(bool(style.names) and style.written)}"'
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22.0" styleCategories="{kinds}"{labelled}>{"".join(parts)}</qgis>\n'
    )


def _renderer(style: Style, drawn: str) -> str:
    """Classes from the top down, each with its symbol."""
    rows, symbols = [], []
    for number, what in style.rules():
        label = quoteattr(style.named(number))
        if isinstance(what, str):
            value = f'value={quoteattr(what)} type="string"'
            rows.append(f'<category symbol="{number}" {value} label={label} render="true"/>')
        else:
            ends = f'lower="{what[0]!r}" upper="{what[1]!r}"'
            rows.append(f'<range symbol="{number}" {ends} label={label} render="true"/>')
        symbols.append(_symbol(style, number, drawn))
    held = f"<symbols>{''.join(symbols)}</symbols>{_order(style)}"
    more = f'symbollevels="0" enableorderby="{int(bool(style.order))}" forceraster="0"'
    if not style.column:
        return f'<renderer-v2 type="singleSymbol" {more}>{held}</renderer-v2>'
    if style.words:
        kind, rest = "categorizedSymbol", f"<categories>{''.join(rows)}</categories>"
        attribute = quoteattr(style.column)
    else:
        kind, rest = "graduatedSymbol", f"<ranges>{''.join(rows)}</ranges>"
        attribute = quoteattr(_valued(style))
        more += ' graduatedMethod="GraduatedColor"'
    return f'<renderer-v2 type="{kind}" attr={attribute} {more}>{rest}{held}</renderer-v2>'


def _valued(style: Style) -> str:
    """The column that is classed, or an expression of it; a Shapefile has T for what is true."""
    if not style.unless:
        return style.column
    true = f"to_string({_column(style.unless)}) IN ('true', 'T', '1')"
    return f"CASE WHEN {true} THEN 0 ELSE {_column(style.column)} END"


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _order(style: Style) -> str:
    if not style.order:
        return ""
    by = escape(_column(style.order))
    return f'<orderby><orderByClause asc="1" nullsFirst="1">{by}</orderByClause></orderby>'


def _symbol(style: Style, number: int, drawn: str) -> str:
    draw = _stroke if drawn == "line" else _fill
    return (
        f'<symbol type="{drawn}" name="{number}" alpha="{style.opacity:g}" clip_to_extent="1"'
        f' force_rhr="0">{draw(style, number)}</symbol>'
    )


def _fill(style: Style, number: int) -> str:
    colour, rim = style.colours[number], style.rim(number)
    seen = rim or colour  # its own colour closes the hairline between neighbours
    told = {
        "color": _rgba(colour),
        "style": "solid" if colour else "no",
        "outline_color": _rgba(seen),
        "outline_style": ("dash" if style.dashed else "solid") if seen else "no",
        "outline_width": f"{style.rim_mm if rim else _HAIR_MM:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    gaps = {"color": _rgba(style.paper), "style": "b_diagonal", "outline_style": "no"}
    hatch = _layer("SimpleFill", gaps) if style.hatched and colour else ""
    return _layer("SimpleFill", told) + hatch


def _stroke(style: Style, number: int) -> str:
    colour = style.colours[number]
    if style.tapered:
        return _tapered(style, colour)
    told = {
        "line_color": _rgba(colour),
        "line_style": "dash" if style.dashed else "solid",
        "line_width": f"{style.widest_mm:g}",
        "line_width_unit": "MM",
        "capstyle": "round",
    }
    return _layer("SimpleLine", told, follows={"outlineWidth": _width(style)})


def _tapered(style: Style, colour: str) -> str:
    """An arrow without a head: as wide where it begins as its value, and narrow at its end."""
    told = {
        "arrow_start_width": f"{style.widest_mm:g}",
        "arrow_start_width_unit": "MM",
        "arrow_width": f"{style.widest_mm * _END:g}",
        "arrow_width_unit": "MM",
        "arrow_type": "0",
        "head_type": "0",
        "head_length": "0",
        "head_thickness": "0",
        "is_curved": "0",
        "is_repeated": "0",
    }
    plain = {"color": _rgba(colour), "style": "solid", "outline_style": "no"}
    inner = (
        '<symbol type="fill" name="@0@0" alpha="1" clip_to_extent="1" force_rhr="0">'
        f"{_layer('SimpleFill', plain)}</symbol>"
    )
    wide = _width(style)
    follows = {"arrowStartWidth": wide, "arrowWidth": f"{_END:g} * {wide}" if wide else ""}
    return _layer("ArrowLine", told, inner=inner, follows=follows)


def _width(style: Style) -> str:
    """Width in millimetres as an expression, in proportion to a column; "" where all are alike."""
    if not style.width_of:
        return ""
    share = f"{style.widest_mm:g} * {_column(style.width_of)} / {style.widest!r}"
    return f"max({_THINNEST_MM:g}, {share})"


def _layer(
    kind: str,
    told: Mapping[str, str],
    *,
    inner: str = "",
    follows: Mapping[str, str] | None = None,
) -> str:
    """One layer of a symbol; `follows` holds properties that an expression decides row by row."""
    options = "".join(f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in told.items())
    given = {name: one for name, one in (follows or {}).items() if one}
    return (
        f'<layer class="{kind}" enabled="1" locked="0" pass="0"><Option type="Map">{options}'
        f"</Option>{_by_row(given) if given else ''}{inner}</layer>"
    )


def _by_row(given: Mapping[str, str]) -> str:
    each = "".join(
        f'<Option type="Map" name="{name}"><Option type="bool" name="active" value="true"/>'
        f'<Option type="QString" name="expression" value={quoteattr(one)}/>'
        '<Option type="int" name="type" value="3"/></Option>'
        for name, one in given.items()
    )
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        f'<Option type="Map" name="properties">{each}</Option>'
        '<Option type="QString" name="type" value="collection"/></Option>'
        "</data_defined_properties>"
    )


def _labels(style: Style, drawn: str) -> str:
    """Names on the map with a paper rim, over the middle of shapes and along lines."""
    if not style.names or not style.written:
        return ""
    known = ", ".join(f"nullif({_column(one)}, '')" for one in style.names)
    text = (
        f'<text-style fieldName={quoteattr(f"coalesce({known})")} isExpression="1" fontSize="9"'
        f' fontWeight="63" fontSizeUnit="Point" textColor="{_rgba(style.ink)}" textOpacity="1">'
        f'<text-buffer bufferDraw="{int(bool(style.paper))}" bufferSize="0.9"'
        f' bufferSizeUnits="MM" bufferColor="{_rgba(style.paper)}" bufferOpacity="0.85"'
        ' bufferNoFill="1"/></text-style>'
    )
    place = 1 if drawn == "fill" else 2
    return (
        f'<labeling type="simple"><settings calloutType="simple">{text}'
        f'<placement placement="{place}" centroidInside="1"/>'
        '<rendering obstacle="0" displayAll="0" drawLabels="1"/></settings></labeling>'
    )


def _fields(aliases: Mapping[str, str]) -> str:
    if not aliases:
        return ""
    each = "".join(
        f'<alias index="{at}" field={quoteattr(short)} name={quoteattr(name)}/>'
        for at, (short, name) in enumerate(aliases.items())
    )
    return f"<aliases>{each}</aliases>"


def _rgba(colour: str) -> str:
    if not colour:
        return "0,0,0,0"
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
