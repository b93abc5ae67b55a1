"""Every notebook runs from its first cell to its last, defines nothing, and shows what is kept."""

from __future__ import annotations

import ast
import json
import shutil
import tempfile
from pathlib import Path

import pytest

from layers.page import MapPage
from tests.notebooks import FOLDER, OWN_CITY, code_cells, read, run, write

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [
    "01_quickstart",
    "02_hotspots_and_witnesses",
    "03_years_side_by_side",
    "04_commute",
    "05_your_own_city",
    "06_sensitivity",
]


def text_of(outputs):
    """What the cells show, as a reader of the file sees it."""
    return [
        "".join(one["text"] if "text" in one else one["data"]["text/plain"])
        for cell in outputs
        for one in cell
    ]


def test_all_notebooks_are_there():
    assert [one.stem for one in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("name", [one for one in NAMES if one != OWN_CITY])
def test_runs_shows_the_map_and_comes_to_what_is_kept(name, tmp_path):
    notebook = FOLDER / f"{name}.ipynb"
    ran = run(notebook)
    assert len(ran.known["places"].table) >= 10
    board = ran.known["board"]
    assert isinstance(board, MapPage)
    assert any(one is board for one in ran.shown)
    assert board.content["tag"]
    kept = [cell["outputs"] for cell in code_cells(read(notebook))]
    # What differs is mended by `make notebooks`, where it is meant.
    assert text_of(ran.outputs) == text_of(kept)
    assert repr(board) in text_of(kept)
    again = Path(shutil.copy(notebook, tmp_path))
    write(again, ran.outputs)
    assert again.read_bytes() == notebook.read_bytes()


def test_ones_own_city_without_its_data_says_so_and_ends(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADMAP_REAL_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ran = run(FOLDER / f"{OWN_CITY}.ipynb")
    where = tmp_path / "nowhere" / "us"
    shown = [one for one in ran.shown if one is not None]
    assert shown[0] == f"no data in {where}: set GRADMAP_REAL_DATA to their folder"
    assert not any(shown[1:])
    assert "study" not in ran.known


def test_ones_own_city_is_kept_without_what_it_reads():
    cells = code_cells(read(FOLDER / f"{OWN_CITY}.ipynb"))
    assert all(not one["outputs"] and one["execution_count"] is None for one in cells)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)
def test_defines_nothing(notebook):
    for cell in code_cells(read(notebook)):
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda one: one.stem)
def test_keeps_plain_text_alone_and_stays_small(notebook):
    content = read(notebook)
    for cell in code_cells(content):
        for output in cell["outputs"]:
            assert set(output.get("data", {"text/plain": []})) == {"text/plain"}
    told = "".join(text_of([cell["outputs"] for cell in code_cells(content)]))
    assert not any(tag in told for tag in ("<iframe", "<table", "<div", " at 0x"))
    assert len(notebook.read_bytes()) < 40_000
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])


def test_a_notebook_is_run_as_a_kernel_runs_it(tmp_path):
    cells = ["import math\nx = [math.pi] * 2\nprint('said')\nx", "x = 1", "x + 1; None", "'text'"]
    content = {
        "cells": [
            {"cell_type": "code", "id": f"c{at}", "metadata": {}, "outputs": [], "source": [one]}
            | {"execution_count": None}
            for at, one in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    notebook = tmp_path / "one.ipynb"
    notebook.write_text(json.dumps(content), encoding="utf-8")
    ran = run(notebook)
    said = ["said\n", "[3.141592653589793, 3.141592653589793]", "'text'"]
    assert text_of(ran.outputs) == said
    write(notebook, ran.outputs)
    kept = code_cells(read(notebook))
    assert [one["execution_count"] for one in kept] == [1, 2, 3, 4]
    assert text_of([one["outputs"] for one in kept]) == said
    write(notebook, [])
    assert all(not one["outputs"] for one in code_cells(read(notebook)))
