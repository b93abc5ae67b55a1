"""Every notebook runs from its first cell to its last, and defines nothing of its own."""

from __future__ import annotations

import ast
import json
import tempfile
from pathlib import Path

import pytest

from layers.page import MapPage

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "01_quickstart",
    "02_hotspots_and_witnesses",
    "03_years_side_by_side",
    "04_commute",
    "05_your_own_city",
    "06_sensitivity",
]
OWN_CITY = "05_your_own_city"  # run with its data by tests/test_washington.py


def sources(notebook):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]


def run(notebook):
    """What a notebook knows at its end, and what each of its cells shows."""
    known: dict[str, object] = {}
    shown = []
    for source in sources(notebook):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), known)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), notebook.name, "eval"), known))
    return known, shown


def test_all_notebooks_are_there():
    assert [one.stem for one in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("name", [one for one in NAMES if one != OWN_CITY])
def test_runs_and_shows_the_map(name, monkeypatch):
    monkeypatch.chdir(FOLDER)
    known, shown = run(FOLDER / f"{name}.ipynb")
    assert len(known["places"].table) >= 10
    assert isinstance(known["board"], MapPage)
    assert any(one is known["board"] for one in shown)
    assert known["board"].content["tag"]


def test_ones_own_city_without_its_data_says_so_and_ends(monkeypatch, tmp_path):
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("GRADMAP_REAL_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    known, shown = run(FOLDER / f"{OWN_CITY}.ipynb")
    assert (
        shown[0]
        == f"no data in {tmp_path / 'nowhere' / 'us'}: set GRADMAP_REAL_DATA to their folder"
    )
    assert not any(shown[1:])
    assert "study" not in known


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)
def test_defines_nothing(notebook):
    for source in sources(notebook):
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)
def test_is_kept_without_outputs(notebook):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [one for one in content["cells"] if one["cell_type"] == "code"]
    assert all(not one["outputs"] and one["execution_count"] is None for one in cells)
