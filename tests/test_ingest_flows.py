"""Flows of strangers' files between cells: nobody lost, whatever the ids."""

from __future__ import annotations

import gzip
import lzma
import tracemalloc

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from spatial import cells as h3cells
from spatial import geodesy
from spatial.ingest import InputError, flow_file, flow_spread, flow_sums, load_flows
from spatial.ingest.flow_sums import PairSums
from spatial.store import write_study
from spatial.study import StudyInfo
from tests.studies import CENTRE, city

COLUMNS = {"origin": "h", "destination": "w", "count": "n"}
AT_9 = {**COLUMNS, "year": 2020, "resolution": 9}
CELLS = h3cells.to_text(city(radius=3)).tolist()
POINTS = pd.DataFrame(
    {
        "block": [f"{number:015d}" for number in range(1, 9)],
        "lat": CENTRE[0] + np.arange(8) * 0.0007,
        "lon": CENTRE[1] + np.arange(8) * 0.0011,
    }
)
IDS = POINTS["block"].tolist()


@pytest.fixture(autouse=True)
def away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def save(rows, name="od.csv"):
    table = pd.DataFrame(rows, columns=["h", "w", "n"])
    if name.endswith(".parquet"):
        table.to_parquet(name, index=False)
    else:
        table.to_csv(name, index=False)
    return name


def from_points(rows, *, points=POINTS, name="od.csv", **more):
    points.to_csv("blocks.csv", index=False)
    given_ = {"points": "blocks.csv", "id": "block", "lat": "lat", "lon": "lon"}
    return load_flows(save(rows, name), **(AT_9 | given_ | more))


def squares(side=0.01, count=3):
    """A row of `count` square zones around the centre, one of them in two parts."""
    lat, lon = CENTRE
    shapes = [
        shapely.box(lon + k * side, lat, lon + (k + 1) * side, lat + side) for k in range(count)
    ]
    shapes[-1] = shapely.union_all([shapes[-1], translate(shapes[-1], yoff=3 * side)])
    zones = gpd.GeoDataFrame(
        {"tract": [f"{k:05d}" for k in range(count)]}, geometry=shapes, crs=4326
    )
    zones.to_file("zones.geojson", driver="GeoJSON")
    return zones


def from_zones(rows, *, name="od.csv", resolution=8, **more):
    given_ = {"zones": "zones.geojson", "zone_id": "tract", "resolution": resolution}
    return load_flows(save(rows, name), **(AT_9 | given_ | more))


def as_dict(table):
    keys = zip(table["origin"].tolist(), table["destination"].tolist(), strict=True)
    return dict(zip(keys, table["graduates"].tolist(), strict=True))


# Cells


def test_cells_are_taken_as_they_are():
    found = load_flows(save([(CELLS[0], CELLS[1], 3), (CELLS[1], CELLS[0], 4)]), **AT_9)
    ids = h3cells.from_text(CELLS[:2])
    assert as_dict(found.flows) == {(ids[0], ids[1]): 3, (ids[1], ids[0]): 4}
    assert found.flows["year"].eq(2020).all()
    assert (found.audit.people_in, found.audit.on_map, found.audit.dropped) == (7, 7, {})
    assert found.points is None
    assert found.pairs is None


@pytest.mark.parametrize("write", [str, str.upper, lambda one: f"0{one}", lambda one: int(one, 16)])
def test_a_cell_may_be_written_as_hex_or_as_a_number(write):
    plain = load_flows(save([(CELLS[0], CELLS[1], 3)]), **AT_9)
    found = load_flows(save([(write(CELLS[0]), write(CELLS[1]), 3)]), **AT_9)
    pd.testing.assert_frame_equal(found.flows, plain.flows)


@pytest.mark.parametrize("kind", [np.uint64, np.int64])
def test_parquet_cells_may_be_whole_numbers(kind):
    ids = h3cells.from_text(CELLS[:2]).astype(kind)
    pd.DataFrame({"h": ids, "w": ids[::-1], "n": [1.5, 2.5]}).to_parquet("od.parquet")
    found = load_flows("od.parquet", **AT_9)
    assert found.flows["graduates"].sum() == 4
    assert set(found.flows["origin"]) == set(h3cells.from_text(CELLS[:2]))


