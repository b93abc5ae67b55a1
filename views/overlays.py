"""Layers over and under the cells, as the reader has switched them, and their legend rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import pandas as pd

from layers.campuses import campus_layer
from layers.districts import district_labels, district_layer
from layers.ground import ground_layer
from layers.legend import key_row
from layers.metro import rail_layer, walk_layer
from layers.packed import Packed
from layers.palette import CAMPUS, LINES, RAIL, RENT, ROLE_OUTLINE
from layers.rent import MOST_EDGES, rent_layer
from spatial.rent import listing_year
from spatial.study import Study
from views.districts import DistrictView
from views.query import Query
from views.text import Translate, say
from views.words import KIND_WORDS

__all__ = ["WALK_METRES", "credit", "district_names", "legend_rows", "overlay_layers"]

WALK_METRES = 800


def overlay_layers(
    query: Query, study: Study, tr: Translate, districts: DistrictView | None
) -> list[Packed]:
    """The layers that are switched on, from the ground up."""
    shown = query.overlays
    found: list[Packed] = []
    lang = query.lang
    if "ground" in shown:
        found.append(ground_layer(study.layer("ground")))
    stations = study.layer("stations")
    running = _standing(stations, query.year)
    if "walk" in shown:
        found.append(walk_layer(running, metres=WALK_METRES, key=f"walk-{query.year}"))
    if "districts" in shown and districts:
        layer = district_layer(
            study.layer("districts"),
            names=districts.names,
            rows=districts.rows,
            classes=districts.classes,
            key=f"districts-{replace(query, overlays=(), place='')}",
        )
        found.append(layer)
    if "rail" in shown:
        links = study.layer("rail_links")
        notes = [_lines_note(one, tr) for one in running["lines"]]
        found.append(
            rail_layer(
                running,
                _standing(links, query.year),
                names=_names(running, lang),
                notes=notes,
                key=f"rail-{query.year}-{lang}",
            )
        )
    if "rents" in shown:
        rents, year = _rents_shown(study, query.year)
        kinds = {str(kind): tr(KIND_WORDS.get(kind, kind)) for kind in sorted(set(rents["kind"]))}
        found.append(
            rent_layer(
                rents,
                edges=study.info.rent_edges[:MOST_EDGES],
                unit=_rent_unit(study, lang, tr),
                kinds=kinds,
                key=f"rents-{lang}{year}",
            )
        )
    if "campuses" in shown:
        campuses = study.layer("campuses")
        names = _names(campuses, lang)
        found.append(campus_layer(campuses, names=names, notes=[""] * len(names)))
        found[-1].key = f"campuses-{lang}"
    return found


def district_names(
    query: Query, study: Study, districts: DistrictView | None
) -> list[dict[str, str | float | bool]]:
    """Names of the districts as quiet labels, where districts are shown."""
    if districts is None or "districts" not in query.overlays:
        return []
    return district_labels(study.layer("districts"), names=districts.names)


def legend_rows(query: Query, study: Study, tr: Translate) -> list[dict[str, str]]:
    """One line of the legend for each layer that is shown."""
    lang = query.lang
    rows: list[dict[str, str]] = []
    if "places" in query.overlays:
        words = tr("Place (significant, q < {alpha})").format(alpha=f"{query.alpha:g}")
        rows.append(key_row("line", ROLE_OUTLINE[query.role], words))
    if "hot" in query.overlays:
        rows.append(key_row("line", LINES["hot"], tr("Hot cells")))
        rows.append(key_row("dash", LINES["cold"], tr("Cold cells")))
    if "rail" in query.overlays and study.has("stations"):
        rows.append(key_row("ring", RAIL["line"], tr("Metro station")))
    if "walk" in query.overlays and study.has("stations"):
        rows.append(key_row("block", RAIL["walk"], tr("Within 800 m of a station")))
    if "campuses" in query.overlays and study.has("campuses"):
        rows.append(key_row("ring", CAMPUS["rim"], tr("Campus")))
    if "rents" in query.overlays and study.has("rents"):
        unit = _rent_unit(study, lang, tr)
        words_of = _band_words(study.info.rent_edges[:MOST_EDGES])
        rows += [
            key_row("dot", colour, f"{band} {unit}")
            for colour, band in zip(RENT, words_of, strict=False)
        ]
    return rows


def credit(study: Study) -> str:
    """Who is to be named wherever the study's layers are shown."""
    named = [one.citation or one.name for one in study.info.attributions.values()]
    return " · ".join(dict.fromkeys(text for text in named if text))


def _rent_unit(study: Study, lang: str, tr: Translate) -> str:
    return tr("{currency} a month").format(currency=say(study.info.currency, lang)).strip()


def _band_words(found: Sequence[float]) -> list[str]:
    if not found:
        return []
    between = [f"{low:g}–{high:g}" for low, high in pairwise(found)]
    return [f"< {found[0]:g}", *between, f"≥ {found[-1]:g}"]


def _standing(table: gpd.GeoDataFrame, year: int) -> gpd.GeoDataFrame:
    """What was open in a year; without a year of opening it always was."""
    open_now = ~(table["opened"] > year)
    if "closed" in table:
        open_now &= ~(table["closed"] <= year).fillna(value=False).astype(bool)
    return table[open_now]


def _rents_shown(study: Study, year: int) -> tuple[gpd.GeoDataFrame, str]:
    """Listings of all years, but zones of one: every year has the same. And that year for a key."""
    rents = study.layer("rents")
    zones = rents.geometry.geom_type != "Point"
    if not zones.any():
        return rents, ""
    nearest = listing_year(study, year)
    return rents[~zones | (rents["year"] == nearest)], f"-{nearest}"


def _lines_note(lines: str, tr: Translate) -> str:
    return tr("Line {lines}").format(lines=" · ".join(str(lines).split(";")))


def _names(table: pd.DataFrame, lang: str) -> list[str]:
    return [str(one) for one in table["name" if lang == "zh" else "name_en"]]
