"""Flow files: the command writes what the page saves, and a file names its own command."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner

from spatial import cells as h3cells
from spatial.areas import area_of, drawn_area
from spatial.cli import main
from spatial.commute_file import commute_bytes, commute_json
from spatial.commute_places import named_area, places_of_year
from spatial.commute_question import FlowQuestion, ReportQuestion, area_options, ring_area
from spatial.commute_report import commute_report
from spatial.commute_tables import flow_tables
from spatial.export_commute import export_flows_bytes, long_form
from spatial.pairs import pairs_of
from spatial.question import QuestionError
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.studies import small_study
from tests.test_export_commute import ENDINGS, file_of, read, told_by

BESIDE = ("catchment", "partners", "distances", "directions")
RING = "@39.9,116.4;39.95,116.4;39.95,116.5;39.9,116.5"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1750000000")


def run(*words):
    done = CliRunner().invoke(main, [str(one) for one in words])
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("area", ["", "West", RING])
def test_the_command_in_a_file_makes_the_same_file(saved, tmp_path, monkeypatch, ending, area):
    words = ["--year", 2025, "--side", "work", "--lines", 12, *(["--area", area] if area else [])]
    path = tmp_path / f"flows{ending}"
    done = run("commute", saved.path, *words, "--out", path)
    assert "pairs of places" in done.output
    kinds = [kind for kind in ("lines", "matrix", "corridors") if file_of(path, kind).exists()]
    assert len(kinds) == 3
    told = told_by(path, "lines")
    assert told["flows"]["side"] == "work"
    monkeypatch.chdir(saved.path.parent)
    run(*shlex.split(told["command"])[1:])
    for kind in kinds:
        again = file_of(saved.path.parent / path.name, kind)
        assert again.read_bytes() == file_of(path, kind).read_bytes()
        pd.testing.assert_frame_equal(read(again, kind), read(file_of(path, kind), kind))


def test_the_tables_hold_everybody(saved):
    pairs = pairs_of(saved, 2025)
    asked = FlowQuestion(area=area_of(saved, "West"), side="work", lines=10_000)
    found = flow_tables(saved, 2025, asked)
    assert found.matrix["graduates"].sum() == pairs.graduates.sum()
    inside = asked.area.holds(pairs.lat, pairs.lon, pairs.cell)
    crossing = inside[pairs.origin] != inside[pairs.destination]
    assert found.lines.total == pairs.graduates[crossing].sum()
    assert found.lines.shown + found.lines.within == pytest.approx(found.lines.total)
    fewer = flow_tables(saved, 2025, FlowQuestion(area=asked.area, lines=2), pairs=pairs)
    assert len(fewer.lines.table) == 2
    pd.testing.assert_frame_equal(fewer.matrix, found.matrix)


@pytest.mark.parametrize("side", ["residence", "work"])
@pytest.mark.parametrize("area", ["", "West"])
def test_what_stands_beside_the_lines_holds_everybody_too(saved, area, side):
    pairs = pairs_of(saved, 2025)
    asked = FlowQuestion(area=area_of(saved, area), side=side)
    found = flow_tables(saved, 2025, asked)
    inside = asked.area.holds(pairs.lat, pairs.lon, pairs.cell)
    own, other = pairs.origin, pairs.destination
    if side == "work":
        own, other = other, own
    people = pairs.graduates[inside[own]]
    cells = pairs.cell[(own if not area else other)[inside[own]]]
    slowly = {}
    for cell, one in zip(h3cells.parents(cells, resolution=8), people, strict=True):
        slowly[cell] = slowly.get(cell, 0) + one
    assert found.catchment["graduates"].to_dict() == pytest.approx(slowly)
    for table in (found.distances, found.directions):
        assert table["graduates"].sum() == pytest.approx(people.sum())
        assert table["share"].sum() == pytest.approx(1)
    sums = found.partners.groupby("side")["graduates"].sum()
    crossing = inside[pairs.origin] != inside[pairs.destination]
    into = pairs.graduates[crossing & inside[pairs.destination]].sum()
    out = pairs.graduates[crossing & inside[pairs.origin]].sum()
    everyone = pairs.graduates.sum()
    both = (into, out) if area else (everyone, everyone)
    assert (sums["home"], sums["work"]) == pytest.approx(both)


def test_statistics_chosen_elsewhere_do_not_move_the_places_of_a_commute():
    from views import commutes
    from views.query import Query

    plain = Query(page="commute", year=2025, resolution=8)
    other = replace(plain, k=3, alpha=0.01, statistic="moran", measure="density")
    assert commutes.places_at(other, "work").table.equals(commutes.places_at(plain, "work").table)


def test_a_year_without_flows_has_no_tables(saved):
    with pytest.raises(QuestionError, match="2024"):
        flow_tables(saved, 2024, FlowQuestion(area=area_of(saved, "")))


def test_areas_are_named_so_that_they_are_found_again(saved):
    place = places_of_year(saved, 2025, role="work").table["id"].iloc[0]
    for name in ("", "West", "东区", place, RING):
        area = named_area(saved, name, year=2025, side="work")
        words = area_options(area)
        again = named_area(saved, words[1] if words else "", year=2025, side="work")
        assert (again.kind, again.id, again.shape) == (area.kind, area.id, area.shape)
    exact = drawn_area([(39.1 + 1e-13, 116.0), (39.2, 116.1 / 3 * 3), (39.3, 116.0)])
    assert ring_area(area_options(exact)[1]).shape == exact.shape
    assert area_options(exact, "mine.gpkg") == ["--polygon", "mine.gpkg"]
    for text in ("@", "@1,2;3", "@a,b;c,d;e,f"):
        with pytest.raises(QuestionError, match="corners must be written"):
            ring_area(text)
    with pytest.raises(QuestionError, match="three corners"):
        ring_area("@1,2;3,4")


@pytest.mark.parametrize(
    ("area", "role"),
    [("work-cbd", "work"), ("", "residence"), ("110108", "residence"), (RING, "work")],
)
def test_the_command_writes_the_tables_that_the_page_shows(tmp_path, area, role):
    from views import commutes
    from views.answers import settle
    from views.query import Query

    study = open_study(PACKAGED)
    query = settle(Query(page="commute", area=area, role=role, lines=40), study)
    query = commutes.settle_commute(query, study)
    words = ["--year", query.year, "--side", role, "--lines", 40]
    words += ["--area", area] if area else []
    run("commute", PACKAGED, *words, "--out", "out.gpkg")
    table = commutes.table_between(query)
    ends = [commutes.labels(query, one) for one in ("residence", "work")]
    shown = {
        "lines": commutes.lines(query).table,
        "matrix": long_form(table, *ends),
        "corridors": commutes.rides(query),
        **{kind: commutes.beside(query, kind) for kind in BESIDE},
    }
    for kind, expected in shown.items():
        found = pyogrio.read_dataframe(tmp_path / "out.gpkg", layer=kind)
        assert len(found) == len(expected)
        for column in expected:
            if column == "graduates" or expected[column].dtype.kind not in "fiub":
                assert found[column].tolist() == expected[column].tolist()
    asked = FlowQuestion(area=commutes.area_asked(query), side=role, resolution=8, lines=40)
    given = {kind: shown[kind] for kind in ("matrix", "corridors", *BESIDE)}
    saved_ = export_flows_bytes(
        study, query.year, {"lines": commutes.lines(query), **given}, "out.gpkg", asked=asked
    )
    assert saved_.content == (tmp_path / "out.gpkg").read_bytes()


def test_the_page_saves_the_indicators_that_the_command_writes(saved, tmp_path):
    run("commute", saved.path, "--area", "West", "--bands-km", "1,3", "--out", "out.json")
    area = area_of(saved, "West")
    report = commute_report(saved, 2025, area=area, bands_km=(1.0, 3.0))
    asked = ReportQuestion(bands_km=(1.0, 3.0))
    content = commute_bytes(report, saved, asked, name="out.json")
    assert content == (tmp_path / "out.json").read_bytes()
    assert json.loads(content) == json.loads(
        json.dumps(commute_json(saved, report, asked, out="out.json"))
    )
