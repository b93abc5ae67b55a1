"""Bus lines: for the long and slow journeys that many share, and only where they save time."""

from __future__ import annotations

from dataclasses import replace
from math import asin, cos, radians, sin, sqrt

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.analysis import Question, hotspot_table, place_table
from spatial.corridors import CORRIDOR_COLUMNS, BusRules, bus_lines, corridors
from spatial.ends import Labels, ends_of
from spatial.pairs import Pairs, pairs_of
from spatial.places import Layers
from spatial.rail import RailRules, direct_minutes, network_of, times_between
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.studies import CENTRE

RADIUS = 6371.0088
LAX = BusRules(least_km=2, least_minutes=10, least_saved=0, least_graduates=1, resolution=6)


def haversine(a, b):
    """Kilometres on the sphere between two (latitude, longitude) in degrees."""
    (y, x), (to_y, to_x) = ([radians(one) for one in place] for place in (a, b))
    h = sin((to_y - y) / 2) ** 2 + cos(y) * cos(to_y) * sin((to_x - x) / 2) ** 2
    return 2 * RADIUS * asin(sqrt(h))


def town(points):
    lat, lon = np.transpose(np.asarray(points, dtype=np.float64))
    return lat, lon, h3cells.points_to_cells(lat, lon, resolution=9)


def pairs(rows, points):
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    ends = table[:, :2].astype(np.int64)
    return Pairs(*town(points), ends[:, 0], ends[:, 1], table[:, 2], exact=True)


PLACE = st.tuples(
    st.floats(CENTRE[0] - 0.2, CENTRE[0] + 0.2), st.floats(CENTRE[1] - 0.2, CENTRE[1] + 0.2)
)
TOWNS = st.lists(PLACE, min_size=12, max_size=12)
ROWS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 40)), min_size=1, max_size=40
)
MINUTES = st.lists(st.floats(0, 120), min_size=40, max_size=40).map(np.array)


@pytest.fixture(scope="module")
def study():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def sample(study):
    return pairs_of(study, 2025)


def written_out(rows, points, now, rules):
    """Every line as the definition says it, one person-group at a time."""
    # A pair's parts are the ancestors of its ends' own cells, not the cells of its points.
    own = [h3.latlng_to_cell(*point, 9) for point in points]
    cells = [h3.cell_to_parent(cell, rules.resolution) for cell in own]
    groups = {}
    for (home, job, people), minutes in zip(rows, now, strict=False):
        far = haversine(points[home], points[job]) > rules.least_km
        if far and minutes > rules.least_minutes:
            groups.setdefault((cells[home], cells[job]), []).append((home, job, people, minutes))
    found = []
    for members in groups.values():
        weight = sum(people for *_, people, _ in members)

        def stop(side, members=members, weight=weight):
            return tuple(
                sum(points[one[side]][axis] * one[2] for one in members) / weight for axis in (0, 1)
            )

        board, alight = stop(0), stop(1)
        road = haversine(board, alight) * rules.detour
        served, saved, spent, ridden = 0, 0.0, 0.0, 0.0
        for home, job, people, minutes in members:
            streets = (haversine(points[home], board) + haversine(points[job], alight)) * 1000
            bus = rules.wait_minutes + road / rules.bus_kmh * 60
            bus += streets * rules.feeder_detour / rules.feeder_m_per_minute
            if minutes - bus >= rules.least_saved:
                served += people
                saved += people * (minutes - bus)
                spent += people * minutes
                ridden += people * bus
        if served >= max(rules.least_graduates, 1):
            row = (*board, *alight, road, weight, served, spent / served, ridden / served)
            found.append((*row, saved / served, 2 * saved / 60))
    return found


@given(TOWNS, ROWS, MINUTES)
def test_a_line_is_what_the_definition_written_out_says(points, rows, now):
    expected = written_out(rows, points, now, LAX)
    found = bus_lines(pairs(rows, points), now[: len(rows)], rules=LAX, most=100)
    columns = [
        *("home_lat", "home_lon", "work_lat", "work_lon", "length_km", "graduates", "served"),
        *("minutes_now", "minutes_bus", "minutes_saved", "person_hours"),
    ]
    there, known = (
        sorted(map(tuple, rows), key=lambda row: tuple(np.round(row[:4], 8)))
        for rows in (found[columns].to_numpy(dtype=float), expected)
    )
    np.testing.assert_allclose(
        np.reshape(there, (-1, 11)), np.reshape(known, (-1, 11)), rtol=1e-7, atol=1e-7
    )


@given(TOWNS, ROWS, MINUTES)
def test_lines_serve_no_more_than_there_are_and_never_slower(points, rows, now):
    given_pairs = pairs(rows, points)
    found = bus_lines(given_pairs, now[: len(rows)], rules=LAX, most=100)
    assert found["graduates"].sum() <= given_pairs.graduates.sum()
    assert (found["served"] <= found["graduates"]).all()
    assert (found["minutes_saved"] >= 0).all()
    assert found["person_hours"].is_monotonic_decreasing
    np.testing.assert_allclose(
        found["minutes_now"] - found["minutes_bus"], found["minutes_saved"], atol=1e-9
    )
    np.testing.assert_allclose(
        found["person_hours"], found["served"] * found["minutes_saved"] * 2 / 60
    )
    few = bus_lines(given_pairs, now[: len(rows)], rules=LAX, most=2)
    pd.testing.assert_frame_equal(few.iloc[:, 4:], found.iloc[:2, 4:])


