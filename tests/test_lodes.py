"""LODES files: what they are called, what they hold, and where their blocks are."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.ingest import InputError
from spatial.sources.lodes.gather import gather, missing_words, year_words
from spatial.sources.lodes.load import load_lodes, load_lodes_file
from spatial.sources.lodes.naming import STATES, LodesFile, Wanted, states_of, tables_of, years_of
from spatial.sources.lodes.places import BlockPoints, BlockZones, counted
from spatial.sources.lodes.read import read_counts
from tests.lodes_files import Region, write_counts, write_crosswalk, write_flows


@pytest.fixture
def region():
    return Region(np.random.default_rng(7))


def literal(path, column):
    """Sum of one column, read with the standard library alone."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return sum(int(row[column]) for row in csv.DictReader(file))


def zones_of(region, folder, *, width=12, name="zones.geojson", column="geoid"):
    """Each zone a square of its own around the blocks whose ids begin with its id."""
    ids = sorted({block[:width] for blocks in region.blocks.values() for block in blocks})
    shapes = [
        shapely.box(-77.1 + 0.01 * at, 38.85, -77.1 + 0.01 * (at + 1), 38.86)
        for at in range(len(ids))
    ]
    table = gpd.GeoDataFrame({column: ids}, geometry=shapes, crs=4326)
    table.to_file(folder / name, driver="GeoJSON")
    return folder / name


