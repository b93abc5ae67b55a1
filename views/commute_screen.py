"""What the commute map shows, as one payload: catchment by cell, flow lines, area and ledger."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import shapely

from layers.cells import Frame, Scale, cell_layer
from layers.flows import area_layer, bus_layer, flow_layer
from layers.legend import key_row, ramp
from layers.packed import Packed, pack
from layers.palette import FLOW, LINES, PAGE, ramp_colours
from spatial.places import Places
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.study import Study
from views.answers import answer, geometry
from views.commute_panel import ledger_panel, ride_lines, who_goes
from views.commutes import area_asked, catchment, flow_years_of, lines, places_at, shown_side
from views.districts import district_view
from views.frames import bounds_of, name_of
from views.overlays import credit, district_names, legend_rows, overlay_layers
from views.query import Query
from views.screen import map_words
from views.text import Translate, count_text, edge_text, percent_text

__all__ = ["commute_payload", "key_of"]


def commute_payload(query: Query, study: Study, tr: Translate, *, whole: bool) -> bytes:
    """
    The commute screen as the map component takes it.

    Bus lines come only with the `whole` of it, asked for once the rest has been shown.
    """
    query = replace(query, measure="count", statistic="gi", fill="none")
    side = shown_side(query)
    seen = replace(query, role=side)
    districts = district_view(seen, study, tr) if study.has("districts") else None
    places = places_at(query, side) if side in study.roles else None
    frames, scale = _frames(query, study, places, tr)
    cells = cell_layer(
        frames, geometry(seen), scale, role=side, current=_current(query, study), selected=0
    )
    found = overlay_layers(seen, study, tr, districts)
    found += _own_layers(query, study, tr)
    return pack(
        {
            "lang": query.lang,
            "home": study.digest,
            "area": query.area,
            "bounds": bounds_of(seen),
            "focus": _focus(query),
            "words": _words(study, tr),
            "cells": cells.data,
            "question": key_of(query),
            "credit": credit(study),
            "partial": not whole,
            "overlays": [one.entry for one in found],
            "areas": _areas(places),
            "labels": district_names(seen, study, districts),
            "legend": _legend(query, study, scale, side, tr),
            "panel": ledger_panel(query, study, tr, whole=whole),
            "rides": _rides(query, study, tr) if whole else None,
        }
    )


def key_of(query: Query) -> str:
    """Short text that tells one question from another."""
    plain = replace(query, overlays=(), lang="en", beside=0)
    return sha256(repr(plain).encode()).hexdigest()[:16]


def _current(query: Query, study: Study) -> int:
    return flow_years_of(study).index(query.year)


def _frames(
    query: Query, study: Study, places: Places | None, tr: Translate
) -> tuple[list[Frame], Scale]:
    years = flow_years_of(study)
    index = answer(replace(query, role=shown_side(query))).cells.index
    found = {year: catchment(query, year).reindex(index, fill_value=0.0) for year in years}
    edges = round_edges([one.to_numpy() for one in found.values()], whole=True)
    frames = [
        _frame(query, values, places if year == query.year else None, str(year))
        for year, values in found.items()
    ]
    return frames, Scale(edges, _title(query, tr), tr("persons"))


def _frame(query: Query, values: pd.Series, places: Places | None, label: str) -> Frame:
    table = pd.DataFrame({"value": values})
    total = float(values.sum())
    if places is None or "places" not in query.overlays or places.table.empty:
        return Frame(label, table, total=total)
    number = pd.Series(np.arange(1, len(places.table) + 1), index=places.table["id"])
    held = pd.Series(number.reindex(places.member).to_numpy(float), index=places.member.index)
    member = held.reindex(table.index).fillna(0.0)
    sums = values.groupby(member.to_numpy()).sum()
    names = [
        {
            "index": at,
            "name": name_of(one, query.lang),
            "number": count_text(float(sums.get(float(at), 0.0)), query.lang),
            "lat": float(one.lat),
            "lon": float(one.lon),
        }
        for at, one in enumerate(places.table.itertuples(), start=1)
    ]
    return Frame(label, table.assign(place=member), names, total)


def _areas(places: Places | None) -> list[dict[str, Any]]:
    """Ids of the places on the map by their number, so that a click can choose one."""
    if places is None:
        return []
    return [{"index": at, "id": str(one)} for at, one in enumerate(places.table["id"], start=1)]


def _own_layers(query: Query, study: Study, tr: Translate) -> list[Packed]:
    found = []
    key = key_of(query)
    if "flows" in query.overlays:
        drawn = lines(query).table
        end = "" if query.lang == "zh" else "_en"
        starts, ends = drawn[f"label_from{end}"], drawn[f"label_to{end}"]
        texts = [
            f"{_plain(start, tr)} → {_plain(stop, tr)}"
            for start, stop in zip(starts, ends, strict=True)
        ]
        notes = [
            tr("{people} {who}, {share}").format(
                who=who_goes(study, tr),
                people=count_text(people, query.lang),
                share=percent_text(share),
            )
            for people, share in zip(drawn["graduates"], drawn["share"], strict=True)
        ]
        layer_key = f"flows-{key}-{query.lang}"
        found.append(flow_layer(drawn, texts=texts, notes=notes, key=layer_key))
    if query.area:
        found.append(area_layer(_outline(query), key=f"area-{query.area}-{query.year}"))
    return found


def _plain(name: object, tr: Translate) -> str:
    return str(name) if isinstance(name, str) and name else tr("elsewhere")


def _outline(query: Query) -> shapely.Geometry | None:
    area = area_asked(query)
    if area.shape is not None:
        return area.shape
    role: Role = "residence" if area.id.startswith("residence-") else "work"
    table = places_at(query, role).table
    rows = table[table["id"] == area.id]
    return rows.geometry.iloc[0] if len(rows) else None


def _focus(query: Query) -> list[list[float]] | None:
    """Corners of what should be seen: the area and the heaviest ends of its lines."""
    if not query.area:
        return None
    shape = _outline(query)
    if shape is None:
        return None
    west, south, east, north = shapely.bounds(shape).tolist()
    table = lines(query).table.head(30)
    lats = [south, north, *table["from_lat"], *table["to_lat"]]
    lons = [west, east, *table["from_lon"], *table["to_lon"]]
    return [[min(lats), min(lons)], [max(lats), max(lons)]]


def _rides(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    told = ride_lines(query, study, tr)
    return bus_layer(told["table"], texts=told["texts"], notes=told["notes"], key="bus").data


def _legend(query: Query, study: Study, scale: Scale, side: Role, tr: Translate) -> dict[str, Any]:
    labels = [edge_text(one, query.lang) for one in scale.breaks]
    legend = ramp(_title(query, tr), ramp_colours(side, len(labels)), labels)
    if "flows" in query.overlays:
        drawn = lines(query)
        words = tr("{lines} lines hold {share} of those who cross").format(
            lines=len(drawn.table), share=percent_text(drawn.share)
        )
        if not query.area:
            legend["rows"].append(key_row("line", FLOW["through"], words))
        else:
            legend["rows"].append(key_row("line", FLOW["in"], tr("Come in to work")))
            legend["rows"].append(key_row("line", FLOW["out"], tr("Go out to work")))
            legend["rows"].append(key_row("line", LINES["chosen"], tr("The chosen area")))
            legend["rows"].append(key_row("taper", PAGE["muted"], words))
        legend["rows"].append(
            key_row("taper", PAGE["muted"], tr("Wide end: home; narrow end: work"))
        )
    legend["rows"] += legend_rows(replace(query, role=side), study, tr)
    return legend


def _title(query: Query, tr: Translate) -> str:
    if not query.area:
        return tr("Jobs, per cell") if query.role == "work" else tr("Homes, per cell")
    return (
        tr("Homes of those who work here, per cell")
        if query.role == "work"
        else tr("Jobs of those who live here, per cell")
    )


def _words(study: Study, tr: Translate) -> dict[str, str]:
    return map_words(tr) | {
        "map": tr("Map of commutes"),
        "graduates": who_goes(study, tr).capitalize(),
        "draw": tr("Draw an area"),
        "draw_stop": tr("Stop drawing"),
        "draw_hint": tr(
            "Click the corners; Enter or a click on the first corner closes the area, Backspace"
            " takes one back, Escape stops."
        ),
    }
