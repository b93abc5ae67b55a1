"""What a file needs to be told: its columns, coordinates, year and study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from spatial.diagnosis import Diagnosis, diagnose_rows, known_in
from spatial.geodesy import CoordinateError, crs_name
from spatial.ingest.guess import Sort
from spatial.schema import SchemaError
from spatial.shelf import shelf, studies_on
from spatial.study import Study
from views.query import Query
from views.studies import known_studies, opened
from views.text import Translate, say

__all__ = ["Asked", "ask_for", "grounds"]

_SYSTEMS = ("WGS-84", "GCJ-02", "BD-09")
_NONE = "–"
_LOOKED_AT = 20_000


@dataclass(frozen=True)
class Asked:
    """Everything a load needs beside the file."""

    sort: Sort
    study: str
    adding: bool
    options: Mapping[str, Any]
    columns: Mapping[str, str]
    year: int
    resolution: int
    threshold: int
    source: Mapping[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Short text that tells one way of asking from another."""
        return repr(self)


def ask_for(
    sort: Sort, table: pd.DataFrame, guessed: dict[str, str], key: str, query: Query, tr: Translate
) -> Asked | None:
    """The controls for one sort of file; None while something is missing."""
    st.markdown(f"**{tr('3. What its columns are')}**")
    columns = [str(one) for one in table.columns]
    left, right = st.columns(2)

    def pick(role: str, label: str, box: Any, *, needed: bool = True) -> str:  # noqa: ANN401
        options = columns if needed and guessed.get(role) in columns else [_NONE, *columns]
        at = options.index(guessed[role]) if guessed.get(role) in options else 0
        chosen = box.selectbox(label, options, index=at, key=f"{role}_{key}_{sort}")
        return "" if chosen in (None, _NONE) else str(chosen)

    options: dict[str, Any] = {}
    people: dict[str, str] = {}
    if sort in ("points", "grid", "stations", "listings"):
        options["lat"] = pick("lat", tr("Latitude, or northing"), left)
        options["lon"] = pick("lon", tr("Longitude, or easting"), right)
        if not options["lat"] or not options["lon"]:
            st.info(tr("Choose the two columns of the position."))
            return None
        options["crs"] = _system(table, options, guessed, key, query, tr)
    if sort == "grid":
        options["cell"] = left.text_input(
            tr("Side of a square (250m, 0.01deg)"), "250m", key=f"cell_{key}"
        )
    if sort in ("points", "grid", "zones"):
        people = _people(pick, (left, right), guessed, tr)
        if not people:
            st.info(tr("Choose at least one column of people."))
            return None
    if sort == "raster":
        role = left.selectbox(
            tr("Its people are"),
            ["residence", "work"],
            format_func=lambda one: tr("homes") if one == "residence" else tr("jobs"),
            key=f"role_{key}",
        )
        people = {str(role): ""}
    if sort == "stations":
        options["name"] = pick("name", tr("Name"), left)
        options["lines"] = pick("lines", tr("Lines"), right, needed=False)
    if sort == "listings":
        options["price"] = pick("price", tr("Rent"), left)
        options["area"] = pick("area", tr("Floor area, m²"), right, needed=False)
        options["kind"] = pick("kind", tr("Kind"), left, needed=False)
    if sort == "flows":
        options["origin"] = pick("origin", tr("Home (H3 cell)"), left)
        options["destination"] = pick("destination", tr("Work (H3 cell)"), right)
        options["count"] = pick("count", tr("People"), left)
    return _study(sort, options, people, key, tr)


def _people(
    pick: Callable[..., str],
    boxes: tuple[Any, Any],
    guessed: dict[str, str],
    tr: Translate,
) -> dict[str, str]:
    if "work" not in guessed and "residence" not in guessed and "count" in guessed:
        guessed["work"] = guessed["count"]
    found = {
        "work": pick("work", tr("People at work"), boxes[0], needed=False),
        "residence": pick("residence", tr("People at home"), boxes[1], needed=False),
    }
    return {role: column for role, column in found.items() if column}


