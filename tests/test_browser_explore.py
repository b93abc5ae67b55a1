"""The explore page as a planner uses it, in a real browser with no way off the machine."""

from __future__ import annotations

import json
import sqlite3
from urllib.parse import parse_qs, urlparse

import pytest

from tests.browser import SENTENCE, change, settled, words

pytestmark = pytest.mark.browser


def tiles(page):
    """A fingerprint of the colours on the map."""
    return page.evaluate(
        """() => {
          const box = document.querySelector('.gm-box') || [...document.querySelectorAll('*')]
            .map((e) => e.shadowRoot && e.shadowRoot.querySelector('.gm-box')).find(Boolean);
          let sum = 0;
          for (const tile of box.querySelectorAll('canvas')) {
            if (!tile.width || !tile.classList.contains('leaflet-tile')) continue;
            const data = tile.getContext('2d').getImageData(0, 0, tile.width, tile.height).data;
            for (let at = 0; at < data.length; at += 97) sum = (sum * 31 + data[at]) % 2147483647;
          }
          return sum;
        }"""
    )


def pane(page, what):
    return page.locator(".gm-box").evaluate(f"box => {{ const pane = box.gradmap.pane; {what} }}")


def test_first_screen_says_what_the_map_shows(sample_app, visit):
    page = visit(f"{sample_app}?lang=zh")
    assert "2025 年" in words(page)
    assert page.locator(".gm-place button").first.inner_text() in words(page)
    assert page.get_by_text("合成样例数据").is_visible()
    assert page.locator(".gm-table tbody tr").count() == 20
    assert tiles(page) != 0
    assert page.locator(".gm-legend").is_visible()


def test_work_places_are_the_centres_and_nodes(sample_app, visit):
    page = visit(f"{sample_app}?lang=zh")
    names = page.locator(".gm-place button").all_inner_texts()
    assert {
        "CBD",
        "泛中关村",
        "望京",
        "西二旗",
        "金融街",
        "丰台科技园",
        "亦庄",
        "通州副中心",
    } <= set(names)


