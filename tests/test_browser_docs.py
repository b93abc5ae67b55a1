"""The documents opened from disk in a browser, with the network off."""

from __future__ import annotations

import pytest

from tests.documents import PAGES, built, page_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site():
    return built()


def opened(chrome, *, width, height):
    """A page with no network, and all that it asks for elsewhere than on this disk."""
    page = chrome.new_context(viewport={"width": width, "height": height}, offline=True).new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    return page, asked, faults


def outside(asked):
    return [one for one in asked if not one.startswith(("file://", "data:"))]


def test_every_page_fits_and_asks_for_nothing_elsewhere(chrome, site):
    page, asked, faults = opened(chrome, width=390, height=844)
    page.goto((site / "search.html").as_uri())
    for source in PAGES:
        page.goto(page_of(source).as_uri())
        for width, height in ((390, 844), (1440, 900)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, source
    assert len(asked) > len(PAGES)
    assert outside(asked) == []
    assert faults == []


@pytest.mark.parametrize(
    ("sought", "found"),
    [("separation", "numbers/commute.html"), ("getis_ord", "api/hotspots.html")],
)
def test_search_from_disk_is_worked_with_the_keyboard(chrome, site, sought, found):
    page, asked, faults = opened(chrome, width=1440, height=900)
    page.goto((site / "start.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type(sought)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results ul.search li a")
    links = page.eval_on_selector_all(
        "#search-results ul.search li a", "all => all.map(one => one.getAttribute('href'))"
    )
    assert any(found in one for one in links), links
    assert outside(asked) == []
    assert faults == []


def test_search_finds_chinese_words(chrome, site):
    page, _, faults = opened(chrome, width=390, height=844)
    page.goto((site / "search.html").as_uri() + "?q=职住分离度")
    page.wait_for_selector("#search-results ul.search li a")
    assert "zh/index.html" in page.inner_html("#search-results ul.search")
    assert faults == []


def test_the_first_tab_leads_past_the_contents(chrome, site):
    page, _, _ = opened(chrome, width=1440, height=900)
    page.goto((site / "start.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main-content"


def test_a_phone_opens_the_contents_with_the_keyboard(chrome, site):
    page, _, _ = opened(chrome, width=390, height=844)
    page.goto((site / "start.html").as_uri())
    contents = page.locator("nav.bd-docs-nav a").first
    assert not contents.is_visible()
    page.locator("button.primary-toggle").focus()
    page.keyboard.press("Enter")
    contents.wait_for(state="visible")