def broken(path, change):
    """A file rewritten with its first row changed."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    change(rows[0])
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# What files are called


def test_names_are_the_publishers():
    wac = LodesFile("va", "wac", 8, 2023, "JT00")
    assert wac.place == "LODES8/va/wac/va_wac_S000_JT00_2023.csv.gz"
    assert LodesFile("va", "rac", 7, 2018, "JT01").name == "va_rac_S000_JT01_2018.csv.gz"
    flows = LodesFile("dc", "od_aux", 8, 2010, "JT00")
    assert flows.place == "LODES8/dc/od/dc_od_aux_JT00_2010.csv.gz"
    assert LodesFile("md", "xwalk", 8).place == "LODES8/md/md_xwalk.csv.gz"


def test_flows_are_main_and_aux_of_every_state():
    wanted = Wanted(("dc", "va"), (2018,), ("od",))
    assert [one.name.split("_JT")[0] for one in wanted.files("od", 2018)] == [
        *("dc_od_main", "dc_od_aux", "va_od_main", "va_od_aux")
    ]


@pytest.mark.parametrize(
    ("text", "years"),
    [("2018", (2018,)), ("2010-2012", (2010, 2011, 2012)), ("2012, 2010-2011", (2010, 2011, 2012))],
)
def test_years_read_like_a_person_writes_them(text, years):
    assert years_of(text) == years


@given(st.sets(st.integers(2002, 2040), min_size=1))
def test_years_told_asyear_words_read_back(years):
    assert years_of(year_words(sorted(years))) == tuple(sorted(years))


@pytest.mark.parametrize(
    "text", ["", "18", "2018-2010", "2018..2020", "1999", "2018,", "2018-2999"]
)
def test_years_that_are_none_are_refused(text):
    with pytest.raises(InputError, match="year"):
        years_of(text)


def test_states_and_tables_are_known_by_name():
    assert states_of(["VA", "dc", "va"]) == ("va", "dc")
    assert tables_of("od, WAC") == ("wac", "od")
    assert len(STATES) == 52
    assert len(set(STATES.values())) == 52
    with pytest.raises(InputError, match="two letters"):
        states_of(["virginia"])
    with pytest.raises(InputError, match="wac, rac, od"):
        tables_of("qwi")


def test_version_7_ends_in_2019():
    assert Wanted(("va",), (2019,), version=7).version == 7
    with pytest.raises(InputError, match="ends in 2019, found year 2020"):
        Wanted(("va",), (2019, 2020), version=7)
    with pytest.raises(InputError, match="job type"):
        Wanted(("va",), (2019,), job_type="JT09")


# What they hold


def test_counts_are_the_files(tmp_path, region):
    path = write_counts(tmp_path, "va", "rac", 2019, region.counts("va"))
    found = read_counts(path, id="h_geocode")
    assert found.jobs.sum() == literal(path, "C000")
    assert found.graduates.sum() == literal(path, "CD04")
    assert found.base.sum() == literal(path, "CA02") + literal(path, "CA03")
    assert sorted(found.text(row) for row in range(len(found.ids))) == region.blocks["va"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"CD04": "999"}, r"must be CA02 \+ CA03 in every block, .*block 510130001001000, and 1 "),
        (
            {"h_geocode": "5101300010010"},
            r"ids must have 15 digits \(blocks\).* found '5101300010010'",
        ),
        ({"h_geocode": "510130001001001"}, "must come once, found 510130001001001 again"),
        ({"C000": "-1"}, "C000 must hold whole counts, 0 or more, found '-1' in row 1"),
        ({"C000": "many"}, "C000 must hold whole counts, 0 or more, found 'many' in row 1"),
        ({"C000": "1.5"}, "found '1.5' in row 1"),
        ({"C000": ""}, "found '' in row 1"),
        ({"C000": "9" * 30}, "C000 must hold whole counts"),
    ],
)
def test_a_block_that_breaks_its_sums_is_refused_by_name(tmp_path, region, change, said):
    path = write_counts(tmp_path, "va", "rac", 2019, region.counts("va"))
    broken(path, lambda row: row.update(change))
    with pytest.raises(InputError, match=said):
        read_counts(path, id="h_geocode")


def test_lost_leading_zeros_are_named(tmp_path):
    rows = {"60014001001007": {}, "60014001001008": {}}
    path = write_counts(tmp_path, "ca", "rac", 2019, rows)
    with pytest.raises(InputError, match="leading zeros may have been lost"):
        read_counts(path, id="h_geocode")


def test_years_before_education_was_told_are_refused_in_their_own_words(tmp_path, region):
    rows = region.counts("va")
    for row in rows.values():
        row.update(dict.fromkeys(("CD01", "CD02", "CD03", "CD04"), 0))
    path = write_counts(tmp_path, "va", "rac", 2008, rows)
    with pytest.raises(InputError, match="LODES tells education from 2009 on"):
        read_counts(path, id="h_geocode")


def test_files_that_are_none_get_one_sentence(tmp_path, region):
    path = write_counts(tmp_path, "va", "rac", 2019, region.counts("va"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="damaged or cut short"):
        read_counts(path, id="h_geocode")
    path.write_bytes(b"PK\x03\x04 a zip")
    with pytest.raises(InputError, match="must be packed so"):
        read_counts(path, id="h_geocode")
    path.write_bytes(b"")
    with pytest.raises(InputError, match="found it empty"):
        read_counts(path, id="h_geocode")
    path.write_bytes(gzip.compress(b"h_geocode,C000\n1,2,3\n", mtime=0))
    with pytest.raises(InputError, match="column CA02 is needed, found h_geocode, C000"):
        read_counts(path, id="h_geocode")
    header = b"h_geocode,C000,CA02,CA03,CD01,CD02,CD03,CD04\n"
    path.write_bytes(gzip.compress(header, mtime=0))
    with pytest.raises(InputError, match="a header only"):
        read_counts(path, id="h_geocode")
    path.write_bytes(gzip.compress(header + b"1,2,3\n", mtime=0))
    with pytest.raises(InputError, match="8 values like the header, found 3 in one"):
        read_counts(path, id="h_geocode")
    with pytest.raises(InputError, match="found none there"):
        read_counts(tmp_path / "gone.csv.gz", id="h_geocode")


# Where their blocks are


def test_blocks_stand_at_the_points_of_the_crosswalk(tmp_path, region):
    """Literal formula: every block's people in the cell of its point, by h3 itself."""
    rows = region.counts("va")
    path = write_counts(tmp_path, "va", "wac", 2019, rows)
    places = {block: region.places[block] for block in rows}
    crosswalk = write_crosswalk(tmp_path, "va", places)
    expected: Counter[int] = Counter()
    for block, row in rows.items():
        expected[h3.str_to_int(h3.latlng_to_cell(*places[block], 8))] += row["CD04"]
    found = counted(
        read_counts(path, id="w_geocode"), BlockPoints([crosswalk], version=8, resolution=8)
    )
    graduates = found.counts["graduates"]
    assert {c: n for c, n in graduates.items() if n} == {c: n for c, n in expected.items() if n}
    assert found.audit["graduates"].dropped == {}


