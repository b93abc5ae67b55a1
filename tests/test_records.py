"""Records: nobody lost, whatever the files, batches and crashes; as H3 and pandas have it."""

from __future__ import annotations

import gzip
import json
import lzma
import math
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial import geodesy
from spatial.cli import main
from spatial.ingest import InputError, record_lattice, records
from spatial.ingest.record_files import record_files
from spatial.ingest.record_kernel import cells_of, kernel_schema, plain_types
from spatial.ingest.record_lattice import cells_at
from spatial.ingest.record_rules import FATES, RecordRules
from spatial.ingest.record_shift import SLACK_M, moved_cells, nearly_wgs84
from spatial.ingest.record_values import NO_YEAR, codes_of, numbers_of, years_of
from spatial.ingest.records import load_records
from spatial.study import open_study

RULES = RecordRules(
    resolution=9,
    lat="lat",
    lon="lon",
    weight="people",
    role_column="kind",
    words=(("home", "residence"),),
    time="seen",
    years=(2020, 2030),
)


def rows(n=3000, *, seed=1, whole=True):
    """Records around a town, with each kind of fault in some of them."""
    rng = np.random.default_rng(seed)
    start = np.datetime64("2021-01-01", "s").astype(np.int64)
    table = pd.DataFrame(
        {
            "lat": 39.9 + rng.normal(0, 0.02, n),
            "lon": 116.4 + rng.normal(0, 0.02, n),
            "people": rng.integers(0, 20, n).astype(float) + (0 if whole else rng.uniform(0, 1, n)),
            "kind": rng.choice(["home", "work", "residence"], n),
            "seen": (start + rng.integers(0, 3 * 365 * 86_400, n)).astype("datetime64[s]"),
        }
    )
    faults = {
        "lat": (np.nan, 95.0, np.inf),
        "lon": (np.nan, 181.0, -np.inf),
        "people": (np.nan, -1.0, np.inf, 2e9),
        "kind": (None, "leisure"),
        "seen": (pd.NaT, pd.Timestamp("2019-12-31"), pd.Timestamp("2031-01-01")),
    }
    for column, values in faults.items():
        for value in values:
            table.loc[rng.choice(n, max(1, n // 100)), column] = value
    return table


def saved(table, path):
    table.to_parquet(path, index=False)
    return path


def by_hand(table, resolution=9):
    """Sums and losses, record by record, as one would write them down."""
    sums, lost = {}, {}
    for row in table.itertuples():
        people = row.people if 0 <= row.people <= 1e9 else 0.0
        role = {"home": "residence"}.get(row.kind, row.kind)
        if math.isnan(row.people):
            fate = "without a weight"
        elif row.people < 0:
            fate = "with a negative weight"
        elif row.people > 1e9:
            fate = "with a weight above a billion"
        elif pd.isna(row.seen):
            fate = "without a time"
        elif not 2020 <= row.seen.year <= 2030:
            fate = "in a year not asked for"
        elif role not in ("residence", "work"):
            fate = "with an unknown role"
        elif math.isnan(row.lat) or math.isnan(row.lon):
            fate = "without coordinates"
        elif abs(row.lat) > 90 or abs(row.lon) > 180:
            fate = "off the Earth"
        else:
            cell = h3.str_to_int(h3.latlng_to_cell(row.lat, row.lon, resolution))
            key = (cell, role, row.seen.year)
            sums[key] = sums.get(key, 0.0) + people
            continue
        before = lost.get(fate, (0, 0.0))
        lost[fate] = (before[0] + 1, before[1] + people)
    return sums, lost


def counted(result):
    counts = result.counts
    keys = zip(counts["cell"], counts["role"], counts["year"], strict=True)
    return dict(zip(keys, counts["graduates"], strict=True))


def same(one, other):
    pd.testing.assert_frame_equal(one.counts, other.counts, rtol=1e-12, atol=0)
    assert (one.records, one.dropped) == (other.records, other.dropped)
    assert one.whole.people_in == pytest.approx(other.whole.people_in, rel=1e-12)
    assert set(one.audit) == set(other.audit)


def balanced(result):
    assert result.records == result.on_map + sum(result.dropped.values())
    audits = [result.whole, *result.audit.values()]
    for audit in audits:
        assert audit.people_in == pytest.approx(audit.on_map + audit.total_dropped, rel=1e-12)
    assert sum(one.on_map for one in result.audit.values()) == pytest.approx(result.whole.on_map)
    assert result.counts["graduates"].sum() == pytest.approx(result.whole.on_map, rel=1e-12)


# Witness one: each record on its own


def test_is_what_h3_says_record_by_record(tmp_path):
    table = rows()
    sums, lost = by_hand(table)
    found = load_records([saved(table, tmp_path / "a.parquet")], rules=RULES, batch_rows=500)
    assert counted(found) == sums
    assert found.dropped == {why: number for why, (number, _) in lost.items()}
    assert found.whole.dropped == {why: people for why, (_, people) in lost.items() if people}
    assert found.records == len(table)
    balanced(found)


def test_every_fate_but_those_of_given_cells_is_in_the_made_up_records():
    _, lost = by_hand(rows())
    other = ("on the map", "with an unknown group", "with a place that is no H3 cell")
    other += ("in a cell coarser than those of the study", "in a row of another length")
    assert set(lost) == set(FATES) - set(other)


# Witness two: pandas and DuckDB


def test_is_what_pandas_groups(tmp_path):
    table = rows(20_000, seed=2, whole=False)
    found = load_records([saved(table, tmp_path / "a.parquet")], rules=RULES)
    good = table[
        table["people"].between(0, 1e9)
        & table["seen"].dt.year.between(2020, 2030)
        & table["kind"].isin(["home", "work", "residence"])
        & table["lat"].between(-90, 90)
        & table["lon"].between(-180, 180)
    ]
    good = good.assign(
        cell=h3cells.points_to_cells(good["lat"], good["lon"], resolution=9),
        role=good["kind"].replace("home", "residence"),
        year=good["seen"].dt.year,
    )
    wanted = good.groupby(["role", "year", "cell"])["people"].sum()
    mine = found.counts.set_index(["role", "year", "cell"])["graduates"]
    np.testing.assert_allclose(mine.loc[wanted.index], wanted, rtol=1e-12)
    assert len(mine) == len(wanted)


def test_the_same_kernel_runs_under_duckdb(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = saved(rows(seed=3), tmp_path / "a.parquet")
    rules = RULES.checked()
    batches = pq.ParquetFile(path).iter_batches(400)
    placed = pa.RecordBatchReader.from_batches(
        kernel_schema(rules), (cells_of(batch, rules) for batch in batches)
    )
    with duckdb.connect() as base:
        base.register("placed", placed)
        query = "select cell, role, year, fate, sum(weight), count(*) from placed group by all"
        told = base.sql(query).fetchall()
    found = load_records([path], rules=RULES)
    on_map = {(c, r, y): people for c, r, y, fate, people, _ in told if fate == "on the map"}
    assert on_map == counted(found)
    lost = {}
    for *_, fate, _, number in told:
        lost[fate] = lost.get(fate, 0) + number
    lost.pop("on the map")
    assert lost == found.dropped


def test_the_kernel_keeps_every_row_and_gives_plain_types_to_spark():
    table = rows(seed=4)
    batch = pa.RecordBatch.from_pandas(table, preserve_index=False)
    told = cells_of(batch, RULES.checked())
    assert told.num_rows == len(table)
    assert told.column("weight").null_count == 0
    assert not np.isnan(told.column("weight").to_numpy()).any()
    on_map = told.column("fate").cast(pa.string()).to_numpy(zero_copy_only=False) == "on the map"
    assert (told.column("cell").is_valid().to_numpy(zero_copy_only=False) == on_map).all()
    plain = plain_types(told)
    assert [str(one) for one in plain.schema.types] == [
        *("int64", "string", "int32", "double", "string")
    ]
    assert plain.column("cell").cast(pa.uint64()).equals(told.column("cell"))


# Witness three: laws

SPLITS = st.lists(st.integers(0, 400), max_size=4).map(sorted)


@settings(max_examples=15)
@given(SPLITS, st.integers(1, 400), st.integers(1, 3), st.integers(0, 9))
def test_files_batches_and_threads_change_nothing(
    tmp_path_factory, cuts, batch_rows, threads, seed
):
    folder = tmp_path_factory.mktemp("split")
    table = rows(400, seed=seed)
    whole = load_records([saved(table, folder / "whole.parquet")], rules=RULES, threads=1)
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, 400], strict=True)):
        saved(table.iloc[start:end], folder / f"part_{number}.parquet")
    parts = load_records(
        [str(folder / "part_*.parquet")], rules=RULES, batch_rows=batch_rows, threads=threads
    )
    same(parts, whole)
    balanced(parts)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_changes_nothing(tmp_path_factory, random, whole):
    folder = tmp_path_factory.mktemp("order")
    table = rows(300, whole=whole)
    order = list(range(300))
    random.shuffle(order)
    first = load_records([saved(table, folder / "a.parquet")], rules=RULES)
    same(load_records([saved(table.iloc[order], folder / "b.parquet")], rules=RULES), first)


@settings(max_examples=15)
@given(st.integers(0, 3), st.integers(0, 9))
def test_going_on_after_a_crash_is_doing_all_at_once(tmp_path_factory, done, seed):
    folder = tmp_path_factory.mktemp("crash")
    table = rows(400, seed=seed, whole=False)
    for number in range(4):
        saved(table.iloc[100 * number : 100 * (number + 1)], folder / f"{number}.parquet")
    whole = load_records([folder], rules=RULES)
    work = folder / ".work"
    read = records.batches_of

    def crashing(path, *given, **options):
        if int(path.stem) >= done:
            raise KeyboardInterrupt
        yield from read(path, *given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "batches_of", crashing)
        with pytest.raises(KeyboardInterrupt):
            load_records([folder], rules=RULES, work=work)
    again = load_records([folder], rules=RULES, work=work)
    assert again.kept == done
    pd.testing.assert_frame_equal(again.counts, whole.counts, check_exact=True)
    assert (again.records, again.dropped, again.whole) == (
        whole.records,
        whole.dropped,
        whole.whole,
    )


WILD = st.floats() | st.none()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(WILD, WILD, WILD, st.none() | st.text(max_size=4) | st.just("work")), min_size=1
    ),
    st.sampled_from(["WGS-84", "GCJ-02", "BD-09", "EPSG:32650"]),
)
def test_no_value_is_lost_or_taken_twice(values, crs):
    lat, lon, people, kind = zip(*values, strict=True)
    batch = pa.record_batch(
        {
            "lat": pa.array(lat, pa.float64()),
            "lon": pa.array(lon, pa.float64()),
            "people": pa.array(people, pa.float64()),
            "kind": pa.array(kind, pa.string()),
        }
    )
    rules = RecordRules(
        resolution=7,
        lat="lat",
        lon="lon",
        weight="people",
        role_column="kind",
        year=2024,
        crs=crs,
    ).checked()
    told = cells_of(batch, rules).to_pandas()
    fine = [p for p in people if p is not None and 0 <= p <= 1e9]
    assert told["weight"].sum() == pytest.approx(sum(fine))
    assert (told["cell"].notna() == (told["fate"] == "on the map")).all()
    for cell in cells_of(batch, rules).column("cell").drop_null().to_pylist():
        assert h3.is_valid_cell(h3.int_to_str(cell))
        assert h3.get_resolution(h3.int_to_str(cell)) == 7


