"""The compare page as a reviewer uses it, in a real browser with no way off the machine."""

from __future__ import annotations

import zipfile
from urllib.parse import parse_qs, urlparse

import pytest

from tests.browser import change, settled, words

pytestmark = pytest.mark.browser

READY = ".gm-compare .gm-label"


def opened(visit, address, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    page = visit(f"{address}?page=compare&lang=en&{query}", ready=READY)
    settled(page)
    return page


def pane(page, number, what):
    return page.locator(".gm-box").evaluate(
        f"box => {{ const pane = box.gradmap.panes[{number}].pane; {what} }}"
    )


def centre(page, number):
    return pane(page, number, "const c = pane.map.getCenter(); return [c.lat, c.lng]")


def test_four_answers_stand_in_one_sentence(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    told = words(page)
    for part in ("dispersed", "outward", "south-east", "north-west", "2022", "2025"):
        assert part in told
    assert page.get_by_text("Synthetic sample").is_visible()


def test_panning_one_map_moves_the_other(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    before = centre(page, 1)
    box = page.locator(".gm-map").first.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 250)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, box["y"] + 200, steps=6)
    page.mouse.up()
    page.wait_for_timeout(600)
    assert centre(page, 1) != before
    assert centre(page, 1) == pytest.approx(centre(page, 0), abs=0.002)


def test_zooming_one_map_zooms_the_other(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    before = pane(page, 1, "return pane.map.getZoom()")
    page.locator(".leaflet-control-zoom-in").first.click()
    page.wait_for_timeout(600)
    assert pane(page, 1, "return pane.map.getZoom()") > before


def test_the_pointer_reads_both_years_and_the_difference(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    at = pane(
        page, 0, "const p = pane.map.latLngToContainerPoint([40.07, 116.32]); return [p.x, p.y]"
    )
    box = page.locator(".gm-map").first.bounding_box()
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_timeout(300)
    first, second = page.locator(".gm-reading").all_inner_texts()
    assert "here" in first
    assert "%" in second
    values = [
        pane(page, n, "return pane.cells.now().values[pane.cells.cellAt([40.07, 116.32])]")
        for n in (0, 1)
    ]
    shown = first.replace("\u202f", "")
    assert str(values[0]) in shown
    difference = abs(values[1] - values[0])
    assert str(difference) in second.replace("\u202f", "")
    assert page.locator(".gm-map .leaflet-chosen-pane path").count() == 2


def test_the_years_play_in_the_browser(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    page.locator(".gm-play").last.click()
    seen = set()
    for _ in range(12):
        page.wait_for_timeout(500)
        seen.add(pane(page, 1, "return pane.cells.now().label"))
    page.locator(".gm-play").last.click()
    assert seen == {"2022", "2023", "2024", "2025"}
    assert pane(page, 0, "return pane.cells.now().label") == "2022"


def test_events_are_named_and_one_is_told_as_a_story(sample_app, visit):
    page = opened(visit, sample_app, role="residence", against="total")
    verdicts = set(page.locator(".gm-verdict").all_inner_texts())
    assert {"appeared", "vanished", "split off", "merged", "moved"} <= verdicts
    page.locator("button[data-place=xibeiwang]").click()
    page.wait_for_selector(".gm-story")
    story = page.locator(".gm-story").inner_text()
    assert "vanished by 2025" in story
    assert "no" in story
    assert "lineage=xibeiwang" in page.url


def test_a_swipe_uncovers_the_other_year(sample_app, visit):
    page = opened(visit, sample_app, role="residence", mode="swipe")
    handle = page.locator(".gm-swipe")
    handle.focus()
    page.keyboard.press("Home")
    assert "inset(0px 0px 0px 0%)" in page.locator(".gm-half").nth(1).evaluate(
        "one => getComputedStyle(one).clipPath"
    ).replace("inset(0px)", "inset(0px 0px 0px 0%)")


def test_a_difference_across_a_break_is_hatched_until_shown_anyway(sample_app, visit):
    page = opened(visit, sample_app, role="work", mode="difference", against="base")
    assert "Not comparable" in page.locator(".st-key-words").inner_text()
    assert pane(page, 0, "return pane.cells.data.hatched") is True
    bar = page.locator("[data-testid=stSidebar]")
    bar.get_by_role("radio", name="Show anyway").click()
    page.wait_for_timeout(400)
    settled(page)
    assert pane(page, 0, "return pane.cells.data.hatched") is False
    assert "Not comparable" in page.locator(".st-key-words").inner_text()


def test_homes_and_jobs_of_one_year_stand_on_one_scale(sample_app, visit):
    page = opened(visit, sample_app, mode="roles")
    edges = [pane(page, n, "return pane.cells.data.breaks") for n in (0, 1)]
    assert edges[0] == edges[1]
    colours = [pane(page, n, "return pane.cells.data.colours") for n in (0, 1)]
    assert colours[0] != colours[1]


def test_the_copied_link_shows_the_same_comparison(sample_app, visit):
    first = opened(visit, sample_app, role="residence", first="2023", year="2024", lineage="fatou")
    second = visit(first.url, ready=READY)
    settled(second)
    assert words(second) == words(first)
    assert second.locator(".gm-half-head b").all_inner_texts() == ["2023", "2024"]
    assert second.locator(".gm-story").inner_text() == first.locator(".gm-story").inner_text()


def test_years_are_chosen_in_the_sidebar_and_kept_in_order(sample_app, visit):
    page = opened(visit, sample_app, role="residence")
    page.locator("[data-testid=stSelectbox]", has_text="From").locator("input").click()
    change(page, lambda: page.get_by_role("option", name="2024").click(), words)
    asked = parse_qs(urlparse(page.url).query)
    assert asked["first"] == ["2024"]
    assert "From 2024 to 2025" in words(page)


def test_a_comparison_can_be_taken_away(sample_app, visit, tmp_path):
    page = opened(visit, sample_app, role="residence")
    page.get_by_role("button", name="Export").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="CSV").click()
    file = tmp_path / "change.zip"
    waiting.value.save_as(file)
    names = zipfile.ZipFile(file).namelist()
    assert any("lineage" in name for name in names)
    assert any(name.endswith("-metadata.json") for name in names)


def test_the_page_reads_on_a_phone(sample_app, visit):
    page = visit(f"{sample_app}?page=compare&lang=zh&role=residence", size=(390, 844), ready=READY)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    heads = [one.bounding_box()["y"] for one in page.locator(".gm-half-head").all()]
    assert heads[1] - heads[0] > 300
    assert "更分散" in words(page)
