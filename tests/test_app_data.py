"""The data page without a browser."""

from __future__ import annotations

import pytest

from spatial.info import StudyInfo
from spatial.shelf import changed, shelf
from spatial.store import write_study
from tests.test_app import opened
from tests.test_shelf import counts


@pytest.fixture(autouse=True)
def _own_shelf(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)
    monkeypatch.setenv("GRADMAP_SHELF", str(tmp_path / "shelf"))


def words(app):
    return "\n".join(one.value for one in [*app.markdown, *app.caption])


def test_a_study_tells_its_source_licence_breaks_and_hashes():
    app = opened(page="data")
    told = words(app)
    for part in ("Gradmap synthetic sample", "Apache", "2023 | 2024", "not measured"):
        assert part in told
    assert "Digest of the whole" in told


def test_strangers_words_are_set_aside_from_markdown():
    info = StudyInfo(
        name="mine", resolution=8, title={"en": "**x** <script>alert(1)</script> [a](javascript:b)"}
    )
    changed(shelf(), "mine", lambda path: write_study(path, info, counts(2024)))
    told = words(opened(page="data"))
    assert "\\<script\\>" in told
    assert "<script>" not in told
    assert "[a](javascript" not in told


def test_the_last_change_is_taken_back_and_brought_again():
    changed(
        shelf(),
        "mine",
        lambda path: write_study(path, StudyInfo(name="mine", resolution=8), counts(2024)),
    )
    app = opened(page="data")
    assert any(one.key == "open_mine" for one in app.button)
    next(one for one in app.button if one.key == "undo_mine").click().run()
    assert not app.exception
    assert not any(one.key == "open_mine" for one in app.button)
    next(one for one in app.button if one.key == "undo_mine").click().run()
    assert any(one.key == "open_mine" for one in app.button)


def test_a_study_is_opened_from_its_box():
    app = opened(page="data")
    next(one for one in app.button if one.key == "open_beijing-sample").click().run()
    assert not app.exception
    assert app.session_state["page"] == "explore"


def test_a_broken_study_is_told_and_the_others_stay(tmp_path):
    folder = tmp_path / "shelf" / "broken"
    folder.mkdir(parents=True)
    (folder / "study.json").write_text("{", encoding="utf-8")
    app = opened(page="data")
    assert len(app.error) == 1
    assert "Gradmap synthetic sample" in words(app)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wizard_says_what_it_takes(lang):
    app = opened(page="data", tab="add", lang=lang)
    assert any("GeoTIFF" in one.value for one in app.info)
    assert any("200 MB" in one.value for one in app.caption)
