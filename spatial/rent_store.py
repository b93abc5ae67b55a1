"""Rents into a study: beside those of other years and kinds, with currency, edges and audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial import cells as h3cells
from spatial.info import Words
from spatial.schema import SchemaError
from spatial.store import rewrite
from spatial.study import Study, open_study

__all__ = ["CURRENCIES", "add_rents", "currency_words"]

CURRENCIES: Final[dict[str, Words]] = {
    "yuan": {"zh": "元", "en": "yuan"},
    "USD": {"zh": "美元", "en": "US dollars"},
    "EUR": {"zh": "欧元", "en": "euros"},
    "GBP": {"zh": "英镑", "en": "pounds"},
    "JPY": {"zh": "日元", "en": "yen"},
}
"""Currencies by the word a user gives; any other word stands for itself."""

_ALIKE: Final = {"cny": "yuan", "rmb": "yuan", "元": "yuan", "人民币": "yuan"}


def currency_words(currency: str) -> Words:
    """The words of a currency in both languages: "yuan", "USD", or any other as it is given."""
    plain = _ALIKE.get(currency.strip().lower(), currency.strip())
    known = {name.lower(): words for name, words in CURRENCIES.items()}
    return dict(known.get(plain.lower(), {"zh": plain, "en": plain}))


def add_rents(
    path: str | Path,
    rents: gpd.GeoDataFrame,
    *,
    currency: str = "",
    edges: Sequence[float] = (),
    audit: Mapping[str, Any] | None = None,
    replacing: bool = False,
) -> Study:
    """
    A study with further rents.

    Parameters
    ----------
    path
        The study's folder.
    rents
        Listings or zones as `load_listings` and `load_rent_zones` give them.
    currency
        As `currency_words` takes it; "" leaves what the study says.
    edges
        Rents that part the bands; none leaves what the study says.
    audit
        What became of the file's rows.
    replacing
        Whether rents of a kind and year that are there already may be replaced.

    Raises
    ------
    SchemaError
        When there is no sound study at `path`, none of the rents lies in its area, rents of the
        same kind and year are there, or those that stay are in another currency.
    """
    study = open_study(path)
    kept = _kept(study, rents, replacing=replacing)
    words = currency_words(currency) if currency else study.info.currency
    _check_currency(study, kept, words)
    notes = _outside(study, rents)
    joined = _joined(kept, rents)
    years = sorted({int(year) for year in rents["year"]})
    kinds = sorted({str(kind) for kind in rents["kind"]})
    told: dict[str, Any] = {"role": "rents", "year": years[-1], "years": years, "kinds": kinds}
    told |= audit or {}
    told["notes"] = [*told.get("notes", []), *notes]
    info = replace(
        study.info,
        currency=words,
        rent_edges=tuple(map(float, edges)) or study.info.rent_edges,
        audit=(*_other_entries(study, years, kinds), told),
    )
    return rewrite(study, info, {"rents": joined})


def _kept(study: Study, rents: gpd.GeoDataFrame, *, replacing: bool) -> gpd.GeoDataFrame:
    """Rents of the study that are of another year or kind than the new ones."""
    old = study.layer("rents")
    new = pd.MultiIndex.from_frame(_keys(rents).drop_duplicates())
    there = pd.MultiIndex.from_frame(_keys(old)).isin(new)
    if there.any() and not replacing:
        both = _keys(old)[there].drop_duplicates().sort_values(["year", "kind"])
        told = ", ".join(f"{kind} {year}" for year, kind in both.itertuples(index=False))
        raise SchemaError(f"{study.path} holds rents of {told} already; say --replace to replace")
    return old[~there]


def _keys(rents: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"year": rents["year"].astype(int), "kind": rents["kind"].astype(str)})


def _check_currency(study: Study, kept: gpd.GeoDataFrame, words: Words) -> None:
    before = study.info.currency
    if len(kept) and before and before != words:
        raise SchemaError(
            f"rents of {study.path} are in {before.get('en', '?')}, found {words.get('en', '?')}"
        )


def _outside(study: Study, rents: gpd.GeoDataFrame) -> list[str]:
    """One note on rents that lie outside the study area; SchemaError where all of them do."""
    shapes = rents.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    inside = np.zeros(len(rents), dtype=np.bool_)
    cell = h3cells.points_to_cells(
        shapely.get_y(shapes[points]),
        shapely.get_x(shapes[points]),
        resolution=study.info.resolution,
    )
    inside[points] = np.isin(cell, study.area)
    if not points.all() and len(study.area):
        lat, lon = h3cells.centres(study.area)
        tree = shapely.STRtree(shapes[~points])
        _, held = tree.query(shapely.points(lon, lat), predicate="intersects")
        inside[np.flatnonzero(~points)[np.unique(held)]] = True
    if not inside.any():
        raise SchemaError(
            f"rents must lie in the study area of {study.path}, found 0 of {len(rents)} there"
        )
    beside = int((~inside).sum())
    return [f"{beside} of {len(rents)} lie outside the study area"] if beside else []


def _joined(kept: gpd.GeoDataFrame, rents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Old and new rents with an id each: the new ones' get their year where it is taken."""
    if kept.empty:
        return rents
    ids = rents["id"].astype(str)
    if ids.isin(kept["id"].astype(str)).any():
        ids = ids + "-" + rents["year"].astype(str)
    taken = set(kept["id"].astype(str))
    while (again := ids.isin(taken)).any():
        ids = ids.where(~again, ids + "'")
    found = pd.concat([kept, rents.assign(id=ids)], ignore_index=True)
    if "top_coded" in found:
        found["top_coded"] = found["top_coded"].eq(other=True)
    return gpd.GeoDataFrame(found, geometry="geometry", crs=4326)


def _other_entries(study: Study, years: list[int], kinds: list[str]) -> list[dict[str, Any]]:
    """Entries of the audit, without those on rents that the new ones take the place of."""
    new = {(year, kind) for year in years for kind in kinds}

    def replaced(one: dict[str, Any]) -> bool:
        if one.get("role") != "rents":
            return False
        held = {(year, kind) for year in one.get("years", []) for kind in one.get("kinds", [])}
        return held <= new

    return [one for one in study.info.audit if not replaced(one)]