def test_finer_cells_are_rolled_up_and_coarser_ones_refused():
    rows = [(one, other, 1) for one in CELLS for other in CELLS]
    found = load_flows(save(rows), **(AT_9 | {"resolution": 7}))
    parents = h3cells.parents(h3cells.from_text(CELLS), resolution=7)
    table = pd.Series(parents).value_counts()
    assert as_dict(found.flows) == {
        (a, b): table[a] * table[b] for a in table.index for b in table.index
    }
    assert found.audit.notes == (
        "rows that share a pair of cells with another at resolution 7, added to it:"
        f" {len(rows) - len(table) ** 2:,}",
    )
    with pytest.raises(
        InputError, match=rf"resolution 10 or finer, found {CELLS[0]} of resolution 9"
    ):
        load_flows("od.csv", **(AT_9 | {"resolution": 10}))


def test_resolutions_may_be_mixed():
    (fine,) = h3cells.to_text(h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=11))
    (own,) = h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=9)
    found = load_flows(save([(fine, h3cells.to_text([own])[0], 2)]), **AT_9)
    assert as_dict(found.flows) == {(own, own): 2}


# Points


def test_points_stay_beside_the_cells():
    rows = [(IDS[0], IDS[5], 2), (IDS[5], IDS[0], 3), (IDS[0], IDS[1], 4)]
    found = from_points(rows)
    assert found.points["id"].tolist() == [IDS[0], IDS[1], IDS[5]]
    assert found.points["lat"].tolist() == POINTS["lat"].iloc[[0, 1, 5]].tolist()
    assert as_dict(found.pairs) == {(0, 2): 2, (2, 0): 3, (0, 1): 4}
    cell = found.points["cell"].to_numpy()
    lat, lon = POINTS["lat"].iloc[[0, 1, 5]], POINTS["lon"].iloc[[0, 1, 5]]
    assert (cell == h3cells.points_to_cells(lat, lon, resolution=9)).all()
    by_hand = found.pairs.assign(
        origin=cell[found.pairs["origin"]], destination=cell[found.pairs["destination"]]
    )
    summed = by_hand.groupby(["origin", "destination"])["graduates"].sum()
    assert as_dict(found.flows) == summed.to_dict()


def test_pairs_that_come_again_are_added_up_and_told():
    found = from_points([(IDS[0], IDS[1], 2), (IDS[2], IDS[1], 1), (IDS[0], IDS[1], 5)])
    assert as_dict(found.pairs) == {(0, 1): 7, (2, 1): 1}
    assert found.audit.notes == ("rows that repeat a pair of ends, added to it: 1",)


def test_every_reason_is_told_apart():
    points = POINTS.astype({"lat": object})
    points.loc[7, "lat"] = ""
    rows = [
        (IDS[0], IDS[1], 1),
        ("", IDS[1], 2),
        (IDS[0], " ", 4),
        ("nowhere", "nothing", 8),
        (IDS[0], "nothing", 16),
        (IDS[7], IDS[0], 32),
        (IDS[0], IDS[7], 64),
        (IDS[0], IDS[2], "many"),
        (IDS[0], IDS[2], "-128"),
        (IDS[0], IDS[2], "inf"),
        (IDS[0], IDS[2], ""),
        ("nowhere", IDS[2], 0),
    ]
    audit = from_points(rows, points=points).audit
    assert (audit.people_in, audit.on_map) == (127, 1)
    assert audit.dropped == {
        "whose origin id is empty": 2,
        "whose destination id is empty": 4,
        "whose origin id no point has": 8,
        "whose destination id no point has": 16,
        "whose origin point is without coordinates": 32,
        "whose destination point is without coordinates": 64,
    }
    assert audit.notes == (
        "4 of 12 rows have no usable count and are left out: 1 negative, 3 not a number; the"
        " first is 'many' in row 8",
    )


def test_leading_zeros_count():
    lost = [(int(IDS[0]), int(IDS[1]), 1)]
    with pytest.raises(InputError, match=r"\(1 here, 000000000000001 there\): leading zeros"):
        from_points(lost)
    found = from_points([*lost, (IDS[0], IDS[1], 1)])
    assert found.audit.dropped == {"whose origin id no point has": 1}


