"""The page without a browser: controls change the answer, and no layer is taken for granted."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from spatial import cells as h3cells
from spatial.info import StudyInfo
from spatial.store import write_study

ROOT = Path(__file__).resolve().parents[1]


def opened(**params):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in ({"lang": "en"} | params).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(autouse=True)
def _sample(monkeypatch):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A study with counts of one role and year and nothing else, far from Beijing."""
    cells = h3cells.grid_disk(h3cells.points_to_cells([33.7], [-117.8], resolution=8), k=12)
    counts = pd.DataFrame({"cell": cells, "role": "work", "year": 2019, "base": float("nan")})
    counts["graduates"] = [float((at * 37) % 50) for at in range(len(cells))]
    write_study(tmp_path / "orange", StudyInfo(name="orange", resolution=8), counts)
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "orange"))


def sentence(app):
    return next(one.value for one in app.markdown if one.value.startswith("## "))


def told(app):
    """The sentence and the quiet line under it."""
    at = next(at for at, one in enumerate(app.markdown) if one.value.startswith("## "))
    return [one.value for one in app.markdown[at : at + 2]]


def control(app, kind, key):
    return next(one for one in getattr(app, kind) if one.key == key)


def test_opens_on_jobs_of_the_latest_year():
    app = opened()
    assert "In 2025" in sentence(app)
    assert "graduates' jobs" in sentence(app)
    assert any("Synthetic sample" in one.value for one in app.markdown)


def test_the_browser_s_language_is_taken_where_none_is_asked_for():
    app = opened(lang="zh")
    assert "毕业生岗位" in sentence(app)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("segmented_control", "year", 2022),
        ("segmented_control", "role", "residence"),
        ("segmented_control", "group", "stayers"),
        ("slider", "top", 10),
        ("select_slider", "resolution", 7),
    ],
)
def test_a_control_changes_the_answer(kind, key, value):
    app = opened()
    before = told(app)
    control(app, kind, key).set_value(value).run()
    assert not app.exception
    assert told(app) != before


def test_a_wider_neighbourhood_changes_what_is_hot():
    app = opened()
    tested = lambda one: next(m.value for m in one.markdown if "cells are tested" in m.value)  # noqa: E731
    before = tested(app)
    control(app, "slider", "k").set_value(4).run()
    assert tested(app) != before


@pytest.mark.parametrize("role", ["work", "residence"])
def test_a_break_is_told_where_it_touches_what_is_mapped(role):
    counted = opened(role=role, year="2024")
    assert any("comparable with 2023" in one.value for one in counted.markdown)
    shared = opened(role=role, year="2024", measure="share")
    assert any("not comparable with 2023" in one.value for one in shared.markdown)


def test_a_link_is_followed_and_kept():
    app = opened(role="residence", year="2023", measure="density", k="2", overlays="rail.walk")
    assert control(app, "slider", "k").value == 2
    assert control(app, "checkbox", "show_walk").value is True
    assert control(app, "checkbox", "show_places").value is False
    assert app.query_params["measure"] == "density"


def test_the_language_changes_the_words_and_nothing_else():
    app = opened(role="residence", year="2023")
    control(app, "segmented_control", "lang").set_value("zh").run()
    assert not app.exception
    assert sentence(app).startswith("## 2023 年")
    assert control(app, "segmented_control", "role").value == "residence"


def test_a_wrong_link_opens_the_nearest_right_question():
    app = opened(year="1999", role="leisure", measure="magic", resolution="15", group="aliens")
    assert "In 2025" in sentence(app)


def test_a_study_with_nothing_but_counts_works(bare):  # noqa: ARG001 - sets the study
    app = opened()
    assert "2019" in sentence(app)
    assert control(app, "checkbox", "show_rail").disabled
    assert not any("Synthetic" in one.value for one in app.markdown)


def test_a_measure_that_needs_a_base_is_not_asked_where_there_is_none(bare):  # noqa: ARG001
    app = opened(measure="surplus")
    assert control(app, "selectbox", "measure").value == "count"


def test_a_broken_study_is_told_in_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "nothing").mkdir()
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "nothing"))
    app = opened()
    assert len(app.error) == 1
    assert "study.json" in app.error[0].value
    assert os.listdir(tmp_path / "nothing") == []  # noqa: PTH208 - names are enough


def test_two_years_are_compared_in_a_sentence():
    app = opened(page="compare", role="residence")
    assert "From 2022 to 2025" in sentence(app)
    assert "south-east" in sentence(app)
    assert len(app.metric) == 3


def test_other_years_change_the_comparison():
    app = opened(page="compare", role="residence")
    before = sentence(app)
    control(app, "selectbox", "first").set_value(2024).run()
    assert not app.exception
    assert sentence(app) != before


def test_against_the_base_the_break_is_told():
    app = opened(page="compare", role="work", against="base")
    assert any("Not comparable" in one.value for one in app.markdown)
    app = opened(page="compare", role="work")
    assert not any("Not comparable" in one.value for one in app.markdown)


def test_one_year_alone_is_not_compared(bare):  # noqa: ARG001 - sets the study
    app = opened(page="compare")
    assert len(app.info) == 1
    assert "one year only" in app.info[0].value


def test_a_ragged_study_is_compared_without_a_chance(tmp_path, monkeypatch):
    """A thin ring of cells cannot be moved over itself; the rest of the page still answers."""
    middle = h3cells.points_to_cells([33.7], [-117.8], resolution=8)
    ring = np.setdiff1d(h3cells.grid_disk(middle, k=40), h3cells.grid_disk(middle, k=39))
    far = h3cells.points_to_cells([35.5, 31.5], [-116.0, -119.5], resolution=8)
    cells = np.sort(np.concatenate([ring[:60], far]))
    years = [
        pd.DataFrame(
            {
                "cell": cells,
                "role": "work",
                "year": year,
                "graduates": [float((at * (37 + step)) % 90) for at in range(len(cells))],
                "base": float("nan"),
            }
        )
        for step, year in enumerate((2018, 2019))
    ]
    write_study(tmp_path / "ragged", StudyInfo(name="ragged", resolution=8), pd.concat(years))
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "ragged"))
    app = opened(page="compare")
    assert not app.error
    assert len(app.metric) == 3
    assert "ragged" in app.metric[0].help


def test_a_share_is_mapped_though_some_years_have_no_base(tmp_path, monkeypatch):
    cells = h3cells.grid_disk(h3cells.points_to_cells([33.7], [-117.8], resolution=8), k=8)
    graduates = [float((at * 37) % 50) for at in range(len(cells))]
    parts = [
        pd.DataFrame(
            {"cell": cells, "role": "work", "year": year, "graduates": graduates, "base": base}
        )
        for year, base in ((2018, np.nan), (2019, 60.0))
    ]
    write_study(tmp_path / "half", StudyInfo(name="half", resolution=8), pd.concat(parts))
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "half"))
    app = opened(measure="share")
    assert not app.error
    assert app.session_state["measure"] == "share"
    plain = opened(measure="share", year="2018")
    assert plain.session_state["measure"] == "count"
