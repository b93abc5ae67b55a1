"""The page on homes as a planner uses it, in a real browser with no way off the machine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.browser import change, settled, words

pytestmark = pytest.mark.browser

READY = ".gm-homes .gm-label"


def opened(visit, address, *, size=(1440, 900), lang="en", **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    page = visit(f"{address}?page=homes&lang={lang}&{query}", ready=READY, size=size)
    settled(page)
    return page


def names(page):
    return page.locator(".gm-sheet-body .gm-place button").all_inner_texts()


def classes(page):
    """How many cells have each class on the map."""
    return page.locator(".gm-box").evaluate(
        """box => { const found = [0, 0, 0, 0, 0, 0, 0];
             for (const one of box.gradmap.pane.cells.frames[0].classes) found[one]++;
             return found; }"""
    )


def slide(page, criterion, value):
    """Move a slider as a hand would."""
    page.locator(f"[data-criterion={criterion}]").evaluate(
        """(one, value) => { one.value = value;
             one.dispatchEvent(new Event("input", { bubbles: true })); }""",
        value,
    )


def test_a_weight_colours_the_map_at_once_and_the_list_follows(sample_app, visit):
    page = opened(visit, sample_app, topic="siting")
    before, listed = classes(page), names(page)
    assert len(listed) == 20
    slide(page, "jobs_near", 10)
    assert classes(page) != before
    assert page.locator(".gm-box").evaluate("box => box.gradmap.took") < 1000
    for _ in range(60):
        page.wait_for_timeout(200)
        if names(page) != listed:
            break
    settled(page)
    assert names(page) != listed
    assert "jobs_near" in page.url
    again = visit(page.url, ready=READY)
    settled(again)
    assert classes(again) == classes(page)
    assert names(again) == names(page)


def test_the_browser_scores_cells_as_the_server_does(sample_app, visit):
    page = opened(visit, sample_app, topic="siting", weights="rent:8:2600;jobs_near:5")
    apart, coloured = page.locator(".gm-box").evaluate(
        """box => { const sent = box.gradmap.sent, drawn = box.gradmap.pane.cells.frames[0].classes;
             let apart = 0, coloured = 0;
             sent.forEach((one, n) => { apart += one !== drawn[n]; coloured += one > 0; });
             return [apart, coloured]; }"""
    )
    assert coloured > 100
    assert apart <= 2  # single precision may tip a score that stands on an edge


def test_a_site_shows_what_each_criterion_says(sample_app, visit):
    page = opened(visit, sample_app, topic="siting")
    page.locator(".gm-sheet-body .gm-place button").nth(1).click()
    page.wait_for_timeout(900)
    card = page.locator(".gm-card").inner_text()
    for part in ("Walk to a station", "Rent", "yuan", "min"):
        assert part in card
    assert page.locator(".gm-map .leaflet-chosen-pane path").count() >= 1


def test_the_keyboard_moves_a_slider(sample_app, visit):
    page = opened(visit, sample_app, topic="siting")
    before = classes(page)
    page.locator("[data-criterion=rent]").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    assert page.locator("[data-criterion=rent]").input_value() == "6"
    assert classes(page) != before


def test_a_stricter_limit_leaves_fewer_cells(sample_app, visit):
    page = opened(visit, sample_app, topic="siting")
    before = sum(classes(page)[1:])
    page.locator("[data-limit=rent]").fill("2200")
    page.keyboard.press("Tab")
    assert 0 < sum(classes(page)[1:]) < before


def test_the_ranking_is_made_again_from_the_exported_file(sample_app, visit, tmp_path):
    page = opened(visit, sample_app, topic="siting", weights="rent:8:2600;walk_minutes:1:12")
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="GeoPackage").click()
    file = tmp_path / "sites.gpkg"
    waiting.value.save_as(file)
    command = [sys.executable, "-m", "spatial.cli", "siting", "--check", str(file)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "identical" in told.stdout


def test_topics_change_the_map_and_the_sentence(sample_app, visit):
    page = opened(visit, sample_app)
    seen = {words(page)}
    bar = page.locator("[data-testid=stSidebar]")
    for name in ("Rent", "Metro and campus", "Kinds of place", "Homes or jobs", "Siting"):
        change(page, lambda name=name: bar.get_by_text(name, exact=True).first.click(), words)
        seen.add(words(page))
    assert len(seen) == 6


def test_a_box_over_the_scatter_outlines_cells(sample_app, visit):
    page = opened(visit, sample_app)
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.5, steps=8)
    page.mouse.up()
    spots = "box => !!box.gradmap.pane.cells.frames[0].spots"
    for _ in range(40):
        page.wait_for_timeout(250)
        if page.locator(".gm-box").evaluate(spots):
            break
    assert page.locator(".gm-box").evaluate(spots)


def test_the_page_reads_on_a_phone(sample_app, visit):
    page = opened(visit, sample_app, size=(390, 844), lang="zh", topic="siting")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "网格满足全部限值" in words(page)
    sliders = page.locator(".gm-weight").first.bounding_box()
    assert sliders["y"] > page.locator(".gm-map").bounding_box()["y"]
