"""The page on homes without a browser: every topic answers, and no layer is taken for granted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.info import StudyInfo
from spatial.store import write_study
from tests.test_app import control, opened, told
from views.query import TOPICS


@pytest.fixture(autouse=True)
def _sample(monkeypatch):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)


@pytest.fixture
def jobs_only(tmp_path, monkeypatch):
    """A study with jobs of one year and nothing else."""
    cells = h3cells.grid_disk(h3cells.points_to_cells([38.9], [-77.0], resolution=8), k=10)
    counts = pd.DataFrame({"cell": cells, "role": "work", "year": 2023, "base": np.nan})
    counts["graduates"] = [float((at * 37) % 50) for at in range(len(cells))]
    write_study(tmp_path / "town", StudyInfo(name="town", resolution=8), counts)
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "town"))


def test_jobs_crowd_and_homes_are_cheap_in_one_sentence():
    sentence, _ = told(opened(page="homes"))
    assert "times the graduates to work" in sentence
    assert "cheaper than elsewhere" in sentence


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_topic_answers(topic, lang):
    sentence, _ = told(opened(page="homes", topic=topic, lang=lang))
    assert len(sentence) > 12


@pytest.mark.usefixtures("jobs_only")
@pytest.mark.parametrize("topic", TOPICS)
def test_a_study_of_jobs_alone_says_what_is_missing(topic):
    app = opened(page="homes", topic=topic)
    words = " ".join(one.value for one in app.markdown)
    assert "Beijing" not in words
    assert "yuan" not in words


@pytest.mark.usefixtures("jobs_only")
def test_missing_rents_are_told_with_the_way_to_add_them():
    sentence, _ = told(opened(page="homes", topic="rent"))
    assert "gradmap load rents" in sentence


def test_a_longer_walk_holds_more_graduates():
    app = opened(page="homes", topic="access")
    before = told(app)[0]
    control(app, "slider", "walk").set_value(1200).run()
    assert not app.exception
    assert told(app)[0] != before
    assert "1200 m" in told(app)[0]


def test_own_price_bands_change_the_sentence():
    plain, _ = told(opened(page="homes", topic="rent"))
    own, _ = told(opened(page="homes", topic="rent", edges="1000,2500,5000"))
    assert "3,000" in plain
    assert "2,500" in own
    assert told(opened(page="homes", topic="rent", edges="many"))[0] == plain


def test_a_weight_of_a_link_is_taken_up_and_nonsense_is_not():
    plain = told(opened(page="homes", topic="siting"))
    jobs = told(opened(page="homes", topic="siting", weights="jobs_near:10;rent:0;walk_minutes:0"))
    assert jobs != plain
    assert told(opened(page="homes", topic="siting", weights="nothing:3;rent:x")) == plain
    assert told(opened(page="homes", topic="siting", weights="rent:99")) == plain


def test_a_limit_that_nothing_meets_says_what_to_do():
    app = opened(page="homes", topic="siting", weights="rent:3:10")
    assert "No cell meets every limit" in told(app)[0]


def test_two_settings_stand_side_by_side():
    app = opened(page="homes", topic="siting")
    next(one for one in app.button if one.label == "Keep this setting").click().run()
    assert not app.exception
    assert app.session_state["kept"].startswith("walk_minutes:3:15;")
    assert any("200 best cells" in one.value for one in app.caption)


def test_a_rule_that_is_changed_changes_the_kinds_and_the_link():
    app = opened(page="homes", topic="kinds", role="residence")
    before = told(app)[0]
    control(app, "number_input", "rule_magnet_minutes").set_value(5.0).run()
    assert not app.exception
    assert told(app)[0] != before
    assert app.session_state["rules"] == "magnet_minutes:5"
    again = opened(page="homes", topic="kinds", role="residence", rules="magnet_minutes:5")
    assert told(again)[0] == told(app)[0]
    assert told(opened(page="homes", topic="kinds", role="residence", rules="campus_km:x"))