# Cells


@pytest.mark.parametrize("resolution", range(15))
def test_cells_are_h3s_everywhere_on_earth(resolution):
    rng = np.random.default_rng(resolution)
    n = 20_000
    lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, n))), rng.uniform(-180, 180, n)
    for _ in range(2):  # the second time from memory
        found = cells_at(lat, lon, resolution=resolution)
        wanted = h3cells.points_to_cells(lat, lon, resolution=resolution)
        assert (found == wanted).all()


@pytest.mark.parametrize("resolution", [0, 3, 8, 9, 14])
def test_cells_are_h3s_at_their_edges_and_at_those_of_the_faces(resolution):
    """On corners and sides of cells, and a hair beside them, a town and a pentagon's round."""
    towns = h3cells.points_to_cells([39.9, -33.9], [116.4, 151.2], resolution=resolution)
    pentagons = [h3.str_to_int(cell) for cell in h3.get_pentagons(resolution)]
    around = h3cells.grid_disk(np.r_[towns, np.array(pentagons, dtype=np.uint64)], k=3)
    corners, _ = h3cells.boundaries(around)
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    points = np.concatenate([corners, middles[np.abs(corners - middles).max(axis=1) < 30]])
    for aside in (0.0, 1e-12, -1e-9, 1e-6):
        lat, lon = np.clip(points[:, 1] + aside, -90, 90), points[:, 0]
        for _ in range(2):
            found = cells_at(lat, lon, resolution=resolution)
            assert (found == h3cells.points_to_cells(lat, lon, resolution=resolution)).all()


