"""Flows in a study on disk: years side by side, nothing else touched, whole or not at all."""

from __future__ import annotations

import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spatial import cells as h3cells
from spatial import store
from spatial.cli import main
from spatial.ingest import load_flows
from spatial.schema import SchemaError
from spatial.store import add_counts, add_layer, write_study
from spatial.store_flows import add_flows
from spatial.study import StudyInfo, open_study
from tests.studies import CENTRE, city, layers, small_study

CELLS = h3cells.to_text(city(radius=3)).tolist()
INFO = StudyInfo("little", 9)


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def flows(rows, *, year=2020, **more):
    """Flows between cells, or between points a, b, c ... where `points` are given."""
    pd.DataFrame(rows, columns=["h", "w", "n"]).to_csv("od.csv", index=False)
    columns = {"origin": "h", "destination": "w", "count": "n"}
    return load_flows("od.csv", **columns, year=year, **({"resolution": 9} | more))


def between_points(rows, *, year=2020, move=0.0, file="blocks.csv"):
    steps = np.arange(8) * 0.0007
    places = {"id": list("hgfedcba"), "lat": CENTRE[0] + steps + move, "lon": CENTRE[1] + steps}
    pd.DataFrame(places).to_csv(file, index=False)
    return flows(rows, year=year, points=file, id="id", lat="lat", lon="lon")


def named(study, year):
    """People by the ids of both ends."""
    pairs, ids = study.pairs[study.pairs["year"] == year], study.points["id"].to_numpy()
    ends = zip(ids[pairs["origin"]], ids[pairs["destination"]], strict=True)
    return dict(zip(ends, pairs["graduates"], strict=True))


def people(study, role, year):
    return study.series(role=role, year=year)["graduates"].sum()


def test_flows_alone_make_a_study():
    result = flows([(CELLS[0], CELLS[1], 3), (CELLS[2], CELLS[1], 4)])
    study = add_flows("new", INFO, result)
    pd.testing.assert_frame_equal(study.flows, result.flows)
    work = study.series(role="work", year=2020)["graduates"]
    home = study.series(role="residence", year=2020)["graduates"]
    ids = h3cells.from_text(CELLS[:3])
    assert work[work > 0].to_dict() == {ids[1]: 7}
    assert home[home > 0].to_dict() == {ids[0]: 3, ids[2]: 4}
    assert not study.has_base("work", 2020)
    audit = {one["role"]: one for one in study.info.audit}
    assert audit["flows"]["people_in"] == audit["flows"]["on_map"] == 7
    assert [audit[role]["method"] for role in ("residence", "work")] == ["from flows"] * 2
    assert not study.has("points")


def test_years_stand_side_by_side():
    add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 3)], year=2020))
    study = add_flows("s", INFO, flows([(CELLS[1], CELLS[2], 5)], year=2018))
    assert study.flows.groupby("year")["graduates"].sum().to_dict() == {2018: 5, 2020: 3}
    assert study.flows["year"].is_monotonic_increasing
    assert study.years == (2018, 2020)
    assert people(study, "work", 2018) == 5


def test_counts_that_are_there_are_left_alone(tmp_path):
    old = small_study(tmp_path / "little")
    ends = (old.counts["cell"].iloc[0], old.counts["cell"].iloc[9])
    rows = [(*h3cells.to_text(ends), 6)]
    study = add_flows(old.path, INFO, flows(rows, year=2024))
    assert study.files["counts.parquet"] == old.files["counts.parquet"]
    assert [one["role"] for one in study.info.audit] == ["flows"]
    assert study.info.title == old.info.title
    for layer in layers():
        assert study.files[f"{layer}.parquet"] == old.files[f"{layer}.parquet"]
    assert len(study.flows) == len(old.flows) + 1
    with pytest.raises(SchemaError, match=r"counts stayers apart.*load its counts of 2019 first"):
        add_flows(old.path, INFO, flows(rows, year=2019))


def test_only_the_role_that_is_not_counted_is_made_from_the_flows():
    homes = pd.DataFrame({"cell": city(), "role": "residence", "year": 2020, "graduates": 2.0})
    add_counts("s", INFO, homes)
    study = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 3)]))
    assert people(study, "residence", 2020) == 2 * len(city())
    assert people(study, "work", 2020) == 3
    assert [one["role"] for one in study.info.audit] == ["flows", "work"]


