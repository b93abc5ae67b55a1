"""What the compare maps show, as one payload: both years, or their difference, and lineage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from layers.cells import Scale, cell_layer
from layers.legend import ramp
from layers.packed import Packed, pack
from layers.palette import ramp_colours
from papers.lineage_panel import lineage_bounds, lineage_panel
from papers.paired import change_map, drift_overlay, two_maps
from papers.sector_bars import sector_bars
from papers.stories import cell_notes
from papers.words import told
from spatial.reasons import Reason
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.study import Study
from views.answers import geometry, values
from views.comparisons import (
    comparison_of,
    difference,
    drifted,
    lineages,
    places_by_year,
    trended,
)
from views.districts import DistrictView, district_view
from views.frames import bounds_of, frame, scale_of
from views.overlays import credit, district_names, legend_rows, overlay_layers
from views.query import Query
from views.screen import cell_legend, map_words
from views.text import Translate, edge_text
from views.words import ROLE_WORDS

__all__ = ["compare_payload"]


def compare_payload(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> bytes:
    """The compare screen as the map component takes it."""
    query = replace(query, measure="count", statistic="gi", fill="none")
    districts = district_view(query, study, tr) if study.has("districts") else None
    common = {
        "lang": query.lang,
        "mode": query.mode,
        "credit": credit(study),
        "home": study.digest,
        "bounds": bounds_of(query),
        "words": map_words(tr) | {one: told(one, query.lang) for one in ("here", "swipe")},
        "overlays": [one.entry for one in _overlays(query, study, tr, districts)],
        "labels": district_names(query, study, districts),
    }
    if query.mode == "roles":
        return pack(common | _roles(query, study, tr))
    hatched = bool(reasons) and query.anyway == "no"
    maps = (
        _one_map(query, study, tr, hatched=hatched)
        if query.mode == "difference"
        else _two_maps(query, study, tr)
    )
    return pack(
        common
        | maps
        | _lineage(query, reasons)
        | {"drift": sector_bars(drifted(query), comparison_of(query), lang=query.lang)}
    )


def _overlays(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> list[Packed]:
    found = overlay_layers(query, study, tr, districts)
    if "drift" not in query.overlays or query.mode == "roles":
        return found
    return [*found, drift_overlay(drifted(query), comparison_of(query))]


def _two_maps(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    legend = cell_legend(query, tr)
    legend["rows"] += legend_rows(query, study, tr)
    lang = query.lang
    return two_maps(
        [frame(replace(query, year=year)) for year in study.years_of(query.role)],
        geometry(query),
        scale_of(query, tr),
        comparison_of(query),
        notes=cell_notes(trended(query), lang=lang),
        legend=legend,
        lang=lang,
    )


def _one_map(query: Query, study: Study, tr: Translate, *, hatched: bool) -> dict[str, Any]:
    changed, lang = difference(query), query.lang
    return change_map(
        changed,
        frame(query),
        geometry(query),
        comparison_of(query),
        notes=cell_notes(trended(query), lang=lang, recoded=changed["recoded"]),
        rows=legend_rows(query, study, tr),
        hatched=hatched,
        lang=lang,
    )


def _lineage(query: Query, reasons: list[Reason]) -> dict[str, Any]:
    """The table of places, and where the chosen one is."""
    found, lang = lineages(query), query.lang
    asked, chosen = comparison_of(query), query.lineage
    near = lineage_bounds(found, chosen, places_by_year(query)) if chosen else None
    panel = lineage_panel(found, asked, reasons=reasons, lang=lang, chosen=chosen)
    return {"lineage": panel, "chosen": near}


def _roles(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    """Homes and jobs of one year, on one scale."""
    roles: tuple[Role, ...] = study.roles
    asked = [replace(query, role=role) for role in roles]
    pooled = round_edges([values(one)["value"].to_numpy() for one in asked], whole=True)
    base = scale_of(query, tr)
    scale = Scale(pooled, base.measure, base.unit)
    labels = [edge_text(one, query.lang) for one in pooled]
    panes, cells = [], []
    for number, one in enumerate(asked):
        layer = cell_layer([frame(one)], geometry(one), scale, role=one.role, score="Gi* z")
        cells.append(layer.data)
        word = tr(ROLE_WORDS[one.role])
        legend = ramp(word, ramp_colours(one.role, len(pooled)), labels)
        panes.append(
            {
                "cells": number,
                "current": 0,
                "title": word,
                "note": str(one.year),
                "legend": legend,
            }
        )
    return {"cells": cells, "panes": panes, "legend": None, "lineage": None, "drift": None}
