"""What the compare maps show, as one payload: both years, or their difference, and lineage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from layers.cells import Scale, cell_layer
from layers.difference import difference_classes, difference_layer, difference_legend
from layers.drift import drift_layer
from layers.legend import key_row, ramp
from layers.packed import Packed, pack
from layers.palette import DIFFERENCE, ramp_colours
from spatial.ellipse import outline as spread
from spatial.reasons import Reason
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.study import Study
from views.answers import geometry, values
from views.comparisons import difference, drifted, trended
from views.districts import DistrictView, district_view
from views.frames import bounds_of, frame, scale_of
from views.lineage_panel import chosen_bounds, lineage_panel
from views.overlays import credit, district_names, legend_rows, overlay_layers
from views.query import Query
from views.screen import cell_legend, map_words
from views.sector_bars import sector_bars
from views.stories import cell_words
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
        "words": map_words(tr) | {"here": tr("here"), "swipe": tr("Swipe between the years")},
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
        | {
            "lineage": lineage_panel(query, tr, reasons),
            "chosen": chosen_bounds(query),
            "drift": sector_bars(query, tr),
        }
    )


def _overlays(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> list[Packed]:
    found = overlay_layers(query, study, tr, districts)
    if "drift" not in query.overlays or query.mode == "roles":
        return found
    shape = drifted(query)
    years = [year for year in shape.counted if query.first <= year <= query.year]
    centres = [(str(year), shape.ellipses[year].lat, shape.ellipses[year].lon) for year in years]
    outlines = [(str(one), spread(shape.ellipses[one])) for one in (query.first, query.year)]
    key = f"drift-{query.role}-{query.group}-{query.first}-{query.year}-{shape.study}"
    return [*found, drift_layer(centres, outlines, key=key)]


def _notes(query: Query, tr: Translate, *, recoded: pd.Series | None = None) -> dict[str, Any]:
    """What may be said of each cell over the years, as an index into a few texts."""
    words = cell_words(trended(query), tr)
    if recoded is not None:
        hint = tr("looks re-coded to a neighbouring cell")
        words = [
            " · ".join(filter(None, [word, hint])) if flagged else word
            for word, flagged in zip(words, recoded, strict=True)
        ]
    texts = sorted(set(words) - {""})
    number = {text: at for at, text in enumerate(texts, start=1)} | {"": 0}
    return {"texts": texts, "index": np.array([number[one] for one in words], dtype=np.uint16)}


def _two_maps(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    years = study.years_of(query.role)
    layer = cell_layer(
        [frame(replace(query, year=year)) for year in years],
        geometry(query),
        scale_of(query, tr),
        role=query.role,
        current=years.index(query.year),
        score="Gi* z",
        notes=_notes(query, tr),
    )
    role = tr(ROLE_WORDS[query.role])
    legend = cell_legend(query, tr)
    legend["rows"] += legend_rows(query, study, tr)
    return {
        "cells": [layer.data],
        "panes": [
            {"cells": 0, "current": years.index(year), "title": str(year), "note": role}
            for year in (query.first, query.year)
        ],
        "legend": legend,
    }


def _one_map(query: Query, study: Study, tr: Translate, *, hatched: bool) -> dict[str, Any]:
    found = difference(query)
    seen = found["shrunk"].where(~found["noise"])
    size = round_edges([np.abs(seen.dropna().to_numpy())], classes=4)
    table = found.assign(value=found["excess"].fillna(0.0))[["value"]]
    table["class"] = difference_classes(seen, size)
    places = frame(query)
    if "place" in places.table:
        table["place"] = places.table["place"].to_numpy()
    layer = difference_layer(
        f"{query.first}–{query.year}",
        table,
        geometry(query),
        Scale(size, tr("Change beyond expectation"), tr("persons")),
        role=query.role,
        hatched=hatched,
    )
    layer.data["frames"][0]["labels"] = list(places.labels)
    layer.data["notes"] = _notes(query, tr, recoded=found["recoded"])
    labels = [edge_text(one, query.lang) for one in size]
    legend = difference_legend(tr("Change in graduates, per cell"), size, labels)
    legend["rows"] += legend_rows(query, study, tr)
    if hatched:
        legend["rows"].append(key_row("hatch", DIFFERENCE[1], tr("Hatched: does not compare")))
    beyond = int((~found["noise"]).sum())
    legend["rows"].append(
        key_row(
            "block",
            DIFFERENCE[-1],
            tr("{cells} of {all} cells changed beyond noise").format(
                cells=beyond, all=int(found["p"].notna().sum())
            ),
        )
    )
    if flagged := int(found["recoded"].sum()):
        text = tr("{cells} cells look re-coded to a neighbour").format(cells=flagged)
        legend["rows"].append(key_row("block", DIFFERENCE[0], text))
    title = f"{query.first} → {query.year}"
    return {
        "cells": [layer.data],
        "panes": [{"cells": 0, "current": 0, "title": title, "note": tr(ROLE_WORDS[query.role])}],
        "legend": legend,
    }


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