def test_people_without_a_place_are_accounted_for_by_reason(tmp_path, region):
    rows = {**region.counts("va"), **region.counts("md")}
    path = write_counts(tmp_path, "va", "rac", 2019, rows)
    lost = region.blocks["va"][0]
    places = {block: region.places[block] for block in region.blocks["va"] if block != lost}
    crosswalk = write_crosswalk(tmp_path, "va", places)
    audit = counted(
        read_counts(path, id="h_geocode"), BlockPoints([crosswalk], version=8, resolution=8)
    ).audit["base"]
    base = {block: row["CA02"] + row["CA03"] for block, row in rows.items()}
    assert audit.dropped == {
        "in a block that the crosswalk gives no place": base[lost],
        "in a state without a crosswalk here": sum(base[b] for b in region.blocks["md"]),
    }
    assert audit.people_in == sum(base.values())


def test_zones_take_the_blocks_whose_ids_begin_with_theirs(tmp_path, region):
    rows = region.counts("va")
    path = write_counts(tmp_path, "va", "rac", 2019, rows)
    table = gpd.read_file(zones_of(region, tmp_path))
    kept = table[table["geoid"].str.startswith("51") & (table["geoid"] != "510130001001")]
    kept.to_file(tmp_path / "some.geojson", driver="GeoJSON")
    zones = BlockZones(tmp_path / "some.geojson", resolution=9)
    audit = counted(read_counts(path, id="h_geocode"), zones).audit["graduates"]
    gone = sum(row["CD04"] for block, row in rows.items() if block[:12] == "510130001001")
    assert gone
    assert audit.total_dropped == gone
    assert "none with the id's first 12 digits" in next(iter(audit.dropped))
    assert zones.numbers(np.array([240310001001000]), 15)[0] not in (0, -1, -2)


def test_zones_of_any_width_keep_the_total(tmp_path, region):
    rows = region.counts("va")
    path = write_counts(tmp_path, "va", "rac", 2019, rows)
    read = read_counts(path, id="h_geocode")
    for width in (15, 12, 11, 5):
        zones = BlockZones(
            zones_of(region, tmp_path, width=width, name=f"{width}.geojson"), resolution=8
        )
        found = counted(read, zones)
        assert found.counts["jobs"].sum() == pytest.approx(read.jobs.sum(), rel=1e-12)
        assert found.audit["graduates"].dropped == {}