def test_most_cells_of_a_town_come_from_memory(monkeypatch):
    rng = np.random.default_rng(1)
    lat, lon = rng.normal(39.9, 0.1, 50_000), rng.normal(116.4, 0.1, 50_000)
    cells_at(lat, lon, resolution=9)
    asked = []
    ask = h3cells.points_to_cells

    def watched(lat, lon, *, resolution):
        asked.append(len(lat))
        return ask(lat, lon, resolution=resolution)

    monkeypatch.setattr(record_lattice.h3cells, "points_to_cells", watched)
    cells_at(lat, lon, resolution=9)
    assert sum(asked) < 100


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize("town", [(39.9, 116.4), (22.5, 114.05), (30.5, 104.99), (50.2, 120.4)])
def test_shifted_points_are_nearly_moved_and_their_cells_are_exact(crs, town):
    rng = np.random.default_rng(1)
    lat, lon = (one + rng.normal(0, 0.05, 12_000) for one in town)
    wanted = geodesy.to_wgs84(lat, lon, crs=crs)
    *nearly, known = nearly_wgs84(lat, lon, crs=crs)
    missed = geodesy.distance_km(nearly[0], nearly[1], *wanted) * 1000
    assert known.mean() > 0.8
    assert missed[known].max() < SLACK_M[crs] / 2
    for resolution in (6, 9, 13):
        found = moved_cells(lat, lon, crs=crs, resolution=resolution)
        assert (found == h3cells.points_to_cells(*wanted, resolution=resolution)).all()


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_at_the_border_of_what_is_shifted_cells_are_exact_too(crs):
    rng = np.random.default_rng(2)
    lat = np.r_[rng.normal(0.8293, 0.1, 5000), rng.normal(55.8271, 0.1, 5000)]
    lon = np.r_[rng.normal(72.004, 0.1, 5000), rng.normal(137.8347, 0.1, 5000)]
    wanted = geodesy.to_wgs84(lat, lon, crs=crs)
    found = moved_cells(lat, lon, crs=crs, resolution=9)
    assert (found == h3cells.points_to_cells(*wanted, resolution=9)).all()


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:32650", "EPSG:4490"])
def test_other_coordinates_are_moved_first(tmp_path, crs):
    table = rows(500).dropna(subset=["lat", "lon"])
    table = table[table["lat"].between(-89, 89) & table["lon"].between(-180, 180)]
    here = load_records([saved(table, tmp_path / "a.parquet")], rules=RULES)
    table["lat"], table["lon"] = geodesy.from_wgs84(table["lat"], table["lon"], crs=crs)
    there = saved(table, tmp_path / "b.parquet")
    moved = load_records([there], rules=RecordRules(**vars(RULES) | {"crs": crs}))
    same(moved, here)