def test_points_may_be_in_other_coordinates():
    plain = from_points([(IDS[0], IDS[7], 1)])
    north, east = geodesy.from_wgs84(POINTS["lat"], POINTS["lon"], crs="GCJ-02")
    there = POINTS.assign(lat=north, lon=east)
    moved = from_points([(IDS[0], IDS[7], 1)], points=there, crs="GCJ-02")
    np.testing.assert_allclose(
        moved.points[["lat", "lon"]], plain.points[["lat", "lon"]], atol=1e-7
    )
    with pytest.raises(InputError, match="EPSG:none"):
        from_points([(IDS[0], IDS[7], 1)], crs="EPSG:none")


# Zones


def by_hand(rows, zones, weights):
    """Every pair of zones to every pair of their cells, one at a time."""
    found = {}
    number = {one: k for k, one in enumerate(zones["tract"])}
    for home, work, people in rows:
        for a, part in weights[number[home]].items():
            for b, share in weights[number[work]].items():
                found[a, b] = found.get((a, b), 0) + people * part * share
    return found


def shares_by_area(zones, resolution):
    """Share of each zone in each cell, cut out one at a time on the ground's own projection."""
    flat = zones.to_crs("+proj=laea +lat_0=39.9 +lon_0=116.4")
    found = []
    for shape, degrees in zip(flat.geometry, zones.geometry, strict=True):
        cells = h3cells.cover(degrees, resolution=resolution)
        outlines = gpd.GeoSeries(h3cells.outlines(cells), crs=4326).to_crs(flat.crs)
        share = outlines.intersection(shape).area / shape.area
        found.append({c: s for c, s in zip(cells.tolist(), share, strict=True) if s > 0})
    return found


ZONE_ROWS = [
    ("00000", "00001", 10),
    ("00001", "00000", 3),
    ("00002", "00002", 5),
    ("00000", "00002", 1),
]


def test_zones_are_spread_by_area():
    zones = squares()
    found = from_zones(ZONE_ROWS)
    expected = by_hand(ZONE_ROWS, zones, shares_by_area(zones, 8))
    flows = as_dict(found.flows)
    assert flows.keys() >= {pair for pair, people in expected.items() if people > 1e-5}
    for pair, people in flows.items():
        assert people == pytest.approx(expected.get(pair, 0), abs=1e-4)
    assert found.flows["graduates"].sum() == pytest.approx(19, rel=1e-12)
    assert (found.flows["graduates"] > 0).all()


def counted(path, cells, homes, jobs, years=(2018,)):
    parts = [
        pd.DataFrame(
            {"cell": cells, "role": role, "year": year, "graduates": people, "base": np.nan}
        )
        for year in years
        for role, people in (("residence", homes), ("work", jobs))
    ]
    return write_study(path, StudyInfo("counted", 8), pd.concat(parts, ignore_index=True))


def test_zones_are_spread_by_the_cells_own_counts():
    zones = squares()
    by_area = shares_by_area(zones, 8)
    cells = np.array(sorted(set().union(*by_area)), dtype=np.uint64)
    rng = np.random.default_rng(1)
    homes, jobs = rng.integers(0, 9, (2, len(cells))).astype(float)
    homes[0] = jobs[1] = 0
    study = counted("study", cells, homes, jobs)
    found = from_zones(ZONE_ROWS, spread="counts", study=study)

    def dense(people):
        density = dict(zip(cells.tolist(), people / h3cells.area_km2(cells), strict=True))
        shares = [{c: s * density[c] for c, s in zone.items()} for zone in by_area]
        return [{c: s / sum(zone.values()) for c, s in zone.items() if s} for zone in shares]

    expected = {}
    from_, to = dense(homes), dense(jobs)
    for home, work, people in ZONE_ROWS:
        for a, part in from_[int(home)].items():
            for b, share in to[int(work)].items():
                expected[a, b] = expected.get((a, b), 0) + people * part * share
    flows = as_dict(found.flows)
    for pair in flows.keys() | expected.keys():
        assert flows.get(pair, 0) == pytest.approx(expected.get(pair, 0), abs=1e-3)
    assert found.audit.notes == (
        "residence ends are spread by the counts of residence 2018",
        "work ends are spread by the counts of work 2018",
    )
    assert not {cells[0]} & set(found.flows["origin"])
    assert not {cells[1]} & set(found.flows["destination"])


