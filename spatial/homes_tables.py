"""Tables of homes as they are taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from spatial.homes import Homes
from spatial.homes_areas import quotient_areas, rent_areas
from spatial.homes_edges import shown_balance, shown_quotient, shown_walk
from spatial.homes_needs import missing_of
from spatial.homes_question import TABLES, HomesKind
from spatial.kinds import Fired
from spatial.places import Places
from spatial.question import QuestionError

__all__ = ["homes_table", "homes_tables"]

_STATION: Final = {"station": "ids", "station_name": "names", "station_name_en": "names_en"}
_NAMED: Final = ("id", "name", "name_en")
_PLACED: Final = ("graduates", "cells", "area_km2", "peak", "lat", "lon", "geometry")


def homes_tables(homes: Homes) -> tuple[HomesKind, ...]:
    """Tables of the question's topic that the study can tell, that of the map first."""
    return tuple(one for one in TABLES[homes.question.topic] if not missing_of(homes, one))


def homes_table(homes: Homes, kind: HomesKind) -> pd.DataFrame:
    """
    One table as it is taken away; `homes_words.COLUMNS` says what its columns mean.

    Parameters
    ----------
    homes
        The question and its answer.
    kind
        One of the tables of its topic.

    Returns
    -------
    pandas.DataFrame
        Cells on an index of uint64 ids, the whole study area (of `farthest` those listed); a
        GeoDataFrame, WGS-84, of areas, stations and places; without shapes otherwise.

    Raises
    ------
    QuestionError
        When it is no table of the topic, or the study lacks what it is made from.
    """
    known = TABLES[homes.question.topic]
    if kind not in known:
        raise QuestionError(
            f"tables of {homes.question.topic} are {', '.join(known)}, found {kind}"
        )
    if why := missing_of(homes, kind):
        raise QuestionError(why)
    return _MADE[kind](homes)


def _quotient(homes: Homes) -> pd.DataFrame:
    cells = homes.concentration.cells
    return pd.concat([cells, shown_quotient(cells)], axis=1)


def _quotient_areas(homes: Homes) -> gpd.GeoDataFrame:
    return quotient_areas(homes.study, homes.concentration, homes.places(homes.role))


def _quotient_slopes(homes: Homes) -> pd.DataFrame:
    found = homes.concentration
    rows = [
        ("poisson", found.poisson.slope, found.poisson.low, found.poisson.high, found.poisson.n),
        ("log_log", found.log_log.slope, found.log_log.low, found.log_log.high, found.log_log.n),
    ]
    if found.rent is not None:
        rank = found.rent.rank
        rows.append(("rent_rank", rank.rho, rank.low, rank.high, rank.n))
    return pd.DataFrame(rows, columns=["reading", "value", "low", "high", "cells"])


def _quotient_bands(homes: Homes) -> pd.DataFrame:
    reading = homes.concentration.rent
    return pd.DataFrame() if reading is None else reading.bands.reset_index()


def _rent(homes: Homes) -> pd.DataFrame:
    table = _rents(homes)
    people = homes.people.reindex(table.index).fillna(0.0)
    return table.assign(graduates=people)


def _rents(homes: Homes) -> pd.DataFrame:
    """The rents without what they say of themselves, which `assign` would carry along."""
    table = homes.rents
    return pd.DataFrame() if table is None else pd.DataFrame(dict(table.items()))


def _rent_areas(homes: Homes) -> gpd.GeoDataFrame:
    places = homes.places("residence") or homes.places("work")
    return rent_areas(homes.study, _rents(homes), homes.people, places)


def _pay(homes: Homes) -> pd.DataFrame:
    table = homes.pay
    return pd.DataFrame() if table is None else table.reset_index()


def _access(homes: Homes) -> pd.DataFrame:
    table = homes.access
    at = table["station"].to_numpy()
    named = pd.DataFrame(_stations(homes, at), index=table.index)
    found = pd.concat(
        [
            homes.people.reindex(table.index, fill_value=0.0),
            table.drop(columns="station"),
            named,
            shown_walk(table, homes.people),
        ],
        axis=1,
    )
    found.attrs = {}
    return found


