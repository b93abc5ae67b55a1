"""Layers of a study as they stood in a year, for a map page."""

from __future__ import annotations

from hashlib import sha256

import geopandas as gpd

from layers.campuses import campus_layer
from layers.districts import district_labels, district_layer
from layers.ground import ground_layer
from layers.metro import rail_layer
from layers.packed import Packed
from papers.html_words import lines_of
from papers.words import Lang
from spatial.study import Study

__all__ = ["district_names", "layers_in"]


def layers_in(study: Study, year: int, *, lang: Lang) -> list[Packed]:
    """
    What the study has under and over its cells in a year, from the ground up.

    Layers that are the same in two years have the same key, so that a page holds them once.
    """
    found: list[Packed] = []
    if study.has("ground"):
        found.append(ground_layer(study.layer("ground")))
    if study.has("districts"):
        districts = study.layer("districts")
        found.append(district_layer(districts, names=_names(districts, lang)))
    if study.has("stations"):
        found.append(_rail(study, year, lang=lang))
    if study.has("campuses"):
        campuses = study.layer("campuses")
        names = _names(campuses, lang)
        found.append(campus_layer(campuses, names=names, notes=[""] * len(names)))
    return found


def district_names(study: Study, *, lang: Lang) -> list[dict[str, str | float | bool]]:
    """Names of the districts as quiet labels; none where there are no districts."""
    districts = study.layer("districts")
    return district_labels(districts, names=_names(districts, lang))


def _rail(study: Study, year: int, *, lang: Lang) -> Packed:
    stations = _running(study.layer("stations"), year)
    links = _running(study.layer("rail_links"), year)
    notes = [lines_of(one, lang) for one in stations["lines"]]
    ids = "\n".join([*stations["id"], *(links["a"] + " " + links["b"] + " " + links["line"])])
    alike = f"rail-{sha256(ids.encode()).hexdigest()[:12]}"
    names = _names(stations, lang)
    return rail_layer(stations, links, names=names, notes=notes, key=alike)


def _running(table: gpd.GeoDataFrame, year: int) -> gpd.GeoDataFrame:
    """What ran in a year; without a year of opening it always did."""
    running = ~(table["opened"] > year)
    if "closed" in table:
        running &= ~(table["closed"] <= year).fillna(value=False).astype(bool)
    return table[running]


def _names(table: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    own = table["name"] if lang == "zh" else table["name_en"]
    return [str(one or other) for one, other in zip(own, table["name"], strict=True)]
