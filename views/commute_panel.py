"""The ledger of an area: who lives and works there, who comes and goes, and the bus lines."""

from __future__ import annotations

from math import isnan
from typing import Any

import pandas as pd

from layers.palette import FLOW, ROLE
from spatial.study import Study
from views.commutes import area_asked, gathered, ledger, pairs_asked, reach, rides, shown_side
from views.frames import name_of
from views.query import Query
from views.text import Translate, count_text, percent_text
from views.words import AREA_WORDS

__all__ = ["area_name", "end_name", "ledger_panel", "ride_lines", "who_goes"]

_MOST = 40
_STOPS = {
    "home_lat": "from_lat",
    "home_lon": "from_lon",
    "work_lat": "to_lat",
    "work_lon": "to_lon",
}


def area_name(query: Query, tr: Translate) -> str:
    """Name of the area that is asked about."""
    area = area_asked(query)
    if area.kind == "study":
        return tr("The whole study")
    if area.kind == "drawn":
        return tr("Drawn area")
    return area.name if query.lang == "zh" else area.name_en


def who_goes(study: Study, tr: Translate) -> str:
    """Graduates; or people, where the flows of a study say that they count others."""
    return tr("people") if study.info.definitions.get("flows") else tr("graduates")


def end_name(one: Any, lang: str, tr: Translate) -> str:  # noqa: ANN401 - a row of itertuples
    """Name of a place; of a district, what its places leave over."""
    if one.kind == "elsewhere":
        return tr("elsewhere")
    name = name_of(one, lang)
    return tr("elsewhere in {name}").format(name=name) if one.kind == "district" else name


def ledger_panel(query: Query, study: Study, tr: Translate, *, whole: bool) -> dict[str, Any]:
    """What stands beside the map of flows."""
    found = ledger(query)
    people = found.exchange
    area = area_asked(query)
    return {
        "title": area_name(query, tr),
        "area": query.area,
        "note": tr(AREA_WORDS[area.kind]),
        "lang": query.lang,
        "bar": ROLE[shown_side(query)][5],
        "balance": _balance(query, people, tr),
        "facts": _facts(query, people, tr),
        "heading": _heading(query, tr),
        "places": _rows(query, tr),
        "rides": _rides(query, study, rides(query), tr) if whole else None,
        "empty": tr("Nobody crosses the edge of this area on this side of the commute."),
        "words": {
            "name": tr("Name"),
            "count": who_goes(study, tr).capitalize(),
            "share": tr("share"),
            "whole": tr("Back to the whole study"),
            "rides": tr("Bus lines"),
            "no_rides": tr("No long pair is heavy enough, or the study has no flows in this year."),
            "rides_note": tr(
                "Long heavy pairs that a direct bus would serve faster than rail or road by the"
                " model. Minutes are modelled, not measured."
            ),
            "loading": tr("Reading ..."),
        },
    }


def _balance(query: Query, people: Any, tr: Translate) -> list[dict[str, Any]]:  # noqa: ANN401
    rows = [
        ("residents", tr("Live here"), people.residents, ROLE["residence"][5]),
        ("workers", tr("Work here"), people.workers, ROLE["work"][5]),
    ]
    if query.area:
        rows += [
            ("both", tr("Live and work here"), people.both, FLOW["through"]),
            ("inflow", tr("Come in to work"), people.inflow, FLOW["in"]),
            ("outflow", tr("Go out to work"), people.outflow, FLOW["out"]),
        ]
    return [
        {
            "id": name,
            "label": label,
            "value": value,
            "text": count_text(value, query.lang),
            "colour": colour,
        }
        for name, label, value, colour in rows
    ]


def _facts(query: Query, people: Any, tr: Translate) -> list[dict[str, Any]]:  # noqa: ANN401
    mean, near = reach(pairs_asked(query))
    rows = [
        (tr("Mean distance"), _km(mean), tr("From home to work in a straight line.")),
        (tr("Within 5 km"), _share(near), ""),
    ]
    if query.area:
        rows += [
            (
                tr("Self-containment"),
                _share(people.self_containment),
                tr("Of those who live here, the share who also work here."),
            ),
            (
                tr("Jobs per home"),
                "–" if not people.residents else f"{people.workers / people.residents:.2f}",
                tr("People who work here for each who lives here."),
            ),
        ]
    return [{"label": label, "value": value, "help": note} for label, value, note in rows]


def _heading(query: Query, tr: Translate) -> str:
    if not query.area:
        return tr("Districts and places")
    return tr("Homes of those who come") if query.role == "work" else tr("Jobs of those who go")


def _rows(query: Query, tr: Translate) -> list[dict[str, Any]]:
    """Where people come from or go to; for the whole study, its places and districts."""
    if query.area:
        found = ledger(query)
        return _partners(query, found.coming if query.role == "work" else found.going, tr)
    table, total = gathered(query)
    return [
        {
            "id": one.id,
            "rank": rank,
            "name": end_name(one, query.lang, tr),
            "kind": tr(AREA_WORDS[str(one.kind)]),
            "graduates": one.graduates,
            "count_text": count_text(one.graduates, query.lang),
            "share": one.graduates / total if total else 0.0,
        }
        for rank, one in enumerate(table.head(_MOST).itertuples(), start=1)
    ]


def _partners(query: Query, table: pd.DataFrame, tr: Translate) -> list[dict[str, Any]]:
    rows: Any = table.head(_MOST)
    return [
        {
            "id": "" if one.kind == "elsewhere" else one.id,
            "rank": rank,
            "name": end_name(one, query.lang, tr),
            "kind": f"{one.mean_km:.1f} km",
            "graduates": float(one.graduates),
            "count_text": count_text(float(one.graduates), query.lang),
            "share": float(one.share),
        }
        for rank, one in enumerate(rows.itertuples(), start=1)
    ]


def ride_lines(query: Query, study: Study, tr: Translate) -> dict[str, Any]:
    """Texts of the suggested buses for the map, in the order of the ledger."""
    table = rides(query)
    told = _rides(query, study, table, tr)
    return {
        "table": table.rename(columns=_STOPS),
        "texts": [one["title"] for one in told],
        "notes": [f"{one['people']} · {one['minutes']}" for one in told],
    }


def _rides(query: Query, study: Study, table: pd.DataFrame, tr: Translate) -> list[dict[str, str]]:
    zh = query.lang == "zh"
    found = []
    for one in table.to_dict("records"):
        start = one["origin"] if zh else one["origin_en"]
        end = one["destination"] if zh else one["destination_en"]
        found.append(
            {
                "title": f"{start} → {end}",
                "people": tr("{people} {who}, {km} km").format(
                    who=who_goes(study, tr),
                    people=count_text(one["served"], query.lang),
                    km=f"{one['length_km']:.0f}",
                ),
                "minutes": tr("{now} min now, {bus} by bus: {saved} min saved each").format(
                    now=round(one["minutes_now"]),
                    bus=round(one["minutes_bus"]),
                    saved=round(one["minutes_saved"]),
                ),
            }
        )
    return found


def _km(value: float) -> str:
    return "–" if isnan(value) else f"{value:.1f} km"


def _share(value: float) -> str:
    return "–" if isnan(value) else percent_text(value)