def test_a_year_that_is_there_is_replaced_only_when_told():
    old = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 3)]))
    with pytest.raises(SchemaError, match="s holds flows 2020 already; say --replace"):
        add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 9)]))
    assert open_study("s").digest == old.digest
    study = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 9)]), replace=True)
    assert study.flows["graduates"].tolist() == [9]
    # Counts that were made from the flows follow them.
    assert people(study, "work", 2020) == people(study, "residence", 2020) == 9
    assert [one["role"] for one in study.info.audit] == ["flows", "residence", "work"]


def test_counts_may_take_the_place_of_those_from_flows():
    add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 3)]))
    jobs = pd.DataFrame({"cell": city(), "role": "work", "year": 2020, "graduates": 2.0})
    told = replace(INFO, audit=({"role": "work", "year": 2020, "people_in": 1.0},))
    study = add_counts("s", told, jobs, replacing=["work"])
    again = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 8)]), replace=True)
    assert people(study, "work", 2020) == people(again, "work", 2020) == 2 * len(city())
    assert people(again, "residence", 2020) == 8


def test_points_of_several_years_are_one_table():
    add_flows("s", INFO, between_points([("a", "c", 2), ("c", "a", 3)]))
    study = add_flows("s", INFO, between_points([("b", "h", 5), ("c", "b", 7)], year=2021))
    assert study.points["id"].tolist() == ["a", "b", "c", "h"]
    assert named(study, 2020) == {("a", "c"): 2, ("c", "a"): 3}
    assert named(study, 2021) == {("b", "h"): 5, ("c", "b"): 7}
    where = study.points.set_index("id")["lat"]
    assert where["h"] == pytest.approx(CENTRE[0])
    assert where["a"] == pytest.approx(CENTRE[0] + 0.0049)
    # A year of cells keeps the points of the others; replaced years take theirs away.
    study = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 1)], year=2022))
    assert named(study, 2020) == {("a", "c"): 2, ("c", "a"): 3}
    study = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 1)], year=2021), replace=True)
    assert study.points["id"].tolist() == ["a", "c"]
    assert named(study, 2020) == {("a", "c"): 2, ("c", "a"): 3}
    study = add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 1)]), replace=True)
    assert not study.has("points")
    assert not study.has("pairs")
    assert study.flows["graduates"].sum() == 3


def test_the_order_of_years_does_not_matter():
    one, two = [("a", "c", 2), ("d", "a", 3)], [("b", "h", 5), ("c", "b", 7)]
    for path, years in (("s", (2020, 2021)), ("t", (2021, 2020))):
        for year in years:
            add_flows(path, INFO, between_points(one if year == 2020 else two, year=year))
    first, second = open_study("s"), open_study("t")
    assert first.files == second.files


def test_a_point_keeps_its_place():
    old = add_flows("s", INFO, between_points([("a", "c", 2), ("c", "b", 3)]))
    with pytest.raises(
        SchemaError, match=r"keep their places through the years of .*s, found 2 elsewhere, first a"
    ):
        add_flows("s", INFO, between_points([("a", "c", 2), ("h", "h", 1)], year=2021, move=0.001))
    assert open_study("s").digest == old.digest
    # Replacing the only year that knew the old place is no move.
    moved = between_points([("a", "c", 2)], move=0.001)
    assert len(add_flows("s", INFO, moved, replace=True).points) == 2


def test_counts_added_to_a_study_with_pairs_lose_nothing():
    old = add_flows("s", INFO, between_points([("a", "c", 2), ("c", "b", 3)]))
    old = add_layer("s", "stations", layers()["stations"])
    jobs = pd.DataFrame({"cell": city(), "role": "work", "year": 2030, "graduates": 2.0})
    study = add_counts("s", INFO, jobs)
    kept = ("flows", "points", "pairs", "stations")
    assert all(study.files[f"{name}.parquet"] == old.files[f"{name}.parquet"] for name in kept)
    assert named(study, 2020) == {("a", "c"): 2, ("c", "b"): 3}
    assert study.years == (2020, 2030)


