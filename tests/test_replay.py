"""A file is made again from what it carries, and whatever was changed about it is told."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.cli_tell import FILES
from spatial.export import export_bytes
from spatial.formats import WRITERS, Style
from spatial.ingest.errors import InputError
from spatial.provenance import provenance
from spatial.question import Question
from spatial.remake import remake
from spatial.replay import replay
from spatial.store import copy_study
from tests.studies import small_study

COMMANDS = {
    "hotspots": ["--year", "2024", "--measure", "share", "--k", "2"],
    "places": ["--year", "2024", "--top", "3"],
    "compare": ["--years", "2023", "2025", "--role", "work", "--permutations", "0"],
}
ASKED = {"question": {"year": 2024}, "command": "gradmap hotspots little --out out.csv"}


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def beside(little, tmp_path, monkeypatch):
    """Each test in a folder of its own, the study in it."""
    copy_study(little.path, tmp_path / "little")
    monkeypatch.chdir(tmp_path)


def run(*words):
    found = CliRunner().invoke(main, [str(one) for one in words])
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found


def made(command, name, *more):
    found = run(command, "little", *COMMANDS.get(command, []), *more, "--out", name)
    assert found.exit_code == 0, found.output
    return Path(name)


@pytest.mark.parametrize(
    ("command", "ending"),
    [
        *(("hotspots", ending) for ending in WRITERS),
        *(("places", ending) for ending in (".csv", ".kml", ".xlsx")),
        *(("compare", ending) for ending in (".gpkg", ".geojson", ".parquet")),
    ],
)
def test_every_file_is_identical_made_again(command, ending):
    path = made(command, f"out{ending}")
    files = [path]
    if command == "compare" and ending != ".gpkg":
        files.append(Path(f"out-lineage{ending}"))
    for file in files:
        (found,) = replay(file)
        assert (found.differences, found.notes, found.same_bytes) == ((), (), True)
        said = run("replay", file)
        assert said.exit_code == 0
        assert said.output.startswith("identical to the last byte: out")
    if command == "compare":
        assert found.layers == (("difference", "lineage") if ending == ".gpkg" else ("lineage",))


@pytest.mark.parametrize("ending", [".gpkg", ".csv"])
def test_flows_and_sites_are_identical_made_again(ending):
    made("commute", f"flows{ending}", "--year", 2025, "--resolution", 9, "--area", "West")
    for file in sorted(Path().glob(f"flows*{ending}")):
        (found,) = replay(file)
        assert (found.differences, found.same_bytes) == ((), True)
    for more in ([], ["--cells"]):
        made("siting", f"sites{ending}", "--year", 2025, "--draws", 10, *more)
        (found,) = replay(f"sites{ending}")
        assert (found.differences, found.same_bytes) == ((), True)


def test_flows_drawn_in_a_file_are_said_to_need_their_command():
    outline = {"type": "Polygon", "coordinates": [[[116.3, 39.8], [116.5, 39.8], [116.4, 40.0]]]}
    outline["coordinates"][0].append([116.3, 39.8])
    Path("area.geojson").write_text(
        json.dumps({"type": "Feature", "properties": {}, "geometry": outline})
    )
    made("commute", "flows.csv", "--year", 2025, "--resolution", 9, "--polygon", "area.geojson")
    with pytest.raises(InputError, match=r"by their command alone, beside area\.geojson"):
        replay("flows.csv")


def test_a_changed_number_is_named_by_column_and_row():
    path = made("hotspots", "out.csv")
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    at = head.split(",").index("graduates")
    cells = rows[4].split(",")
    was, cells[at] = cells[at], "12345.0"
    rows[4] = ",".join(cells)
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    (found,) = replay(path)
    assert found.differences == (
        f"cells: graduates in row 5 (cell {cells[0]}) is '12345.0' in the file, '{was}' made"
        " again; 1 values differ in all",
    )
    said = run("replay", path)
    assert said.exit_code == 2
    assert "different: out.csv" in said.output
    assert "gradmap: out.csv made again is different" in said.output


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".parquet", ".kml", ".shp.zip", ".fgb"])
def test_a_changed_table_is_told_in_every_format(little, ending):
    made_again = remake(little, "cells", ASKED)
    changed = made_again.table.copy()
    changed.loc[7, "graduates"] += 1
    path = Path(f"out{ending}")
    WRITERS[ending](changed, path, made_again.provenance, "cells")
    (found,) = replay(path, study=little)
    assert len(found.differences) == 1
    assert "graduates in row" in found.differences[0]
    assert "1 values differ in all" in found.differences[0]
    assert not found.identical


def test_rows_and_columns_that_came_or_went_are_told(little):
    made_again = remake(little, "cells", ASKED)
    path = Path("out.geojson")
    WRITERS[".geojson"](made_again.table.iloc[:-2], path, made_again.provenance, "cells")
    (found,) = replay(path, study=little)
    assert found.differences == (
        f"cells: {len(made_again.table) - 2} rows in the file, {len(made_again.table)} made again",
    )
    more = made_again.table.assign(extra=1).drop(columns="q")
    WRITERS[".geojson"](more, path, made_again.provenance, "cells")
    (found,) = replay(path, study=little)
    assert found.differences == ("cells: columns extra are in the file alone, q made again alone",)


def test_a_changed_story_is_told():
    path = made("places", "out.geojson")
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace('"synthetic": true', '"synthetic": false'), encoding="utf-8")
    (found,) = replay(path)
    assert "provenance: synthetic is False in the file, True made again" in found.differences
    path.write_text(content.replace("CC0-1.0", "mine"), encoding="utf-8")
    (found,) = replay(path)
    assert found.differences == ("provenance: licence is 'mine' in the file, 'CC0-1.0' made again",)


def test_another_version_is_a_note_and_no_difference():
    path = made("places", "out.csv")
    beside = Path("out.csv-metadata.json")
    told = json.loads(beside.read_text(encoding="utf-8"))
    told["notes"][0]["versions"]["h3"] = "0.0.1"
    beside.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (found,) = replay(path)
    assert found.identical
    assert found.notes[0].startswith("made with h3 0.0.1, made again with ")


def test_another_study_is_said_by_its_digest(tmp_path):
    path = made("hotspots", "out.parquet")
    other = small_study(tmp_path / "other" / "little", seed=2)
    (found,) = replay(path, study=other)
    assert found.differences[0].startswith(f"study: little has the digest {other.digest[:12]}")
    assert any("values differ in all" in one for one in found.differences)
    said = run("replay", path, "--study", tmp_path / "other" / "little")
    assert said.exit_code == 2
    assert "digest" in said.output


def test_the_study_is_found_by_name_or_asked_for(tmp_path, monkeypatch):
    path = made("hotspots", "out.csv")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert replay(tmp_path / path)[0].identical
    (tmp_path / "little").rename(tmp_path / "renamed")
    with pytest.raises(InputError, match="the study little is needed beside the file"):
        replay(tmp_path / path)
    said = run("replay", tmp_path / path, "--study", tmp_path / "renamed")
    assert (said.exit_code, "identical" in said.output) == (0, True)


def test_a_study_of_the_right_digest_is_taken_before_another(tmp_path, monkeypatch):
    path = made("hotspots", "out.csv").resolve()
    (tmp_path / "work").mkdir()
    small_study(tmp_path / "work" / "little", seed=2)
    (tmp_path / "little").rename(tmp_path / "kept")
    (tmp_path / "work" / "little").rename(tmp_path / "little")
    (tmp_path / "kept").rename(tmp_path / "work" / "little")
    monkeypatch.chdir(tmp_path / "work")
    assert replay(path)[0].identical


def test_a_name_is_no_path(tmp_path):
    path = made("places", "out.geojson")
    content = path.read_text(encoding="utf-8")
    told = json.loads(content)["gradmap"]["command"]
    (tmp_path / "little").rename(tmp_path / "x")
    moved = content.replace(told, told.replace(" little ", " ../x ")).replace(
        '"study": "little"', '"study": "../x"'
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "out.geojson").write_text(moved, encoding="utf-8")
    with pytest.raises(InputError, match="the study of the file is needed"):
        replay(tmp_path / "deep" / "out.geojson")


def test_colours_are_no_difference(little):
    question = Question(year=2024)
    made_again = remake(little, "cells", {**ASKED, "question": question.to_dict()})
    style = Style(column="hotspot", colours=("#b2182b",), words=("hot",))
    for ending in (".gpkg", ".kml"):
        path = Path(f"out{ending}")
        told = made_again.provenance
        WRITERS[ending](made_again.table, path, told, "cells", style=style)
        (found,) = replay(path, study=little)
        assert (found.differences, found.same_bytes) == ((), False)
        assert found.notes[0] == "the tables are the same, value for value"
        assert run("replay", path, "--study", "little").output.startswith(
            "identical in every value: out"
        )


def test_bytes_of_a_csv_count(little):
    path = made("places", "out.csv")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    (found,) = replay(path, study=little)
    assert len(found.differences) == 1
    assert found.differences[0].startswith("bytes: out.csv differs from byte ")


def test_the_zip_of_a_page_is_made_again_file_by_file(little):
    question = Question(year=2024)
    made_again = remake(little, "cells", {**ASKED, "question": question.to_dict()})
    bare = made_again.table.drop(columns=["cell", "lat", "lon", "geometry"])
    bare.index = little.area
    told = provenance(little, question, kind="cells", out="out.csv")
    content = export_bytes(bare, "out.csv", provenance=told, kind="cells").content
    Path("out.csv.zip").write_bytes(content)
    (found,) = replay("out.csv.zip", study=little)
    assert (found.file, found.differences, found.same_bytes) == ("out.csv", (), True)
    with zipfile.ZipFile("none.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(InputError, match="found none"):
        replay("none.zip")


def test_what_is_no_file_of_ours_gets_one_sentence(little):
    Path("a.txt").write_text("a")
    Path("a.csv").write_text("a,b\n1,2\n")
    Path("a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    for name, why in (
        ("a.txt", "a file to replay ends in .gpkg"),
        ("a.csv", "its provenance is in a.csv-metadata.json, which is not there"),
        ("a.geojson", "found no provenance"),
        ("b.zip", "there is no such file"),
        ("b.fgb", "there is no such file"),
    ):
        said = run("replay", name)
        assert said.exit_code == 2
        assert why in said.output
        assert len(said.output.splitlines()) == 1
    table = remake(little, "cells", ASKED).table
    told = provenance(little, Question(year=2024), kind="cells")
    told.pop("question")
    WRITERS[".geojson"](table, Path("c.geojson"), told, "cells")
    with pytest.raises(InputError, match="found 'cells'"):
        replay("c.geojson", study=little)


def test_a_geopackage_that_lost_its_provenance_is_refused():
    path = made("places", "out.gpkg")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM gpkg_metadata_reference")
    with pytest.raises(InputError, match="found no provenance"):
        replay(path)


def test_help_names_every_format():
    named = [f".{one}" for one in FILES.replace(" or ", ", ").split(", .")]
    named[0] = named[0].removeprefix(".A ")
    assert [one.removesuffix(" file.") for one in named] == list(WRITERS)


def test_a_replay_needs_no_time_of_its_own(little, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    told = provenance(little, Question(year=2024), kind="cells", out="out.parquet")
    made_again = remake(little, "cells", told)
    WRITERS[".parquet"](made_again.table, Path("out.parquet"), told, "cells")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert replay("out.parquet", study=little)[0].same_bytes
    footer = pq.read_metadata("out.parquet").metadata
    assert json.loads(footer[b"gradmap"])["created"] == "1970-01-01T00:00:01Z"