def test_zones_that_count_nobody_are_spread_by_area_and_told():
    zones = squares()
    first = np.array(sorted(shares_by_area(zones, 8)[0]), dtype=np.uint64)
    rest = np.array(
        sorted(set().union(*shares_by_area(zones, 8)[1:]) - set(first.tolist())), dtype=np.uint64
    )
    study = counted("study", rest, np.zeros(len(rest)), np.ones(len(rest)))
    found = from_zones([("00000", "00002", 7)], spread="counts", study=study)
    by_area = from_zones([("00000", "00002", 7)])
    assert found.audit.notes[1] == (
        "1 of 1 zones of residence count none and are spread by area, with 7 people"
    )
    margin = [one.flows.groupby("origin")["graduates"].sum() for one in (found, by_area)]
    pd.testing.assert_series_equal(*margin)


def test_counts_of_the_nearest_year_are_used():
    zones = squares()
    cells = np.array(sorted(set().union(*shares_by_area(zones, 8))), dtype=np.uint64)
    ones = np.ones(len(cells))
    study = counted("study", cells, ones, ones, years=(2015, 2019, 2024))
    for year, nearest in ((2010, 2015), (2017, 2015), (2018, 2019), (2022, 2024), (2021, 2019)):
        notes = from_zones(ZONE_ROWS, spread="counts", study=study, year=year).audit.notes
        assert notes[0].endswith(f"residence {nearest}")
    with pytest.raises(InputError, match="needs those of resolution 9, found 8 in the study"):
        from_zones(ZONE_ROWS, spread="counts", study=study, resolution=9)
    with pytest.raises(InputError, match="needs counts of residence in the study, found none"):
        from_zones(ZONE_ROWS, spread="counts")


def test_zones_unknown_or_without_a_shape_are_told():
    zones = squares()
    zones.loc[1, "geometry"] = None
    zones.to_file("zones.geojson", driver="GeoJSON")
    audit = from_zones([*ZONE_ROWS, ("99999", "00000", 100)]).audit
    assert (audit.people_in, audit.on_map) == (119, pytest.approx(6))
    assert audit.dropped == {
        "whose origin id no zone has": 100,
        "whose origin zone is without a shape": 3,
        "whose destination zone is without a shape": 10,
    }


def test_too_many_pairs_of_cells_are_refused_with_what_to_do():
    squares()
    whole = from_zones(ZONE_ROWS, resolution=9)
    from_zones(ZONE_ROWS, resolution=9, most_rows=len(whole.flows))
    with pytest.raises(InputError, match=r"at most 1,000 pairs of cells.*a coarser resolution"):
        from_zones(ZONE_ROWS, resolution=9, most_rows=1000)


def test_blocks_of_origins_do_not_matter(monkeypatch):
    squares()
    whole = from_zones(ZONE_ROWS, resolution=9)
    monkeypatch.setattr(flow_spread, "_TOGETHER", 50)
    pd.testing.assert_frame_equal(from_zones(ZONE_ROWS, resolution=9).flows, whole.flows)


# Laws

COUNTS = st.one_of(
    st.integers(0, 10**6),
    st.floats(0, 1e6).map(lambda one: round(one, 3)),
    st.sampled_from(["", "x", "-3", "nan", "1,5", "-0.0"]),
)
ANY_ID = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6)


def usable(value):
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if 0 <= number < np.inf else 0.0