def test_a_study_is_written_whole_with_points_and_pairs():
    result = between_points([("a", "c", 2), ("c", "b", 3)])
    old = add_flows("s", INFO, result)
    tables = {"flows": old.flows, "points": old.points, "pairs": old.pairs}
    study = write_study("t", old.info, old.counts, **tables)
    assert study.digest == old.digest
    shuffled = tables | {"pairs": old.pairs.iloc[::-1]}
    assert write_study("t", old.info, old.counts, **shuffled).digest == old.digest
    with pytest.raises(SchemaError, match="row of points, found 2"):
        write_study("t", old.info, old.counts, pairs=old.pairs)


def test_flows_must_fit_the_study(tmp_path):
    old = small_study(tmp_path / "little")
    rows = [(CELLS[0], CELLS[1], 3)]
    with pytest.raises(SchemaError, match="holds cells of resolution 9, found 8"):
        add_flows(old.path, StudyInfo("x", 8), flows(rows, resolution=8))
    with pytest.raises(SchemaError, match="of the study's resolution, 9, found 8"):
        add_flows(old.path, INFO, flows(rows, resolution=8))
    (far,) = h3cells.to_text(h3cells.points_to_cells([0.0], [0.0], resolution=9))
    with pytest.raises(SchemaError, match=r"touch the study area of .*, found none of 1"):
        add_flows(old.path, INFO, flows([(far, far, 3)], year=2024))
    assert open_study(old.path).digest == old.digest
    study = add_flows(old.path, INFO, flows([*rows, (far, CELLS[0], 5)], year=2024))
    assert study.info.audit[0]["notes"] == [
        "5 people live or work outside the study area of the counts"
    ]


def test_who_is_counted_is_kept_with_the_study():
    words = {"flows": {"en": "all workers"}, "counts": {"en": "not taken over"}}
    add_flows("s", INFO, flows([(CELLS[0], CELLS[1], 3)]))
    told = replace(INFO, definitions=words, audit=({"role": "flows", "year": 2021, "file": "od"},))
    study = add_flows("s", told, flows([(CELLS[0], CELLS[1], 3)], year=2021))
    assert study.info.definitions == {"flows": {"en": "all workers"}}
    assert [one.get("file") for one in study.info.audit if one["role"] == "flows"] == [None, "od"]


