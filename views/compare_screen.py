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
from spatial.drift import change
from spatial.ellipse import outline as spread
from spatial.places import outline
from spatial.reasons import Reason
from spatial.scale import round_edges
from spatial.schema import Role
from spatial.story import story
from spatial.structure import SECTORS
from spatial.study import Study
from views.answers import answer, difference, drifted, geometry, lineages, trended, values
from views.districts import DistrictView, district_view
from views.frames import bounds_of, frame, scale_of
from views.overlays import district_names, legend_rows, overlay_layers
from views.query import Query
from views.screen import cell_legend, map_words
from views.stories import SECTOR_WORDS, VERDICT_WORDS, cell_words, story_sentence, trend_line
from views.text import Translate, count_text, edge_text, say
from views.words import ROLE_WORDS

__all__ = ["compare_payload"]

_ORDER = ("appeared", "vanished", "split", "merged", "moved", "grew", "shrank", "steady")


def compare_payload(query: Query, study: Study, tr: Translate, reasons: list[Reason]) -> bytes:
    """The compare screen as the map component takes it."""
    query = replace(query, measure="count", statistic="gi", fill="none")
    districts = district_view(query, study, tr) if study.has("districts") else None
    common = {
        "lang": query.lang,
        "mode": query.mode,
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
            "lineage": _lineage(query, tr, reasons),
            "chosen": _chosen(query, study),
            "drift": _sectors(query, tr),
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


def _lineage(query: Query, tr: Translate, reasons: list[Reason]) -> dict[str, Any]:
    found = lineages(query)
    table = _last_events(query)
    rows = [
        {
            "id": one["lineage"],
            "verdict": one["verdict"],
            "word": tr(VERDICT_WORDS[one["verdict"]]),
            "name": one["name"] if query.lang == "zh" else one["name_en"],
            "cells": [
                _amount(one["before"], query),
                _amount(one["after"], query),
                _percent(one["before"], one["after"]),
                _detail(one, query, tr),
            ],
        }
        for one in table
    ]
    told = ""
    known = set(found.years["lineage"])
    if query.lineage in known:
        one_story = story(found, query.lineage)
        told = story_sentence(query, one_story, tr) + " " + trend_line(one_story, tr)
    return {
        "title": tr("Places through the years"),
        "columns": [
            "",
            tr("Place"),
            str(query.first),
            str(query.year),
            tr("Change"),
            tr("What happened"),
        ],
        "rows": rows,
        "chosen": query.lineage,
        "story": told,
        "warning": " ".join(say(one.reason, query.lang) for one in reasons),
        "empty": tr("No place was found in either year."),
    }


def _last_events(query: Query) -> list[dict[str, Any]]:
    """Each lineage with its most telling verdict, on one footprint through the years."""
    found = lineages(query)
    events, years = found.events, found.years
    fixed: dict[Any, float] = years.set_index(["lineage", "year"])["graduates_fixed"].to_dict()
    named: dict[Any, Any] = years.drop_duplicates("lineage").set_index("lineage").to_dict("index")
    rank = {verdict: at for at, verdict in enumerate(_ORDER)}
    rows = []
    for lineage, group in events.groupby("lineage", sort=False):
        verdict = min(group["verdict"], key=lambda one: rank[one])
        telling = group[group["verdict"] == verdict].iloc[-1]
        rows.append(
            {
                "lineage": str(lineage),
                "verdict": str(verdict),
                "name": str(named[lineage]["name"]),
                "name_en": str(named[lineage]["name_en"]),
                "before": float(fixed[lineage, query.first]),
                "after": float(fixed[lineage, query.year]),
                "overlap": float(telling["overlap"]),
                "to_year": int(telling["to_year"]),
                "with": named.get(telling["with_lineage"]),
                "moved_km": float(telling["moved_km"]),
            }
        )
    return sorted(rows, key=lambda one: (rank[one["verdict"]], -max(one["before"], one["after"])))


def _detail(one: dict[str, Any], query: Query, tr: Translate) -> str:
    """The number or name that a verdict rests on."""
    year, other = one["to_year"], one["with"]
    if one["verdict"] == "appeared":
        return tr("since {year}").format(year=year)
    if one["verdict"] == "vanished":
        return tr("gone by {year}").format(year=year)
    if one["verdict"] == "moved":
        return tr("{km} km, {year}").format(km=f"{one['moved_km']:.1f}", year=year)
    if one["verdict"] in ("split", "merged") and other:
        text = (
            tr("from {place}, {year}") if one["verdict"] == "split" else tr("into {place}, {year}")
        )
        return text.format(place=other["name" if query.lang == "zh" else "name_en"], year=year)
    return tr("overlap {overlap}").format(overlap=f"{one['overlap']:.2f}")


def _amount(value: float, query: Query) -> str:
    return count_text(round(value), query.lang)


def _percent(before: float, after: float) -> str:
    if before <= 0:
        return "–"
    return f"{after / before - 1:+.1%}".replace("-", "−")


def _chosen(query: Query, study: Study) -> dict[str, Any] | None:
    """Where the chosen lineage lies, in the last year it was shown."""
    del study
    if not query.lineage:
        return None
    found = lineages(query)
    rows = found.years[(found.years["lineage"] == query.lineage) & found.years["shown"]]
    if rows.empty:
        return None
    last = rows.iloc[-1]
    places = answer(replace(query, year=int(last["year"]))).places
    held = places.member.index[places.member == last["place"]].to_numpy()
    if not len(held):
        return None
    west, south, east, north = outline(held).bounds
    return {"key": query.lineage, "bounds": [[south, west], [north, east]]}


def _sectors(query: Query, tr: Translate) -> dict[str, Any]:
    found = drifted(query)
    names = [f"share {sector}" for sector in SECTORS]
    at = [found.indicators.index(name) for name in names]
    first, last = found.counted.index(query.first), found.counted.index(query.year)
    moved, drawn = change(found.values, found.draws, first=first, last=last)
    low, high = np.quantile(drawn[:, at], [0.025, 0.975], axis=0)
    rows: list[dict[str, Any]] = [
        {
            "label": tr(SECTOR_WORDS[sector]),
            "value": 100 * float(moved[position]),
            "low": 100 * float(low[number]),
            "high": 100 * float(high[number]),
            "sure": bool(low[number] > 0 or high[number] < 0),
            "text": f"{100 * float(moved[position]):+.1f}".replace("-", "−"),
        }
        for number, (sector, position) in enumerate(zip(SECTORS, at, strict=True))
    ]
    rows.sort(key=lambda one: -one["value"])
    return {
        "title": tr("Share of each direction, change"),
        "note": tr("percentage points, 95 % interval; pale where it includes none"),
        "rows": rows,
        "up": DIFFERENCE[6],
        "down": DIFFERENCE[1],
        "empty": "",
    }
