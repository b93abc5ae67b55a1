"""gradmap compare and drift: JSON that holds the numbers, and files that hold the reasons."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner

from spatial import agreement, change
from spatial.cli import main
from spatial.cli_years import AGAINST, NULLS
from spatial.comparison import (
    Comparison,
    agreement_between,
    answers_between,
    difference_table,
    lineages_between,
    reasons_against,
)
from spatial.drift import drift
from spatial.events import EVENT_TABLE_COLUMNS, event_table
from spatial.export import export_layers, export_layers_bytes
from spatial.findings import findings
from spatial.provenance import provenance_between
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import counts, info, small_study

ROOT = Path(__file__).resolve().parents[1]
TWO = ("--years", 2023, 2025, "--role", "work")
ASKED = Comparison(first=2023, second=2025, role="work")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def told(*words):
    ran = run(*words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return json.loads(ran.stdout, parse_constant=pytest.fail)


def refused(*words):
    ran = run(*words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    return line.removeprefix("gradmap: ")


def test_words_are_those_of_the_house():
    assert change.YARDSTICKS == AGAINST
    assert agreement.NULLS == NULLS
    for one in main.commands["compare"].params:
        if one.name in Comparison.__dataclass_fields__:
            assert one.default == Comparison.__dataclass_fields__[one.name].default, one.name


def test_help_does_not_load_the_house():
    for command in ("compare", "drift"):
        code = (
            f"import sys; sys.argv = ['gradmap', '{command}', '--help'];"
            "from spatial.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print(sorted({'pandas', 'numpy', 'geopandas', 'h3', 'scipy'} & set(sys.modules)))"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
        assert ran.stdout.splitlines()[-1] == "[]", ran.stderr


# compare


def test_compare_tells_what_python_tells(saved):
    found = told("compare", saved.path, *TWO, "--permutations", 99, "--seed", 3)
    assert Comparison.from_dict(found["comparison"]) == ASKED
    cells = difference_table(saved, ASKED)
    assert found["graduates"] == {
        "before": cells["before"].sum(),
        "after": cells["after"].sum(),
        "change": cells["change"].sum(),
    }
    parts = found["cells"]
    assert parts["all"] == len(saved.area)
    assert parts["all"] == sum(parts[one] for one in ("more", "fewer", "within_noise", "untested"))
    assert parts["untested"] == int((cells["before"] + cells["after"] == 0).sum())
    assert parts["more"] + parts["fewer"] == int((~cells["noise"]).sum())
    lineages = lineages_between(saved, ASKED)
    events = lineages.events
    assert found["verdicts"] == {"appeared": 0} | {
        one: int((events["verdict"] == one).sum()) for one in found["verdicts"]
    }
    assert sum(found["verdicts"].values()) == len(events)
    assert len(found["events"]) == len(events) - found["verdicts"]["steady"]
    spans = lineages.spans.set_index("lineage")
    turned = spans[spans["verdict"] != "steady"]
    assert {one["lineage"]: one["verdict"] for one in found["spans"]} == dict(turned["verdict"])
    alike = agreement_between(saved, ASKED, permutations=99, rng=np.random.default_rng(3))
    assert found["agreement"]["jaccard"] == pytest.approx(alike.jaccard)
    assert found["agreement"]["p_kappa"] == alike.p_kappa
    assert found["years"] == [2023, 2024, 2025]
    assert found["trend"] == {"slices": 3, "smallest_p": pytest.approx(1 / 3), "enough": False}
    assert found["synthetic"] is True
    assert found["files"] == []


def test_compare_gives_the_reason_where_two_years_are_not_comparable(saved):
    found = told("compare", saved.path, *TWO)
    assert found["comparable"] is False
    (reason,) = found["reasons"]
    assert reason["kind"] == "break"
    assert (reason["after"], reason["before"], reason["series"]) == (2023, 2024, "work")
    assert reason["reason"]["en"] == "the register was renewed"
    assert reason["reason"]["zh"]
    fair = told("compare", saved.path, "--years", 2024, 2025, "--role", "work")
    assert (fair["comparable"], fair["reasons"]) == (True, [])


def test_years_left_out_are_the_first_and_the_last(saved):
    found = told("compare", saved.path)["comparison"]
    assert (found["first"], found["second"], found["role"]) == (2023, 2025, "residence")


def test_without_draws_there_is_no_chance(saved):
    found = told("compare", saved.path, *TWO, "--permutations", 0)["agreement"]
    assert (found["p_jaccard"], found["draws"]) == (None, 0)


def carried(path):
    """Provenance by layer of the files that belong to `path`."""
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute(
                "SELECT table_name, metadata FROM gpkg_metadata_reference"
                " JOIN gpkg_metadata ON md_file_id = id WHERE table_name IS NOT NULL"
            ).fetchall()
        return {name: json.loads(content) for name, content in rows}
    found = {}
    for kind, name in (("difference", path.name), ("lineage", f"{path.stem}-lineage{path.suffix}")):
        file = path.with_name(name)
        if path.suffix == ".geojson":
            found[kind] = json.loads(file.read_text(encoding="utf-8"))["gradmap"]
        else:
            sidecar = file.with_name(file.name + "-metadata.json")
            found[kind] = json.loads(sidecar.read_text(encoding="utf-8"))["notes"][0]
    return found


FILES = {
    ".gpkg": ["change.gpkg"],
    ".geojson": ["change.geojson", "change-lineage.geojson"],
    ".csv": [
        "change.csv",
        "change-lineage.csv",
        "change-lineage.csv-metadata.json",
        "change.csv-metadata.json",
    ],
}


def read(path, kind):
    if path.suffix == ".gpkg":
        return gpd.read_file(path, layer=kind)
    file = path if kind == "difference" else path.with_name(f"{path.stem}-lineage{path.suffix}")
    if path.suffix == ".csv":
        return pd.read_csv(file, keep_default_na=False, na_values={"p": [""], "z": [""]})
    return gpd.read_file(file)


@pytest.mark.parametrize("ending", FILES)
def test_both_tables_leave_and_read_back(saved, ending):
    path = Path(f"change{ending}")
    found = told("compare", saved.path, *TWO, "--out", path)
    assert found["files"] == FILES[ending]
    assert sorted(one.name for one in Path().iterdir()) == sorted(FILES[ending])
    if ending == ".gpkg":
        assert pyogrio.list_layers(path)[:, 0].tolist() == ["difference", "lineage"]
    expected = difference_table(saved, ASKED)
    cells = read(path, "difference")
    assert len(cells) == len(saved.area)
    for name in ("before", "after", "change", "z", "shrunk"):
        np.testing.assert_array_equal(
            pd.to_numeric(cells[name]).to_numpy(float), expected[name].to_numpy()
        )
    for name in ("noise", "recoded", "comparable"):
        assert cells[name].astype(bool).tolist() == expected[name].tolist()
    assert set(cells["hotspot_after"]) == set(expected["hotspot_after"])
    events = read(path, "lineage")
    assert set(events.columns) >= set(EVENT_TABLE_COLUMNS)
    assert len(events) == sum(found["verdicts"].values())
    shapes = events["geometry"]
    outlines = gpd.GeoSeries.from_wkt(shapes, crs=4326) if ending == ".csv" else shapes
    assert outlines.is_valid.all()
    assert not outlines.is_empty.any()


@pytest.mark.parametrize("ending", FILES)
def test_every_file_says_what_was_compared_and_why_that_is_not_fair(saved, ending):
    path = Path(f"change{ending}")
    told("compare", saved.path, *TWO, "--against", "total", "--out", path)
    for kind, found in carried(path).items():
        asked = Comparison.from_dict(found["comparison"])
        assert (asked.first, asked.second, asked.against) == (2023, 2025, "total")
        assert found["study_digest"] == saved.digest
        assert [one["reason"]["en"] for one in found["breaks"]] == ["the register was renewed"]
        assert found["command"] == (
            "gradmap compare little --years 2023 2025 --role work --k 1 --alpha 0.05 --top 20"
            f" --against total --out change{ending}"
        )
        assert found["method"].startswith({"difference": "Change", "lineage": "Lineages"}[kind])
        assert "the same share of all graduates as before" in found["method"]
    assert set(carried(path)) == {"difference", "lineage"}
    events = read(path, "lineage")
    across = events["from_year"] == 2023
    assert (events.loc[across, "break_en"] == "the register was renewed").all()
    assert not events.loc[across, "comparable"].astype(bool).any()
    assert events.loc[~across, "comparable"].astype(bool).all()
    if ending == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute("SELECT description FROM gpkg_contents").fetchall()
        assert all("Not comparable (work): the register was renewed" in one for (one,) in rows)
        assert all(one.startswith("Synthetic data.") for (one,) in rows)


def test_a_break_of_the_base_is_told_with_the_change_that_base_predicts():
    study = open_study(PACKAGED)
    asked = Comparison(first=2022, second=2025)
    difference, lineage = (
        provenance_between(study, asked, kind=kind) for kind in ("difference", "lineage")
    )
    assert [one["series"] for one in difference["breaks"]] == ["base"]
    assert lineage["breaks"] == []
    assert difference["command"].startswith("gradmap sample beijing-sample && gradmap compare")


@pytest.mark.parametrize("ending", FILES)
def test_the_command_in_a_file_makes_it_again(saved, monkeypatch, ending):
    monkeypatch.chdir(saved.path.parent)
    path = Path(f"change{ending}")
    told("compare", "little", *TWO, "--group", "stayers", "--resolution", 8, "--out", path)
    files = [Path(name) for name in FILES[ending]]
    first = [file.read_bytes() for file in files]
    command = shlex.split(carried(path)["difference"]["command"])
    for file in files:
        file.unlink()
    told(*command[1:])
    assert [file.read_bytes() for file in files] == first
    for file in files:
        file.unlink()


def test_what_a_browser_saves_is_what_a_command_writes(saved):
    told("compare", saved.path, *TWO, "--out", "change.gpkg")
    answers = answers_between(saved, ASKED)
    places = {year: one for year, (_, one) in answers.items()}
    layers = {
        "difference": difference_table(saved, ASKED),
        "lineage": event_table(
            lineages_between(saved, ASKED), places, reasons=reasons_against(saved, ASKED)
        ),
    }
    provenance = {
        kind: provenance_between(saved, ASKED, kind=kind, out="change.gpkg") for kind in layers
    }
    found = export_layers_bytes(layers, "change.gpkg", provenance=provenance)
    assert found.name == "change.gpkg"
    assert found.content == Path("change.gpkg").read_bytes()
    zipped = export_layers_bytes(layers, "change.geojson", provenance=provenance)
    assert (zipped.name, zipped.media) == ("change.geojson.zip", "application/zip")


def test_a_disk_that_fails_leaves_the_old_files(saved, monkeypatch):
    told("compare", saved.path, *TWO, "--out", "change.csv")
    before = {one.name: one.read_bytes() for one in Path().iterdir()}

    def full(*_paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    words = refused("compare", saved.path, *TWO, "--group", "stayers", "--out", "change.csv")
    assert words == "change.csv cannot be written: No space left on device"
    assert {one.name: one.read_bytes() for one in Path().iterdir()} == before


def test_one_table_alone_leaves_as_well(saved):
    cells = difference_table(saved, ASKED)
    told_by = provenance_between(saved, ASKED, kind="difference", out="cells.csv")
    written = export_layers({"difference": cells}, "cells.csv", provenance={"difference": told_by})
    assert [one.name for one in written] == ["cells.csv", "cells.csv-metadata.json"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--years 2025 2023", "the earlier of two different years must come first"),
        ("--years 2025 2025", "found 2025 and 2025"),
        ("--years 2019 2025", "little counts residence in 2023, 2024, 2025, not in 2019"),
        ("--years 1 2", "first must be whole, 1900 to 2200, found 1"),
        ("--years 2023", "--years"),
        ("--role leisure", "leisure"),
        ("--against hope", "hope"),
        ("--null zero", "zero"),
        ("--group nobody", "group must be one of all, stayers, arrivals, found nobody"),
        ("--resolution 10", "resolution must be 9"),
        ("--k 0 --top 0", "k must be whole, 1 to 10, found 0; top must be whole"),
        ("--alpha 7", "alpha must lie between 0 and 1, found 7"),
        ("--permutations -1", "-1"),
        ("--out change.txt", "must end in .gpkg, .geojson, .csv"),
        ("--out nowhere/change.csv", "there is no folder nowhere"),
    ],
)
def test_a_bad_comparison_gets_one_sentence(saved, words, sentence):
    assert sentence in refused("compare", saved.path, *shlex.split(words))
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("command", ["compare", "drift"])
def test_no_study_and_one_year_get_one_sentence(command):
    assert "a study is a folder with a study.json" in refused(command, "nowhere")
    table = counts()
    write_study("once", info(), table[table["year"] == 2024])
    assert "needs two years" in refused(command, "once")
    write_study("work", info(), table[table["role"] == "work"])
    assert refused(command, "work", "--role", "residence")


def test_a_base_that_is_not_there_gets_one_sentence():
    write_study("bare", info(), counts().assign(base=np.nan))
    assert "has none for residence in 2023 and 2025" in refused(
        "compare", "bare", "--against", "base"
    )


# drift


def test_drift_tells_what_python_tells(saved):
    words = ("--role", "work", "--resamples", 200, "--seed", 4)
    found = told("drift", saved.path, *words)
    expected = drift(saved, role="work", resamples=200, rng=np.random.default_rng(4))
    assert found["findings"] == json.loads(json.dumps(findings(expected).to_json()))
    assert found["drift"] == json.loads(json.dumps(expected.to_json())) | {"seed": 4}
    assert found["drift"]["breaks"][0]["reason"] == {"en": "the register was renewed"}
    part = told("drift", saved.path, *words, "--first", 2024, "--last", 2025)
    assert (part["findings"]["first"], part["findings"]["last"]) == (2024, 2025)
    assert part["findings"]["breaks"] == []


def test_the_samples_homes_disperse_outward_to_the_south_east():
    found = told("drift", PACKAGED, "--role", "residence")["findings"]
    assert (found["first"], found["last"]) == (2022, 2025)
    four = [found[one] for one in ("dispersing", "outward", "rises", "falls")]
    assert [one["verdict"] for one in four] == ["yes"] * 4
    assert [one["sector"] for one in four] == [None, None, "SE", "NW"]
    dispersing, outward, rises, falls = (one["change"] for one in four)
    assert dispersing < 0 < outward
    assert falls < -1 < 1 < rises  # percentage points
    assert all(one["low"] < one["change"] < one["high"] for one in four)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--first 2019", "first and last must be two of 2023, 2024, 2025, found 2019 and 2025"),
        ("--first 2025 --last 2023", "found 2025 and 2023"),
        ("--group nobody", "group must be one of all, stayers, arrivals"),
        ("--resamples 1", "resamples"),
        ("--seed -1", "seed"),
        ("--role leisure", "leisure"),
    ],
)
def test_a_bad_drift_gets_one_sentence(saved, words, sentence):
    assert sentence in refused("drift", saved.path, *shlex.split(words))
