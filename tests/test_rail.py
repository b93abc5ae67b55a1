"""Rail: times written out slowly, by another library, and by laws; and the real networks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.chords import arc_km, vectors
from spatial.geodesy import distance_km
from spatial.question import QuestionError
from spatial.rail import (
    RailRules,
    links_between,
    minutes_matrix,
    near_rail,
    nearest_station,
    network_of,
    opened_between,
    terminals,
    times_between,
)
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.rails import EAST, NORTH, rails, slow_door_to_door, slow_rides

RULES = RailRules()

# Two lines that cross at C, a third that begins 150 m from E, and a station without a link.
PLACES = {
    "A": (0.0, -4.0),
    "B": (0.0, -2.0),
    "C": (0.0, 0.0),
    "D": (0.0, 2.5),
    "E": (3.0, 0.0),
    "F": (-3.0, 0.2),
    "G": (3.1, 0.12),
    "H": (6.0, 2.0),
    "I": (-5.0, -5.0),
}
LINKS = [("A", "B", "1"), ("B", "C", "1"), ("C", "D", "1"), ("E", "C", "2"), ("C", "F", "2")]
LINKS += [("G", "H", "3"), ("B", "D", "express"), ("B", "C", "1")]
TOWN = rails(PLACES, LINKS)


@st.composite
def networks(draw):
    """Up to seven stations on a lattice of some 0.2 km, and up to ten links of three lines."""
    spots = st.tuples(st.integers(-15, 15), st.integers(-15, 15))
    found = draw(st.lists(spots, min_size=1, max_size=7, unique=True))
    places = {f"s{k}": (north / 5, east / 5) for k, (north, east) in enumerate(found)}
    ends = st.sampled_from(list(places))
    links = st.tuples(ends, ends, st.sampled_from(["1", "2", ""]))
    return places, draw(st.lists(links, max_size=10))


def degrees(spot):
    return 39.9 + NORTH * spot[0], 116.4 + EAST * spot[1]


DOORS = st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)).map(degrees), min_size=2, max_size=6)


def all_pairs(doors):
    lat, lon = np.array(doors).T
    origin, destination = np.indices((len(doors), len(doors))).reshape(2, -1)
    return lat, lon, origin, destination


def is_slow_rides(study, rules):
    network = network_of(study, 2025, rules)
    for (a, b), minutes in slow_rides(study, rules).items():
        assert network.ride[network.row(a), network.row(b)] == pytest.approx(minutes, abs=1e-3)


# The graph


@pytest.mark.parametrize("change", [{}, {"transfer_minutes": 0.0}, {"line_kmh": {"2": 25.0}}])
def test_rides_are_those_of_the_graph_written_out(change):
    is_slow_rides(TOWN, replace(RULES, **change))


@given(networks())
@settings(max_examples=40)
def test_rides_of_any_network_are_those_written_out(made):
    is_slow_rides(rails(*made), RULES)


@given(networks())
@settings(max_examples=25)
def test_rides_are_what_networkx_computes(made):
    nx = pytest.importorskip("networkx")
    network = network_of(rails(*made), 2025, replace(RULES, interchange_m=0.0))
    graph = nx.Graph()
    for row in network.links.itertuples():
        graph.add_edge((row.a, row.line), (row.b, row.line), weight=row.minutes)
    for a in list(graph):
        others = [b for b in graph if b[0] == a[0] and b != a]
        graph.add_edges_from((a, b, {"weight": RULES.transfer_minutes}) for b in others)
    found = dict(nx.all_pairs_dijkstra_path_length(graph))
    best = np.full((len(network), len(network)), np.inf)
    np.fill_diagonal(best, 0.0)
    for start, ends in found.items():
        for end, minutes in ends.items():
            best[start[0], end[0]] = min(best[start[0], end[0]], minutes)
    np.testing.assert_allclose(network.ride, best, atol=1e-3)


def test_a_ride_by_hand():
    network = network_of(TOWN, 2025)
    a, d, e, h = (network.row(one) for one in "ADEH")
    km = network.links.set_index(["line", "a", "b"])["km"]
    straight = km["1"].sum() + 3 * 1.2
    express = km["1"].iloc[0] + km["express"].iloc[0] + 2 * 1.2 + 4
    assert network.ride[a, d] == pytest.approx(min(straight, express), abs=1e-4)
    walk = float(distance_km(*degrees(PLACES["E"]), *degrees(PLACES["G"]))) * 1200 / 80
    assert network.ride[e, h] == pytest.approx(walk + 4 + km["3"].iloc[0] + 1.2, abs=1e-4)


def test_who_does_not_change_pays_no_change():
    through = rails({"A": (0, 0), "B": (0, 2), "C": (0, 4)}, [("A", "B", "1"), ("B", "C", "1")])
    broken = rails({"A": (0, 0), "B": (0, 2), "C": (0, 4)}, [("A", "B", "1"), ("B", "C", "2")])
    nameless = rails({"A": (0, 0), "B": (0, 2), "C": (0, 4)}, [("A", "B", ""), ("B", "C", "")])
    rides = [network_of(one, 2025).ride[0, 2] for one in (through, broken, nameless)]
    assert rides[1] - rides[0] == pytest.approx(RULES.transfer_minutes, abs=1e-4)
    assert rides[2] == rides[0]


def test_between_close_stations_of_one_line_the_quicker_of_train_and_walk_counts():
    for apart in (0.1, 0.2):
        study = rails({"A": (0, 0), "B": (0, apart)}, [("A", "B", "1")])
        (minutes,) = network_of(study, 2025).links["minutes"]
        assert network_of(study, 2025).ride[0, 1] == pytest.approx(minutes, abs=1e-5)
        is_slow_rides(study, replace(RULES, transfer_minutes=0.0, train_kmh=3.0))


def test_length_is_the_studys_own_else_as_drawn_else_straight():
    places = {"A": (0, 0), "B": (0, 2), "C": (0, 4), "D": (0, 6)}
    links = [("A", "B", "1"), ("B", "C", "1"), ("C", "D", "1")]
    corners = [degrees((0, 2)), degrees((1, 3)), degrees((0, 4))]
    bent = shapely.LineString([(lon, lat) for lat, lon in corners])
    study = rails(places, links, shapes=[None, bent, None])
    study.rail_links["length_km"] = [3.5, np.nan, 0.0]
    km = network_of(study, 2025).links["km"].to_numpy()
    legs = [distance_km(*one, *two) for one, two in pairwise(corners)]
    straight = distance_km(*degrees((0, 4)), *degrees((0, 6)))
    np.testing.assert_allclose(km, [3.5, sum(legs).item(), straight.item()], rtol=1e-9)


def test_only_what_stands_in_the_year_is_there():
    links = [("A", "B", "1", 2010), ("B", "C", "1", 2020), ("C", "A", "2", 2010)]
    study = rails({"A": (0, 0), "B": (0, 2), "C": (0, 4)}, links, opened=[2000, np.nan, 2015])
    study.rail_links["closed"] = [np.nan, np.nan, 2022]
    sizes = {
        year: (len(network_of(study, year)), len(network_of(study, year).links))
        for year in (1999, 2005, 2012, 2016, 2021, 2022)
    }
    assert sizes == {
        1999: (1, 0),
        2005: (2, 0),
        2012: (2, 1),
        2016: (3, 2),
        2021: (3, 3),
        2022: (3, 2),
    }


def test_without_stations_there_is_no_network_and_without_links_no_ride():
    assert network_of(rails({}), 2025) is None
    assert network_of(rails({"A": None}), 2025) is None
    ride = network_of(rails({"A": (0, 0), "B": (0, 2)}), 2025).ride
    np.testing.assert_array_equal(ride, [[0, np.inf], [np.inf, 0]])


@given(networks())
@settings(max_examples=40)
def test_a_ride_is_the_same_both_ways_and_no_detour_by_way_of_a_third_station(made):
    ride = network_of(rails(*made), 2025).ride
    np.testing.assert_array_equal(ride, ride.T)
    assert not ride.diagonal().any()
    by_way = (ride[:, :, None] + ride[None, :, :]).min(axis=1) + RULES.transfer_minutes
    assert (ride <= by_way + 1e-3).all()


@given(networks(), st.data())
@settings(max_examples=40)
def test_another_link_slows_nobody(made, data):
    places, links = made
    ends = st.sampled_from(list(places))
    more = data.draw(st.tuples(ends, ends, st.sampled_from(["1", "2", "3", ""])))
    before, after = (network_of(rails(places, one), 2025).ride for one in (links, [*links, more]))
    assert (after <= before + 1e-4).all()


@given(networks(), DOORS, st.floats(10, 120), st.floats(10, 120))
@settings(max_examples=40)
def test_slower_trains_are_nowhere_faster(made, doors, one, other):
    slow, fast = sorted((one, other))
    study = rails(*made)
    minutes = [
        times_between(network_of(study, 2025, RailRules(train_kmh=kmh)), *all_pairs(doors)).minutes
        for kmh in (slow, fast)
    ]
    assert (minutes[0] >= minutes[1] - 1e-3).all()


# From door to door


@given(networks(), DOORS, st.sampled_from([500.0, 1200.0, 2400.0, 6000.0]))
@settings(max_examples=40)
def test_door_to_door_is_the_best_of_all_stations_in_reach(made, doors, reach):
    study, rules = rails(*made), RailRules(reach_m=reach, direct_kmh=9.0)
    network = network_of(study, 2025, rules)
    lat, lon, origin, destination = all_pairs(doors)
    times = times_between(network, lat, lon, origin, destination)
    for k, (i, j) in enumerate(zip(origin, destination, strict=True)):
        rail, direct = slow_door_to_door(study, rules, doors[i], doors[j])
        assert times.rail_minutes[k] == pytest.approx(rail, abs=2e-3)
        assert times.direct_minutes[k] == pytest.approx(direct, abs=2e-3)
        assert times.minutes[k] == pytest.approx(min(rail, direct), abs=2e-3)


@given(networks(), DOORS)
@settings(max_examples=40)
def test_a_way_is_the_sum_of_its_parts_and_who_goes_by_rail_rides(made, doors):
    network = network_of(rails(*made), 2025, RailRules(direct_kmh=5.0))
    times = times_between(network, *all_pairs(doors))
    some = np.isfinite(times.rail_minutes)
    ride = network.ride[times.board[some], times.alight[some]]
    parts = times.walk_home + times.walk_work + RULES.wait_minutes
    np.testing.assert_allclose(times.rail_minutes[some], parts[some] + ride, atol=1e-4)
    assert (times.board[~some] == -1).all()
    assert np.isnan(times.walk_home[~some]).all()
    assert (times.board != times.alight)[times.by_rail].all()


@given(networks(), DOORS)
@settings(max_examples=40)
def test_there_and_back_take_as_long_and_the_matrix_says_the_same(made, doors):
    network = network_of(rails(*made), 2025)
    lat, lon, origin, destination = all_pairs(doors)
    there = times_between(network, lat, lon, origin, destination)
    back = times_between(network, lat, lon, destination, origin)
    np.testing.assert_allclose(there.minutes, back.minutes, atol=1e-3)
    matrix = minutes_matrix(network, lat, lon, lat, lon)
    np.testing.assert_allclose(matrix[origin, destination], there.minutes, atol=1e-3)


def test_no_pairs_and_no_places_are_answered():
    network = network_of(TOWN, 2025)
    assert times_between(network, [39.9], [116.4], [], []).minutes.shape == (0,)
    assert minutes_matrix(network, [], [], [39.9], [116.4]).shape == (0, 1)


def test_many_places_are_timed_as_one_by_one(monkeypatch):
    network = network_of(TOWN, 2025)
    rng = np.random.default_rng(3)
    lat, lon = 39.9 + rng.normal(0, 0.02, 50), 116.4 + rng.normal(0, 0.02, 50)
    whole = minutes_matrix(network, lat, lon, lat[:5], lon[:5])
    pairs = np.arange(50), np.zeros(50, np.int64)
    timed = times_between(network, lat, lon, *pairs)
    monkeypatch.setattr("spatial.doors._CHUNK", 7)
    np.testing.assert_array_equal(minutes_matrix(network, lat, lon, lat[:5], lon[:5]), whole)
    np.testing.assert_array_equal(times_between(network, lat, lon, *pairs).minutes, timed.minutes)


# Near rail


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_chord_gives_back_the_way_over_the_ground(lat, lon, north, east):
    start, end = vectors([lat], [lon]), vectors([lat + north], [lon + east])
    km = float(distance_km([lat], [lon], [lat + north], [lon + east])[0])
    assert arc_km(start, end)[0] == pytest.approx(km, rel=2e-5, abs=1e-6)
    if km < 2.4:
        assert np.linalg.norm(start - end) == pytest.approx(km * 1000, abs=1e-3)


def test_the_nearest_station_is_the_nearest_and_near_is_within_800_m():
    network = network_of(TOWN, 2025)
    rng = np.random.default_rng(1)
    lat, lon = 39.9 + rng.normal(0, 0.02, 200), 116.4 + rng.normal(0, 0.02, 200)
    km = np.array([distance_km(lat, lon, *degrees(spot)) for spot in PLACES.values()])
    station, away = nearest_station(network, lat, lon)
    np.testing.assert_array_equal(station, km.argmin(axis=0))
    np.testing.assert_allclose(away, km.min(axis=0) * 1000, atol=1e-2)
    np.testing.assert_array_equal(near_rail(network, lat, lon), km.min(axis=0) <= 0.8)


def test_cells_whose_nearest_station_is_new_are_told_with_metres_before_and_after():
    cells = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=9), k=15)
    study = rails({"old": (0, -2), "new": (0, 2)}, opened=[2000, 2024], area=cells)
    found = opened_between(study, 2023, 2025)
    lat, lon = h3cells.centres(cells)
    old, new = (distance_km(lat, lon, *degrees((0, east))) * 1000 for east in (-2, 2))
    nearer = new < old
    np.testing.assert_array_equal(found["cell"], cells[nearer])
    np.testing.assert_allclose(found["before_m"], old[nearer], atol=1e-2)
    np.testing.assert_allclose(found["after_m"], new[nearer], atol=1e-2)
    assert set(found["station"]) == {"new"}
    assert opened_between(study, 2024, 2025).empty
    assert np.isinf(opened_between(study, 1990, 2025)["before_m"]).all()
    assert opened_between(study, 2025, 1990).empty


# Links and ends


def test_links_between_counts_links_whatever_the_line():
    network = network_of(TOWN, 2025)
    assert links_between(network, "A", "A") == 0
    assert links_between(network, "A", "D") == 2
    assert links_between(network, "E", "D") == 2
    with pytest.raises(QuestionError, match="no links lead from A to H in 2025"):
        links_between(network, "A", "H")
    with pytest.raises(QuestionError, match="there is no station Z in 2025"):
        links_between(network, "A", "Z")


def test_a_line_has_two_ends_and_a_loop_none():
    places = {"A": (0, 0), "B": (0, 2), "C": (2, 2)}
    line = network_of(rails(places, [("A", "B", "1"), ("B", "C", "1"), ("B", "C", "2")]), 2025)
    loop = network_of(rails(places, [("A", "B", "1"), ("B", "C", "1"), ("C", "A", "1")]), 2025)
    assert list(line.ids[terminals(line)]) == ["A", "C"]
    assert not len(terminals(loop))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"train_kmh": 0.0}, "train_kmh must be above 0, found 0.0"),
        ({"wait_minutes": -1.0}, "wait_minutes must be 0 or more, found -1.0"),
        ({"detour": 0.9}, "detour must be 1 or more, found 0.9"),
        ({"reach_m": np.nan}, "reach_m must be above 0, found nan"),
        ({"line_kmh": {"4": 0.0}}, "line_kmh of 4 must be above 0, found 0.0"),
    ],
)
def test_rules_that_make_no_sense_are_refused(change, said):
    with pytest.raises(QuestionError, match=said):
        RailRules(**change)


def test_rules_are_a_key():
    assert hash(RailRules()) == hash(RailRules())
    assert RailRules(line_kmh={"1": 30.0}) != RailRules()


# The sample


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


def test_the_sample_moves_at_the_speed_of_a_metro(sample):
    links = network_of(sample, 2025).links
    assert links["km"].sum() / links["minutes"].sum() * 60 == pytest.approx(35, abs=2)


def test_the_samples_times_are_the_best_of_all_stations_in_reach(sample):
    network = network_of(sample, 2025)
    flows = sample.flows[sample.flows["year"] == 2025].sample(60, random_state=1)
    ends, row = np.unique(flows[["origin", "destination"]], return_inverse=True)
    lat, lon = h3cells.centres(ends.astype(np.uint64))
    home, work = row.reshape(-1, 2).T
    times = times_between(network, lat, lon, home, work)
    for k, (i, j) in enumerate(zip(home, work, strict=True)):
        out, back = (
            distance_km(lat[end], lon[end], network.lat, network.lon) * 1000 for end in (i, j)
        )
        walks = np.add.outer(
            np.where(out <= RULES.reach_m, out, np.inf),
            np.where(back <= RULES.reach_m, back, np.inf),
        )
        best = (walks * RULES.detour / 80 + network.ride).min() + RULES.wait_minutes
        assert times.rail_minutes[k] == pytest.approx(best, abs=1e-3)


def test_a_station_that_opened_is_nearest_to_somebody(sample):
    found = opened_between(sample, 2023, 2025)
    opened = sample.layer("stations").set_index("id")["opened"]
    assert set(opened[found["station"]]) == {2024, 2025}
    assert (found["after_m"] <= found["before_m"]).all()
    assert pd.Index(found["cell"]).is_unique