def _stations(homes: Homes, at: Any) -> dict[str, Any]:  # noqa: ANN401 - an array of rows
    """Id and names of the station in each row; "" for none."""
    rail = homes.rail
    texts = {}
    for column, name in _STATION.items():
        known = [] if rail is None else getattr(rail, name).astype(str).tolist()
        texts[column] = pd.array([*(np.array([*known, ""], dtype=object)[at])], dtype="str")
    return texts


def _farthest(homes: Homes) -> pd.DataFrame:
    return homes.farthest.astype(dict.fromkeys(_STATION, "str"))


def _opened(homes: Homes) -> gpd.GeoDataFrame:
    table, rail = homes.opened, homes.rail
    if table is None or rail is None:
        return pd.DataFrame()
    row = {str(one): at for at, one in enumerate(rail.ids)}
    at = np.array([row[str(one)] for one in table["station"]], dtype=np.int64)
    return gpd.GeoDataFrame(
        table.assign(
            before_m=table["before_m"].where(np.isfinite(table["before_m"])),
            lat=rail.lat[at],
            lon=rail.lon[at],
            **{name: table[name].astype("str") for name in ("station", "name", "name_en")},
        ),
        geometry=gpd.points_from_xy(rail.lon[at], rail.lat[at]),
        crs=4326,
    )


def _kinds(homes: Homes) -> gpd.GeoDataFrame:
    places, told = homes.places(homes.role), homes.kinds
    if places is None or told is None:
        return pd.DataFrame()
    own = told.assign(
        fired=pd.array([fired_text(one) for one in told["fired"]], dtype="str"),
        missing=pd.array([", ".join(one) for one in told["missing"]], dtype="str"),
    )
    return _with_places(places, own)


def fired_text(fired: tuple[Fired, ...]) -> str:
    """Rules that fired, each with its number and limit, the one that gave the kind first."""
    texts = []
    for one in fired:
        about = f" {one.name_en or one.name}" if one.name else ""
        held = "" if np.isnan(one.value) else f" {one.value:.6g} against {one.limit:.6g}"
        texts.append(f"{one.rule}: {one.measure}{held}{about}")
    return "; ".join(texts)


def _with_places(places: Places, told: pd.DataFrame) -> gpd.GeoDataFrame:
    """What is told of places, in their order, with their names and outlines."""
    table = places.table.reset_index(drop=True)
    own = told.reindex(table["id"]).reset_index(drop=True)
    named = table[list(_NAMED)].astype("str")
    own = own.drop(columns=[one for one in own if one in (*_NAMED, *_PLACED)])
    found = pd.concat([named, own, pd.DataFrame(table[list(_PLACED)])], axis=1)
    return gpd.GeoDataFrame(found, geometry="geometry", crs=4326)


def _balance(homes: Homes) -> pd.DataFrame:
    values, people = homes.balance, homes.people
    return pd.DataFrame(
        {
            "residence": homes.graduates("residence"),
            "work": homes.graduates("work"),
            "graduates": people,
            "balance": values,
            "shown": shown_balance(values, people),
        }
    )


def _magnets(homes: Homes) -> gpd.GeoDataFrame:
    places = homes.places("residence")
    return pd.DataFrame() if places is None else _with_places(places, homes.magnets)


_MADE: Final[dict[HomesKind, Callable[[Homes], pd.DataFrame]]] = {
    "quotient": _quotient,
    "quotient_areas": _quotient_areas,
    "quotient_slopes": _quotient_slopes,
    "quotient_bands": _quotient_bands,
    "pockets": lambda homes: homes.pockets,
    "rent": _rent,
    "rent_areas": _rent_areas,
    "pay": _pay,
    "access": _access,
    "farthest": _farthest,
    "within": lambda homes: homes.within,
    "near": lambda homes: homes.near,
    "opened": _opened,
    "kinds": _kinds,
    "balance": _balance,
    "magnets": _magnets,
    "demand": lambda homes: homes.demand,
}
