"""gradmap robustness and study.robustness: files that say what was varied and can be made again."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.cli_robustness import SHIFT_WORDS
from spatial.offset import NOWHERE
from spatial.question import QuestionError
from spatial.variants import SHIFTS
from tests.studies import small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def succeed(*words):
    ran = run(*words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return ran.stdout


def refuse(*words):
    ran = run(*words)
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1
    return ran.stderr


def test_the_choices_are_those_of_variants():
    assert SHIFT_WORDS == SHIFTS


def test_the_list_says_what_was_varied_and_how_often_each_place_is_found(study):
    told = succeed("robustness", study.path, "--resolution", 8)
    found = study.robustness(resolution=8)
    assert "the grid shifted in 6 directions" in told
    assert f"under {len(found.variants)} variants" in told
    for row in found.table.itertuples():
        assert f"{row.found}/{len(found.variants)}  {row.sureness}" in told
    assert "the grid not shifted" in succeed("robustness", study.path)


def test_a_table_is_a_row_a_place_with_its_parameters_beside(study):
    told = succeed("robustness", study.path, "--resolution", 8, "--ks", "1", "--out", "sure.csv")
    assert told == "2 places in sure.csv\ntheir provenance in sure.csv-metadata.json\n"
    table = pd.read_csv("sure.csv")
    found = study.robustness(resolution=8, ks=(1,))
    assert list(table["found"]) == list(found.table["found"])
    assert set(table["variants"]) == {len(found.variants)}
    with Path("sure.csv-metadata.json").open(encoding="utf-8") as file:
        notes = json.load(file)["notes"][0]
    assert notes["varied"] == found.varied
    assert len(notes["variants"]) == len(found.variants)
    assert notes["synthetic"] is True
    assert "at least 90%" in notes["method"]


def test_the_command_in_a_file_makes_it_again(study, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    monkeypatch.chdir(study.path.parent)
    options = ("--resolution", 8, "--ks", "2,3", "--shift", "every", "--measure", "density")
    succeed("robustness", study.path, *options, "--out", "sure.json")
    first = json.loads((study.path.parent / "sure.json").read_text(encoding="utf-8"))
    (study.path.parent / "sure.json").unlink()
    succeed(*shlex.split(first["provenance"]["command"])[1:])
    assert json.loads((study.path.parent / "sure.json").read_text(encoding="utf-8")) == first
    assert {one["k"] for one in first["variants"]} == {2, 3}
    for place in first["places"]:
        assert len(place["missed"]) == place["variants"] - place["found"]


@pytest.mark.parametrize("words", [(), ("--resolution", 8, "--shift", "every"), ("--ks", "1,3")])
def test_a_replay_finds_the_same_places_as_sure(study, words):
    succeed("robustness", study.path, *words, "--out", "sure.csv")
    assert "identical to the last byte" in succeed("replay", "sure.csv", "--study", study.path)
    file = Path("sure.csv")
    table = pd.read_csv(file)
    table.loc[0, "found"] += 1
    table.to_csv(file, index=False)
    ran = run("replay", "sure.csv", "--study", study.path)
    assert ran.exit_code == 2
    assert "robustness: found in row 1" in ran.stdout


def test_a_file_that_lost_how_it_was_shifted_is_refused(study):
    succeed("robustness", study.path, "--out", "sure.csv")
    beside = Path("sure.csv-metadata.json")
    beside.write_text(beside.read_text().replace("--shift own", ""))
    assert "the provenance must say all" in refuse("replay", "sure.csv", "--study", study.path)


def test_the_api_takes_what_is_varied_and_what_is_asked(study):
    found = study.robustness(year=2024, role="residence", resolution=8, ks=(1,), shift="none")
    assert found.question.year == 2024
    assert {one.offset for one in found.variants} == {NOWHERE}
    with pytest.raises(QuestionError, match="a question has"):
        study.robustness(colour="blue")


def test_what_is_wrong_is_told_in_one_sentence(study):
    assert "numbers with commas between, found '1,x'" in refuse(
        "robustness", study.path, "--ks", "1,x"
    )
    assert ".csv or .json, found sure.gpkg" in refuse(
        "robustness", study.path, "--out", "sure.gpkg"
    )
    assert "or coarser, found 12" in refuse("robustness", study.path, "--resolutions", "8,12")
    assert "must be there, found none" in refuse(
        "robustness", study.path, "--out", "nowhere/sure.csv"
    )