def _system(
    table: pd.DataFrame,
    options: dict[str, Any],
    guessed: dict[str, str],
    key: str,
    query: Query,
    tr: Translate,
) -> str:
    """The coordinate system: what the evidence says, for the reader to accept or to change."""
    found = _diagnosed(table, options, guessed, key)
    proposed = "WGS-84"
    if found is not None:
        told = say(found.sentence, query.lang)
        (st.success if found.confident else st.warning)(told)
        proposed = found.crs or proposed
        if found.swapped:
            st.warning(tr("Latitude and longitude look swapped: change the two columns."))
    systems = [*_SYSTEMS, *([proposed] if proposed not in _SYSTEMS else []), tr("another")]
    chosen = st.selectbox(
        tr("Coordinates"), systems, index=systems.index(proposed), key=f"crs_{key}_{proposed}"
    )
    if chosen == tr("another"):
        given = st.text_input(tr("EPSG code"), "EPSG:4326", key=f"epsg_{key}")
        return crs_name(given)
    return str(chosen)


def _diagnosed(
    table: pd.DataFrame, options: dict[str, Any], guessed: dict[str, str], key: str
) -> Diagnosis | None:
    rows = table if len(table) <= _LOOKED_AT else table.sample(_LOOKED_AT, random_state=1)
    lat, lon = (pd.to_numeric(rows[options[one]], errors="coerce") for one in ("lat", "lon"))
    whole = (lat.notna() & lon.notna()).to_numpy()
    if not whole.any():
        return None
    stated = rows[guessed["district"]][whole] if guessed.get("district") in rows else None
    best: Diagnosis | None = None
    for study in grounds():
        try:
            found = diagnose_rows(known_in(study), lat[whole], lon[whole], stated=stated)
        except (CoordinateError, ValueError):
            continue
        if best is None or (found.confident and not best.confident):
            best = found
    del key
    return best


def grounds() -> list[Study]:
    """Studies whose stations or districts may tell where a file lies."""
    found = []
    for folder in known_studies().values():
        try:
            study = opened(folder)
        except (SchemaError, OSError):
            continue
        if study.has("stations") or study.has("districts"):
            found.append(study)
    return found[:4]


def _study(
    sort: Sort, options: dict[str, Any], people: dict[str, str], key: str, tr: Translate
) -> Asked | None:
    st.markdown(f"**{tr('And where it goes')}**")
    own = list(studies_on(shelf()))
    new = tr("a new study")
    left, middle, right = st.columns(3)
    places = [new, *own] if sort not in ("stations", "listings") else own
    if not places:
        st.info(tr("Stations and rents are added to a study: bring counts first."))
        return None
    into = left.selectbox(tr("Into"), places, key=f"into_{key}")
    adding = into != new
    name = str(into) if adding else left.text_input(tr("Its name"), "my-city", key=f"name_{key}")
    year = int(
        middle.number_input(tr("Year"), 1900, 2200, 2024, key=f"year_{key}")
        if sort != "stations"
        else 0
    )
    resolution = 9
    if adding:
        resolution = opened(studies_on(shelf())[name]).info.resolution
    elif sort not in ("stations", "listings"):
        resolution = int(
            right.number_input(
                tr("Resolution of the cells"),
                4,
                11,
                8,
                key=f"resolution_{key}",
                help=tr("8: some 0.74 km² a cell; 9: 0.11 km²."),
            )
        )
    threshold = 0
    source: dict[str, str] = {}
    if not adding:
        with st.expander(tr("Source and threshold")):
            for field_name, label in (
                ("name", tr("Source")),
                ("licence", tr("Licence")),
                ("citation", tr("Citation")),
            ):
                source[field_name] = st.text_input(label, key=f"source_{field_name}_{key}")
            threshold = int(
                st.number_input(
                    tr("Hide counts under"),
                    0,
                    100,
                    0,
                    key=f"threshold_{key}",
                    help=tr("5 is usual where counts are of real people and not public yet."),
                )
            )
    return Asked(sort, name, adding, options, people, year, resolution, threshold, source)