@pytest.mark.parametrize("kind", ["cells", "points", "zones"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@settings(max_examples=25)
@given(data=st.data())
def test_nobody_is_lost_whatever_the_ids(kind, ending, data):
    known = {"cells": CELLS[:6], "points": IDS, "zones": ["00000", "00001", "00002"]}[kind]
    ids = st.one_of(st.sampled_from(known), ANY_ID)
    rows = data.draw(st.lists(st.tuples(ids, ids, COUNTS), max_size=12))
    rows = [(known[0], known[1], 1), *((h, w, str(n)) for h, w, n in rows)]
    rows = [(h, w, str(n)) for h, w, n in rows]
    name = f"od.{ending}"
    if kind == "points":
        found = from_points(rows, name=name)
    elif kind == "zones":
        squares()
        found = from_zones(rows, name=name, resolution=7)
    else:
        found = load_flows(save(rows, name), **AT_9)
    audit = found.audit
    everybody = sum(usable(n) for _, _, n in rows)
    assert audit.people_in == pytest.approx(everybody, rel=1e-12)
    assert audit.on_map == pytest.approx(found.flows["graduates"].sum(), rel=1e-12)
    assert audit.on_map + audit.total_dropped == pytest.approx(everybody, rel=1e-9)
    here = sum(usable(n) for h, w, n in rows if h.strip() in known and w.strip() in known)
    assert audit.on_map == pytest.approx(here, rel=1e-9)
    assert not found.flows.duplicated(["origin", "destination"]).any()


PAIRS = st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 99))


@settings(max_examples=25)
@given(rows=st.lists(PAIRS, min_size=1, max_size=30))
def test_transposing_the_ends_transposes_the_flows(rows):
    rows = [(IDS[a], IDS[b], n) for a, b, n in rows]
    there = from_points(rows)
    back = from_points(rows, origin="w", destination="h")
    assert as_dict(back.flows) == {(b, a): n for (a, b), n in as_dict(there.flows).items()}
    assert as_dict(back.pairs) == {(b, a): n for (a, b), n in as_dict(there.pairs).items()}
    pd.testing.assert_frame_equal(back.points, there.points)


def test_transposing_zones_transposes_the_flows():
    squares()
    there, back = from_zones(ZONE_ROWS), from_zones(ZONE_ROWS, origin="w", destination="h")
    turned = {(b, a): n for (a, b), n in as_dict(there.flows).items()}
    assert as_dict(back.flows) == pytest.approx(turned)
    assert as_dict(back.flows) != pytest.approx(as_dict(there.flows))


@settings(max_examples=50)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(2**32 - 3, 2**32 - 1), st.integers(0, 9))
    ),
    size=st.integers(1, 4),
)
def test_sums_by_pair_are_those_of_a_table(rows, size):
    sums = PairSums()
    for first in range(0, len(rows), size):
        a, b, n = np.array(rows[first : first + size], dtype=np.int64).T
        sums.add(a, b, n.astype(float))
        sums._settle()
    found = sums.summed()
    table = pd.DataFrame(rows, columns=["a", "b", "n"]).groupby(["a", "b"])["n"].sum()
    assert list(zip(found.origin, found.destination, strict=True)) == table.index.tolist()
    assert found.graduates.tolist() == table.tolist()


