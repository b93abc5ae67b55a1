"""Imports point down only: views ask, papers print, layers draw, spatial computes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("spatial", "layers", "papers", "views", "app")
SCREEN = {"folium", "branca", "streamlit", "streamlit_folium"}
FORBIDDEN = {
    "spatial": {*SCREEN, "layers", "papers", "views", "app"},
    "layers": {
        "streamlit",
        "streamlit_folium",
        "h3",
        "h3ronpy",
        "pyproj",
        "papers",
        "views",
        "app",
    },
    "papers": {"streamlit", "streamlit_folium", "h3", "h3ronpy", "pyproj", "views", "app"},
    "views": {"app", "h3", "h3ronpy", "pyproj"},
    "app.py": {"h3", "h3ronpy", "pyproj", "geopandas"},
}
LAYERS_MAY_USE = {"spatial.schema"}


def imported(file: Path) -> set[str]:
    """Every module a file imports, at the top or inside a function, by its full name."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(part: str) -> list[Path]:
    path = ROOT / part
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def cases(*parts: str) -> list[object]:
    return [
        pytest.param(file, part, id=str(file.relative_to(ROOT)))
        for part in parts
        for file in files_of(part)
    ]


@pytest.mark.parametrize(("file", "part"), cases(*FORBIDDEN))
def test_imports_point_down(file, part):
    tops = {name.split(".")[0] for name in imported(file)}
    assert not tops & FORBIDDEN[part]


@pytest.mark.parametrize(("file", "part"), cases("layers"))
def test_layers_know_only_the_words_of_spatial(file, part):
    used = {name for name in imported(file) if name.split(".")[0] == "spatial"}
    beyond = {n for n in used if not any(n == m or n.startswith(f"{m}.") for m in LAYERS_MAY_USE)}
    assert not beyond, f"{part} may import {LAYERS_MAY_USE} only"


@pytest.mark.parametrize(("file", "part"), cases("spatial", "layers", "views", "app.py"))
def test_nothing_is_relative(file, part):
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    assert not [n for n in nodes if isinstance(n, ast.ImportFrom) and n.level], part


def test_h3ronpy_stays_behind_one_door():
    users = {
        file.relative_to(ROOT).as_posix()
        for file in files_of("spatial")
        if any(name.split(".")[0] == "h3ronpy" for name in imported(file))
    }
    assert users <= {"spatial/cells.py", "spatial/lattice.py"}


def test_the_package_is_light_and_closes_the_drivers_that_reach_out():
    code = (
        "import sys, os, spatial;"
        "assert not {'geopandas', 'pandas', 'numpy', 'pyogrio'} & set(sys.modules);"
        "import pyogrio;"
        "print(sorted({'OGR_VRT', 'GDALG', 'WFS', 'OAPIF', 'CSW', 'HTTP'}"
        " & set(pyogrio.list_drivers())))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "[]", "")


def test_no_folder_is_named_pages():
    assert not (ROOT / "pages").exists()