@given(TOWNS, ROWS, MINUTES)
def test_twice_the_people_save_twice_the_hours(points, rows, now):
    once = pairs(rows, points)
    found = bus_lines(once, now[: len(rows)], rules=LAX, most=100)
    twice = replace(once, graduates=once.graduates * 2)
    double = bus_lines(twice, now[: len(rows)], rules=LAX, most=100)
    np.testing.assert_allclose(double["person_hours"], 2 * found["person_hours"])
    np.testing.assert_allclose(double["minutes_bus"], found["minutes_bus"])


FAR = [(CENTRE[0], CENTRE[1] - 0.15), (CENTRE[0], CENTRE[1] + 0.05), (CENTRE[0], CENTRE[1] + 0.06)]


def test_a_journey_that_is_short_quick_or_unknown_gets_no_bus():
    given_pairs = pairs([(0, 1, 50), (1, 2, 50)], FAR)
    assert given_pairs.distance_km[0] > 8 > given_pairs.distance_km[1]
    assert len(bus_lines(given_pairs, np.array([80.0, 80.0]))) == 1
    for minutes in (45.0, np.nan, np.inf):
        assert bus_lines(given_pairs, np.array([minutes, 80.0])).empty


def test_a_bus_for_too_few_or_for_too_little_is_left_out():
    given_pairs = pairs([(0, 1, 29)], FAR)
    assert bus_lines(given_pairs, np.array([80.0])).empty
    many = replace(given_pairs, graduates=np.array([30.0]))
    (line,) = bus_lines(many, np.array([80.0])).to_dict("records")
    assert line["served"] == 30
    nearly = np.array([line["minutes_bus"] + 4.99])
    assert nearly[0] > BusRules().least_minutes
    assert bus_lines(many, nearly).empty
    assert len(bus_lines(many, nearly + 0.02)) == 1


def test_places_gather_what_cells_would_part():
    given_pairs = pairs([(0, 1, 20), (0, 2, 20)], [*FAR[:2], (CENTRE[0] + 0.02, CENTRE[1] + 0.08)])
    now = np.array([80.0, 90.0])
    assert bus_lines(given_pairs, now).empty  # twenty each, in two cells
    table = pd.DataFrame(
        {"id": ["a"], "name": ["甲"], "name_en": ["A"], "kind": ["place"]}, dtype="str"
    )
    work = Labels(np.array([-1, 0, 0]), table)
    (line,) = bus_lines(given_pairs, now, work=work).to_dict("records")
    assert (line["destination"], line["destination_en"], line["graduates"]) == ("甲", "A", 40)
    assert line["origin"]
    assert line["modelled"] is True


def test_nobody_makes_an_empty_table():
    nobody = pairs([(0, 1, 50)], FAR).where(np.zeros(1, dtype=bool))
    found = corridors(nobody, None)
    assert found.columns.tolist() == list(CORRIDOR_COLUMNS)
    assert found.empty


def test_without_rail_minutes_go_by_the_road():
    given_pairs = pairs([(0, 1, 50)], FAR)
    rules = BusRules(least_minutes=30)
    (line,) = corridors(given_pairs, None, rules=rules).to_dict("records")
    expected = direct_minutes(given_pairs.sphere_distance_km, RailRules())
    assert line["minutes_now"] == pytest.approx(expected[0])


def test_minutes_of_now_are_those_of_the_rail_model(study, sample):
    network = network_of(study, 2025)
    times = times_between(network, sample.lat, sample.lon, sample.origin, sample.destination)
    pd.testing.assert_frame_equal(
        corridors(sample, network, most=5), bus_lines(sample, times.minutes, most=5)
    )


def test_the_sample_has_lines_that_a_planner_could_run(study, sample):
    def places(role):
        asked = Question(year=2025, role=role)
        return place_table(study, asked, hotspot_table(study, asked))

    layers = Layers(study.layer("places"), study.layer("stations"), study.layer("districts"))
    found = corridors(
        sample,
        network_of(study, 2025),
        homes=ends_of(sample, places=places("residence")),
        work=ends_of(sample, places=places("work")),
        layers=layers,
    )
    assert len(found) == 20
    assert found["served"].between(30, 2_000).all()
    assert found["length_km"].between(10, 60).all()
    assert found["minutes_now"].between(45, 120).all()
    assert found["minutes_saved"].between(5, 40).all()
    assert (found[["origin", "origin_en", "destination"]] != "").all(axis=None)
    pixel = found[(found["origin_en"] == "Beijing Pixel") & (found["destination"] == "望京")]
    assert len(pixel) == 1  # north-east, where no line goes round