def test_what_a_projection_does_not_reach_is_told():
    batch = pa.record_batch({"y": [4_400_000.0, 1e300, 4_400_100.0], "x": [450_000.0, 1e300, 4e5]})
    rules = RecordRules(resolution=9, lat="y", lon="x", role="work", year=2024, crs="EPSG:32650")
    fates = cells_of(batch, rules.checked()).column("fate").to_pylist()
    assert fates == ["on the map", "off the Earth", "on the map"]


@pytest.mark.parametrize("form", ["hex", "upper", "uint64", "int64"])
def test_cells_that_records_name_go_to_their_parents(form):
    fine = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=11), k=4)
    fine = np.r_[fine, h3cells.points_to_cells([39.9], [116.4], resolution=9)]
    coarse = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    told = [*fine.tolist(), coarse[0].item(), None, 17]
    if form in ("hex", "upper"):
        texts = [None if one is None else f" {one:x}" for one in told]
        column = pa.array([one and (one.upper() if form == "upper" else one) for one in texts])
    else:
        column = pa.array(told, getattr(pa, form)())
    rules = RecordRules(resolution=9, cell="h3", role="work", year=2024).checked()
    found = cells_of(pa.record_batch({"h3": column}), rules)
    wanted = [h3.cell_to_parent(h3.int_to_str(one), 9) for one in fine.tolist()]
    assert [h3.int_to_str(one) for one in found.column("cell").to_pylist()[: len(fine)]] == wanted
    assert found.column("fate").to_pylist()[len(fine) :] == [
        "in a cell coarser than those of the study",
        "with a place that is no H3 cell",
        "with a place that is no H3 cell",
    ]


