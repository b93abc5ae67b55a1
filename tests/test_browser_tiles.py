"""Tiles that gradmap wrote, on a page with MapLibre: it shows what the table says."""

from __future__ import annotations

from pathlib import Path

import h3
import numpy as np
import pytest

from spatial.commute_places import named_area
from spatial.commute_question import FlowQuestion
from spatial.commute_tables import flow_tables
from spatial.export_commute import flow_layer, flow_provenance
from spatial.formats.pmtiles import write_pmtiles
from spatial.remake import remake
from spatial.sources.beijing import sample
from spatial.study import open_study
from tests.programs import missing
from tests.ranges import in_pieces

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent / "maplibre"
MIDDLE = (116.40, 39.92)
COLOURS = {"hot": "#b2182b", "cold": "#2166ac", "none": "#cccccc"}
ASKED = {
    "question": {"year": 2025, "role": "work", "resolution": 8},
    "command": "gradmap sample --out f",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Cells and places of the sample, by kind, and the folder with a file of each."""
    if not (HERE / "node_modules").is_dir():
        missing("MapLibre is not installed (npm ci --ignore-scripts --prefix tests/maplibre)")
    study = open_study(sample.PACKAGED)
    folder = tmp_path_factory.mktemp("tiles")
    found = {}
    for kind in ("cells", "places"):
        made = remake(study, kind, ASKED)
        found[kind] = made.table
        told = {**made.provenance, "citation": "<b id='strange'>Nobody</b> & 北京 (2025)"}
        write_pmtiles(made.table, folder / f"{kind}.pmtiles", told, kind)
    area = named_area(study, "", year=2025, side="residence", resolution=8, top=20)
    asked = FlowQuestion(area=area, resolution=8, top=20)
    lines = flow_tables(study, 2025, asked).lines
    told = flow_provenance(study, 2025, "lines", lines, asked=asked, rules=None, out="f")
    found["lines"] = flow_layer(lines, "lines")
    write_pmtiles(found["lines"], folder / "lines.pmtiles", told, "lines")
    return found, folder


@pytest.fixture(scope="module")
def server(tables):
    with in_pieces(HERE, tables[1]) as one:
        yield one


def shown(visit, server, layer, colour):
    page = visit(server.address, size=(480, 360), ready="#box")
    page.wait_for_function("window.ready")
    asked = {"address": f"{server.address}{layer}.pmtiles", "layer": layer, "colour": colour}
    return page, page.evaluate("one => show(one)", {**asked, "centre": MIDDLE, "zoom": 3})


def look(page, zoom, *, centre=MIDDLE, points=()):
    asked = {"centre": centre, "zoom": zoom, "points": [list(map(float, one)) for one in points]}
    return page.evaluate("one => look(one)", asked)


def test_cells_on_the_page_are_those_of_the_table(visit, server, tables):
    cells = tables[0]["cells"].set_index("cell")
    colour = ["match", ["get", "hotspot"], "hot", COLOURS["hot"], "cold", COLOURS["cold"]]
    page, told = shown(visit, server, "cells", [*colour, COLOURS["none"]])
    assert told["source"]["layers"] == ["cells"]
    assert told["source"]["bounds"] == pytest.approx(cells.total_bounds, abs=1e-6)
    last = told["source"]["maxzoom"]
    assert told["metadata"]["vector_layers"][0]["fields"]["graduates"] == "Number"
    assert told["header"]["centerZoom"] < last

    whole = {one["cell"]: one for one in look(page, 5)["seen"]}
    coarse = h3.get_resolution(next(iter(whole)))
    parents = [h3.cell_to_parent(cell, coarse) for cell in cells.index]
    sums = cells.groupby(parents)[["graduates", "area_km2"]].sum()
    assert set(whole) == set(sums.index)
    for name in sums:
        found = [whole[cell][name] for cell in sums.index]
        np.testing.assert_allclose(found, sums[name], rtol=1e-12)
    assert sum(one["hotspot_hot"] for one in whole.values()) == (cells["hotspot"] == "hot").sum()

    for zoom in (last + 1.5, last + 4):  # nearer than the last zoom, its tiles are drawn larger
        away = abs(cells[["lon", "lat"]] - list(MIDDLE)).max(axis=1)
        near = cells[away < 60 / 2**zoom]
        seen = look(page, zoom, points=near[["lon", "lat"]].to_numpy())
        found = {one["cell"]: one for one in seen["seen"]}
        assert set(near.index) <= set(found)
        for cell, one in found.items():
            assert (one["graduates"], one["z"], one["hotspot"]) == tuple(
                cells.loc[cell, ["graduates", "z", "hotspot"]]
            )
        assert seen["colours"] == [COLOURS[one] for one in near["hotspot"]]
        assert zoom > last + 2 or {"hot", "none"} <= set(near["hotspot"])
    fetched = [part for name, part in server.asked if name == "cells.pmtiles"]
    assert fetched
    assert all(fetched)


def test_places_are_outlined_and_named_in_chinese_and_the_data_said_to_be_synthetic(
    visit, server, tables
):
    places = tables[0]["places"].set_index("id")
    page, told = shown(visit, server, "places", "#b2182b")
    peaks = places[["lon", "lat"]]
    seen = look(page, 7.4, centre=peaks.mean().tolist(), points=peaks.to_numpy())
    found = {one["id"]: one for one in seen["seen"]}
    assert {key: one["name"] for key, one in found.items()} == places["name"].to_dict()
    assert any(one > "\u4e00" for one in places["name"])
    assert sum(one["graduates"] for one in found.values()) == places["graduates"].sum()
    words = page.locator(".maplibregl-ctrl-attrib-inner").inner_text()
    assert "Synthetic data. <b id='strange'>Nobody</b> & 北京 (2025)" in words
    assert page.locator("#strange").count() == 0
    near = look(page, 13, centre=peaks.iloc[0].tolist(), points=[peaks.iloc[0]])
    assert near["colours"] == ["#b2182b"]
    assert [one["id"] for one in near["seen"]].count(places.index[0])
    assert told["header"]["maxZoom"] == 12


def test_lines_of_flows_are_drawn_from_home_to_work(visit, server, tables):
    lines = tables[0]["lines"]
    page, _ = shown(visit, server, "lines", "#2166ac")
    heaviest = lines.loc[lines["graduates"].idxmax()]
    halfway = heaviest.geometry.interpolate(0.5, normalized=True)
    seen = look(page, 7.4, centre=(halfway.x, halfway.y), points=[(halfway.x, halfway.y)])
    ends = ["label_from", "label_to", "graduates"]
    found = {tuple(one[name] for name in ends) for one in seen["seen"]}
    assert found == set(lines[ends].itertuples(index=False, name=None))
    assert any(one > "\u4e00" for one in lines["label_from"])
    assert seen["colours"] == ["#2166ac"]
