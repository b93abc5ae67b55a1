"""
80 000 cells in one headless browser: our layer beside folium.GeoJson.

    python -m benchmarks.first_paint
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.table import Row, table
from layers.basemap import basemap
from layers.cells import Frame, Geometry, Scale, cell_layer
from layers.packed import leaflet_css, leaflet_js, pack
from layers.palette import PAGE, ROLE
from spatial import cells as h3cells
from spatial.lattice import lattice
from tests.browser import FLAGS, chromium

__all__ = ["rows"]

CELLS = 80_000
EDGES = [1, 2, 5, 10, 20, 50, 100, 200]
YEARS = (2022, 2023, 2024, 2025)
_PEER = "folium.GeoJson"

# Milliseconds from the start of the navigation until two frames after the last tile was drawn.
_PAINTED = """() => new Promise((done) => {
  const tell = () => done(performance.now());
  const tick = () => requestAnimationFrame(() => requestAnimationFrame(tell));
  document.readyState === "complete" ? tick() : addEventListener("load", tick);
})"""

# Mean length of a frame over 60 frames of panning, ms.
_PAN = """() => new Promise((done) => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  let frame = 0, start = 0;
  const step = () => {
    if (frame === 1) start = performance.now();
    if (frame === 61) return done((performance.now() - start) / 60);
    frame += 1;
    map.panBy([frame % 20 < 10 ? 9 : -9, 4], { animate: false });
    requestAnimationFrame(step);
  };
  step();
})"""

# Milliseconds to paint every tile of another year.
_YEAR = """() => {
  const map = Object.values(window).find((one) => one instanceof L.Map);
  let layer = null;
  map.eachLayer((one) => { if (one.show && one.frames) layer = one; });
  const took = [0, 1, 2, 3, 0, 1].map((year) => layer.show(year));
  return took.sort((a, b) => a - b)[took.length >> 1];
}"""


def rows() -> list[Row]:
    """First paint, panning, size and year switch, with the peer's beside them."""
    ids, counts = _city()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        ours, size = _ours(ids, counts)
        mine = _measured(browser, Path(folder) / "ours.html", ours)
        peer = _measured(browser, Path(folder) / "peer.html", _geojson(ids, counts))
        year = _year_switch(browser, Path(folder) / "ours.html")
        browser.close()
    return [
        Row(
            "first paint, 80 000 cells",
            "s",
            mine["paint"] / 1000,
            peer["paint"] / 1000,
            "<= 1 s, >= 25x",
            _PEER,
        ),
        Row("pan, a frame", "ms", mine["pan"], peer["pan"], "<= 16.7 ms", _PEER),
        Row(
            "the page, ours with 4 years",
            "MB",
            mine["bytes"] / 1e6,
            peer["bytes"] / 1e6,
            "",
            _PEER,
        ),
        Row("bytes a cell, one year, before base64", "B", size / len(ids), None, "<= 12 B"),
        Row("year switch in the browser", "ms", year, None, "<= 50 ms"),
    ]


def _city() -> tuple[h3cells.Cells, np.ndarray[Any, np.dtype[np.float64]]]:
    middle = h3cells.points_to_cells([39.93], [116.4], resolution=9)
    ids = h3cells.grid_disk(middle, k=163)[:CELLS]
    lat, lon = h3cells.centres(ids)
    away = np.hypot(lat - 39.93, (lon - 116.4) * 0.77)
    rng = np.random.default_rng(1)
    return ids, rng.poisson(300 * np.exp(-away * 12)).astype(np.float64)


def _ours(ids: h3cells.Cells, counts: Any) -> tuple[str, int]:  # noqa: ANN401
    found = lattice(ids)
    geometry = Geometry(found.ij, found.patch, found.matrices, "city")
    tables = [
        pd.DataFrame(
            {
                "value": np.round(counts * (0.8 + 0.05 * at)),
                "z": counts / 50,
                "q": np.exp(-counts / 20),
                "hotspot": np.where(counts > 100, "hot", "none"),
                "place": (counts > 200).astype(int),
            }
        )
        for at in range(len(YEARS))
    ]
    frames = [Frame(str(year), table) for year, table in zip(YEARS, tables, strict=True)]
    scale = Scale(EDGES, "Graduates")
    one_year = len(pack(cell_layer(frames[:1], geometry, scale, role="work").data))
    board = basemap(bounds=[[39.55, 115.9], [40.3, 116.9]])
    cell_layer(frames, geometry, scale, role="work").add_to(board)
    return board.get_root().render(), one_year


def _geojson(ids: h3cells.Cells, counts: Any) -> str:  # noqa: ANN401
    table = gpd.GeoDataFrame({"graduates": counts}, geometry=h3cells.outlines(ids), crs=4326)
    board = folium.Map(tiles=None, prefer_canvas=True)
    board.fit_bounds([[39.55, 115.9], [40.3, 116.9]])
    colours = (PAGE["ground"], *ROLE["work"])

    def fill(cell: dict[str, Any]) -> dict[str, Any]:
        at = int(np.searchsorted(EDGES, cell["properties"]["graduates"], side="right"))
        return {"fillColor": colours[at], "fillOpacity": 1, "weight": 0}

    folium.GeoJson(table, style_function=fill).add_to(board)
    return board.get_root().render()


def _measured(browser: Browser, file: Path, page: str) -> dict[str, float]:
    file.write_text(page, encoding="utf-8")
    paints, pans = [], []
    for _ in range(2):
        view = _open(browser, file)
        paints.append(view.evaluate(_PAINTED))
        pans.append(view.evaluate(_PAN))
        view.context.close()
    return {"paint": min(paints), "pan": min(pans), "bytes": float(file.stat().st_size)}


def _year_switch(browser: Browser, file: Path) -> float:
    view = _open(browser, file)
    view.evaluate(_PAINTED)
    took: float = view.evaluate(_YEAR)
    view.context.close()
    return took


def _open(browser: Browser, file: Path) -> Page:
    view = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    view.set_default_timeout(300_000)
    view.route("**/*", _local)
    view.goto(file.as_uri(), timeout=300_000)
    return view


def _local(route: Route) -> None:
    """What folium's page asks of the network: Leaflet from its package, nothing else."""
    address = route.request.url
    if address.startswith("file:"):
        route.continue_()
    elif address.endswith("leaflet.js"):
        route.fulfill(body=leaflet_js(), content_type="text/javascript")
    elif address.endswith("leaflet.css"):
        route.fulfill(body=leaflet_css(), content_type="text/css")
    else:
        kind = "text/css" if address.endswith(".css") else "text/javascript"
        route.fulfill(body="", content_type=kind)


if __name__ == "__main__":
    print(table(rows()))
