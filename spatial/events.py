"""Events: what became of each place, year by year, as a table with outlines to take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from spatial.lineage import EVENT_COLUMNS, Lineages
from spatial.places import Places
from spatial.reasons import Reason

__all__ = ["EVENT_TABLE_COLUMNS", "event_table"]

EVENT_TABLE_COLUMNS: Final = (
    *("lineage", "name", "name_en", *EVENT_COLUMNS[1:]),
    *("comparable", "break", "break_en", "geometry"),
)
"""Columns of a table of events."""


def event_table(
    lineages: Lineages, places: Mapping[int, Places], *, reasons: Iterable[Reason] = ()
) -> gpd.GeoDataFrame:
    """
    The events of all lineages, named, with an outline each and the breaks they lie across.

    Parameters
    ----------
    lineages
        As `find_lineages` gives them.
    places
        The places shown, by year: those the lineages were found from.
    reasons
        Against comparing these years, as `incomparable` gives them.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per event, WGS-84: its columns in `Lineages.events`, name and name_en of the
        lineage; comparable (False where it lies across a break), break and break_en (the
        reasons, zh and en, empty where there are none); geometry, the outline of the place
        after, else before, else, where it was shown in neither year, of the year nearest.
    """
    events = lineages.events
    names = lineages.years.drop_duplicates("lineage").set_index("lineage")
    spans = list(zip(events["from_year"], events["to_year"], strict=True))
    crossed = [[one for one in reasons if _crosses(one, first, second)] for first, second in spans]
    table = events.assign(
        name=events["lineage"].map(names["name"]),
        name_en=events["lineage"].map(names["name_en"]),
        comparable=pd.Series([not found for found in crossed], index=events.index, dtype="bool"),
        **{"break": _told(crossed, "zh"), "break_en": _told(crossed, "en")},
    )
    shapes = _Outlines(lineages, places)
    outlines = [shapes.of(row) for row in events.to_dict("records")]
    return gpd.GeoDataFrame(table, geometry=outlines, crs=4326)[list(EVENT_TABLE_COLUMNS)]


def _crosses(reason: Reason, first: int, second: int) -> bool:
    """Whether a reason stands against these two years; one without years against any."""
    if reason.after is None or reason.before is None:
        return True
    return first <= reason.after < reason.before <= second


def _told(crossed: list[list[Reason]], language: str) -> list[str]:
    return [" ".join(one.reason[language] for one in found) for found in crossed]


class _Outlines:
    """Outline of each lineage in the years it is shown."""

    def __init__(self, lineages: Lineages, places: Mapping[int, Places]) -> None:
        self._by_year: dict[int, dict[str, shapely.Geometry]] = {
            year: one.table.set_index("id").geometry.to_dict() for year, one in places.items()
        }
        shown = lineages.years[lineages.years["shown"].astype(bool)]
        self._shown: dict[str, list[tuple[int, str]]] = {}
        for line, year, place in zip(shown["lineage"], shown["year"], shown["place"], strict=True):
            self._shown.setdefault(line, []).append((year, place))

    def of(self, event: dict[Any, Any]) -> shapely.Geometry:
        after, before = event["to_year"], event["from_year"]
        if event["to_place"]:
            return self._by_year[after][event["to_place"]]
        if event["from_place"]:
            return self._by_year[before][event["from_place"]]
        known = self._shown[event["lineage"]]  # each begins with a year in which it is shown
        year, place = min(known, key=lambda one: (abs(one[0] - after), one[0]))
        return self._by_year[year][place]
