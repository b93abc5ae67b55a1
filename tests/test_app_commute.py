"""The commute page without a browser: what is asked changes what is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.info import StudyInfo
from spatial.store import write_study
from tests.test_app import control, opened, told


@pytest.fixture(autouse=True)
def _sample(monkeypatch):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)


@pytest.fixture
def without_flows(tmp_path, monkeypatch):
    """Homes and jobs of one year, and nobody says who goes where."""
    cells = h3cells.grid_disk(h3cells.points_to_cells([33.7], [-117.8], resolution=8), k=6)
    rng = np.random.default_rng(3)
    counts = pd.concat(
        pd.DataFrame(
            {
                "cell": cells,
                "role": role,
                "year": 2019,
                "graduates": rng.integers(0, 40, len(cells)).astype(float),
                "base": np.nan,
            }
        )
        for role in ("residence", "work")
    )
    write_study(tmp_path / "orange", StudyInfo(name="orange", resolution=8), counts)
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "orange"))


def test_the_whole_city_is_told_in_one_sentence():
    app = opened(page="commute")
    sentence, _ = told(app)
    assert "10.3 km to work on average" in sentence
    assert control(app, "selectbox", "area").value == ""


def test_an_area_tells_who_comes_in():
    app = opened(page="commute", area="work-cbd")
    sentence, _ = told(app)
    assert "work in CBD" in sentence
    assert "come in from outside" in sentence


def test_the_other_side_of_the_area_is_another_answer():
    work, _ = told(opened(page="commute", area="work-cbd"))
    homes, _ = told(opened(page="commute", area="work-cbd", role="residence"))
    assert "live in CBD" in homes
    assert work != homes


def test_another_year_is_another_answer():
    app = opened(page="commute")
    before = told(app)[0]
    control(app, "selectbox", "year").set_value(2022).run()
    assert not app.exception
    assert told(app)[0] != before


def test_an_area_drawn_on_the_map_is_told_as_one():
    ring = "@39.88,116.42;39.95,116.42;39.95,116.52;39.88,116.52"
    sentence, _ = told(opened(page="commute", area=ring))
    assert "Drawn area" in sentence


@pytest.mark.parametrize("area", ["nowhere", "@1,2;3", "@a,b;c,d;e,f", "work-"])
def test_an_area_that_is_none_is_passed_over(area):
    app = opened(page="commute", area=area)
    assert control(app, "selectbox", "area").value == ""


def test_bands_that_cannot_be_read_fall_back():
    app = opened(page="commute", bands="five,ten")
    assert app.session_state["bands"] == "5,10,25"
    assert opened(page="commute", bands="20,2.5").session_state["bands"] == "2.5,20"


@pytest.mark.usefixtures("without_flows")
def test_without_flows_bounds_are_told_and_a_model_only_when_asked():
    app = opened(page="commute")
    assert "does not say who goes where" in next(
        one.value for one in app.markdown if one.value.startswith("## ")
    )
    labels = {one.label for one in app.metric}
    assert "Jobs-housing separation" in labels
    assert not any("Mean distance" in one for one in labels)
    app.number_input[0].set_value(5.0).run()
    assert not app.exception
    modelled = {one.label: one.value for one in app.metric}
    assert modelled["Mean distance (modelled)"] == "5.0 km"


@pytest.mark.usefixtures("without_flows")
def test_a_mean_that_the_layout_forbids_is_refused_in_a_sentence():
    app = opened(page="commute")
    app.number_input[0].set_value(150.0).run()
    assert not app.exception
    assert len(app.error) == 1
