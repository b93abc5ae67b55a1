"""Names from anywhere survive every format as they are, and none of them is run as a formula."""

from __future__ import annotations

import csv
import re

import geopandas as gpd
import openpyxl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from spatial.formats import WRITERS, guarded
from spatial.formats.carried import tables_of
from spatial.formats.shapefile import aliases
from tests.readers import read

TOLD = {
    "study": "=1+1",
    "study_digest": "0" * 64,
    "synthetic": True,
    "modelled": [],
    "breaks": [{"after": 2023, "before": 2024, "series": "+1", "reason": {"zh": "=1+1"}}],
    "method": "=1+1",
    "command": "@SUM(1,1)",
    "versions": {"=1": "=1"},
    "created": "2026-01-01T00:00:00Z",
    "source": "-1",
    "source_url": "",
    "licence": "",
    "citation": "=HYPERLINK(1)",
}
FORMULAS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]
NAMES = [
    *(f"{one}1+1" for one in FORMULAS),
    '=HYPERLINK("http://127.0.0.1/?"&A1,"望京")',
    "=cmd|' /C calc'!A0",
    "a\r=1+1",
    "a;=1+1",
    'x",=1+1,"',
    "𠮷野家𪚥𰻝",
    "👩‍👩‍👧‍👦 👍🏽",
    "مرحبا بالعالم",
    "שלום (עולם)",
    "\u202eright to left\u202c",
    "名" * 200,
    'O\'Neil "quoted", comma',
    "two\nlines",
    "007",
    "1e5",
    "true",
    "NULL",
    "nan",
    "_x0041_",
    "<b>&amp;</b>]]>",
    "a\\b %s {0} ${x}",
    "e\u0301 é",
    "https://example.org/?a=1&b=2",
    "2024-01-01",
]
CELL = re.compile(r'("(?:[^"]|"")*"|)([^,;\t\r\n]*)(\r\n|[,;\t\r\n])')
"""A cell, quoted or not, to a spreadsheet that takes every separator for one."""


def named(names):
    number = range(len(names))
    shapes = [shapely.box(116 + one / 100, 40, 116.005 + one / 100, 40.1) for one in number]
    return gpd.GeoDataFrame(
        {"id": [f"a{one}" for one in number], "name": names}, geometry=shapes, crs=4326
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The names in a file of every format."""
    found = tmp_path_factory.mktemp("names")
    for ending, write in WRITERS.items():
        write(named(NAMES), found / f"places{ending}", TOLD, "places")
    return found


@pytest.mark.parametrize("ending", WRITERS)
def test_names_are_the_same_to_another_reader(folder, ending):
    rows = read(folder / f"places{ending}", ending, "places")
    column = {".kml": "Name", ".shp.zip": aliases(["name"])["name"]}.get(ending, "name")
    found = {row["id"]: row[column] for row in rows}
    expected = {f"a{at}": name for at, name in enumerate(NAMES)}
    if ending == ".csv":
        expected = {key: f"'{one}" if one[0] in FORMULAS else one for key, one in expected.items()}
    if ending == ".shp.zip":  # 254 bytes, and spaces around a text are none of it
        cut = {key: one.encode()[:254].decode(errors="ignore") for key, one in expected.items()}
        expected = {key: one.strip() for key, one in cut.items()}
        found = {key: one.strip() for key, one in found.items()}
    if ending == ".kml":  # so are they in XML, and its line ends are one character
        expected = {key: one.replace("\r", "\n").strip() for key, one in expected.items()}
        found = {key: one.replace("\r", "\n").strip() for key, one in found.items()}
    if ending == ".xlsx":  # openpyxl takes back the escape of an escape, and no other
        found = {key: one if one == expected[key] else unescape(one) for key, one in found.items()}
    assert found == expected


@given(st.permutations(["end", "End_", "begin", "timeStamp", "visibility", "drawOrder", "id_"]))
def test_columns_called_like_elements_of_kml_are_found_again(tmp_path_factory, columns):
    path = tmp_path_factory.mktemp("kml") / "a.kml"
    table = named(["a"]).assign(**{one: f"of {one}" for one in columns})
    WRITERS[".kml"](table, path, TOLD, "places")
    found = tables_of(path, ".kml", "places").iloc[0]
    assert {one: found[one] for one in columns} == {one: f"of {one}" for one in columns}


def test_columns_called_like_elements_of_kml_are_read_by_gdal(tmp_path):
    path = tmp_path / "a.kml"
    columns = ["end", "begin", "timestamp", "visibility", "drawOrder", "tessellate", "extrude"]
    WRITERS[".kml"](named(["a"]).assign(**dict.fromkeys(columns, "善各庄")), path, TOLD, "places")
    (row,) = read(path, ".kml", "places")
    assert [row[f"{one}_"] for one in columns] == ["善各庄"] * len(columns)


def test_a_workbook_has_no_formula_in_any_cell(folder):
    book = openpyxl.load_workbook(folder / "places.xlsx")
    for sheet in book:
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        assert kinds <= {"s", "n"}, sheet.title
    marked = [one.quotePrefix for one in book["places"]["B"][1:]]
    assert all(marked)


def cells_of(text):
    """Every cell of a CSV, and its lines, where a comma, semicolon or tab ends a cell."""
    pieces, at = [], 0
    while at < len(text):
        piece = CELL.match(text, at)
        pieces.append(piece.groups())
        at = piece.end()
    content = [(f"{quoted[1:-1]}{rest}".replace('""', '"')) for quoted, rest, _ in pieces]
    return content, sum(end not in (",", ";", "\t") for _, _, end in pieces)


@given(st.lists(st.text("=+-@,;\t\r\n\"'a 望＝＋－＠", max_size=8), min_size=1, max_size=6))
def test_no_cell_of_a_csv_begins_a_formula_whatever_separates_cells(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    WRITERS[".csv"](named(names).drop(columns="geometry"), path, TOLD, "places")
    content = path.read_bytes().decode()
    cells, lines = cells_of(content)
    assert lines == len(names) + 1
    assert not [one for one in cells if one[:1] in FORMULAS and one]
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row["name"] for row in csv.DictReader(file)]
    assert rows == [f"'{one}" if one[:1] in FORMULAS and one else one for one in names]
    assert guarded(named(names)["name"]).tolist() == rows
