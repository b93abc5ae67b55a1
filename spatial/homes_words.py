"""Words of homes: what every column of a table means, with its unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from spatial.homes_question import HomesKind

__all__ = ["columns_told"]

_COLUMNS: Final = {
    "cell": "H3 cell, 15 hexadecimal characters",
    "lat": "latitude of a cell's centre, place's peak, station or point inside, degrees WGS-84",
    "lon": "longitude of the same, degrees WGS-84",
    "id": "of the place or district in this study",
    "name": "in Chinese, or as the study has it",
    "name_en": "in English",
    "graduates": "graduates, persons",
    "base": "all residents or all jobs, persons",
    "expected": "graduates that the base leads one to expect, persons",
    "lq": "location quotient: graduates / expected",
    "low": "lower end of the 95 % interval",
    "high": "upper end of the 95 % interval",
    "shrunk": "empirical Bayes quotient",
    "p": "two-sided chance of a quotient of 1",
    "q": "p under false discovery control",
    "verdict": "more, fewer or none: beyond chance at the false discovery rate",
    "shown": "what the map colours; missing where it leaves the ground",
    "cells": "cells",
    "area_km2": "km2",
    "peak": "H3 cell of the peak",
    "rent": "median rent, {rent}",
    "listings": "listings that the rent rests on; missing for figures of zones",
    "rings": "rings of cells around that had to be looked at; -1 where no rent is known",
    "zone": "whether the rent is the mean of zones",
    "walk_minutes": "minutes on foot to the nearest station at 80 m a minute, straight line",
    "station_m": "metres to the nearest station, straight line",
    "near_rail": "whether a station lies within the walk",
    "near_campus": "whether a campus lies within 1 km",
    "near_work": "whether a place of work lies within 1 km",
    "campus_km": "kilometres to the nearest campus",
    "work_km": "kilometres to the nearest place of work, 0 in one",
    "station": "id of the nearest station",
    "station_name": "its name in Chinese",
    "station_name_en": "its name in English",
    "beyond_m": "metres beyond the walk, 4 200 at most for a walk of 800 m",
    "person_km": "graduates x beyond, person-km",
    "residence": "graduates at home, persons",
    "work": "graduates at work, persons",
    "balance": "homes less jobs over both: 1 only homes, -1 only jobs",
    "share": "share, 0 to 1",
}
_OWN: Final[dict[HomesKind, dict[str, str]]] = {
    "quotient_areas": {"kind": "place or district"},
    "quotient_slopes": {
        "reading": "poisson and log_log: per cent more graduates for one per cent more base;"
        " rent_rank: rank correlation of the quotient with rent",
        "value": "slope, or correlation -1 to 1",
        "cells": "cells it rests on",
    },
    "quotient_bands": {
        "band": "number of the rent band, 0 the cheapest",
        "low_rent": "rent from which the band begins, {rent}",
        "high_rent": "rent at which it ends, {rent}",
        "share_graduates": "share of all graduates with a known rent, 0 to 1",
        "share_base": "share of all residents with a known rent, 0 to 1",
    },
    "pockets": {
        "kind": "of listing",
        "per": "month: rent of the home; m2: of a square metre; a month each",
        "year": "of the listings",
        "inside": "listings in residential pockets",
        "outside": "all other listings",
        "median_inside": "median rent in the pockets, {currency}",
        "median_outside": "median rent elsewhere, {currency}",
        "ratio": "median inside / median outside",
    },
    "rent": {
        "low": "lower end of the 95 % interval of the median, {rent}",
        "high": "upper end of it, {rent}",
    },
    "rent_areas": {
        "kind": "place or district",
        "rent": "median of its cells' rents, each counted by its graduates, {rent}",
        "cells": "cells with a known rent",
    },
    "pay": {
        "sector": "as the study's table of pay names it",
        "pay": "a month, {currency}",
        "rent_20": "rent that 20 % of pay affords, {rent}",
        "rent_30": "rent that 30 % of pay affords, {rent}",
        "rent_40": "rent that 40 % of pay affords, {rent}",
        **{
            f"listings_{level}": f"share of the listings at most {level} % of pay, 0 to 1"
            for level in (20, 30, 40)
        },
        **{
            f"homes_{level}": f"share of graduates' homes with a known rent whose cell's median is"
            f" at most {level} % of pay, 0 to 1"
            for level in (20, 30, 40)
        },
        "known": "share of graduates whose cell has a known rent, 0 to 1",
    },
    "within": {
        "year": "of observation, and of the stations",
        "role": "residence or work",
        "inside": "graduates within the walk, persons",
        "share": "inside / graduates, 0 to 1",
    },
    "opened": {
        "station": "id of the station that opened",
        "graduates": "graduates whose nearest station it is, persons",
        "before_m": "their mean metres to the nearest station before; missing where none stood",
        "after_m": "their mean metres to it now",
    },
    "kinds": {
        "kind": "of place: the first rule that fired",
        "mix": "jobs, homes, both or unknown: which side leads",
        "fired": "every rule that fired, with its number and limit",
        "missing": "rules that could not be tried for want of a layer",
        "share": "of all graduates at work, 0 to 1",
        "jobs_to_homes": "share of graduates at work over share of those at home",
        "campus": "name of the nearest campus",
        "end_stations": "stops from the nearest station to the end of a line",
        "end": "name of that end",
        "core_density": "graduates per km2 of the core",
        "density_ratio": "over that of the middle place",
        "centre_km": "kilometres to the study's centre",
        "nearer_share": "share of the base that lives nearer to the centre, 0 to 1",
        "base_density": "residents per km2",
        "base_density_ratio": "over what the middle resident lives at",
        "gazetteer_kind": "what the study's gazetteer calls the place",
        "magnet": "name of the nearest place of work that is a centre or node",
        "magnet_km": "kilometres to it",
        "magnet_minutes": "minutes to it from door to door, modelled",
    },
    "magnets": {
        "total": "graduates who live there and work anywhere, persons",
        "to_magnets": "of these, who work in a place of work, persons",
        "share": "to_magnets / total, 0 to 1",
        "km": "mean kilometres of these",
        "minutes": "mean minutes of these from door to door, modelled",
        "rail_minutes": "mean minutes of these by rail alone, modelled",
        "magnets": "places of work that take at least 5 % of them",
        "magnet": "id of the place of work that takes most",
        "magnet_name": "its name in Chinese",
        "magnet_name_en": "its name in English",
        "magnet_share": "share of `total` that works there, 0 to 1",
        "magnet_km": "mean kilometres of those",
        "magnet_minutes": "mean minutes of those, modelled",
        "magnet_rail_minutes": "mean minutes of those by rail alone, modelled",
    },
    "demand": {
        "minutes": "limit, minutes from door to door, modelled",
        "graduates": "who go from a residence place to a place of work, persons",
        "over": "of these, who take longer than the limit, persons",
        "share": "over / graduates, 0 to 1",
        "share_of_all": "graduates / all of the flows, 0 to 1",
    },
}
_PER: Final = {
    "month": "{currency} a month",
    "m2": "{currency} per m2 a month",
    "room": "{currency} a room and month",
}


def columns_told(
    kind: HomesKind, columns: Iterable[str], *, currency: str, per: str
) -> dict[str, str]:
    """
    What each column of a table means, with its unit.

    Parameters
    ----------
    kind, columns
        The table, and its columns; one that ends in _en is the English of the other.
    currency, per
        Of the rents.
    """
    money = currency or "the study's currency"
    words = {"currency": money, "rent": _PER.get(per, _PER["month"]).format(currency=money)}
    known = _COLUMNS | _OWN.get(kind, {})
    told = {}
    for name in columns:
        bare = name.removesuffix("_en")
        text = known.get(name) or f"{known[bare]}, in English"
        told[name] = text.format(**words)
    return told
