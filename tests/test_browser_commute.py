"""The commute page as a planner uses it, in a real browser with no way off the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import pytest

from spatial.sources.beijing.sample import PACKAGED
from tests.browser import change, settled, words

pytestmark = pytest.mark.browser

READY = ".gm-commute .gm-label"


def opened(visit, address, *, ready=READY, size=(1440, 900), lang="en", **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    page = visit(f"{address}?page=commute&lang={lang}&{query}", ready=ready, size=size)
    settled(page)
    return page


def balance(page):
    """The ledger's numbers by name."""
    rows = page.locator(".gm-balance-row").all()
    return {
        one.get_attribute("data-balance"): float(
            one.locator("b").inner_text().replace("\u202f", "")
        )
        for one in rows
    }


def whole(page):
    """Wait for what comes after the first picture: bus lines and indicators."""
    page.wait_for_selector(".st-key-charts table", timeout=60_000)
    settled(page)


def test_a_place_chosen_on_the_map_tells_the_cli_s_inflow_and_outflow(sample_app, visit, tmp_path):
    page = opened(visit, sample_app)
    at = page.locator(".gm-box").evaluate(
        """box => { const p = box.gradmap.pane.map.latLngToContainerPoint([39.912, 116.456]);
                    return [p.x, p.y]; }"""
    )
    box = page.locator(".gm-map").bounding_box()
    change(page, lambda: page.mouse.click(box["x"] + at[0], box["y"] + at[1]), words)
    assert "area=work-cbd" in page.url
    shown = balance(page)
    file = tmp_path / "cbd.json"
    command = [sys.executable, "-m", "spatial.cli", "commute", str(PACKAGED), "--year", "2025"]
    command += ["--area", "work-cbd", "--side", "work", "--resolution", "8"]
    command += ["--no-layout", "--draws", "0", "--out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    told = json.loads(file.read_text(encoding="utf-8"))["indicators"]
    for name in ("inflow", "outflow", "residents", "workers"):
        assert shown[name] == told[name]["value"]
    assert shown["inflow"] > 10_000


def test_a_row_of_the_ledger_leads_on_and_the_cross_leads_back(sample_app, visit):
    page = opened(visit, sample_app, area="work-cbd")
    first = page.locator(".gm-ledger-head h2").inner_text()
    change(page, lambda: page.locator(".gm-table tbody button").nth(2).click(), words)
    assert page.locator(".gm-ledger-head h2").inner_text() != first
    change(page, lambda: page.locator(".gm-ledger-head .gm-close").click(), words)
    assert page.locator(".gm-ledger-head h2").inner_text() == "The whole study"


def test_lines_say_from_where_to_where(sample_app, visit):
    page = opened(visit, sample_app, area="work-cbd")
    at = page.locator(".gm-box").evaluate(
        """box => { const pane = box.gradmap.pane;
             const key = Object.keys(pane.overlays).find((one) => one.startsWith("flows"));
             const layer = pane.overlays[key], { x, y } = layer.curves[0][7];
             const point = pane.map.layerPointToContainerPoint(layer.corner.add([x, y]));
             return [point.x, point.y]; }"""
    )
    box = page.locator(".gm-map").bounding_box()
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_timeout(300)
    tip = page.locator(".gm-hover").inner_text()
    assert "→" in tip
    assert "graduates" in tip


def test_an_area_is_drawn_by_its_corners(sample_app, visit):
    page = opened(visit, sample_app)
    page.locator(".gm-pencil").click()
    assert page.locator(".gm-pencil-hint").is_visible()
    box = page.locator(".gm-map").bounding_box()
    x, y = box["x"] + 420, box["y"] + 250
    for dx, dy in ((0, 0), (160, 0), (160, 160), (0, 160)):
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(350)
    change(page, lambda: page.keyboard.press("Enter"), words)
    assert "Drawn area" in words(page)
    assert "area=%40" in page.url or "area=@" in page.url
    again = visit(page.url, ready=READY)
    settled(again)
    assert words(again) == words(page)
    assert balance(again) == balance(page)


def test_bus_lines_are_listed_and_one_is_shown(sample_app, visit):
    page = opened(visit, sample_app)
    whole(page)
    page.locator("[data-tab=rides]").click()
    rides = page.locator(".gm-rides li")
    assert rides.count() >= 5
    assert "min saved each" in rides.first.inner_text()
    before = page.locator(".gm-box").evaluate("box => box.gradmap.pane.map.getZoom()")
    rides.first.locator("button").click()
    page.wait_for_timeout(1200)
    assert page.locator(".gm-box").evaluate("box => box.gradmap.pane.map.getZoom()") != before
    assert page.locator(".gm-box").evaluate("box => !!box.gradmap.pane.overlays.bus")


def test_indicators_stand_beside_published_values_and_another_year(sample_app, visit):
    page = opened(visit, sample_app, beside=2022)
    whole(page)
    table = page.locator(".st-key-charts table").inner_text()
    assert "Jobs-housing separation" in table
    assert "7.0 km (all workers, 2024)" in table
    assert "2022" in table
    assert page.get_by_text("so the two need not agree").is_visible()


def test_flows_can_be_taken_away(sample_app, visit, tmp_path):
    page = opened(visit, sample_app)
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=90_000) as waiting:
        page.get_by_role("button", name="CSV").click()
    file = tmp_path / "flows.zip"
    waiting.value.save_as(file)
    names = zipfile.ZipFile(file).namelist()
    assert any("matrix" in name for name in names)
    assert any("corridors" in name for name in names)


def test_the_page_reads_on_a_phone(sample_app, visit):
    page = opened(visit, sample_app, size=(390, 844), lang="zh", area="work-cbd")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = "one => one.getBoundingClientRect().toJSON()"
    map_box = page.locator(".gm-map").evaluate(box)
    assert page.locator(".gm-ledger-head").evaluate(box)["top"] >= map_box["bottom"] - 1
    assert "流入" in words(page)