# Times, numbers and words

MOMENT = datetime(2023, 12, 31, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "at_0", "at_8"),
    [
        (pa.array([date(2024, 5, 1), None]), [2024, NO_YEAR], [2024, NO_YEAR]),
        (pa.array([datetime(2023, 12, 31, 20)]), [2023], [2023]),
        (pa.array([MOMENT], pa.timestamp("us", "UTC")), [2023], [2024]),
        (pa.array([MOMENT], pa.timestamp("s", "+08:00")), [2023], [2024]),
        (pa.array([int(MOMENT.timestamp())]), [2023], [2024]),
        (pa.array([int(MOMENT.timestamp() * 1e3)]), [2023], [2024]),
        (pa.array([int(MOMENT.timestamp() * 1e6)]), [2023], [2024]),
        (
            pa.array([2024, 202405, 20240501, 7, None]),
            [2024, 2024, 2024, 0, 0],
            [2024] * 3 + [0, 0],
        ),
        (pa.array([2024.0, math.nan, math.inf]), [2024, 0, 0], [2024, 0, 0]),
        (
            pa.array(["2023-12-31T20:30:00Z", "2023-12-31 20:30:00", "2024-01-01T03:00+08:00"]),
            [2023, 2023, 2023],
            [2024, 2023, 2024],
        ),
        (
            pa.array(
                [" 2024/5/1", "2024年5月", "20240501", "1704054600", "2024", "May 2024", "", None]
            ),
            [2024, 2024, 2024, 2023, 2024, 0, 0, 0],
            [2024, 2024, 2024, 2024, 2024, 0, 0, 0],
        ),
    ],
    ids=lambda value: str(getattr(value, "type", "")) or None,
)
def test_a_time_is_read_as_its_year(column, at_0, at_8):
    assert years_of(column, "t").tolist() == at_0
    assert years_of(column, "t", utc_offset=8).tolist() == at_8
    assert years_of(column.dictionary_encode(), "t", utc_offset=8).tolist() == at_8


