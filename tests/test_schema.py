"""A table at the door is let in whole or refused with everything that is wrong."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from spatial.schema import (
    COUNT_COLUMNS,
    LAYERS,
    SchemaError,
    check_counts,
    check_flows,
    check_layer,
)
from tests.studies import city


def counts(**changes):
    ids = city(radius=1)
    table = pd.DataFrame({"cell": ids, "role": "work", "year": 2025, "graduates": 1.0, "base": 2.0})
    return table.assign(**changes)


def flows(**changes):
    ids = city(radius=1)
    table = pd.DataFrame({"origin": ids, "destination": ids, "year": 2025, "graduates": 1.0})
    return table.assign(**changes)


def test_good_tables_pass():
    check_counts(counts())
    check_counts(counts(base=np.nan))
    check_counts(counts(stayers=0.25, arrivals=0.75), groups=["stayers", "arrivals"])
    check_flows(flows())


def changed(column, value):
    """A column whose second value is another."""
    values = counts()[column].tolist()
    values[1] = value
    return values


FAULTS = {
    "cell must be uint64": {"cell": counts()["cell"].astype("int64")},
    "cell must be H3 cells, found 7 that are not": {"cell": np.arange(7, dtype=np.uint64)},
    "role must be one of residence, work, found home": {"role": "home"},
    "year must be whole": {"year": 2025.5},
    "year must lie in 1900 to 2200, found 7": {"year": 25},
    "graduates must be a number": {"graduates": "many"},
    "graduates must be 0 or more, found 1 negative": {"graduates": changed("graduates", -1.0)},
    "graduates must be finite, found 1 infinite": {"graduates": changed("graduates", np.inf)},
    "graduates must not be empty, found 1 empty": {"graduates": changed("graduates", np.nan)},
    "base must be 0 or more, found 1 negative": {"base": changed("base", -1.0)},
    "base must be finite, found 1 infinite": {"base": changed("base", np.inf)},
    "one row per cell, role and year, found 1": {"cell": [*city(radius=1)[:6], city(radius=1)[0]]},
}


@pytest.mark.parametrize(("words", "change"), FAULTS.items(), ids=list(FAULTS))
def test_every_fault_of_counts_is_named(words, change):
    with pytest.raises(SchemaError) as fault:
        check_counts(counts(**change))
    assert words in str(fault.value)


def test_all_faults_are_named_at_once():
    with pytest.raises(SchemaError) as fault:
        check_counts(counts(role="home", graduates=-1.0, base=np.inf))
    for words in ("role", "graduates must be 0", "base must be finite"):
        assert words in str(fault.value)


@pytest.mark.parametrize("column", COUNT_COLUMNS)
def test_a_missing_column_is_named_with_what_was_found(column):
    with pytest.raises(SchemaError, match=f"{column} missing; found "):
        check_counts(counts().drop(columns=column))


def test_groups_must_add_up():
    with pytest.raises(SchemaError, match="must add up to graduates, found 7 rows apart"):
        check_counts(counts(stayers=1.0, arrivals=1.0), groups=["stayers", "arrivals"])
    with pytest.raises(SchemaError, match="arrivals missing"):
        check_counts(counts(stayers=1.0), groups=["stayers", "arrivals"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"origin": np.arange(7, dtype=np.uint64)}, "origin must be H3 cells"),
        ({"destination": 1.5}, "destination must be uint64"),
        ({"graduates": -1.0}, "graduates must be 0 or more"),
        ({"origin": city(radius=1)[0], "destination": city(radius=1)[0]}, "found 6 repeated"),
    ],
)
def test_faults_of_flows_are_named(change, words):
    with pytest.raises(SchemaError, match=words):
        check_flows(flows(**change))


def layer(name, *, crs=4326, at=(116.4, 39.9), rows=2):
    columns = {column: [str(row) for row in range(rows)] for column in LAYERS[name]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(*at)] * rows, crs=crs)


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_its_columns(name):
    check_layer(layer(name), name=name)
    check_layer(layer(name, rows=0), name=name)
    with pytest.raises(SchemaError, match="missing"):
        check_layer(layer(name).drop(columns=LAYERS[name][0]), name=name)


def test_faults_of_layers_are_named():
    with pytest.raises(SchemaError, match="a layer must be one of"):
        check_layer(layer("stations"), name="shops")
    with pytest.raises(SchemaError, match="WGS-84"):
        check_layer(layer("stations", crs=None), name="stations")
    with pytest.raises(SchemaError, match="WGS-84"):
        check_layer(layer("stations", crs=3857), name="stations")
    with pytest.raises(SchemaError, match="must lie on the Earth"):
        check_layer(layer("stations", at=(39.9, 116.4)), name="stations")
    with pytest.raises(SchemaError, match="id must be unique, found 1"):
        check_layer(layer("stations").assign(id="one"), name="stations")
