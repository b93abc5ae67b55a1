"""The command line: what it promises to scripts, and one sentence for everything that is wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spatial import cli, schema
from spatial import question as questions
from spatial.cli import main
from spatial.cli_ask import CHOICES
from spatial.cli_load import load
from spatial.study import open_study
from tests.studies import small_study

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = {
    **{(name,): one for name, one in main.commands.items() if name != "load"},
    **{("load", name): one for name, one in load.commands.items()},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def succeed(*words):
    ran = run(*words)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout


def refuse(*words):
    """The one sentence a command refuses with."""
    ran = run(*words)
    assert ran.exit_code == 2, ran.output
    assert isinstance(ran.exception, SystemExit)
    lines = ran.stderr.splitlines()
    assert len(lines) == 1, ran.stderr
    assert ran.stdout == ""
    assert lines[0].startswith("gradmap: ")
    return lines[0].removeprefix("gradmap: ")


def lattice_of_squares(rows=12, columns=12, *, side=0.01):
    """A grid of 0.01-degree squares around central Beijing with people in a corner of it."""
    lat, lon = np.meshgrid(
        39.85 + side * np.arange(rows), 116.35 + side * np.arange(columns), indexing="ij"
    )
    people = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    return pd.DataFrame(
        {
            "lat": lat.ravel().round(4),
            "lon": lon.ravel().round(4),
            "day": people.ravel(),
            "night": people.ravel()[::-1],
            "jobs": 3 * people.ravel() + 1,
        }
    )


GRID = "--lat lat --lon lon --cell 0.01deg --work day --residence night --year 2020 --resolution 8"


def load_grid(table=None, *more, into="city", options=GRID):
    (lattice_of_squares() if table is None else table).to_csv("grid.csv", index=False)
    return ["load", "grid", "grid.csv", "--into", into, *shlex.split(options), *more]


def test_choices_are_the_words_of_the_house():
    assert {
        "role": schema.ROLES,
        "measure": schema.MEASURES,
        "statistic": get_args(questions.Statistic),
        "chance": get_args(questions.Chance),
    } == CHOICES


def test_defaults_are_those_of_a_question():
    default = questions.Question(year=2025)
    for name in ("hotspots", "places"):
        for option in main.commands[name].params:
            if option.name in questions.Question.__dataclass_fields__ and option.name != "year":
                assert option.default == getattr(default, option.name), option.name


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_help_has_an_example_that_parses(words):
    told = succeed(*words, "--help")
    example = re.search(r"Example:\n((?:    .*\n)+)", told)
    assert example, told
    line = example[1].replace("\\\n", " ").strip().splitlines()[0]
    given = shlex.split(line)
    assert given[: 1 + len(words)] == ["gradmap", *words]
    COMMANDS[words].make_context("gradmap", given[1 + len(words) :])


def test_bare_gradmap_tells_what_there_is():
    assert run().exit_code == 0
    for name in ("sample", "verify", "serve", "load", "hotspots", "places"):
        assert f"  {name} " in run().stdout
        assert f"  {name} " in run("--help").stdout
    assert "0.1.0" in run("--version").stdout


def test_help_does_not_load_the_house():
    code = (
        "import sys; sys.argv = ['gradmap', 'hotspots', '--help'];"
        "from spatial.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'pandas', 'numpy', 'geopandas', 'h3', 'streamlit'} & set(sys.modules)))"
    )
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    took = time.perf_counter() - start
    assert ran.stdout.splitlines()[-1] == "[]", ran.stderr
    assert took < 2  # a twentieth of that on a machine that does nothing else


def test_verify_tells_what_a_study_holds(saved):
    told = succeed("verify", saved.path)
    for words in ("sound", "little (synthetic)", "resolution 9", "2023, 2024, 2025", saved.digest):
        assert words in told


def test_hotspots_writes_every_cell(saved):
    told = succeed(
        *("hotspots", saved.path, "--year", 2025, "--role", "work", "--measure", "count"),
        *("--k", 1, "--alpha", 0.05, "--out", "hot.csv"),
    )
    assert f"{len(saved.area)} cells in hot.csv" in told
    found = pd.read_csv("hot.csv")
    assert {"cell", "graduates", "base", "z", "p", "q", "hotspot"} <= set(found.columns)
    assert [h3.str_to_int(one) for one in found["cell"]] == saved.area.tolist()
    expected = saved.series(role="work", year=2025)["graduates"]
    assert found["graduates"].tolist() == expected.tolist()


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
def test_places_writes_places(saved, ending):
    succeed(
        *("places", saved.path, "--year", 2025, "--role", "work", "--top", 2),
        *("--out", f"places{ending}"),
    )
    found = gpd.read_file(f"places{ending}")
    needed = {"id", "name", "name_en", "class", "graduates", "share", "prominence", "geometry"}
    assert needed <= set(found.columns)
    assert len(found) == 2


def test_the_command_in_a_file_makes_it_again(saved, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")
    asked = ["--statistic", "moran", "--chance", "permutation", "--permutations", 999, "--seed", 3]
    asked += ["--group", "stayers", "--resolution", 8, "--k", 2, "--alpha", 0.1, "--out", "a.csv"]
    for name in ("hotspots", "places"):
        succeed(name, saved.path, *asked)
        before = Path("a.csv").read_bytes(), Path("a.csv-metadata.json").read_bytes()
        told = json.loads(before[1])["notes"][0]
        Path("a.csv").unlink()
        where = Path.cwd()
        monkeypatch.chdir(saved.path.parent)
        succeed(*shlex.split(told["command"].replace("--out a.csv", f"--out {where}/a.csv"))[1:])
        monkeypatch.chdir(where)
        assert (Path("a.csv").read_bytes(), Path("a.csv-metadata.json").read_bytes()) == before


def test_without_a_file_a_short_table_is_told(saved):
    told = succeed("hotspots", saved.path)
    assert told.startswith("work 2025, count, k 1")
    assert re.search(r"^hot +\d+ +[\d,]+ +\d+\.\d%$", told, re.MULTILINE)
    assert "expected by chance" in told
    told = succeed("places", saved.path, "--role", "residence", "--top", 1, "--year", 2023)
    assert told.startswith("residence 2023: 1 place\n")
    assert "residential_pocket" in told


def test_a_grid_is_loaded_to_the_last_person():
    told = succeed(*load_grid(None, "--base-work", "jobs"))
    table = lattice_of_squares()
    assert f"work 2020: {table['day'].sum():,.0f} people in" in told
    assert "0 dropped" in told
    study = open_study("city")
    for role, column in (("work", "day"), ("residence", "night")):
        found = study.series(role=role, year=2020)["graduates"].sum()
        assert found == pytest.approx(table[column].sum(), rel=1e-12)
    jobs = study.series(role="work", year=2020)["base"]
    assert jobs.sum() == pytest.approx(table["jobs"].sum(), rel=1e-12)
    assert study.series(role="residence", year=2020)["base"].isna().all()
    assert [(one["role"], one["year"], one["column"]) for one in study.info.audit] == [
        ("residence", 2020, "night"),
        ("work", 2020, "day"),
    ]
    assert study.info.audit[1]["people_in"] == table["day"].sum()
    assert study.info.audit[1]["base"]["people_in"] == table["jobs"].sum()


def test_years_are_added_and_replaced_only_when_told():
    succeed(*load_grid())
    before = open_study("city").digest
    assert "holds residence 2020, work 2020 already; say --replace" in refuse(*load_grid())
    assert open_study("city").digest == before
    succeed(*load_grid(options=GRID.replace("2020", "2021")))
    assert open_study("city").years == (2020, 2021)
    doubled = lattice_of_squares().assign(day=lambda t: 2 * t["day"])
    succeed(*load_grid(doubled, "--replace"))
    found = open_study("city").series(role="work", year=2020)["graduates"].sum()
    assert found == pytest.approx(doubled["day"].sum())


def test_a_new_study_says_where_it_comes_from():
    succeed(
        *load_grid(None, "--name", "town", "--source", "Census", "--licence", "CC0-1.0"),
        *("--citation", "Census (2020)", "--url", "https://example.org"),
    )
    info = open_study("city").info
    assert (info.name, info.source.name, info.source.licence) == ("town", "Census", "CC0-1.0")


def points(**changes):
    table = pd.DataFrame(
        {
            "GEOID20": ["060001", "060002", "060003"],
            "INTPTLAT20": ["+33.70", "+33.71", "+33.72"],
            "INTPTLON20": ["-117.80", "-117.81", "-117.82"],
        }
    ).assign(**changes)
    table.to_csv("points.csv", index=False)
    counts = {"GEOID20": ["060001", "060003"], "C000": [5, 7]}
    pd.DataFrame(counts).to_csv("counts.csv", index=False)
    words = "--lat INTPTLAT20 --lon INTPTLON20 --id GEOID20 --join counts.csv --work C000"
    words += " --year 2019 --resolution 9"
    return ["load", "points", "points.csv", "--into", "county", *shlex.split(words)]


def test_points_are_joined_to_their_counts():
    told = succeed(*points())
    assert "work 2019: 12 people in, 12 on the map, 0 dropped" in told
    assert open_study("county").counts["graduates"].sum() == 12


def test_zones_are_loaded():
    import shapely

    shapes = gpd.GeoDataFrame(
        {"grads": [10, 20]},
        geometry=[shapely.box(116.3, 39.9, 116.35, 39.95), shapely.box(116.35, 39.9, 116.4, 39.95)],
        crs=4326,
    )
    shapes.to_file("zones.gpkg")
    told = succeed(
        *("load", "zones", "zones.gpkg", "--into", "z", "--residence", "grads"),
        *("--year", 2020, "--resolution", 8),
    )
    assert "30 people in, 30 on the map" in told


def changed(row=0, **values):
    table = lattice_of_squares().astype(object)
    for column, value in values.items():
        table.loc[row, column] = value
    return table


def swapped():
    return lattice_of_squares().rename(columns={"lat": "lon", "lon": "lat"})


BAD_GRIDS = {
    "a missing column": (lattice_of_squares().drop(columns="day"), GRID, "column day is needed"),
    "text in counts": (changed(day="many"), GRID, "must hold numbers, found 'many' in row 1"),
    "an empty count": (changed(5, night=None), GRID, "must hold numbers, found nothing in row 6"),
    "a negative count": (changed(3, day=-4), GRID, "must be 0 or more, found -4 in row 4"),
    "an infinite count": (changed(day="inf"), GRID, "must hold numbers"),
    "swapped coordinates": (swapped(), GRID, "lat"),
    "no coordinate": (changed(2, lat=None), GRID, "must hold numbers, found nothing in row 3"),
    "an unknown system": (lattice_of_squares(), f"{GRID} --crs GJC-02", "GCJ-02"),
    "an unknown code": (lattice_of_squares(), f"{GRID} --crs EPSG:999999", "crs"),
    "a header only": (lattice_of_squares().iloc[:0], GRID, "a table must have rows"),
    "nobody at all": (lattice_of_squares().assign(day=0, night=0), GRID, "found 0"),
    "a square twice": (
        pd.concat([lattice_of_squares(), lattice_of_squares().iloc[:1]]),
        GRID,
        "grid.csv",
    ),
    "no size": (lattice_of_squares(), GRID.replace("0.01deg", "wide"), "cell must be a size"),
    "another size": (lattice_of_squares(), GRID.replace("0.01deg", "0.02deg"), "grid.csv"),
    "no role": (
        lattice_of_squares(),
        GRID.replace("--work day --residence night", ""),
        "needs --work, --residence or both",
    ),
    "an impossible year": (lattice_of_squares(), GRID.replace("2020", "20"), "year must lie in"),
    "a year in words": (
        lattice_of_squares(),
        GRID.replace("2020", "last"),
        "'last' is not a valid",
    ),
    "an impossible resolution": (
        lattice_of_squares(),
        GRID.replace("resolution 8", "resolution 16"),
        "resolution must lie in 0..15, found 16",
    ),
    "another resolution than the study's": (
        lattice_of_squares(),
        GRID.replace("resolution 8", "resolution 7").replace("2020", "2021"),
        "resolution 8, found 7",
    ),
    "another city": (
        lattice_of_squares().assign(lon=lambda t: t["lon"] - 5),
        GRID.replace("2020", "2021"),
        "must lie in the study area of",
    ),
}


@pytest.mark.parametrize(("table", "options", "words"), BAD_GRIDS.values(), ids=list(BAD_GRIDS))
def test_bad_input_gets_one_sentence_and_the_old_study_is_intact(table, options, words):
    succeed(*load_grid())
    before = open_study("city").digest
    assert words in refuse(*load_grid(table, options=options))
    assert open_study("city").digest == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n", "rows"),
        ("cut.parquet", b"PAR1\x00\x01", "damaged or cut short"),
        ("cut.parquet", None, "damaged or cut short"),
        ("false.parquet", b"lat,lon\n1,2\n", "must be Parquet"),
        ("zip.csv", b"PK\x03\x04....", "zip"),
        ("table.xlsx", b"PK\x03\x04....", "must be whole"),
        ("bytes.csv", bytes(range(256)) * 4, ""),
        ("none.csv", ..., "found none"),
    ],
)
def test_a_file_that_is_no_table_gets_one_sentence(name, content, words):
    if content is None:
        lattice_of_squares().to_parquet(name)
        content = Path(name).read_bytes()[:-100]
    if content is not ...:
        Path(name).write_bytes(content)
    assert words in refuse("load", "grid", name, "--into", "city", *shlex.split(GRID))
    assert not Path("city").exists()


def test_a_load_is_refused_before_the_study_it_would_spoil():
    Path("letters").mkdir()
    Path("letters/mine.txt").write_text("dear")
    assert "is neither" in refuse(*load_grid(into="letters"))
    succeed(*load_grid())
    with Path("city/counts.parquet").open("ab") as file:
        file.write(b"x")
    assert "is not the file that was saved" in refuse(*load_grid())


@pytest.mark.parametrize("command", ["hotspots", "places"])
def test_bad_questions_get_one_sentence(saved, command):
    cases = {
        "not in 1999": ["--year", 1999],
        "'home' is not one of 'residence', 'work'": ["--role", "home"],
        "'mood' is not one of": ["--measure", "mood"],
        "group must be one of all, stayers, arrivals": ["--group", "x"],
        "k must be whole, 1 to 10, found 0": ["--k", 0],
        "alpha must lie between 0 and 1": ["--alpha", 2],
        "or coarser, found 10": ["--resolution", 10],
        "permutations must be whole": ["--permutations", 3, "--chance", "permutation"],
        "must end in .gpkg, .geojson, .csv": ["--out", "x.txt"],
        "there is no folder": ["--out", "nowhere/x.csv"],
        "it is a folder": ["--out", "folder.csv"],
        "No such option": ["--mood", "good"],
    }
    Path("folder.csv").mkdir()
    for words, given in cases.items():
        assert words in refuse(command, saved.path, *given)
    assert [one.name for one in Path().iterdir()] == ["folder.csv"]


@pytest.mark.parametrize("command", ["verify", "hotspots", "places"])
def test_missing_and_broken_studies_get_one_sentence(command):
    assert "a study is a folder with a study.json, none found" in refuse(command, "nothing")
    assert "Missing argument" in refuse(command)
    small_study(Path("broken"))
    (Path("broken") / "flows.parquet").write_bytes(b"PAR1")
    (Path("broken") / "rents.parquet").unlink()
    said = refuse(command, "broken")
    assert "flows.parquet is not the file that was saved" in said
    assert "rents.parquet is listed and not there" in said
    assert "cannot be read" not in said
    (Path("broken") / "study.json").write_text("{")
    assert "study.json cannot be read" in refuse(command, "broken")


def test_unknown_commands_get_one_sentence():
    assert "No such command 'hotspot'" in refuse("hotspot")
    assert "No such command 'cells'" in refuse("load", "cells")


def test_a_full_disk_gets_one_sentence(saved, monkeypatch):
    from spatial import export

    def full(*_given, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(export.FORMATS, ".csv", full)
    assert "No space left on device" in refuse("hotspots", saved.path, "--out", "x.csv")


def test_sample_gives_the_packaged_city(monkeypatch):
    from spatial.sources.beijing import sample

    if not (sample.PACKAGED / "study.json").is_file():
        pytest.skip("the sample is not built yet")
    assert "(synthetic)" in succeed("sample", "beijing")
    assert open_study("beijing").digest == open_study(sample.PACKAGED).digest
    Path("taken").mkdir()
    Path("taken/note.txt").write_text("mine")
    assert "is neither" in refuse("sample", "taken")
    built = []

    def build(path, *, seed):
        built.append(seed)
        return small_study(path)

    monkeypatch.setattr(sample, "build", build)
    succeed("sample", "other", "--seed", 7)
    assert built == [7]


def test_serve_runs_the_page_on_this_machine_only(saved, monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr(os, "execve", lambda *given: called.append(given))
    (tmp_path / "app.py").write_text("")
    monkeypatch.setattr(cli, "_APP", tmp_path / "app.py")
    assert "127.0.0.1:8600" in succeed("serve", saved.path, "--port", 8600)
    ((program, command, environment),) = called
    assert program == sys.executable
    assert command[1:5] == ["-m", "streamlit", "run", str(tmp_path / "app.py")]
    assert command[-4:] == ["--server.address", "127.0.0.1", "--server.port", "8600"]
    assert environment["GRADMAP_STUDIES"].split(os.pathsep) == [str(saved.path)]
    assert "none found" in refuse("serve", "nothing")
    assert "99999" in refuse("serve", "--port", 99999)
    monkeypatch.setattr(cli, "_APP", tmp_path / "gone.py")
    assert "the page is not installed" in refuse("serve")


def test_as_a_program_it_leaves_with_its_code(saved):
    def gradmap(*words):
        command = [sys.executable, "-m", "spatial.cli", *map(str, words)]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        )

    good = gradmap("hotspots", saved.path, "--out", "hot.gpkg")
    assert (good.returncode, good.stderr) == (0, "")
    bad = gradmap("hotspots", saved.path, "--year", 1999)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert len(bad.stderr.splitlines()) == 1
    assert "Traceback" not in bad.stderr


@pytest.mark.real
def test_beijings_day_gives_back_its_places(real_data):
    file = real_data / "beijing" / "beijing_day_night_pop_1km_quanturban.csv"
    succeed("load", "grid", file, "--into", "real", *shlex.split(GRID))
    table = pd.read_csv(file)
    study = open_study("real")
    for role, column in (("work", "day"), ("residence", "night")):
        found = study.series(role=role, year=2020)["graduates"].sum()
        assert found == pytest.approx(table[column].sum(), rel=1e-9)
    succeed("places", "real", "--year", 2020, "--role", "work", "--top", 12, "--out", "p.geojson")
    named = gpd.read_file("p.geojson").set_index("name_en")
    known = {
        "CBD": (39.912, 116.451),
        "Zhongguancun": (39.980, 116.311),
        "Xierqi": (40.048, 116.300),
        "Financial Street": (39.916, 116.352),
        "Wangjing": (39.985, 116.470),
        "Fengtai Science Park": (39.824, 116.281),
        "Yizhuang": (39.795, 116.502),
        "Tongzhou": (39.908, 116.640),
    }
    for name, place in known.items():
        found = tuple(named.loc[name, ["lat", "lon"]])
        assert h3.great_circle_distance(found, place, unit="km") < 1.5, name


@pytest.mark.real
def test_orange_countys_jobs_are_all_on_the_map(real_data):
    folder = real_data / "us"
    words = "--lat INTPTLAT20 --lon INTPTLON20 --id GEOID20 --work C000 --year 2019 --resolution 9"
    told = succeed(
        *("load", "points", folder / "oc_blocks.csv", "--into", "oc", *shlex.split(words)),
        *("--join", folder / "oc_block_wac_2019.csv"),
    )
    assert "1,685,277 people in, 1,685,277 on the map, 0 dropped" in told
    assert open_study("oc").counts["graduates"].sum() == 1_685_277
