"""Homes without jobs, and how far the pockets lie from the jobs they feed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from spatial.analysis import Question, hotspot_table, place_table
from spatial.ends import ends_of
from spatial.exchange import matrix
from spatial.mismatch import FEED_COLUMNS, balance, demand_over, feeds, pockets_to_magnets
from spatial.pairs import pairs_of
from spatial.rail import network_of, times_between
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.studies import small_study

AMOUNTS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return asked_of(small_study(tmp_path_factory.mktemp("mismatch") / "s"))


@pytest.fixture(scope="module")
def sample():
    return asked_of(open_study(PACKAGED))


def asked_of(study):
    """Pairs, homes, places of work and rail of 2025, as the functions take them."""
    places = []
    for role in ("residence", "work"):
        asked = Question(year=2025, role=role)
        places.append(place_table(study, asked, hotspot_table(study, asked)))
    return pairs_of(study, 2025), *places, network_of(study, 2025)


@given(AMOUNTS)
def test_balance_is_its_formula_antisymmetric_and_without_a_unit(rows):
    homes, jobs = (pd.Series(one, dtype=float) for one in zip(*rows, strict=True))
    found = balance(homes, jobs)
    literal = [(r - w) / (r + w) if r + w else np.nan for r, w in rows]
    np.testing.assert_allclose(found, literal)
    np.testing.assert_allclose(found, -balance(jobs, homes))
    np.testing.assert_allclose(found, balance(homes * 7, jobs * 7))
    assert found.abs().max() <= 1 or found.isna().all()
    assert found.name == "balance"


def literal_feeds(pairs, homes, work, network):
    """Every pair looked at, one after the other."""
    earth = Geod(ellps="WGS84")
    times = times_between(network, pairs.lat, pairs.lon, pairs.origin, pairs.destination)
    found = {}
    home_of, work_of = homes.member.to_dict(), work.member.to_dict()
    for row in range(len(pairs.graduates)):
        a, b = pairs.origin[row], pairs.destination[row]
        key = home_of.get(int(pairs.cell[a])), work_of.get(int(pairs.cell[b]))
        if None in key:
            continue
        metres = earth.inv(pairs.lon[a], pairs.lat[a], pairs.lon[b], pairs.lat[b])[2]
        told = found.setdefault(key, [0.0, 0.0, 0.0])
        people = pairs.graduates[row]
        told[0] += people
        told[1] += people * metres / 1000
        told[2] += people * times.minutes[row]
    return found


def test_feeds_are_the_sums_written_out(town):
    table = feeds(*town)
    literal = literal_feeds(*town)
    assert list(table.columns) == list(FEED_COLUMNS)
    assert {(row.home, row.work) for row in table.itertuples()} == set(literal)
    for row in table.itertuples():
        people, km, minutes = literal[row.home, row.work]
        assert row.graduates == people
        assert row.km == pytest.approx(km / people)
        assert row.minutes == pytest.approx(minutes / people)


def test_feeds_are_the_matrix_of_the_exchange(sample):
    pairs, homes, work, _ = sample
    table = feeds(*sample)
    whole = matrix(pairs, ends_of(pairs, places=homes), ends_of(pairs, places=work))
    inner = whole.iloc[:-1, :-1]
    assert table["graduates"].sum() == inner.to_numpy().sum()
    for row in table.iloc[::11].itertuples():
        assert row.graduates == inner.loc[row.home, row.work]
        assert row.share == pytest.approx(row.graduates / whole.loc[row.home].sum())
    ranked = table.sort_values(["home", "rank"]).groupby("home")["graduates"]
    assert ranked.apply(lambda one: one.is_monotonic_decreasing).all()


def test_a_pocket_is_told_by_its_main_magnet_and_by_all_of_them(sample):
    table, long = pockets_to_magnets(*sample), feeds(*sample)
    _, homes, _, _ = sample
    assert table.index.tolist() == homes.table["id"].tolist()
    # In the sample all who live somewhere work somewhere: flows add up to counts.
    assert table["total"].to_numpy() == pytest.approx(homes.table["graduates"].to_numpy())
    for place, row in table.iterrows():
        own = long[long["home"] == place]
        assert row["to_magnets"] == own["graduates"].sum()
        assert row["share"] == pytest.approx(own["share"].sum())
        for name in ("km", "minutes"):
            mean = np.average(own[name], weights=own["graduates"])
            assert row[name] == pytest.approx(mean)
        main = own.loc[own["graduates"].idxmax()]
        assert row["magnet"] == main["work"]
        assert row["magnet_share"] == main["share"]
        assert row["magnets"] == (own["graduates"] >= 0.05 * row["to_magnets"]).sum()


def test_demand_over_a_limit_is_counted_pair_by_pair(town):
    pairs, homes, work, network = town
    times = times_between(network, pairs.lat, pairs.lon, pairs.origin, pairs.destination)
    cell = pairs.cell
    held = np.isin(cell[pairs.origin], homes.member.index)
    held &= np.isin(cell[pairs.destination], work.member.index)
    table = demand_over(*town, minutes=(5, 12, 14, 16, 18, 30))
    for row in table.itertuples():
        over = pairs.graduates[held & (times.minutes > row.minutes)].sum()
        assert row.over == over
        assert row.graduates == pairs.graduates[held].sum()
        assert row.share == pytest.approx(over / row.graduates)
    assert table["share"].between(0, 1).all()


@given(limits=st.lists(st.integers(0, 120), min_size=1, max_size=6).map(sorted))
@settings(max_examples=20)
def test_a_higher_limit_leaves_fewer_over_it(town, limits):
    share = demand_over(*town, minutes=limits)["share"]
    assert share.is_monotonic_decreasing


def test_the_unit_of_counting_does_not_matter(town):
    from dataclasses import replace

    pairs, *rest = town
    more = replace(pairs, graduates=pairs.graduates * 3)
    one, other = (pockets_to_magnets(each, *rest) for each in (pairs, more))
    counted = ["total", "to_magnets"]
    np.testing.assert_allclose(other[counted], 3 * one[counted])
    pd.testing.assert_frame_equal(other.drop(columns=counted), one.drop(columns=counted))


def test_without_rail_there_are_kilometres_and_no_minutes(town):
    pairs, homes, work, _ = town
    table = pockets_to_magnets(pairs, homes, work, None)
    assert table["km"].notna().all()
    assert table[["minutes", "rail_minutes", "magnet_minutes"]].isna().all().all()
    demand = demand_over(pairs, homes, work, None)
    assert demand["graduates"].gt(0).all()
    assert demand[["over", "share"]].isna().all().all()


def test_without_places_or_people_there_is_nothing_to_tell(town):
    from dataclasses import replace

    pairs, homes, work, network = town
    none = replace(
        work, table=work.table.iloc[:0], member=work.member.iloc[:0], core=work.core.iloc[:0]
    )
    assert feeds(pairs, homes, none, network).empty
    table = pockets_to_magnets(pairs, homes, none, network)
    assert (table["to_magnets"] == 0).all()
    assert (table["magnet"] == "").all()
    nowhere = replace(
        homes, table=homes.table.iloc[:0], member=homes.member.iloc[:0], core=homes.core.iloc[:0]
    )
    assert pockets_to_magnets(pairs, nowhere, work, network).empty
    nobody = pairs.where(pairs.graduates < 0)
    assert feeds(nobody, homes, work, network).empty
    assert demand_over(nobody, homes, work, network)["share"].isna().all()


def test_the_pockets_of_the_sample_lie_a_real_way_from_the_jobs_they_feed(sample):
    table, demand = pockets_to_magnets(*sample), demand_over(*sample).set_index("minutes")
    assert table["km"].between(5, 20).all()
    assert (table["minutes"] > 25).all()
    # The published city mean is 76 to 80 % within 45 minutes; from pocket to magnet it is less.
    assert 0.2 < demand.loc[45, "share"] < 0.5
    assert demand.loc[60, "share"] < 0.15
