"""Files in the real page: made when they are asked for, and where they cannot be, a reason."""

from __future__ import annotations

import shutil

import pytest

from tests.browser import served
from tests.studies import small_study

pytestmark = pytest.mark.browser


def test_a_file_that_cannot_be_made_is_told_and_the_next_one_is_made(tmp_path, monkeypatch, chrome):
    small_study(tmp_path / "little")
    room = tmp_path / "room"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    with served(tmp_path / "little") as address:
        page = chrome.new_context().new_page()  # unwatched: Streamlit tells the console too
        page.goto(f"{address}?lang=zh")
        page.get_by_role("button", name="导出").click()
        button = page.get_by_role("button", name="GeoPackage")
        with page.expect_download(timeout=30_000):
            button.click()
        shutil.rmtree(room)  # nothing can be written any more
        given = []
        page.on("download", lambda one: given.append(one))
        button.click()
        told = page.get_by_test_id("stAlert").filter(has_text="未能生成")
        told.wait_for(timeout=30_000)
        assert told.inner_text().startswith("未能生成 little-work-2025-places.gpkg：")
        assert "Traceback" not in page.content()
        assert "Failed to generate" not in page.locator("body").inner_text()
        assert not given
        room.mkdir()
        with page.expect_download(timeout=30_000):
            button.click()
        told.wait_for(state="detached", timeout=30_000)
        page.context.close()


def test_every_format_of_every_table_is_a_press_away(sample_app, visit, tmp_path):
    page = visit(f"{sample_app}?page=compare&lang=en", ready=".st-key-words h2")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("radio", name="Places").click()
    page.get_by_role("combobox", name="More formats").click()
    page.get_by_role("option", name="KML").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name="KML").click()
    assert waiting.value.suggested_filename == "beijing-sample-work-2022-2025-lineage.kml"
    waiting.value.save_as(tmp_path / "a.kml")
    assert "#class" in (tmp_path / "a.kml").read_text(encoding="utf-8")