def test_memory_grows_with_pairs_and_not_with_rows(monkeypatch):
    monkeypatch.setattr(flow_sums, "_TOGETHER", 10_000)
    rng = np.random.default_rng(1)
    sums = PairSums()
    tracemalloc.start()
    for _ in range(200):
        a, b = rng.integers(0, 20, (2, 10_000))
        sums.add(a, b, np.ones(10_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sums.summed().graduates.sum() == 2_000_000
    assert peak < 5e6  # 2 million rows of 16 bytes would be 32


# Files


def test_the_size_of_batches_does_not_matter(monkeypatch):
    rng = np.random.default_rng(1)
    rows = list(
        zip(*(rng.choice(IDS, 500) for _ in range(2)), rng.integers(1, 9, 500), strict=True)
    )
    whole = from_points(rows)
    monkeypatch.setattr(flow_file, "_BYTES", 1000)
    monkeypatch.setattr(flow_file, "_ROWS", 7)
    for name in ("od.csv", "od.parquet"):
        found = from_points(rows, name=name)
        pd.testing.assert_frame_equal(found.pairs, whole.pairs)
        assert found.audit == whole.audit


@pytest.mark.parametrize(
    ("name", "pack"),
    [("od.csv.gz", gzip.compress), ("od.csv.xz", lzma.compress), ("od.txt", bytes)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_files_of_many_kinds(tmp_path, name, pack, encoding, mark):
    save([(IDS[0], IDS[1], 1), (IDS[2], IDS[3], 2)])
    lines = (tmp_path / "od.csv").read_text().replace(",", mark).splitlines()
    text = "\n".join(
        f"{line}{mark}{word}" for line, word in zip(lines, ("名", "海淀", "朝阳"), strict=True)
    )
    (tmp_path / name).write_bytes(pack(text.encode(encoding)))
    POINTS.to_csv("blocks.csv", index=False)
    found = load_flows(name, **AT_9, points="blocks.csv", id="block", lat="lat", lon="lon")
    assert found.audit.on_map == 3
    assert found.audit.notes == ()


def test_dictionaries_and_empty_values_in_parquet():
    ids = pa.array([CELLS[0], None, CELLS[1]]).dictionary_encode()
    other = pa.array([CELLS[1], CELLS[0], None], pa.large_string())
    pq.write_table(
        pa.table({"h": ids, "w": other, "n": pa.array([1, 2, 4], pa.int16())}), "od.parquet"
    )
    audit = load_flows("od.parquet", **AT_9).audit
    assert audit.dropped == {"whose origin id is empty": 2, "whose destination id is empty": 4}
    ids = pa.array(CELLS[:2])
    pq.write_table(pa.table({"h": ids, "w": ids, "n": pa.array([None, 2.5])}), "od.parquet")
    audit = load_flows("od.parquet", **AT_9).audit
    assert audit.on_map == 2.5
    assert "1 not a number; the first is '' in row 1" in audit.notes[0]


def test_no_row_that_counts_anybody_is_no_flow():
    with pytest.raises(InputError, match=r"od.csv: there must be people in column n, found 0"):
        load_flows(save([(CELLS[0], CELLS[1], 0)]), **AT_9)
    with pytest.raises(
        InputError, match=r"column n must hold counts, 0 or more, found 'x' in row 1"
    ):
        load_flows(save([(CELLS[0], CELLS[1], "x")]), **AT_9)
    with pytest.raises(InputError, match=r"found no row with two that are \(here here, 89754e64"):
        load_flows(save([("here", "there", 1)]), **AT_9)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "od.csv", "found it empty"),
        (b"h,w,n\n", "od.csv", "found a header only"),
        (b"\n\n", "od.csv", "a table must have rows"),
        (b"h,w\n1,2\n", "od.csv", "column n is needed, found h, w"),
        (b"h,w,n\n1,2\n", "od.csv", "every row must have 3 values like the header, found 2"),
        (b"h,w,n,n\n1,2,3,4\n", "od.csv", "column names must differ, found n twice"),
        (b"h,w,n\n1,2,\0\n", "od.csv", "binary content"),
        (b"PAR1h,w,n\n", "od.csv", "a .csv file must be text, found a Parquet file"),
        (b"h,w,n\n1,2,3\n", "od.csv.gz", "must be packed so"),
        (
            gzip.compress(b"h,w,n\n" + b"1,2,3\n" * 99, mtime=0)[:-9],
            "od.csv.gz",
            "damaged or cut short",
        ),
        (lzma.compress(b"h,w,n\n" + b"1,2,3\n" * 99)[:-30], "od.csv.xz", "damaged or cut short"),
        (b"h,w,n\n1,2,3\n", "od.parquet", "must be Parquet"),
        (b"PAR1" + b"x" * 99, "od.parquet", "damaged or cut short"),
        (b"h,w,n\n1,2,3\n", "od.xlsx", "flows must end in .csv"),
        (None, "od.csv", "found none at"),
    ],
)
def test_bad_files_get_one_sentence(tmp_path, content, name, sentence):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence) as refused:
        load_flows(name, **AT_9)
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_a_fault_far_into_the_file_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(flow_file, "_BYTES", 1000)
    good = f"{CELLS[0]},{CELLS[1]},1\n".encode() * 5000
    (tmp_path / "od.csv").write_bytes(b"h,w,n\n" + good + b"1,2\n")
    with pytest.raises(InputError, match="every row must have 3 values"):
        load_flows("od.csv", **AT_9)
    (tmp_path / "od.csv").write_bytes(b"h,w,n\n" + good + "海,1,2\n".encode("gb18030"))
    with pytest.raises(InputError, match="of one encoding"):
        load_flows("od.csv", **AT_9)
    rows = "".join(
        f"{one:015x},{one:x},1\n" for one in np.random.default_rng(1).integers(9**9, size=9999)
    )
    packed = gzip.compress(b"h,w,n\n" + rows.encode(), mtime=0)
    (tmp_path / "od.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match="damaged or cut short"):
        load_flows("od.csv.gz", **AT_9)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"year": 20}, "year must lie in 1900 to 2200, found 20"),
        ({"resolution": 16}, "resolution must lie in 0..15, found 16"),
        ({"destination": "h"}, "must be three columns, found h, h, n"),
        (
            {"points": "blocks.csv", "id": "block"},
            "need columns named id, lat and lon, found no lat",
        ),
        ({"zones": "zones.geojson"}, "zones need a column of ids"),
        ({"points": "a", "zones": "b"}, "points or zones, found both"),
        ({"spread": "counts"}, "only zones are spread by counts"),
        ({"spread": "evenly"}, "spread must be one of area, counts, found evenly"),
    ],
)
def test_bad_questions_get_one_sentence(change, sentence):
    with pytest.raises(InputError, match=sentence):
        load_flows(save([(CELLS[0], CELLS[1], 1)]), **(AT_9 | change))


