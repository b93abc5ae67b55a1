"""The data page in a real browser: own files in, hostile ones refused in one sentence."""

from __future__ import annotations

import io
import json
import os
import zipfile

import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.geodesy import from_wgs84
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.browser import served, settled

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=\"document.title='owned'\">`${document.title='owned'}`"


@pytest.fixture(scope="module")
def own_app(chrome, tmp_path_factory):  # noqa: ARG001 - no server where there is no browser
    """Address of an app with an empty shelf of its own, and that shelf."""
    shelf = tmp_path_factory.mktemp("shelf")
    before = os.environ["GRADMAP_SHELF"]
    os.environ["GRADMAP_SHELF"] = str(shelf)
    try:
        with served() as address:
            yield address, shelf
    finally:
        os.environ["GRADMAP_SHELF"] = before


@pytest.fixture(scope="module")
def jobs():
    """Cells of the sample with many jobs, as a table in GCJ-02, with a stranger's remark."""
    counts = open_study(PACKAGED).counts
    held = counts[(counts["role"] == "work") & (counts["year"] == 2025)]
    held = held[held["graduates"] > 5]
    lat, lon = h3cells.centres(held["cell"])
    y, x = from_wgs84(lat, lon, crs="GCJ-02")
    return pd.DataFrame(
        {
            "纬度": y.round(6),
            "经度": x.round(6),
            "就业人数": held["graduates"].to_numpy(),
            "备注": EVIL,
        }
    )


def wizard(visit, address):
    page = visit(f"{address}?page=data&tab=add&lang=en", ready="input[type=file]")
    settled(page)
    return page


def put(page, name, content):
    page.set_input_files(
        "input[type=file]",
        {"name": name, "mimeType": "application/octet-stream", "buffer": content},
    )


def test_a_chinese_table_in_gcj02_is_told_so_and_lands_in_the_right_place(own_app, visit, jobs):
    address, shelf = own_app
    page = wizard(visit, address)
    put(page, "就业.csv", jobs.to_csv(index=False).encode("gb18030"))
    page.get_by_text("read as GB18030").wait_for(timeout=60_000)
    page.get_by_text("The coordinates are GCJ-02").wait_for(timeout=60_000)
    page.get_by_role("button", name="4. Check it").click()
    page.locator(".gm-preview").wait_for(timeout=60_000)
    people = f"{jobs['就业人数'].sum():,.0f}"
    page.get_by_text(f"jobs: {people} people in, {people} on the map, 0 dropped").wait_for()
    page.get_by_role("button", name="5. Save it as a study").click()
    page.get_by_text("Saved as my-city").wait_for(timeout=60_000)
    page.get_by_role("button", name="Open it").click()
    page.wait_for_selector(".gm-explorer .gm-label", timeout=60_000, state="attached")
    settled(page)
    assert "study=my-city" in page.url
    study = open_study(shelf / "my-city")
    assert study.counts["graduates"].sum() == jobs["就业人数"].sum()
    # Where the sample has them: half a kilometre off, most would be in other cells.
    sample = open_study(PACKAGED).counts
    held = sample[(sample["role"] == "work") & (sample["year"] == 2025)]
    there = held[held["graduates"] > 5]
    parents = h3cells.parents(there["cell"], resolution=8)
    right = study.counts.set_index("cell")["graduates"]
    wrong = (right - there.groupby(parents)["graduates"].sum()).abs().sum()
    assert wrong < 0.02 * right.sum()
    assert page.title() != "owned"


def hostile():
    """Name and content of files that must be refused."""
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
    vrt += b"</OGRVRTLayer></OGRVRTDataSource>"
    yield "vrt.geojson", vrt
    for name, entry, content in (
        ("slip.zip", "../../evil.csv", b"a,b\n1,2\n"),
        ("vrt.zip", "x.geojson", vrt),
        ("bomb.zip", "x.csv", b"0" * (64 << 20)),
        ("nest.zip", "inner.zip", b"PK\x05\x06" + b"\0" * 18),
    ):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(entry, content)
        yield name, packed.getvalue()
    yield "nul.csv", b"a,b\n1,\x00\n" * 50
    yield "wide.csv", b",".join(b"c%d" % at for at in range(200_000)) + b"\n"
    deep = '{"type":"FeatureCollection","features":' + "[" * 10_000 + "]" * 10_000 + "}"
    yield "deep.geojson", deep.encode()
    yield "lying.parquet", b"PAR1" + b"\xff" * 400 + b"PAR1"
    yield "page.xlsx", b"<html><script>alert(1)</script></html>"
    yield "empty.csv", b""
    yield "head.csv", b"lat,lon\n"
    far = {"type": "Point", "coordinates": [1e308, 1e308]}
    feature = {"type": "Feature", "properties": {}, "geometry": far}
    yield "far.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


@pytest.mark.parametrize(("name", "content"), [pytest.param(*one, id=one[0]) for one in hostile()])
def test_a_hostile_file_gets_one_sentence_and_changes_nothing(own_app, visit, name, content):
    address, shelf = own_app
    before = sorted(one.name for one in shelf.iterdir())
    page = wizard(visit, address)
    put(page, name, content)
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-testid=stAlertContentError]")].length > 0
               || document.querySelector("[data-testid=stException]")""",
        timeout=60_000,
    )
    settled(page)
    assert page.locator("[data-testid=stException]").count() == 0
    told = page.locator("[data-testid=stAlertContentError]").first.inner_text()
    assert 10 < len(told) < 700
    assert "Traceback" not in told
    assert "root:" not in told
    assert sorted(one.name for one in shelf.iterdir()) == before
    assert page.title() != "owned"


def test_a_value_with_script_in_it_is_only_shown(own_app, visit):
    address, _ = own_app
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            EVIL: [EVIL] * 40,
            "lat": 39.9 + rng.random(40) / 10,
            "lon": 116.3 + rng.random(40) / 10,
            "work": 7,
        }
    )
    page = wizard(visit, address)
    put(page, "evil.csv", table.to_csv(index=False).encode())
    page.get_by_role("button", name="4. Check it").wait_for(timeout=60_000)
    settled(page)
    assert page.title() != "owned"
