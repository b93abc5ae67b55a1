"""A brief in one HTML file: styles, pictures and provenance inside, nothing fetched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from json import dumps
from typing import Any, Final

from layers.brief_parts import Bars, Block, Heading, Maps, Points, Table, Text
from layers.brief_pictures import map_png
from layers.fonts import Fonts
from layers.palette import DIFFERENCE, PAGE, css_variables

__all__ = ["html_of"]

_STYLE: Final = """
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 820px; margin: 0 auto; padding: 32px 40px 48px; background: var(--card); }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 18px; color: var(--accent); margin: 28px 0 6px; break-after: avoid; }
.tag { display: inline-block; padding: 3px 10px; font-weight: 700; color: var(--tag-ink);
  background: var(--tag); border: 1px solid var(--tag-ink); }
.quiet { color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
.warned { border-left: 4px solid var(--chosen); padding-left: 8px; list-style: none; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; margin: 4px 0;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line); }
th { color: var(--muted); border-bottom-color: var(--muted); }
.word { text-align: left; }
.side { display: flex; flex-wrap: wrap; gap: 16px; }
figure { margin: 4px 0; flex: 1 1 320px; }
figcaption { font-weight: 700; font-size: 14px; margin-bottom: 4px; }
img, svg { width: 100%; height: auto; display: block; }
.ramp { display: flex; margin-top: 2px; font-size: 12px; color: var(--muted); }
.ramp i { display: block; width: 48px; height: 12px; }
.ramp > :first-child i { outline: 1px solid var(--line); outline-offset: -1px; }
.key { display: inline-flex; align-items: center; gap: 6px; margin: 6px 18px 0 0; font-size: 13px; }
.key i { width: 20px; height: 0; border-top: 2px solid var(--mark); }
.key .ring { width: 8px; height: 8px; border: 2px solid var(--mark); border-radius: 50%; }
.key .block { height: 10px; border: 0; background: var(--mark); }
.key .hatch { height: 10px; border: 0;
  background: repeating-linear-gradient(135deg, var(--mark) 0 3px, transparent 3px 6px); }
@media print { body { background: none; } main { max-width: none; padding: 0; } }
"""


def html_of(
    blocks: Sequence[Block],
    *,
    title: str,
    tag: str,
    lang: str,
    provenance: dict[str, Any],
    fonts: Fonts,
) -> str:
    """
    The whole page; provenance stands in it as JSON, in a script of the id "gradmap".

    Maps are pictures: drawn as shapes they would weigh more than all else together.
    """
    told = dumps(provenance, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    mark = f'<p><span class="tag">{escape(tag)}</span></p>' if tag else ""
    body = "\n".join(_block(one, fonts) for one in blocks)
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>:root {{ {css_variables()}}}{_STYLE}</style>\n"
        f'<script type="application/json" id="gradmap">{told}</script>\n</head>\n'
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{mark}\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(one: Block, fonts: Fonts) -> str:
    if isinstance(one, Heading):
        return f"<h2>{escape(one.text)}</h2>"
    if isinstance(one, Text):
        kind = ' class="quiet"' if one.quiet else ""
        return f"<p{kind}>{escape(one.text)}</p>"
    if isinstance(one, Points):
        items = [
            f"<li{' class=warned' if one.warned and at == 0 else ''}>{escape(text)}</li>"
            for at, text in enumerate(one.texts)
        ]
        return f"<ul>{''.join(items)}</ul>"
    if isinstance(one, Table):
        return _table(one)
    return _maps(one, fonts)


def _table(one: Table) -> str:
    def row(cells: Sequence[str], kind: str) -> str:
        return "".join(
            f"<{kind}{' class=word' if at < one.left else ''}>{escape(cell)}</{kind}>"
            for at, cell in enumerate(cells)
        )

    rows = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in one.rows)
    note = f'<p class="quiet">{escape(one.note)}</p>' if one.note else ""
    head = f"<thead><tr>{row(one.header, 'th')}</tr></thead>"
    return f"<table>{head}<tbody>{rows}</tbody></table>{note}"


def _maps(one: Maps, fonts: Fonts) -> str:
    drawn = [(title, b64encode(map_png(shown, fonts)).decode()) for title, shown in one.maps]
    figures = [
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'<img alt="{escape(title)}" src="data:image/png;base64,{picture}"></figure>'
        for title, picture in drawn
    ]
    if one.bars is not None:
        figures.append(_bars(one.bars))
    return f'<div class="side">{"".join(figures)}</div>{_legend(one.legend)}'


def _legend(legend: dict[str, Any]) -> str:
    classes = "".join(
        f'<div><i style="background:{one["colour"]}"></i>{escape(one["label"])}</div>'
        for one in legend["classes"]
    )
    rows = "".join(
        f'<span class="key" style="--mark:{one["colour"]}">'
        f'<i class="{one["shape"]}"></i>{escape(one["label"])}</span>'
        for one in legend["rows"]
    )
    return (
        f"<figcaption>{escape(legend['title'])}</figcaption>"
        f'<div class="ramp">{classes}</div><div>{rows}</div>'
    )


def _bars(bars: Bars) -> str:
    """Bars as SVG, in units of a pixel."""
    step, label, number, wide = 26, 90, 50, 380
    reach = max((abs(v) for one in bars.rows for v in (one.low, one.high) if v == v), default=0)
    reach = max([reach, *(abs(one.value) for one in bars.rows)]) or 1.0
    middle = label + (wide - label - number) / 2
    scale = (wide - label - number) / 2 / reach
    parts = [
        f'<line x1="{middle}" x2="{middle}" y1="0" y2="{step * len(bars.rows)}"'
        f' stroke="{PAGE["quiet"]}"/>'
    ]
    for at, one in enumerate(bars.rows):
        y, up = at * step, one.value >= 0
        colour = DIFFERENCE[(6 if one.sure else 4) if up else (1 if one.sure else 3)]
        start = middle if up else middle + one.value * scale
        parts.append(
            f'<rect x="{start:.1f}" y="{y + 6}" width="{abs(one.value) * scale:.1f}" height="14"'
            f' fill="{colour}"/>'
            f'<text x="0" y="{y + 18}">{escape(one.label)}</text>'
            f'<text x="{wide}" y="{y + 18}" text-anchor="end">{escape(one.text)}</text>'
        )
        if one.low == one.low and one.high == one.high:
            parts.append(
                f'<line x1="{middle + one.low * scale:.1f}" x2="{middle + one.high * scale:.1f}"'
                f' y1="{y + 13}" y2="{y + 13}" stroke="{PAGE["ink"]}"/>'
            )
    return (
        f'<figure><figcaption>{escape(bars.title)}</figcaption><p class="quiet">'
        f'{escape(bars.note)}</p><svg role="img" aria-label="{escape(bars.title)}"'
        f' viewBox="0 0 {wide} {step * len(bars.rows)}" font-size="13" fill="{PAGE["ink"]}">'
        f"{''.join(parts)}</svg></figure>"
    )
