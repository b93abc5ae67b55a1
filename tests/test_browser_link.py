"""One link shows the same screen again, the part of the ground included, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser import settled, words

pytestmark = pytest.mark.browser

PAGES = {
    "explore": "role=residence&place=residence-huilongguan&measure=density",
    "compare": "page=compare&role=residence&mode=swipe",
    "commute": "page=commute&role=residence&lines=50",
    "homes": "page=homes&topic=rent",
}


def looks_at(page):
    """Latitude, longitude and zoom of the first map, to a kilometre."""
    found = page.locator(".gm-box").last.evaluate(
        """box => {
          const { pane, panes } = box.gradmap;
          const map = (pane || panes[0].pane).map, at = map.getCenter();
          return [at.lat, at.lng, map.getZoom()];
        }"""
    )
    return [round(one, 2) for one in found]


def drag(page):
    box = page.locator(".gm-map").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(500)
    page.mouse.down()
    page.mouse.move(x - 90, y + 60, steps=4)
    page.mouse.up()
    page.wait_for_timeout(500)


def link_of(page):
    page.get_by_role("button", name="Link").click()
    page.locator(".gm-link code").first.wait_for()
    link, citation = page.locator(".gm-link code").all_inner_texts()
    assert citation.endswith(link)
    return link


@pytest.mark.parametrize("name", PAGES)
def test_the_link_shows_the_same_screen_to_another_reader(sample_app, visit, name):
    page = visit(f"{sample_app}?lang=en&{PAGES[name]}")
    settled(page)
    whole = looks_at(page)
    assert "view=" not in page.url
    drag(page)
    assert looks_at(page) != whole
    link = link_of(page)
    seen, told = looks_at(page), words(page)
    other = visit(link)
    settled(other)
    assert looks_at(other) == seen
    assert words(other) == told
    other.locator(".gm-whole").last.click()
    other.wait_for_timeout(300)
    assert looks_at(other) == whole
    assert "view=" not in other.url


def test_another_page_looks_at_the_same_ground(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    drag(page)
    seen = looks_at(page)
    page.get_by_role("radio", name="Compare").click()
    page.locator(".gm-half").first.wait_for()
    settled(page)
    assert looks_at(page) == seen


def test_the_link_is_copied_where_there_is_a_clipboard_and_where_there_is_none(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = link_of(page)
    page.locator(".gm-link button").first.click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator(".gm-link button").last.click()
    page.locator(".gm-link button", has_text="Copied").nth(1).wait_for()