def test_zones_smaller_than_what_is_counted_are_refused(tmp_path, region):
    table = pd.DataFrame(region.counts("va")).T.fillna(0).astype(int)
    table.index = table.index.str[:5]
    table = table.groupby(level=0).sum().rename_axis("county").reset_index()
    table.to_csv(tmp_path / "counties.csv", index=False)
    with pytest.raises(InputError, match="zones must be as large"):
        load_lodes_file(
            tmp_path / "counties.csv",
            kind="rac",
            year=2019,
            resolution=8,
            zones=zones_of(region, tmp_path),
            id="county",
        )


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_blocks_does_not_matter(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    region, folder = Region(np.random.default_rng(3)), tmp_path_factory.mktemp("order")
    rows = region.counts("dc")
    crosswalk = write_crosswalk(folder, "dc", {b: region.places[b] for b in rows})
    places = BlockPoints([crosswalk], version=8, resolution=9)
    shuffled = {block: rows[block] for block in rng.permutation(list(rows)).tolist()}
    once, again = (
        counted(read_counts(write_counts(folder, "dc", "rac", 2019, one), id="h_geocode"), places)
        for one in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(once.counts, again.counts)


def test_a_crosswalk_of_other_blocks_is_refused(tmp_path, region):
    crosswalk = write_crosswalk(tmp_path, "va", region.places, census=2010)
    with pytest.raises(InputError, match="needs a crosswalk with column tabblk2020"):
        BlockPoints([crosswalk], version=8, resolution=8)
    assert len(BlockPoints([crosswalk], version=7, resolution=8).table) == len(region.places)


def test_blocks_of_two_crosswalks_must_differ(tmp_path, region):
    one = write_crosswalk(tmp_path, "va", region.places)
    other = write_crosswalk(tmp_path, "md", region.places)
    with pytest.raises(InputError, match="each block once, found 60 repeated"):
        BlockPoints([one, other], version=8, resolution=8)


def test_zones_need_ids_by_a_known_name_or_the_one_asked_for(tmp_path, region):
    path = zones_of(region, tmp_path, column="which")
    with pytest.raises(InputError, match="a column of block ids must be named, found which"):
        BlockZones(path, resolution=8)
    with pytest.raises(InputError, match="column nope is needed"):
        BlockZones(path, id="nope", resolution=8)
    assert BlockZones(path, id="which", resolution=8).width == 12


def test_zones_that_come_twice_are_refused(tmp_path, region):
    table = gpd.read_file(zones_of(region, tmp_path))
    pd.concat([table, table.iloc[:1]]).to_file(tmp_path / "twice.geojson", driver="GeoJSON")
    with pytest.raises(InputError, match="must come once, found 110010001001 again"):
        BlockZones(tmp_path / "twice.geojson", resolution=8)


# Files of a folder


def test_files_are_found_in_one_place_or_in_the_publishers_tree(tmp_path, region):
    wanted = Wanted(("va", "md"), (2018, 2019), ("rac",))
    write_counts(tmp_path, "va", "rac", 2018, region.counts("va"))
    write_counts(tmp_path / "LODES8" / "md" / "rac", "md", "rac", 2019, region.counts("md"))
    found = gather(wanted, folder=tmp_path)
    assert {(one.state, one.year) for one in found.files} == {("va", 2018), ("md", 2019)}
    assert missing_words(found.missing) == ["md rac: 2018", "va rac: 2019"]


def test_a_folder_without_any_is_refused(tmp_path):
    wanted = Wanted(("va",), (2018,), ("rac",))
    with pytest.raises(
        InputError, match=r"found none of 1, such as va_rac_S000_JT00_2018\.csv\.gz"
    ):
        gather(wanted, folder=tmp_path)
    with pytest.raises(InputError, match="looked for in a folder"):
        gather(wanted, folder=tmp_path / "nowhere")


def test_states_without_counts_need_no_crosswalk(tmp_path, region):
    write_counts(tmp_path, "va", "rac", 2018, region.counts("va"))
    write_crosswalk(tmp_path, "va", region.places)
    wanted = Wanted(("va", "dc"), (2018,), ("rac",))
    assert load_lodes(wanted, resolution=8, folder=tmp_path).entries[0]["states"] == ["va"]


def test_without_crosswalk_and_zones_the_remedy_is_said(tmp_path, region):
    write_counts(tmp_path, "va", "rac", 2018, region.counts("va"))
    with pytest.raises(InputError, match=r"found no va_xwalk\.csv\.gz: add it, or .* --zones"):
        load_lodes(Wanted(("va",), (2018,), ("rac",)), resolution=8, folder=tmp_path)


def test_a_file_of_another_state_is_refused(tmp_path, region):
    write_counts(tmp_path, "va", "rac", 2018, region.counts("md"))
    write_crosswalk(tmp_path, "va", region.places)
    with pytest.raises(InputError, match=r"blocks must be of VA \(51\), found 24031"):
        load_lodes(Wanted(("va",), (2018,), ("rac",)), resolution=8, folder=tmp_path)


def test_a_file_older_than_its_blocks_is_refused(tmp_path, region):
    write_counts(tmp_path, "va", "rac", 2018, region.counts("va"), created="20201120")
    write_crosswalk(tmp_path, "va", region.places)
    with pytest.raises(InputError, match="written on 2020-11-20, before there were any"):
        load_lodes(Wanted(("va",), (2018,), ("rac",)), resolution=8, folder=tmp_path)


# Flows


def flows_with(folder, region, *, states=("dc", "va")):
    """OD main and aux of two states; homes of Maryland have no crosswalk here."""
    written = {}
    for state in states:
        home = region.flows(region.blocks[state], region.blocks[state])
        away = region.flows(
            [b for other in region.blocks if other != state for b in region.blocks[other]],
            region.blocks[state],
        )
        write_flows(folder, state, "main", 2018, home)
        write_flows(folder, state, "aux", 2018, away)
        write_crosswalk(folder, state, {b: region.places[b] for b in region.blocks[state]})
        for flows in (home, away):
            written |= flows
    return written


@pytest.mark.parametrize(("proxy", "column"), [("S000", 0), ("SE03", 1)])
def test_flows_are_the_files_by_pair_of_cells(tmp_path, region, proxy, column):
    written = flows_with(tmp_path, region)
    wanted = Wanted(("dc", "va"), (2018,), ("od",), proxy=proxy)
    result, entry = load_lodes(wanted, resolution=8, folder=tmp_path).flows(2018)
    expected: Counter[tuple[int, int]] = Counter()
    lost = 0
    for (home, work), people in written.items():
        if home.startswith("24"):
            lost += people[column]
            continue
        ends = [h3.str_to_int(h3.latlng_to_cell(*region.places[b], 8)) for b in (home, work)]
        expected[ends[0], ends[1]] += people[column]
    rows = result.flows[["origin", "destination", "graduates"]].itertuples(index=False)
    assert {(o, d): n for o, d, n in rows} == {pair: n for pair, n in expected.items() if n}
    reason = "whose origin block lies in a state without a crosswalk here"
    assert result.audit.dropped == {reason: lost}
    assert result.audit.people_in == sum(p[column] for p in written.values())
    assert entry["column"] == proxy


def test_points_of_flows_are_kept(tmp_path, region):
    written = flows_with(tmp_path, region)
    wanted = Wanted(("dc", "va"), (2018,), ("od",))
    result, _ = load_lodes(wanted, resolution=8, folder=tmp_path).flows(2018)
    at = result.points.set_index("id")
    for home, work in written:
        if not home.startswith("24"):
            assert (at.at[work, "lat"], at.at[work, "lon"]) == pytest.approx(
                region.places[work], abs=1e-7
            )
    ids = result.points["id"].to_numpy()
    pairs = {
        (ids[row.origin], ids[row.destination]): row.graduates
        for row in result.pairs.itertuples(index=False)
    }
    assert pairs == {p: n for p, (n, _) in written.items() if not p[0].startswith("24")}


def test_flows_spread_over_zones_keep_the_total(tmp_path, region):
    written = flows_with(tmp_path, region, states=("va",))
    Path(tmp_path / "va_xwalk.csv.gz").unlink()
    wanted = Wanted(("va",), (2018,), ("od",))
    zones = zones_of(region, tmp_path)
    found = load_lodes(wanted, resolution=8, folder=tmp_path, zones=zones)
    result, _ = found.flows(2018)
    everybody = sum(people for people, _ in written.values())
    assert result.points is None
    assert result.audit.people_in == everybody
    assert result.flows["graduates"].sum() == pytest.approx(everybody, rel=1e-12)
    with pytest.raises(InputError, match="flows of 2017"):
        found.flows(2017)


def test_a_faulty_count_of_flows_is_refused(tmp_path, region):
    flows_with(tmp_path, region, states=("va",))
    broken(tmp_path / "va_od_main_JT00_2018.csv.gz", lambda row: row.update(S000="-3"))
    wanted = Wanted(("va",), (2018,), ("od",))
    with pytest.raises(InputError, match="column S000 must hold counts, 0 or more, found '-3'"):
        load_lodes(wanted, resolution=8, folder=tmp_path).flows(2018)


# Real files


@pytest.mark.real
def test_virginia_2018_is_read_to_the_last_job(real_data):
    us = real_data / "us"
    read = read_counts(us / "va_rac_S000_JT00_2018.csv.gz", id="h_geocode")
    assert read.jobs.sum() == 3_828_056 == literal(us / "va_rac_S000_JT00_2018.csv.gz", "C000")
    assert read.graduates.sum() == 968_602


@pytest.fixture(scope="module")
def virginia(real_data):
    """Residents' jobs of Virginia 2018 on the Washington region's block groups."""
    us = real_data / "us"
    zones = us / "ncr_geo_census_cb_2010_census_block_groups.geojson"
    wanted = Wanted(("va",), (2018,), ("rac",), version=7)
    return load_lodes(wanted, resolution=8, folder=us, zones=zones)


@pytest.fixture(scope="module")
def virginia_table(real_data):
    path = real_data / "us" / "va_rac_S000_JT00_2018.csv.gz"
    return pd.read_csv(path, dtype={"h_geocode": str})


@pytest.mark.real
def test_virginia_2018_falls_back_to_block_groups(real_data, virginia, virginia_table):
    """Witness: pandas and geopandas, matching the ids' first twelve digits."""
    entry = virginia.entries[0]
    assert entry["people_in"] == 968_602
    assert entry["on_map"] == pytest.approx(409_854, abs=1e-6)
    assert sum(entry["dropped"].values()) == 968_602 - 409_854
    zones = gpd.read_file(real_data / "us" / "ncr_geo_census_cb_2010_census_block_groups.geojson")
    here = virginia_table["h_geocode"].str[:12].isin(set(zones["geoid"]))
    assert virginia_table.loc[here, "CD04"].sum() == 409_854
    base = virginia_table.loc[here, ["CA02", "CA03"]].to_numpy().sum()
    assert virginia.counts["base"].sum() == pytest.approx(base, rel=1e-12)


@pytest.mark.real
def test_education_adds_up_to_age_in_every_cell(real_data, virginia, virginia_table):
    path = real_data / "us" / "ncr_geo_census_cb_2010_census_block_groups.geojson"
    zones, table = BlockZones(path, resolution=8), virginia_table
    number = zones.numbers(table["h_geocode"].astype("int64").to_numpy(), 15)
    here = number >= 0

    def spread(columns):
        people = table[columns].sum(axis=1).to_numpy(dtype=float)
        by_zone = np.bincount(number[here], people[here], zones.weights.sources)
        return zones.weights.spread(by_zone)

    told, aged = spread(["CD01", "CD02", "CD03", "CD04"]), spread(["CA02", "CA03"])
    np.testing.assert_allclose(told, aged, rtol=1e-12)
    loaded = virginia.counts.set_index("cell")
    np.testing.assert_allclose(loaded["base"], told.loc[loaded.index], rtol=1e-12)
    assert (loaded["graduates"] <= loaded["base"] * (1 + 1e-12)).all()


@pytest.mark.real
def test_washington_2023_is_accounted_for_to_the_last_job(real_data):
    us = real_data / "us"
    found = load_lodes_file(
        us / "47900_all2023.csv",
        kind="wac",
        year=2023,
        resolution=8,
        zones=us / "ncr_geo_census_cb_2020_census_block_groups.geojson",
    )
    entry = found.entries[0]
    table = pd.read_csv(us / "47900_all2023.csv", dtype={"bgrp": str})
    known = gpd.read_file(us / "ncr_geo_census_cb_2020_census_block_groups.geojson")["geoid"]
    here = table["bgrp"].isin(set(known))
    assert (int(here.sum()), len(table)) == (3_616, 3_958)
    assert any("3,616 of 3,958 rows" in note for note in entry["notes"])
    assert entry["people_in"] == table["CD04"].sum()
    assert entry["on_map"] == pytest.approx(table.loc[here, "CD04"].sum(), rel=1e-12)
    assert sum(entry["dropped"].values()) == table.loc[~here, "CD04"].sum()
    assert entry["base"]["people_in"] == table[["CA02", "CA03"]].to_numpy().sum()
    assert entry["jobs"] == table["C000"].sum()
    assert sorted(entry["states"]) == ["dc", "md", "va", "wv"]
    assert found.warnings == ()


@pytest.mark.real
def test_zones_of_another_census_are_noticed(real_data):
    us = real_data / "us"
    found = load_lodes_file(
        us / "47900_all2023.csv",
        kind="wac",
        year=2023,
        resolution=8,
        zones=us / "ncr_geo_census_cb_2010_census_block_groups.geojson",
    )
    assert "are its zones of another census?" in found.warnings[0]
