"""Faults of a study's rail: each is told, and a sound network has none."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatial.rail_faults import rail_faults
from spatial.sources.beijing.sample import PACKAGED
from spatial.study import open_study
from tests.rails import EAST, NORTH, rails

LINE = {"A": (0, 0), "B": (0, 1.2), "C": (0, 2.4), "D": (0, 3.6)}
LINKS = [("A", "B", "1"), ("B", "C", "1"), ("C", "D", "1")]


def one_fault(study, **when):
    (fault,) = rail_faults(study, **when)
    return fault


def test_a_sound_network_has_no_faults():
    assert rail_faults(rails(LINE, LINKS)) == []


@pytest.mark.parametrize("year", [None, 2022, 2023, 2024, 2025])
def test_the_sample_has_no_faults(year):
    assert rail_faults(open_study(PACKAGED), year) == []


def test_a_study_without_rail_has_none():
    assert rail_faults(rails({})) == []
    assert rail_faults(rails({}, [("A", "B", "1")])) == ["there are links and no stations"]


def test_stations_without_links_are_told_all_or_some():
    told = "no two stations are linked in 2025: no way by rail can be timed"
    assert one_fault(rails(LINE)) == told
    assert one_fault(rails(LINE | {"E": (2, 0)}, LINKS)) == "1 station without a link: E"


def test_parts_are_told_with_those_that_stand_apart():
    apart = {"E": (9, 0), "F": (9, 1), "G": (12, 0), "H": (12, 1)}
    two = rails(LINE | apart, [*LINKS, ("E", "F", "2"), ("G", "H", "3")])
    told = "the network falls into 3 parts of 4, 2 and 2 stations: E, F, G, H stand apart"
    assert one_fault(two) == told


def test_parts_within_an_interchange_walk_are_one():
    near = {"E": (0.2, 3.6), "F": (2, 3.6)}
    assert rail_faults(rails(LINE | near, [*LINKS, ("E", "F", "2")])) == []


def test_links_that_lead_nowhere_are_told():
    lost = rails(LINE, [*LINKS, ("D", "X", "1"), ("Y", "X", "1"), ("A", "A", "1")])
    assert rail_faults(lost) == [
        "2 links to stations that are not there: X, Y",
        "1 link from a station to itself: A",
    ]


def test_a_link_before_its_station_opens_is_told_in_that_year():
    study = rails(LINE, LINKS, opened=[np.nan, np.nan, np.nan, 2020])
    told = "links in use in 2019 at stations that are not: D"
    assert one_fault(study, year=2019) == told
    assert rail_faults(study, 2020) == []


def test_stations_without_a_name_or_a_place_are_told():
    study = rails(
        LINE | {"E": None}, LINKS, name=["", "b", "c", None, "e"], name_en=["", "b", "", " ", ""]
    )
    assert rail_faults(study) == [
        "2 stations without a name: A, D",
        "1 station without a place: E",
    ]


def test_a_name_twice_within_a_kilometre_is_told():
    study = rails(LINE, LINKS, name=["甲", "乙", "丙", "丁"])
    assert rail_faults(study) == []
    close = rails(LINE | {"C": (0, 1.9)}, LINKS, name=["甲", "乙", "乙", "丁"])
    assert one_fault(close).startswith("乙 stands 2 times, 70")
    far = rails(LINE, LINKS, name=["甲", "乙", "丙", "甲"])
    assert rail_faults(far) == []


def test_a_link_far_longer_than_the_others_of_its_line_looks_false():
    places = LINE | {"E": (9, 3.6)}
    long = rails(places, [*LINKS, ("D", "E", "1")])
    assert one_fault(long) == (
        "the link D-E of line 1 looks false: 9.0 km, and no other link of the line is over 1.2 km"
    )
    # Nothing is long by itself: a line to an airport has two such, and a nameless line is no line.
    pair = rails(places | {"F": (18, 3.6)}, [*LINKS, ("D", "E", "1"), ("E", "F", "1")])
    assert rail_faults(pair) == []
    nameless = rails(places, [(a, b, "") for a, b, _ in [*LINKS, ("D", "E", "1")]])
    assert rail_faults(nameless) == []


def test_a_link_over_a_station_of_its_line_looks_false():
    over = rails(LINE, [*LINKS, ("A", "C", "1")])
    told = "the link A-C of line 1 looks false: it passes B, a station of the line, by"
    assert one_fault(over) == told
    express = rails(LINE, [*LINKS, ("A", "C", "express")])
    assert rail_faults(express) == []
    corners = [(0, 0), (0.4, 1.2), (0, 2.4)]
    around = shapely.LineString([(116.4 + EAST * e, 39.9 + NORTH * n) for n, e in corners])
    drawn = rails(LINE, [*LINKS, ("A", "C", "1")], shapes=[None, None, None, around])
    assert rail_faults(drawn) == []


def test_a_link_of_a_line_its_stations_do_not_name_is_told():
    study = rails(LINE, LINKS, lines=["1", "1;2", "2", ""])
    told = "2 links of a line that a station of it does not name: B-C (1), C-D (1)"
    assert one_fault(study) == told
