"""Styles of flows: lines from home to work, bus lines, and the cells at their other end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import pandas as pd

from layers.palette import FLOW, ramp_colours
from papers.style_labels import class_labels
from papers.words import Lang, edge, told
from spatial.areas import Area
from spatial.commute_beside import catchment
from spatial.commute_places import named_area
from spatial.formats.style import NOT_DRAWN, Style
from spatial.pairs import flow_years, pairs_of
from spatial.question import QuestionError
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.study import Study

__all__ = ["flow_style"]

_LINE_MM: Final = 3.4  # the widest of the screen, 13 pixels
_BUS_MM: Final = 0.55


def flow_style(
    study: Study,
    kind: str,
    table: pd.DataFrame,
    asked: Mapping[str, Any],
    *,
    lang: Lang,
    edges: Sequence[float] = (),
) -> Style | None:
    """
    How the page of a commute draws a table; None for those without shapes.

    Parameters
    ----------
    study, kind, table
        Lines, corridors or catchment, and the table itself.
    asked
        Its provenance.
    lang
        Of the legend.
    edges
        Class edges of the catchment, where they are at hand; else they are pooled over all years.
    """
    if kind == "lines":
        return _line_style(table, lang)
    if kind == "corridors":
        return _bus_style(lang)
    # Without a question it cannot be told whose cells these are.
    if kind != "catchment" or "side" not in asked["flows"]:
        return None
    return _catchment_style(asked["flows"], edges or _edges(study, table, asked), lang)


def _line_style(table: pd.DataFrame, lang: Lang) -> Style:
    """Lines as wide as their people are many, wide at home and narrow at work."""
    known = ("in", "out", "through")
    return Style(
        column="direction",
        words=known,
        colours=tuple(FLOW[one] for one in known),
        labels=tuple(told(f"direction {one}", lang) for one in known),
        opacity=0.65,
        width_of="graduates",
        widest=max(float(table["graduates"].max()), 1.0) if len(table) else 1.0,
        widest_mm=_LINE_MM,
        tapered=True,
        order="graduates",
        names=("label_from",) if lang == "zh" else ("label_from_en", "label_from"),
        written=False,
        title=told("legend lines", lang),
    )


def _bus_style(lang: Lang) -> Style:
    """Bus lines, dashed as on the map: modelled."""
    return Style(
        colours=(FLOW["bus"],),
        labels=(told("legend bus", lang),),
        opacity=0.9,
        widest_mm=_BUS_MM,
        dashed=True,
        names=("origin",) if lang == "zh" else ("origin_en", "origin"),
        written=False,
        title=told("legend bus", lang),
    )


def _catchment_style(flows: Mapping[str, Any], edges: Sequence[float], lang: Lang) -> Style:
    """Cells by people, in the colours of the side that they are on."""
    whole = flows["area"]["kind"] == "study"
    homes = flows["side"] == ("residence" if whole else "work")
    role: Role = "residence" if homes else "work"
    return Style(
        column="graduates",
        edges=tuple(edges),
        colours=(NOT_DRAWN, *ramp_colours(role, len(edges))),
        labels=class_labels(edges, lambda one: edge(one, lang)),
        title=told(f"legend {role}" if whole else f"legend catchment {role}", lang),
    )


def _edges(study: Study, table: pd.DataFrame, asked: Mapping[str, Any]) -> list[float]:
    """One scale for all years; that of this year where the area can only be told by its file."""
    values = list(_by_year(study, asked)) or [table["graduates"]]
    return round_edges([one.to_numpy() for one in values], whole=True)


def _by_year(study: Study, asked: Mapping[str, Any]) -> Iterator[pd.Series]:
    flows = asked["flows"]
    if (name := _area_name(asked)) is None:
        return
    side, resolution = cast(Role, flows["side"]), int(flows["resolution"])
    for year in flow_years(study):
        try:
            area: Area = named_area(
                study, name, year=year, side=side, resolution=resolution, top=int(flows["top"])
            )
        except QuestionError:  # no such place in that year
            continue
        pairs = pairs_of(study, year)
        yield catchment(
            pairs,
            area.holds(pairs.lat, pairs.lon, pairs.cell),
            side=side,
            whole=area.kind == "study",
            resolution=resolution if resolution < study.info.resolution else None,
        )


def _area_name(asked: Mapping[str, Any]) -> str | None:
    """The area as a command names it; None where only a file tells it."""
    area = asked["flows"]["area"]
    if area["kind"] != "drawn":
        return str(area["id"])
    drawn = re.search(r"@[-\d.,;e]+", str(asked["command"]))
    return drawn[0] if drawn else None
