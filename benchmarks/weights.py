"""
One weight of the siting screen changed at 80 000 cells, in a headless browser.

    python -m benchmarks.weights
"""

from __future__ import annotations

import json
import tempfile
from base64 import b64encode
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.table import Row, table
from layers.cells import Frame, Geometry, Scale
from layers.packed import leaflet_css, leaflet_js, pack, script, style
from layers.palette import SITE
from layers.theme import theme_layer, theme_legend
from spatial import cells as h3cells
from spatial.lattice import lattice
from tests.browser import FLAGS, chromium

__all__ = ["rows"]

CELLS = 80_000
_EDGES = [0.0, 0.3, 0.45, 0.55, 0.65, 0.75]

# Milliseconds from the hand on the slider until two frames after every tile was painted.
_MOVED = """(value) => new Promise((done) => {
  const slider = document.querySelector("[data-criterion=c2]");
  const start = performance.now();
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def rows() -> list[Row]:
    """From the slider to the map."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder) / "weights.html"
        file.write_text(_page(), encoding="utf-8")
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        view = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        view.goto(file.as_uri())
        view.wait_for_selector("[data-criterion=c2]")
        view.wait_for_timeout(1000)
        took = [view.evaluate(_MOVED, value) for value in (9, 1, 5, 8, 2, 7)]
        browser.close()
    return [
        Row("one weight changed, 80 000 cells", "ms", float(np.median(took)), None, "<= 300 ms")
    ]


def _page() -> str:
    payload = b64encode(pack(_payload())).decode()
    return f"""<!doctype html><meta charset="utf-8"><style>{leaflet_css()}{style()}
    .gm-root, .gm-box {{ height: 890px; }}</style>
    <div class="gm-root"><div class="gm-box"></div></div>
    <script>{leaflet_js()}</script><script>{script()}</script>
    <script>gradmap.homes(document.querySelector(".gm-box"), () => {{}})
      .update(gradmap.fromBase64({json.dumps(payload)}))</script>"""


def _payload() -> dict[str, object]:
    middle = h3cells.points_to_cells([39.93], [116.4], resolution=9)
    ids = h3cells.grid_disk(middle, k=163)[:CELLS]
    found = lattice(ids)
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"value": np.zeros(len(ids)), "class": 0, "graduates": 1.0})
    layer = theme_layer(
        Frame("2025", table),
        Geometry(found.ij, found.patch, found.matrices, "city"),
        Scale(_EDGES, "Score"),
        role="residence",
        colours=SITE,
    )
    layer.data["frames"][0]["values"] = np.zeros(len(ids), dtype=np.float32)
    criteria = [
        {
            "id": f"c{at}",
            "label": f"criterion {at}",
            "help": "",
            "weight": 3,
            "limit": None,
            "worst": 0.0,
            "best": 1.0,
            "neutral": None,
            "scored": True,
            "unit": "",
            "step": 1,
            "moves": False,
        }
        for at in range(6)
    ]
    empty = {"title": "", "note": "", "facts": [], "columns": [], "rows": [], "empty": ""}
    words = ("title", "reset", "weight", "limit", "at_most", "at_least")
    return {
        "lang": "en",
        "topic": "siting",
        "home": "x",
        "overlays": [],
        "labels": [],
        "bounds": [[39.55, 115.9], [40.3, 116.9]],
        "words": {"zoom_in": "", "zoom_out": "", "map": "", "year": ""},
        "cells": layer.data,
        "legend": theme_legend("Score", SITE, [""] * len(SITE)),
        "panel": empty,
        "member": None,
        "siting": {
            "key": "x",
            "size": len(ids),
            "criteria": criteria,
            "plain": criteria,
            "values": {f"c{at}": rng.random(len(ids), dtype=np.float32) for at in range(6)},
            "missing": [],
            "words": dict.fromkeys(words, ""),
        },
    }


if __name__ == "__main__":
    print(table(rows()))