@given(st.datetimes(datetime(1974, 1, 1), datetime(2190, 1, 1)), st.integers(-12, 14))
def test_seconds_since_1970_and_text_with_a_zone_give_the_year_of_the_clock(moment, offset):
    local = moment.replace(tzinfo=UTC).timestamp() + offset * 3600
    year = (datetime(1970, 1, 1) + pd.Timedelta(seconds=math.floor(local))).year
    seconds = pa.array([math.floor(moment.replace(tzinfo=UTC).timestamp())])
    assert years_of(seconds, "t", utc_offset=offset).tolist() == [year]
    text = pa.array([moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")])
    assert years_of(text, "t", utc_offset=offset).tolist() == [year]


def test_numbers_are_read_from_text_and_what_is_none_is_told():
    text = [" 1.5", "+39.9", "-7e-1", "", None, "1,234", "eins", "0x1F", "--3"]
    found = numbers_of(pa.array(text), "n")
    np.testing.assert_array_equal(found, [1.5, 39.9, -0.7] + [math.nan] * 6)
    for column in (pa.array([1, None], pa.int8()), pa.array([1.0, math.nan], pa.float32())):
        np.testing.assert_array_equal(numbers_of(column, "n"), [1, math.nan])
    with pytest.raises(InputError, match="column n must hold numbers, found date32"):
        numbers_of(pa.array([date(2024, 1, 1)]), "n")
    with pytest.raises(InputError, match="column t must hold times, found bool"):
        years_of(pa.array([True]), "t")


def test_words_are_found_whatever_their_type():
    words = {"home": 0, "work": 1}
    for column in (["home", " work ", None, "x"], [None] * 4):
        array = pa.array(column, pa.string())
        wanted = [words.get((one or "").strip(), -1) for one in column]
        assert codes_of(array, words).tolist() == wanted
        assert codes_of(array.dictionary_encode(), words).tolist() == wanted
    assert codes_of(pa.array([1, 2, None]), {"1": 0, "2": 1}).tolist() == [0, 1, -1]


# Files


def as_text(table):
    table = table.assign(seen=table["seen"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    return table.to_csv(index=False, na_rep="")


@pytest.mark.parametrize(
    "form", ["csv", "csv.gz", "txt.xz", "semicolon", "utf-16", "gb18030", "bom"]
)
def test_text_gives_what_parquet_gives(tmp_path, form):
    table = rows(800).rename(columns={"people": "人数"})
    rules = RecordRules(**vars(RULES) | {"weight": "人数"})
    wanted = load_records([saved(table, tmp_path / "a.parquet")], rules=rules)
    text = as_text(table).replace("inf", "1e300")
    path = tmp_path / (f"b.{form}" if "." in form else "b.csv")
    codec = {"utf-16": "utf-16", "gb18030": "gb18030", "bom": "utf-8-sig"}.get(form, "utf-8")
    content = (text.replace(",", ";") if form == "semicolon" else text).encode(codec)
    content = {"csv.gz": gzip.compress, "txt.xz": lzma.compress}.get(form, bytes)(content)
    path.write_bytes(content)
    same(load_records([path], rules=rules), wanted)


def test_rows_of_another_length_are_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("lat,lon,people\n39.9,116.4,2\n39.9,116.4\n39.9,116.4,3,4\n39.9,116.4,5\n")
    rules = RecordRules(resolution=9, lat="lat", lon="lon", weight="people", role="work", year=2024)
    found = load_records([path], rules=rules)
    assert found.dropped == {"in a row of another length": 2}
    assert (found.records, found.whole.on_map) == (4, 7)


def test_a_folder_is_searched_to_the_bottom_and_its_names_may_be_columns(tmp_path):
    table = rows(300)
    table = table[table["kind"].isin(["home", "work"])]
    whole = load_records([saved(table, tmp_path / "whole.parquet")], rules=RULES)
    lake = tmp_path / "lake"
    for kind, part in table.groupby("kind"):
        (lake / f"kind={kind}").mkdir(parents=True)
        saved(part.drop(columns="kind"), lake / f"kind={kind}" / "part-0.parquet")
        (lake / f"kind={kind}" / ".part-0.parquet.crc").write_bytes(b"crc")
    (lake / "_SUCCESS").write_bytes(b"")
    same(load_records([lake], rules=RULES), whole)
    twice = record_files([lake, str(lake / "**" / "*.parquet"), lake / "kind=home"])
    assert [one.parent.name for one in twice] == ["kind=home", "kind=work"]


def test_groups_add_up_to_graduates(tmp_path):
    table = rows(900).assign(who=lambda t: np.resize(["stayers", "arrivals", "others"], len(t)))
    path = saved(table, tmp_path / "a.parquet")
    given = vars(RULES) | {"group": "who", "groups": ("stayers", "arrivals")}
    found = load_records([path], rules=RecordRules(**given), batch_rows=100)
    balanced(found)
    counts = found.counts
    assert (counts["stayers"] + counts["arrivals"] == counts["graduates"]).all()
    for who in ("stayers", "arrivals"):
        own, _ = by_hand(table[table["who"] == who])
        assert counts[who].sum() == sum(own.values())
    sums, lost = by_hand(table[table["who"] == "others"])
    before_group = sum(n for why, (n, _) in lost.items() if not re.search("coord|Earth", why))
    assert found.dropped["with an unknown group"] == (table["who"] == "others").sum() - before_group
    assert sums


def test_only_changed_files_are_read_again(tmp_path):
    table = rows(400)
    paths = [saved(table.iloc[at::4], tmp_path / f"{at}.parquet") for at in range(4)]
    work = tmp_path / ".work"
    first = load_records(paths, rules=RULES, work=work)
    assert first.kept == 0
    assert load_records(paths, rules=RULES, work=work).kept == 4
    saved(table.iloc[:17], paths[2])
    changed = load_records(paths, rules=RULES, work=work)
    assert changed.kept == 3
    same(changed, load_records(paths, rules=RULES))
    assert changed.records == first.records - 100 + 17
    # Another rule is another sum; a saved sum cut short is none.
    other = RecordRules(**vars(RULES) | {"resolution": 8})
    assert load_records(paths, rules=other, work=work).kept == 0
    for file in work.iterdir():
        os.truncate(file, 100)
    assert load_records(paths, rules=RULES, work=work).kept == 0
    assert not list(work.glob("*.draft"))


# Faults


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"resolution": 15}, "resolution of records must lie in 0..14, found 15"),
        ({"lon": ""}, "records need the columns of lat and lon, or that of an H3 cell"),
        ({"cell": "h3"}, "records need the columns of lat and lon, or that of an H3 cell"),
        ({"role": "work"}, "records need a role or a role column, and not both"),
        ({"role_column": ""}, "records need a role or a role column, and not both"),
        ({"year": 2024}, "records need a year or a time column, and not both"),
        ({"years": (2025, 2024)}, "years must lie in 1900 to 2200, found 2025 to 2024"),
        ({"time": "", "year": 2031}, "year must lie in 2020 to 2030, found 2031"),
        ({"crs": "WGS-72"}, "crs must be WGS-84"),
        ({"group": "who"}, "a group column needs the values it may have"),
        ({"group": "who", "groups": ("a", "a")}, "groups must differ, found a, a"),
        ({"group": "who", "groups": ("year",)}, "a group needs a name of its own, found year"),
        ({"group": "who", "groups": tuple(map(str, range(17)))}, "groups must be at most 16"),
        ({"utc_offset": 800.0}, "utc offset must lie within 24 hours, found 800"),
    ],
)
def test_rules_that_do_not_fit_are_refused(change, sentence):
    with pytest.raises(InputError, match=re.escape(sentence)):
        RecordRules(**vars(RULES) | change).checked()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.parquet", b"", "a.parquet: a file must have content, found it empty"),
        ("a.parquet", b"PAR1 and no more", "a.parquet: a file of records must be whole"),
        ("a.csv", b"lat,lon\n1,2\n", "a.csv: column people is needed, found lat, lon"),
        ("a.csv", b"\x00\x01lat", "a.csv: a table must be text, found binary content"),
        ("a.csv.gz", b"lat,lon\n1,2\n", "a.csv.gz: a file of records must be whole"),
        ("a.xlsx", b"PK", "a.xlsx: records must end in .parquet, .csv"),
        (
            "a.csv",
            b"lat,lon,people,kind,seen\n116.4,39.9,1,work,2024\n",
            "lat and lon may be swapped",
        ),
        ("a.csv", b"lat,lon,people,kind,seen\n", "there must be people in the records, found 0"),
    ],
)
def test_files_that_cannot_be_taken_get_one_sentence(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(sentence)) as fault:
        load_records([tmp_path / name], rules=RULES)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_told_or_its_records_are_accounted_for(tmp_path, seed):
    path = saved(rows(2000), tmp_path / "a.parquet")
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(4, len(content) - 4, 40):
        content[at] ^= 0xFF
    path.write_bytes(content)
    told = run(path, "--into", tmp_path / "city", *GIVEN, code=None)
    assert re.match(r"gradmap: a\.parquet: |1 files, 2,000 records in", told)


