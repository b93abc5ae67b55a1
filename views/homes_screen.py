"""What the map of homes shows, as one payload."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from layers.cells import Frame
from layers.legend import key_row
from layers.packed import pack
from layers.palette import SITE
from layers.theme import marked_cells, theme_layer, theme_legend
from spatial.study import Study
from views.answers import geometry
from views.districts import district_view
from views.frames import bounds_of, frame
from views.homes_data import homes_at
from views.overlays import credit, district_names, legend_rows, overlay_layers
from views.query import Query
from views.screen import map_words
from views.text import Translate
from views.topic import Topic, notes_of

__all__ = ["homes_payload"]


def homes_payload(
    query: Query, study: Study, tr: Translate, topic: Topic, *, box: dict[str, Any] | None
) -> bytes:
    """The page on homes as the map component takes it; cells within `box` are outlined."""
    query = replace(query, measure="count", statistic="gi", fill="none")
    seen = replace(query, role=_side(query, study))
    districts = district_view(seen, study, tr) if study.has("districts") else None
    table = topic.table
    labels = []
    if "places" in query.overlays and homes_at(query, seen.role) is not None:
        known = frame(seen)
        table = table.assign(place=known.table["place"].to_numpy())
        labels = list(known.labels)
    total = float(table["graduates"].sum())
    layer = theme_layer(
        Frame(str(query.year), table, labels, total),
        geometry(seen),
        topic.scale,
        role=seen.role,
        colours=topic.colours,
        notes=notes_of(topic.notes) if topic.notes else None,
    )
    if topic.siting is not None:
        layer.data["frames"][0]["values"] = table["value"].to_numpy(dtype=np.float32)
    if box:
        marked_cells(layer, _inside(topic, box))
    legend = theme_legend(topic.legend, topic.colours, topic.labels, ground=topic.ground)
    if topic.keys:
        legend["classes"] = []
        legend["rows"] += [key_row("block", colour, words) for colour, words in topic.keys]
    legend["rows"] += legend_rows(seen, study, tr)
    return pack(
        {
            "lang": query.lang,
            "topic": query.topic,
            "credit": credit(study),
            "home": study.digest,
            "bounds": bounds_of(seen),
            "words": map_words(tr) | {"map": tr("Map of homes")},
            "cells": layer.data,
            "overlays": [one.entry for one in overlay_layers(seen, study, tr, districts)],
            "labels": district_names(seen, study, districts),
            "legend": legend,
            "panel": topic.panel
            | {"lang": query.lang, "words": {"close": tr("Close the card")}, "bar": SITE[4]},
            "siting": topic.siting,
            "member": topic.member,
        }
    )


def _side(query: Query, study: Study) -> Any:  # noqa: ANN401 - a role
    """The role whose places are outlined."""
    if query.topic in ("more", "access", "kinds"):
        return query.role
    return "residence" if query.year in study.years_of("residence") else "work"


def _inside(topic: Topic, box: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Cells whose base and graduates lie within the box that was drawn over the scatter."""
    found = np.ones(len(topic.table), dtype=np.bool_)
    for column, name in (("base", "base"), ("graduates", "graduates")):
        if column in box and name in topic.table:
            low, high = sorted(box[column])
            values = topic.table[name].to_numpy()
            found &= (values >= low) & (values <= high)
    return found
