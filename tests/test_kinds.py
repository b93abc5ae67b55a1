"""Kinds of place: which rule fires, with which number, and what cannot be tried."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.analysis import Question, hotspot_table, place_table
from spatial.geodesy import distance_km
from spatial.kinds import HOME_KINDS, WORK_KINDS, Fired, KindRules, kinds_of
from spatial.place_measures import home_measures
from spatial.question import QuestionError
from spatial.rail import minutes_matrix, nearest_station, network_of, terminals
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import CENTRE, counts, info, small_study

LAT, LON = CENTRE


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def places(sample):
    def of(role):
        asked = Question(year=2025, role=role)
        return place_table(sample, asked, hotspot_table(sample, asked))

    return {role: of(role) for role in ("residence", "work")}


@pytest.fixture(scope="module")
def network(sample):
    return network_of(sample, 2025)


def homes_of(sample, places, network, **rules):
    return kinds_of(
        sample,
        places["residence"],
        role="residence",
        year=2025,
        network=network,
        work=places["work"],
        rules=KindRules(**rules),
    )


@pytest.fixture(scope="module")
def homes(sample, places, network):
    return homes_of(sample, places, network)


# --- What is measured ----------------------------------------------------------------------------


def test_stops_to_the_end_of_a_line_are_those_of_another_library(homes, places, network):
    nx = pytest.importorskip("networkx")
    graph = nx.Graph(list(zip(network.links["a"], network.links["b"], strict=True)))
    ends = [one for one, degree in graph.degree() if degree == 1]
    assert sorted(ends) == sorted(terminals(network))
    away = nx.multi_source_dijkstra_path_length(graph, set(ends))
    table = places["residence"].table
    station, _ = nearest_station(network, table["lat"], table["lon"])
    assert homes["end_stations"].tolist() == [away[one] for one in station]


def test_the_nearest_magnet_is_the_least_of_all(homes, places, network):
    table, work = places["residence"].table, places["work"].table
    large = work[work["share"] >= KindRules().node_share]
    at = (table["lat"], table["lon"], large["lat"], large["lon"])
    minutes = minutes_matrix(network, *at)
    assert homes["magnet_minutes"].to_numpy() == pytest.approx(minutes.min(axis=1), rel=1e-6)
    names = large["name_en"].to_numpy()[minutes.argmin(axis=1)]
    assert homes["magnet_en"].tolist() == names.tolist()


def test_densities_and_distances_are_sums_written_out(sample, homes, places):
    residents = sample.series(role="residence", year=2025)
    lat, lon = h3cells.centres(residents.index)
    away = distance_km(*sample.centre, lat, lon)
    member, core = places["residence"].member, places["residence"].core
    table = places["residence"].table.set_index("id")
    for place in homes.index[::4]:
        own = member.index[(member == place) & core]
        density = residents["graduates"][own].sum() / h3cells.area_km2(own).sum()
        assert homes.loc[place, "core_density"] == pytest.approx(density)
        whole = member.index[member == place]
        base = residents["base"][whole].sum() / h3cells.area_km2(whole).sum()
        assert homes.loc[place, "base_density"] == pytest.approx(base)
        km = distance_km(*sample.centre, table["lat"][place], table["lon"][place])
        nearer = residents["base"][away < km].sum() / residents["base"].sum()
        assert homes.loc[place, "nearer_share"] == pytest.approx(nearer)
    assert homes["density_ratio"].median() == pytest.approx(1)


# --- Rules ---------------------------------------------------------------------------------------


def test_every_rule_that_fires_tells_the_number_that_made_it(homes):
    for place, row in homes.iterrows():
        rules = [one.rule for one in row["fired"]]
        assert row["kind"] == (rules[0] if rules else "other")
        assert rules == sorted(rules, key=HOME_KINDS.index)
        for one in row["fired"]:
            assert one.value == row[one.measure], place
            up = one.measure in ("density_ratio", "nearer_share")
            assert one.value >= one.limit if up else one.value <= one.limit


@pytest.mark.parametrize("rule", HOME_KINDS)
def test_a_rule_fires_where_its_limit_says_and_nowhere_else(homes, rule):
    limits = KindRules()
    held = {
        "campus_edge": homes["campus_km"] <= limits.campus_km,
        "end_of_line": (homes["end_stations"] <= limits.end_stations)
        & (homes["station_m"] <= limits.end_walk_m),
        "large_estate": homes["density_ratio"] >= limits.estate_density_ratio,
        "near_magnets": homes["magnet_minutes"] <= limits.magnet_minutes,
        "fringe": (homes["nearer_share"] >= limits.fringe_share)
        | (homes["base_density_ratio"] <= limits.fringe_density_ratio),
    }[rule]
    fired = homes["fired"].map(lambda all_of_it: rule in {one.rule for one in all_of_it})
    assert fired.equals(held.rename("fired"))


@given(order=st.permutations(HOME_KINDS))
@settings(max_examples=20)
def test_the_order_decides_the_kind_and_never_what_fires(sample, places, network, homes, order):
    found = homes_of(sample, places, network, order=tuple(order))
    for place, row in found.iterrows():
        assert set(row["fired"]) == set(homes.loc[place, "fired"])
        rules = [one.rule for one in row["fired"]]
        assert rules == sorted(rules, key=order.index)


def test_the_end_of_a_line_is_no_end_to_whoever_walks_far_to_it(sample, places, network):
    found = homes_of(sample, places, network, end_stations=99, end_walk_m=500)
    fired = found["fired"].map(lambda row: "end_of_line" in {one.rule for one in row})
    assert fired.equals((found["station_m"] <= 500).rename("fired"))
    assert 0 < fired.sum() < len(fired)


def test_looser_limits_fire_wherever_tight_ones_do(sample, places, network, homes):
    loose = homes_of(
        sample, places, network, campus_km=3, end_stations=5, magnet_minutes=45, fringe_share=0.3
    )
    for place, row in homes.iterrows():
        assert {one.rule for one in row["fired"]} <= {one.rule for one in loose.loc[place, "fired"]}


def test_a_gazetteer_that_says_estate_is_believed(sample, places, network):
    found = homes_of(sample, places, network, estate_kinds=("community",))
    row = found.loc["residence-jiugong"]
    assert row["kind"] == "large_estate"
    assert row["fired"][0].measure == "gazetteer"
    assert row["fired"][0].name == "community"


def test_rules_that_make_no_sense_are_refused_by_name():
    with pytest.raises(QuestionError, match=r"campus_km must be 0 or more.*order must hold"):
        KindRules(campus_km=-1, order=("fringe",))


def test_work_is_told_by_size_and_mix(places, sample):
    table = kinds_of(sample, places["work"], role="work", year=2025, network=None)
    share = places["work"].table.set_index("id")["share"]
    rules = KindRules()
    large, middle = share >= rules.centre_share, share >= rules.node_share
    assert table["kind"].tolist() == np.select([large, middle], WORK_KINDS[:2], "small").tolist()
    for row in table.itertuples():
        first = row.fired[0]
        assert (first.rule, first.measure, first.value) == (row.kind, "share", row.share)
        assert row.mix == ("jobs" if row.jobs_to_homes >= 2 else "both")


def test_a_bedroom_town_leans_to_homes():
    from spatial.kinds import _mix

    rules = KindRules()
    found = [_mix(one, rules) for one in (0.0, 0.5, 1.0, 2.0, np.inf, np.nan)]
    assert found == ["homes", "homes", "both", "jobs", "jobs", "unknown"]


# --- Studies that lack something -----------------------------------------------------------------


def test_a_rule_without_its_layer_is_told_as_untried(tmp_path):
    table = counts(years=(2025,))
    bare = write_study(tmp_path / "s", info(), table[table["role"] == "residence"])
    asked = Question(year=2025, role="residence")
    found = place_table(bare, asked, hotspot_table(bare, asked))
    kinds = kinds_of(bare, found, role="residence", year=2025, network=None)
    assert len(kinds)
    assert set(kinds["missing"]) == {("campus_edge", "end_of_line", "near_magnets")}
    assert set(kinds["mix"]) == {"unknown"}


def test_without_rail_magnets_are_near_by_kilometres(tmp_path):
    study = small_study(tmp_path / "s")
    found = {}
    for role in ("residence", "work"):
        asked = Question(year=2025, role=role)
        found[role] = place_table(study, asked, hotspot_table(study, asked))
    kinds = kinds_of(
        study, found["residence"], role="residence", year=2025, network=None, work=found["work"]
    )
    one = next(one for one in kinds["fired"].iloc[0] if one.rule == "near_magnets")
    assert one.measure == "magnet_km"
    assert one.limit == KindRules().magnet_km
    # Two stations and no link: no line, and so no end of one.
    railed = kinds_of(
        study, found["residence"], role="residence", year=2025, network=network_of(study, 2025)
    )
    assert railed["end_stations"].isna().all()
    assert railed["station_m"].notna().all()


def test_no_places_have_no_kinds(tmp_path):
    empty = counts(years=(2025,)).assign(graduates=0.0, stayers=0.0, arrivals=0.0)
    study = write_study(tmp_path / "s", info(), empty)
    for role in ("residence", "work"):
        asked = Question(year=2025, role=role)
        found = place_table(study, asked, hotspot_table(study, asked))
        kinds = kinds_of(study, found, role=role, year=2025, network=None, work=found)
        assert kinds.empty
        assert list(kinds.columns)[:4] == ["kind", "mix", "fired", "missing"]


def test_fringe_is_far_out_or_thinly_settled(tmp_path):
    table = counts(years=(2025,))
    campuses = gpd.GeoDataFrame(
        {"id": ["u"], "name": ["大学"], "name_en": ["University"]},
        geometry=[shapely.Point(LON, LAT - 0.02)],
        crs=4326,
    )
    thin = table["role"] == "residence"
    away = np.hypot(
        *(one - c for one, c in zip(h3cells.centres(table["cell"]), CENTRE, strict=True))
    )
    table.loc[thin, "base"] = np.where(away[thin] > 0.012, 40.0, 4000.0)
    study = write_study(tmp_path / "s", info(), table, layers={"campuses": campuses})
    asked = Question(year=2025, role="residence")
    found = place_table(study, asked, hotspot_table(study, asked))
    rules = KindRules(fringe_share=1.0, campus_km=0.5)
    kinds = kinds_of(study, found, role="residence", year=2025, network=None, rules=rules)
    row = kinds.iloc[0]
    assert row["kind"] == "campus_edge"
    assert row["fired"][0].name_en == "University"
    assert row["fired"][-1].measure == "base_density_ratio"
    assert row["base_density_ratio"] < 0.25
    measured = home_measures(study, found, year=2025, network=None, work=None, magnet_share=0.0)
    assert measured["magnet_km"].isna().all()


# --- The sample ----------------------------------------------------------------------------------


def test_the_named_estates_and_campus_edges_of_the_sample_are_called_so(homes):
    kind = homes["kind"]
    assert kind["residence-tiantongxiyuan"] == kind["residence-beijing-pixel"] == "large_estate"
    assert kind["residence-wudaokou"] == "campus_edge"
    assert kind["residence-liangxiang-university-town"] == "campus_edge"
    assert kind["residence-ciqu"] == "end_of_line"
    assert set(kind) >= {"near_magnets", "fringe"}
    assert (kind == "other").sum() <= 2
    assert isinstance(homes["fired"].iloc[0][0], Fired)


def test_the_three_centres_of_the_sample_are_centres(sample, places):
    table = kinds_of(sample, places["work"], role="work", year=2025, network=None)
    centres = table.index[table["kind"] == "centre"]
    assert set(centres) == {"work-zhongguancun", "work-cbd", "work-wangjing"}
    assert pd.Series(table["mix"]).isin(["jobs", "both"]).all()