@pytest.mark.parametrize("step", ["_write", "_describe", "_swap", "_keep"])
def test_a_crash_halfway_leaves_the_old_study(tmp_path, monkeypatch, step):
    old = add_flows("s", INFO, between_points([("a", "c", 2)]))

    def full(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(store, step, full)
        with pytest.raises(OSError, match="No space"):
            add_flows("s", INFO, between_points([("b", "c", 9)], year=2021))
        with pytest.raises(OSError, match="No space"):
            add_layer("s", "stations", layers()["stations"])
    assert open_study("s").digest == old.digest
    assert {one.name for one in tmp_path.iterdir()} == {"s", "od.csv", "blocks.csv"}


def test_a_layer_is_added_or_replaced_and_nothing_else_touched(tmp_path):
    old = small_study(tmp_path / "little")
    fewer = layers()["stations"].iloc[:1]
    study = add_layer(old.path, "stations", fewer)
    assert len(study.layer("stations")) == 1
    others = {name: digest for name, digest in old.files.items() if name != "stations.parquet"}
    assert study.files == {**others, "stations.parquet": study.files["stations.parquet"]}
    assert study.info == old.info
    campuses = fewer[["id", "name", "name_en", "geometry"]]
    assert add_layer(old.path, "campuses", campuses).has("campuses")
    with pytest.raises(SchemaError, match="stations: columns"):
        add_layer(old.path, "stations", campuses)
    with pytest.raises(SchemaError, match="a layer must be one of"):
        add_layer(old.path, "lakes", fewer)
    with pytest.raises(SchemaError, match="none found"):
        add_layer(tmp_path / "nothing", "stations", fewer)


# The command line


def run(line):
    ran = CliRunner().invoke(main, shlex.split(line))
    return ran.exit_code, ran.stdout or ran.stderr


def test_the_command_line_loads_points_and_says_where_everybody_went():
    between_points([("a", "c", 2), ("a", "nowhere", 3), ("a", "c", 4)])
    line = "load flows od.csv --into s --origin h --destination w --count n --points blocks.csv"
    line += " --id id --lat lat --lon lon --year 2017"
    code, told = run(f"{line} --who 'all workers' --source Register --licence CC0-1.0")
    assert code == 0, told
    assert "flows 2017: 9 people in, 6 on the map, 3 dropped\n  3 whose destination id" in told
    assert "  rows that repeat a pair of ends, added to it: 1" in told
    assert "work 2017: 6 people in, 6 on the map, 0 dropped\n  counted from flows" in told
    study = open_study("s")
    assert study.info.resolution == 9
    assert study.info.definitions == {"flows": {"en": "all workers"}}
    assert study.info.source.name == "Register"
    (entry,) = [one for one in study.info.audit if one["role"] == "flows"]
    assert entry["file"] == "od.csv"
    assert entry["points"] == "blocks.csv"
    assert run(line) == (2, "gradmap: s holds flows 2017 already; say --replace to replace them\n")
    assert run(f"{line} --replace --resolution 8")[1].endswith("resolution 9, found 8\n")
    assert run(f"{line} --replace")[0] == 0
    # What is known of the study stays when a later load does not say it.
    assert open_study("s").info.definitions == {"flows": {"en": "all workers"}}


def test_the_command_line_takes_the_studys_own_resolution():
    homes = pd.DataFrame(
        {"cell": city(resolution=8), "role": "work", "year": 1999, "graduates": 2.0}
    )
    add_counts("s", StudyInfo("s", 8), homes)
    pd.DataFrame({"h": CELLS[:1], "w": CELLS[1:2], "n": [2]}).to_csv("od.csv")
    line = "load flows od.csv --into s --origin h --destination w --count n --year 2017"
    assert run(line)[0] == 0
    assert h3cells.resolution_of(open_study("s").flows["origin"].unique()) == 8


@pytest.mark.real
def test_orange_countys_two_years_go_into_one_study(real_data):
    folder = real_data / "us"
    for year in (2017, 2019):
        code, told = run(
            f"load flows {folder}/oc_block_od_{year}.csv.gz --into oc --origin h --destination w"
            f" --count n --points {folder}/oc_blocks.csv --id GEOID20 --lat INTPTLAT20"
            f" --lon INTPTLON20 --year {year}"
        )
        assert code == 0, told
    study = open_study("oc")
    for table in (study.flows, study.pairs):
        assert table.groupby("year")["graduates"].sum().to_dict() == {2017: 945_769, 2019: 964_854}
    assert study.pairs.groupby("year").size().to_dict() == {2017: 854_800, 2019: 870_558}
    assert people(study, "work", 2019) == people(study, "residence", 2019) == 964_854
    table = pd.read_csv(folder / "oc_block_od_2017.csv.gz", dtype={"h": str, "w": str})
    assert named(study, 2017) == table.set_index(["h", "w"])["n"].to_dict()


@pytest.mark.real
def test_washingtons_tracts_go_into_a_study_by_area_and_by_counts(real_data):
    folder = real_data / "us"
    line = (
        f"load flows {folder}/ncr_od_tract_2018_within_county.csv.gz --into dc --origin h_tract"
        " --destination w_tract --count S000 --zone-id geoid --year 2018"
        f" --zones {folder}/ncr_geo_census_cb_2010_census_tracts.geojson"
    )
    assert run(f"{line} --resolution 7")[0] == 0
    study = open_study("dc")
    assert study.flows["graduates"].sum() == pytest.approx(1_009_466, rel=1e-9)
    assert people(study, "residence", 2018) == pytest.approx(1_009_466, rel=1e-9)
    code, told = run(f"{line.replace('--year 2018', '--year 2019')} --spread counts")
    assert code == 0, told
    assert "residence ends are spread by the counts of residence 2018" in told
    again = open_study("dc")
    assert again.flows.loc[again.flows["year"] == 2019, "graduates"].sum() == pytest.approx(
        1_009_466
    )
