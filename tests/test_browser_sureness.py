"""How sure the places are, as a planner sees it: marks that come by themselves, and their words."""

from __future__ import annotations

import re

import pytest

from tests.browser import change, words

pytestmark = pytest.mark.browser


def graded(page):
    """Grade of each place in the table, in its order, once all are checked."""
    page.wait_for_selector(".gm-sure-line summary", timeout=60_000)
    return page.locator("[data-sure]").evaluate_all("all => all.map((one) => one.className)")


def test_places_are_marked_once_the_map_stands_and_say_why(sample_app, visit):
    page = visit(f"{sample_app}?lang=en")
    marks = graded(page)
    assert len(marks) == 20
    assert {one.split("gm-is-")[-1] for one in marks} == {"sure", "mostly", "shaky"}
    mark = page.locator("[data-sure]").first
    told = mark.get_attribute("title")
    assert re.match(r"sure: found again in \d+ of 53 other settings\n", told)
    assert "the grid shifted by about half a cell in 6 directions" in told
    assert mark.get_attribute("aria-label") == told.split("\n")[0]
    # For fingers and keys: the line opens, and the card says it in words.
    page.locator(".gm-sure-line summary").click()
    assert "The thresholds are ours." in page.locator(".gm-sure-line p").inner_text()
    page.locator(".gm-place button", has_text="Tianzhu").click()
    page.wait_for_selector(".gm-sure-fact")
    assert "shaky: found again in" in page.locator(".gm-sure-fact").inner_text()
    assert page.locator(".gm-sure-line details").get_attribute("open") is not None


def test_another_question_is_checked_anew_and_the_first_is_remembered(sample_app, visit):
    page = visit(f"{sample_app}?lang=en&resolution=7&role=residence")
    bar = page.locator("[data-testid=stSidebar]")
    first = graded(page)
    change(page, lambda: bar.get_by_role("radio", name="2023").click(), words)
    other = graded(page)
    assert "gm-is-" in "".join(other)
    change(page, lambda: bar.get_by_role("radio", name="2025").click(), words)
    assert graded(page) == first
    change(page, lambda: bar.get_by_role("radio", name="中文").click(), words)
    assert graded(page) == first
    assert page.locator(".gm-sure-line summary").inner_text().startswith("稳健程度")