def test_ids_with_a_decimal_point_are_refused():
    pd.DataFrame({"h": [1.0], "w": ["a"], "n": [1]}).to_parquet("od.parquet")
    with pytest.raises(
        InputError, match="ids in column h must be text or whole numbers, found double"
    ):
        load_flows("od.parquet", **AT_9)


# Real files


@pytest.mark.real
@pytest.mark.parametrize(
    ("year", "jobs", "pairs"), [(2017, 945_769, 854_800), (2019, 964_854, 870_558)]
)
def test_orange_countys_flows_are_all_there(real_data, year, jobs, pairs):
    folder = real_data / "us"
    found = load_flows(
        folder / f"oc_block_od_{year}.csv.gz",
        **COLUMNS,
        year=year,
        resolution=9,
        points=folder / "oc_blocks.csv",
        id="GEOID20",
        lat="INTPTLAT20",
        lon="INTPTLON20",
    )
    assert len(found.pairs) == pairs
    assert found.pairs["graduates"].sum() == jobs
    assert found.flows["graduates"].sum() == jobs
    assert (found.audit.people_in, found.audit.on_map, found.audit.dropped) == (jobs, jobs, {})
    # pandas, reading the file in its own way, agrees on one end of every pair.
    table = pd.read_csv(folder / f"oc_block_od_{year}.csv.gz", dtype={"h": str, "w": str})
    work = found.pairs.groupby("destination")["graduates"].sum()
    work.index = found.points["id"].to_numpy()[work.index]
    pd.testing.assert_series_equal(
        work.sort_index(),
        table.groupby("w")["n"].sum().astype(float),
        check_names=False,
        check_index_type=False,
    )


@pytest.mark.real
def test_washingtons_tract_flows_are_all_there_or_told(real_data):
    folder = real_data / "us"
    file = folder / "ncr_od_tract_2018_within_county.csv.gz"
    columns = {"origin": "h_tract", "destination": "w_tract", "count": "S000"}
    zones = folder / "ncr_geo_census_cb_2010_census_tracts.geojson"
    table = pd.read_csv(file, dtype={"h_tract": str, "w_tract": str})
    given_ = {**columns, "year": 2018, "resolution": 7, "zone_id": "geoid"}
    found = load_flows(file, **given_, zones=zones)
    assert found.audit.people_in == table["S000"].sum() == 1_009_466
    assert found.flows["graduates"].sum() == pytest.approx(1_009_466, rel=1e-9)
    # Without the tracts of one county its people are dropped, each for one reason.
    tracts = gpd.read_file(zones)
    tracts[~tracts["geoid"].str.startswith("11001")].to_file("some.geojson", driver="GeoJSON")
    some = load_flows(file, **given_, zones="some.geojson")
    lost = table.loc[table["h_tract"].str.startswith("11001"), "S000"].sum()
    assert some.audit.dropped == {"whose origin id no zone has": lost}
    assert some.audit.on_map == pytest.approx(1_009_466 - lost, rel=1e-9)
