"""Pages from Python: a study draws itself through what is installed above `spatial`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import spatial
from layers.brief import Brief
from layers.page import MapPage
from layers.sheet import Sheet
from papers.html_map import study_map
from papers.html_years import change_page
from spatial import pages
from spatial.pages import PageError
from spatial.question import QuestionError
from spatial.store import write_study
from tests.studies import counts, info

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("pages") / "little", info(), counts())


def test_a_map_from_python_is_the_map_of_the_command(little, tmp_path):
    made = little.map(year=2024, role="residence", lang="zh")
    assert isinstance(made, MapPage)
    again = study_map(little, year=2024, role="residence", lang="zh")
    assert made.provenance["command"] == again.provenance["command"]
    assert made.title == again.title
    assert made.save(tmp_path / "x.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_two_years_from_python_are_those_of_the_command(little):
    compared = little.compare(2023, 2025, role="work")
    made, again = compared.map(view="swipe"), change_page(compared, view="swipe")
    assert isinstance(made, MapPage)
    assert made.provenance["command"] == again.provenance["command"]


def test_printed_pages_come_in_the_format_of_the_name(little, tmp_path):
    printed = little.sheet(year=2024, role="residence", dpi=50)
    assert isinstance(printed, Sheet)
    assert printed.provenance["question"]["year"] == 2024
    assert printed.save(tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")
    assert printed._repr_html_().startswith("<img alt=")
    told = little.brief(2023, 2025, role="work")
    assert isinstance(told, Brief)
    assert told.provenance["comparison"]["role"] == "work"
    assert told._repr_html_().startswith("<iframe srcdoc=")
    assert repr(told).startswith("Brief('Where graduates work")
    assert little.compare(2023, 2025).brief().content.title.endswith("2023 to 2025")


def test_cells_are_as_fine_as_the_app_proposes():
    sample = spatial.open()
    assert sample.sheet(year=2025).provenance["question"]["resolution"] == 8
    asked = sample.sheet(year=2025, resolution=7).provenance["question"]
    assert asked["resolution"] == 7


def test_a_question_without_an_answer_is_refused_as_ever(little):
    with pytest.raises(QuestionError, match="a question has"):
        little.map(years=2025)
    with pytest.raises(QuestionError, match="a question has"):
        little.sheet(years=2025)


def test_nothing_installed_that_draws_gets_one_sentence(little, monkeypatch):
    monkeypatch.setattr(pages, "entry_points", lambda **_: [])
    with pytest.raises(PageError, match=r"a map is drawn by the installed gradmap, and nothing"):
        little.map()
    broken = EntryPoint("map", "nowhere.at_all:map", pages.GROUP)
    monkeypatch.setattr(pages, "entry_points", lambda **_: [broken])
    with pytest.raises(PageError, match=r"drawn by nowhere.at_all:map, which lacks nowhere"):
        little.map()


def test_what_is_offered_is_there_and_loads():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    offered = told["project"]["entry-points"][pages.GROUP]
    for name, value in offered.items():
        assert callable(EntryPoint(name, value, pages.GROUP).load()), name
    assert {"map", "change", "sheet", "brief"} <= set(offered)


def test_opening_a_study_loads_nothing_that_draws():
    code = (
        "import sys, spatial; spatial.open();"
        "print(sorted({'papers', 'layers', 'matplotlib', 'folium'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")