def test_text_that_stops_being_text_is_told(tmp_path):
    path = tmp_path / "a.csv"
    line = b"39.9,116.4,1,work,2024\n"
    path.write_bytes(
        b"lat,lon,people,kind,seen\n" + line * 9000 + b"39.9,116.4,1,\xff\xfe\xff,2024\n"
    )
    with pytest.raises(InputError, match=r"a\.csv: a file of records must be whole"):
        load_records([path], rules=RULES)


def test_a_column_of_another_kind_names_the_file(tmp_path):
    path = saved(rows(10).assign(people=date(2024, 1, 1)), tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: column people must hold numbers"):
        load_records([path], rules=RULES)


def test_nothing_found_is_told(tmp_path):
    with pytest.raises(InputError, match="files of records are needed, found none"):
        load_records([tmp_path], rules=RULES)


# The command

GIVEN = ["--lat", "lat", "--lon", "lon", "--weight", "people", "--role-column", "kind"]
GIVEN += ["--residence-word", "home", "--time", "seen", "--years", "2020-2030"]


def run(*words, code=0):
    ran = CliRunner().invoke(main, ["load", "records", *map(str, words)])
    assert ran.exit_code in ((0, 2) if code is None else (code,)), ran.output
    return ran.stdout or ran.stderr


def test_the_command_makes_a_study_and_tells_where_everybody_went(tmp_path):
    table = rows(2000)
    sums, lost = by_hand(table)
    folder = tmp_path / "signals"
    folder.mkdir()
    saved(table.iloc[:1200], folder / "a.parquet")
    (folder / "b.csv").write_text(as_text(table.iloc[1200:]).replace("inf", "1e300"))
    told = run(folder, "--into", tmp_path / "city", *GIVEN)
    on_map = len(table) - sum(number for number, _ in lost.values())
    assert f"2 files, 2,000 records in, {on_map:,} on the map" in told
    assert re.search(r"[\d.]+ s, [\d,]+ records a second, at most [\d,]+ MB of memory", told)
    study = open_study(tmp_path / "city")
    assert study.counts["graduates"].sum() == sum(sums.values())
    assert study.info.resolution == 9
    entry = json.loads((tmp_path / "city" / "study.json").read_text())["audit"][0]
    assert entry["records"]["in"] == 2000
    assert entry["people_in"] == pytest.approx(entry["on_map"] + sum(entry["dropped"].values()))
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    # There already: refused, sums kept; then replaced from what was kept.
    told = run(folder, "--into", tmp_path / "city", *GIVEN, code=2)
    assert "say --replace to replace it" in told
    told = run(folder, "--into", tmp_path / "city", *GIVEN, "--replace")
    assert "2 of the files had been added up before" in told
    assert open_study(tmp_path / "city").digest == study.digest


def test_the_command_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    table = rows(400)
    for number in range(4):
        saved(table.iloc[number::4], tmp_path / f"{number}.parquet")
    read = records.batches_of

    def crashing(path, *given, **options):
        if path.stem == "2":
            raise KeyboardInterrupt
        yield from read(path, *given, **options)

    files = [tmp_path / f"{number}.parquet" for number in range(4)]
    with monkeypatch.context() as patch:
        patch.setattr(records, "batches_of", crashing)
        run(*files, "--into", tmp_path / "city", *GIVEN, code=130)
    assert not (tmp_path / "city").exists()
    assert "2 of the files had been added up before" in run(
        *files, "--into", tmp_path / "city", *GIVEN
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--resolution", "8"], "holds cells of resolution 9, found 8"),
        (["--group", "kind", "--groups", "home,work"], "counts no groups apart"),
        (["--years", "soon"], "years are written 2022-2025"),
        (["--threshold", "5"], "hides counts under 0, found 5"),
        (["--role", "work"], "records need a role or a role column"),
    ],
)
def test_what_the_study_would_refuse_is_refused_before_reading(
    tmp_path, monkeypatch, words, sentence
):
    path = saved(rows(200), tmp_path / "a.parquet")
    run(path, "--into", tmp_path / "city", *GIVEN)

    def never(*_given, **_options):
        raise AssertionError

    monkeypatch.setattr(records, "batches_of", never)
    assert sentence in run(path, "--into", tmp_path / "city", *GIVEN, *words, code=2)


@pytest.mark.real
def test_beijings_day_is_loaded_as_records(real_data: Path, tmp_path):
    path = real_data / "beijing" / "beijing_day_night_pop_1km_quanturban.csv"
    table = pd.read_csv(path)
    run(
        *(path, "--into", tmp_path / "city", "--lat", "lat", "--lon", "lon", "--weight", "day"),
        *("--role", "work", "--year", 2020, "--resolution", 7),
    )
    counts = open_study(tmp_path / "city").counts
    assert counts["graduates"].sum() == pytest.approx(table["day"].sum(), rel=1e-12)
    cell = [
        h3.str_to_int(h3.latlng_to_cell(a, o, 7))
        for a, o in zip(table["lat"], table["lon"], strict=True)
    ]
    wanted = table.groupby(pd.Index(cell, dtype="uint64"))["day"].sum()
    mine = counts.set_index("cell")["graduates"].reindex(wanted.index, fill_value=0.0)
    np.testing.assert_allclose(mine, wanted, rtol=1e-12)