def test_choosing_a_place_flies_there_and_opens_its_card(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    before = pane(page, "return pane.map.getCenter().lat")
    page.locator(".gm-place button", has_text="Xierqi").click()
    page.wait_for_selector(".gm-facts")
    page.wait_for_timeout(1200)
    centre = pane(page, "const c = pane.map.getCenter(); return [c.lat, c.lng]")
    assert centre[0] != before
    assert abs(centre[0] - 40.05) < 0.02
    assert abs(centre[1] - 116.30) < 0.03
    card = page.locator(".gm-card").inner_text()
    for fact in ("Graduates' jobs", "Nearest station", "Rent nearby", "Most live in", "2022"):
        assert fact in card
    assert "place=work-xierqi" in page.url


def test_year_role_measure_overlay_and_language_each_change_what_is_seen(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    bar = page.locator("[data-testid=stSidebar]")
    change(page, lambda: bar.get_by_role("radio", name="2022").click(), tiles)
    assert "In 2022" in words(page)
    change(page, lambda: bar.get_by_role("radio", name="Residence").click(), tiles)
    assert "homes" in words(page)
    legend = lambda p: p.locator(".gm-legend").inner_text()  # noqa: E731 - read by change
    change(page, lambda: choose(page, "Measure", "Share of base"), legend)
    assert "%" in legend(page)
    change(page, lambda: bar.get_by_text("Campuses").click(), legend)
    assert "Campus" in legend(page)
    change(page, lambda: bar.get_by_role("radio", name="中文").click(), words)
    assert "毕业生" in words(page)
    asked = parse_qs(urlparse(page.url).query)
    assert asked["year"] == ["2022"]
    assert asked["role"] == ["residence"]
    assert asked["measure"] == ["share"]
    assert "campuses" in asked["overlays"][0]


def choose(page, label, option):
    page.locator("[data-testid=stSelectbox]", has_text=label).locator("input").click()
    page.get_by_role("option", name=option).click()


def test_years_switch_in_the_browser(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    before = tiles(page)
    assert pane(page, "pane.showYear(0, true); return pane.cells.now().label") == "2022"
    assert tiles(page) != before
    sentence = words(page)
    assert "In 2025" in sentence  # nothing was asked of the server


def test_the_year_chosen_on_the_map_is_the_year_asked(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    change(page, lambda: page.locator(".gm-years button", has_text="2023").click(), words)
    assert "In 2023" in words(page)


def test_playing_goes_through_the_years_and_stops(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    seen = set()
    page.locator(".gm-play").click()
    for _ in range(12):
        page.wait_for_timeout(500)
        seen.add(pane(page, "return pane.cells.now().label"))
    page.locator(".gm-play").click()
    assert seen == {"2022", "2023", "2024", "2025"}


def test_the_pointer_reads_value_share_score_and_place(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    at = pane(
        page, "const p = pane.map.latLngToContainerPoint([39.912, 116.451]); return [p.x, p.y]"
    )
    box = page.locator(".gm-map").bounding_box()
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_selector(".gm-hover", state="visible")
    tip = page.locator(".gm-hover").inner_text()
    for part in ("CBD", "Chaoyang", "2025", "persons", "%", "Gi* z", "q < 0.001", "hot"):
        assert part in tip


def test_every_overlay_can_be_switched_off(sample_app, visit):
    page = visit(
        f"{sample_app}?lang=en&overlays=places.hot.rail.walk.rents.districts.campuses.ground"
    )
    assert pane(page, "return Object.values(pane.overlays).length") == 6
    bar = page.locator("[data-testid=stSidebar]")
    for label in ("Metro lines", "10 minutes", "Rent bands", "Campuses", "Water, parks"):
        count = lambda p: pane(p, "return Object.values(pane.overlays).length")  # noqa: E731
        change(page, lambda label=label: bar.get_by_text(label).click(), count)
    change(page, lambda: bar.get_by_text("Districts", exact=False).first.click(), count)
    assert count(page) == 0
    change(page, lambda: bar.get_by_text("Places", exact=True).click(), tiles)


def test_districts_can_be_filled_by_a_figure(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    legend = lambda p: p.locator(".gm-legend").inner_text()  # noqa: E731 - read by change
    change(page, lambda: choose(page, "Colour", "Districts by GDP"), legend)
    assert "GDP" in legend(page)
    at = pane(page, "const p = pane.map.latLngToContainerPoint([39.99, 116.28]); return [p.x, p.y]")
    box = page.locator(".gm-map").bounding_box()
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_selector(".gm-hover", state="visible")
    tip = page.locator(".gm-hover").inner_text()
    assert "Haidian" in tip
    assert "12\u202f907" in tip


def test_the_link_asks_the_same_question(sample_app, visit):
    first = visit(f"{sample_app}?lang=en&role=residence&year=2023&top=10&place=residence-shahe")
    settled(first)
    second = visit(first.url)
    assert words(second) == words(first)
    assert second.locator(".gm-table tbody tr").count() == 10
    assert "Shahe" in second.locator(".gm-card h3").inner_text()


def test_files_can_be_taken_away(sample_app, visit, tmp_path):
    page = visit(f"{sample_app}?lang=en")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="GeoJSON").click()
    file = tmp_path / "places.geojson"
    waiting.value.save_as(file)
    content = json.loads(file.read_text(encoding="utf-8"))
    assert len(content["features"]) == 20
    assert content["gradmap"]["synthetic"] is True
    with page.expect_download() as waiting:
        page.get_by_role("button", name="GeoPackage").click()
    package = tmp_path / "places.gpkg"
    waiting.value.save_as(package)
    with sqlite3.connect(package) as base:
        assert base.execute("select count(*) from gpkg_contents").fetchone()[0] >= 1


def test_a_phone_shows_sentence_map_and_table_in_that_order(sample_app, visit):
    page = visit(f"{sample_app}?lang=zh", size=(390, 844))
    settled(page)
    # Asked in the page itself: the table is drawn anew when the other years arrive.
    top = "one => one.getBoundingClientRect().top"
    tops = [page.locator(one).first.evaluate(top) for one in (SENTENCE, ".gm-map", ".gm-table")]
    assert tops == sorted(tops)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    heights = page.locator(".gm-map").bounding_box()["height"]
    assert 0.5 * 844 < heights < 0.7 * 844


def test_keyboard_reaches_places_and_opens_a_card(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    page.locator(".gm-place button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".gm-facts")
    page.locator(".gm-close").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".gm-card", state="detached")


def test_a_place_left_and_chosen_again_has_its_card(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    bar = page.locator("[data-testid=stSidebar]")
    page.locator(".gm-place button", has_text="Xierqi").click()
    page.wait_for_selector(".gm-facts")
    change(page, lambda: bar.get_by_role("radio", name="Residence").click(), words)
    assert page.locator(".gm-card").count() == 0
    change(page, lambda: bar.get_by_role("radio", name="Workplace").click(), words)
    page.locator(".gm-place button", has_text="Xierqi").click()
    page.wait_for_selector(".gm-facts")


def test_the_controls_can_be_opened_on_a_phone(sample_app, visit):
    page = visit(f"{sample_app}?lang=en", size=(390, 844))
    settled(page)
    page.locator("[data-testid=stExpandSidebarButton]").click(timeout=10_000)
    bar = page.locator("[data-testid=stSidebar]")
    bar.get_by_text("Side of the commute").wait_for(timeout=10_000)
    change(page, lambda: bar.get_by_role("radio", name="Residence").click(), words)
    assert "homes" in words(page)
