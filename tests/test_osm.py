"""Layers from OpenStreetMap: out of saved files and a service on this machine, with attribution."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from spatial.cli_layers import layers
from spatial.export import export
from spatial.geodesy import area_km2, distance_km
from spatial.info import StudyInfo
from spatial.ingest.errors import InputError
from spatial.provenance import provenance
from spatial.question import Question
from spatial.schema import SchemaError, check_layer
from spatial.sources.osm import (
    ATTRIBUTION,
    WHAT,
    add_osm_layers,
    ask,
    osm_layers,
    query_of,
    read_osm,
    study_box,
    within_study,
)
from spatial.sources.osm.elements import Element, elements_of
from spatial.sources.osm.rail import line_of, rail_of
from tests import studies

KM_NORTH, KM_EAST = 1 / 111.2, 1 / 85.4


def node(number, north, east, **tags):
    at = {"lat": studies.CENTRE[0] + north * KM_NORTH, "lon": studies.CENTRE[1] + east * KM_EAST}
    named = {key.replace("_", ":"): value for key, value in tags.items()}
    return {"type": "node", "id": number, **at, "tags": named}


def route(number, stops, *, role="stop", **tags):
    members = [{"type": "node", "ref": one, "role": role} for one in stops]
    tags = {"type": "route", "route": "subway", **tags}
    return {"type": "relation", "id": number, "members": members, "tags": tags}


def way(number, corners, **tags):
    at = [
        {"lat": studies.CENTRE[0] + y * KM_NORTH, "lon": studies.CENTRE[1] + x * KM_EAST}
        for y, x in corners
    ]
    return {"type": "way", "id": number, "geometry": at, "tags": tags}


def square(y, x, half):
    return [(y - half, x - half), (y - half, x + half), (y + half, x + half), (y + half, x - half)]


def town():
    """Two lines that cross at Mitte, a campus, two districts and a ring."""
    west, hole = square(0, -1, 1.0), square(0, -1, 0.2)
    return [
        node(1, 0, -1, name="西(上行)", name_en="West"),
        node(2, 0, 0, name="中"),
        node(3, 0, 1, name="东"),
        node(4, 0.2, 0.1, name="中", name_en="Middle"),
        node(5, 1, 0, name="北"),
        node(6, 0, -1.02, name="西(下行)"),
        route(10, [1, 2, 3], ref="1", name="地铁1号线: 西 → 东"),
        route(11, [3, 2, 6], ref="1", name="地铁1号线: 东 → 西"),
        route(12, [4, 5], name="地铁 12号线: 中 → 北"),
        route(13, [1, 2], ref="9", route="bus"),
        way(20, [*square(0.5, 0.5, 0.1), square(0.5, 0.5, 0.1)[0]], name="大学"),
        {**node(21, 0.4, -0.4, name="学院", name_en="College"), "id": 21},
        way(30, [*west[:3]]),
        way(31, [west[2], west[3], west[0]]),
        way(32, [*hole, hole[0]]),
        way(33, [*square(0, 1, 1.0), square(0, 1, 1.0)[0]]),
        {
            "type": "relation",
            "id": 40,
            "tags": {"boundary": "administrative", "admin_level": "6", "name": "西区"},
            "members": [
                {"type": "way", "ref": 30, "role": "outer"},
                {"type": "way", "ref": 31, "role": "outer"},
                {"type": "way", "ref": 32, "role": "inner"},
            ],
        },
        {
            "type": "relation",
            "id": 41,
            "tags": {
                "boundary": "administrative",
                "admin_level": "6",
                "name": "东区",
                "name:en": "East",
            },
            "members": [{"type": "way", "ref": 33, "role": "outer"}],
        },
        way(50, [(0.5, -0.5), (0.5, 0.5)], highway="trunk", name="北二环"),
        way(51, [(0.5, 0.5), (-0.5, 0.5)], highway="trunk", name="东二环路"),
        way(52, [(0.5, 0.5), (0.7, 0.5)], highway="residential", name="小路"),
    ]


def campus_tags(elements):
    for one in elements:
        if one["id"] in (20, 21):
            one["tags"]["amenity"] = "university" if one["id"] == 20 else "college"
    return elements


def whole_town():
    return campus_tags(town())


@pytest.fixture
def saved(tmp_path):
    file = tmp_path / "town.json"
    file.write_text(json.dumps({"version": 0.6, "elements": whole_town()}), encoding="utf-8")
    return file


@pytest.fixture
def study(tmp_path):
    return studies.small_study(tmp_path / "town")


def links(layer):
    return {
        (frozenset((a, b)), line) for a, b, line in zip(layer.a, layer.b, layer.line, strict=True)
    }


# Rail.


def test_stations_and_links_of_two_lines():
    stations, joined = rail_of(elements_of({"elements": whole_town()}, source="town"))
    table = stations.layer.set_index("id")
    assert list(table.index) == ["西", "中", "东", "北"]
    assert table["lines"].to_dict() == {"西": "1", "中": "1;12", "东": "1", "北": "12"}
    assert table["name_en"].to_dict() == {"西": "West", "中": "Middle", "东": "东", "北": "北"}
    assert table["opened"].isna().all()
    assert links(joined.layer) == {
        (frozenset("西中"), "1"),
        (frozenset("中东"), "1"),
        (frozenset("中北"), "12"),
    }
    for name, found in (("stations", stations), ("rail_links", joined)):
        check_layer(found.layer, name=name)


@given(st.floats(0.02, 2.0))
def test_one_name_within_half_a_kilometre_is_one_station(km):
    given = [
        node(1, 0, 0, name="甲"),
        node(2, km, 0, name="甲"),
        node(3, 5, 0, name="乙"),
        route(9, [1, 3, 2], ref="1"),
    ]
    stations, _ = rail_of(elements_of({"elements": given}, source="town"))
    apart = distance_km(*[[one[k]] for one in given[:2] for k in ("lat", "lon")])[0]
    if abs(apart - 0.5) > 0.001:
        assert len(stations.layer) == (2 if apart < 0.5 else 3)
        assert stations.layer["id"].is_unique


@given(st.lists(st.integers(1, 6), min_size=2, max_size=12), st.randoms())
def test_the_way_a_route_runs_does_not_matter(stops, random):
    places = [node(k, k, 0.1 * k, name=f"S{k}") for k in range(1, 7)]

    def made(order, elements):
        found = elements_of({"elements": [*elements, route(9, order, ref="1")]}, source="t")
        return rail_of(found)

    if len(set(stops)) < 2:
        with pytest.raises(InputError):
            made(stops, places)
        return
    there, back = made(stops, places), made(stops[::-1], random.sample(places, 6))
    assert links(there[1].layer) == links(back[1].layer)
    assert set(there[0].layer["id"]) == set(back[0].layer["id"])
    # Slowly: every two successive stops that differ are joined once.
    pairs = {frozenset((f"S{a}", f"S{b}")) for a, b in pairwise(stops) if a != b}
    assert {pair for pair, _ in links(there[1].layer)} == pairs


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        ({"ref": "10"}, "10"),
        ({"ref": "S1;26"}, "S1"),
        ({"name": "地铁 12号线: 东坝北 → 四季青桥"}, "12"),
        ({"name": "地铁 大兴机场线: 大兴机场 -> 草桥"}, "大兴机场线"),
        ({"name": "Green Line: Alewife => Ashmont"}, "Green Line"),
        ({}, "r1"),
    ],
)
def test_what_a_line_is_called(tags, line):
    assert line_of(Element("r1", tags, np.empty((0, 2)))) == line


def test_a_stop_that_is_not_placed_joins_nothing():
    given = [node(k, k, 0, name=f"S{k}") for k in (1, 2, 4)] + [route(9, [1, 2, 3, 4], ref="1")]
    stations, joined = rail_of(elements_of({"elements": given}, source="town"))
    assert links(joined.layer) == {(frozenset(("S1", "S2")), "1")}
    assert "1 stops without a name or a place here left out, on lines 1" in stations.notes


def test_stops_that_trains_pass_are_no_stops():
    given = [node(k, k, 0, name=f"S{k}") for k in (1, 2, 3)] + [route(9, [1, 2, 3], ref="1")]
    given[-1]["members"][1]["role"] = "stop_inactive"
    _, joined = rail_of(elements_of({"elements": given}, source="town"))
    assert links(joined.layer) == {(frozenset(("S1", "S3")), "1")}


def test_only_what_lies_in_the_box_is_taken():
    found = elements_of({"elements": whole_town()}, source="town")
    lat, lon = studies.CENTRE
    box = (lat - 0.005, lat + 0.005, lon - 0.005, lon + 0.02)
    stations, joined = rail_of(found, box=box)
    assert set(stations.layer["id"]) == {"中", "东"}
    assert len(joined.layer) == 1


@pytest.fixture(scope="module")
def beijing(real_data):
    """Stations and links of the saved routes, and the tables made of the same map by others."""
    folder = real_data / "beijing"
    files = [folder / f"subway_2026_{name}" for name in ("osm_route.json", "gtfs_stops.txt")]
    made = rail_of(read_osm(files))
    stations = pd.read_csv(folder / "subway_2026_stations_wgs84.csv")
    return made, stations, pd.read_csv(folder / "subway_2026_edges.csv")


@pytest.mark.real
def test_every_station_of_beijing_is_recovered(beijing):
    (found, _), theirs, _ = beijing
    ours = found.layer
    assert set(ours["name"]) == set(theirs["stop_name"])
    at = ours.set_index("name").geometry.loc[theirs["stop_name"]]
    away = distance_km(theirs["lat"], theirs["lon"], at.y, at.x)
    assert np.median(away) < 0.01
    assert away.max() < 0.2


@pytest.mark.real
def test_every_link_of_beijing_is_recovered(beijing):
    (_, found), _, theirs = beijing
    ours = {pair for pair, _ in links(found.layer)}
    given = {frozenset(pair) for pair in zip(theirs["a"], theirs["b"], strict=True)}
    assert given <= ours
    # Line 14 passes one closed station without a stop there: its neighbours are joined.
    assert ours - given == {frozenset(("金台路", "大望路"))}


@pytest.mark.real
def test_routes_without_places_say_what_is_missing(real_data):
    osm = read_osm([real_data / "beijing" / "subway_2026_osm_route.json"])
    with pytest.raises(InputError, match="routes and no node with a place: add a file"):
        rail_of(osm)


# Shapes.


def test_campuses_are_points_with_names_in_both_languages():
    made = osm_layers(elements_of({"elements": whole_town()}, source="t"), what=["campuses"])
    table = made["campuses"].layer.set_index("name")
    assert list(table.index) == ["大学", "学院"]
    assert table["name_en"].to_list() == ["大学", "College"]
    assert (table.geom_type == "Point").all()
    check_layer(made["campuses"].layer, name="campuses")


def test_districts_close_their_ways_and_keep_their_holes():
    made = osm_layers(elements_of({"elements": whole_town()}, source="t"), what=["districts"])
    table = made["districts"].layer.set_index("name")
    sizes = area_km2(table.geometry.to_numpy())
    # 2 km squares, one with a hole of 0.4 km.
    np.testing.assert_allclose(sizes, [4 - 0.16, 4], rtol=0.01)
    assert table["name_en"].to_dict() == {"西区": "西区", "东区": "East"}
    with pytest.raises(InputError, match="admin_level 8, found none here; levels in the data: 6"):
        osm_layers(
            elements_of({"elements": whole_town()}, source="t"), what=["districts"], admin_level=8
        )


def test_a_district_with_a_stretch_missing_is_left_out_and_named():
    given = [one for one in whole_town() if one["id"] != 31]
    made = osm_layers(elements_of({"elements": given}, source="t"), what=["districts"])
    assert list(made["districts"].layer["name"]) == ["东区"]
    assert made["districts"].notes == ("1 boundaries not closed left out: 西区",)


def test_rings_are_put_together_by_what_they_share():
    found = elements_of({"elements": whole_town()}, source="t")
    made = osm_layers(found, what=["rings"])["ground"].layer
    assert made[["id", "name", "name_en", "kind"]].to_numpy().tolist() == [
        ["osm-ring-2", "二环路", "2nd Ring Road", "ring_road"]
    ]
    assert made.geom_type.to_list() == ["LineString"]
    other = osm_layers(found, what=["rings"], rings="小路")["ground"].layer
    assert other["name"].to_list() == ["小路"]
    with pytest.raises(InputError, match="regular expression"):
        osm_layers(found, what=["rings"], rings="(")


# Files.


def test_both_forms_of_json_say_the_same(tmp_path, saved):
    keyed = {}
    for one in whole_town():
        kind = one["type"][0]
        short = {**{k: v for k, v in one.items() if k != "id"}, "type": kind}
        if "members" in one:
            short["members"] = [{**m, "type": m["type"][0]} for m in one["members"]]
        keyed[f"{kind}{one['id']}"] = short
    other = tmp_path / "keyed.json"
    other.write_text(json.dumps(keyed), encoding="utf-8")
    one, two = (osm_layers(read_osm([file])) for file in (saved, other))
    for name in one:
        assert one[name].layer.equals(two[name].layer)


def test_members_that_bring_their_course_need_no_ways():
    given = whole_town()
    courses = {one["id"]: one["geometry"] for one in given if one["type"] == "way"}
    for one in given:
        for member in one.get("members", []):
            if member["type"] == "way":
                member["geometry"] = courses[member["ref"]]
    alone = [one for one in given if one["id"] in (40, 41)]
    made = osm_layers(elements_of({"elements": alone}, source="t"), what=["districts"])
    whole = osm_layers(elements_of({"elements": whole_town()}, source="t"), what=["districts"])
    assert made["districts"].layer.equals(whole["districts"].layer)


def test_a_table_of_stops_places_nodes(tmp_path):
    routes = [route(9, [1, 2], ref="1")]
    (tmp_path / "routes.json").write_text(json.dumps({"elements": routes}), encoding="utf-8")
    (tmp_path / "stops.txt").write_text(
        "stop_id,stop_name,stop_lat,stop_lon,parent_station\n"
        "node/1,甲(上行),39.9,116.4,r7\nr7,甲,39.9,116.4,\nn2,乙,,,r8\nr8,乙站,39.92,116.4,\n",
        encoding="utf-8",
    )
    stations, joined = rail_of(read_osm([tmp_path / "routes.json", tmp_path / "stops.txt"]))
    assert stations.layer["name"].to_list() == ["甲", "乙站"]
    assert len(joined.layer) == 1


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("", "found it empty"),
        ('{"elements": [', "damaged or cut short"),
        ("[" * 100_000, "damaged or cut short"),
        ('{"features": []}', "found neither"),
        ('{"elements": [7]}', "must be an object"),
        ('{"elements": [{"type":"node","id":1,"lat":95,"lon":0}]}', "on the Earth"),
        ('{"elements": [{"type":"node","id":1,"lat":NaN,"lon":0}]}', "on the Earth"),
        ('{"elements": [{"type":"node","id":1,"lat":"x","lon":0}]}', "on the Earth"),
        ('{"elements": [{"type":"node","id":1,"lat":1e999,"lon":[]}]}', "on the Earth"),
        ('{"elements": []}', "found no such route"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path, content, finding):
    file = tmp_path / "bad.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=finding) as told:
        osm_layers(read_osm([file]))
    assert "\n" not in str(told.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "id", "lat", "lon", "tags", "members", "nodes", "geometry", "ref"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4))
def test_any_json_is_read_or_refused(given):
    with suppress(InputError):
        assert elements_of({"elements": given}, source="file")


# Into a study.


def test_layers_carry_their_attribution_into_the_study_and_its_files(saved, study, tmp_path):
    made = osm_layers(read_osm([saved]), box=study_box(study))
    new = add_osm_layers(study.path, made, replacing=True)
    assert set(new.info.attributions) == set(WHAT.values())
    assert new.info.attributions["stations"] == ATTRIBUTION
    assert "OpenStreetMap contributors" in (study.path / "study.json").read_text("utf-8")
    assert StudyInfo.from_json(new.info.to_json()) == new.info
    told = provenance(new, Question(year=2025, role="work"), kind="cells")
    assert told["attributions"]["rail_links"]["licence"] == "ODbL-1.0"
    out = tmp_path / "cells.csv"
    table = pd.DataFrame({"graduates": 1.0}, index=pd.Index(new.area[:3], name="cell"))
    export(table, out, provenance=told, kind="cells")
    kept = [file.read_text("utf-8") for file in tmp_path.glob("cells*")]
    assert any("© OpenStreetMap contributors" in text for text in kept)


def test_an_attribution_must_be_whole():
    with pytest.raises(SchemaError, match="attributions must be name, url, licence and citation"):
        StudyInfo.from_json({"name": "a", "resolution": 9, "attributions": {"stations": "OSM"}})
    assert "attributions" not in StudyInfo("a", 9).to_json()


def test_what_is_there_is_replaced_only_when_asked(saved, study):
    made = osm_layers(read_osm([saved]), what=["stations", "lines"])
    first = add_osm_layers(study.path, made, replacing=True)
    with pytest.raises(SchemaError, match="stations, rail_links already; say --replace"):
        add_osm_layers(study.path, made)
    alone = {"stations": made["stations"]}
    with pytest.raises(SchemaError, match="links between its old stations"):
        add_osm_layers(study.path, alone, replacing=True)
    assert first.files == add_osm_layers(study.path, made, replacing=True).files


def test_other_ground_stays_when_rings_come(saved, study):
    lake = gpd.GeoDataFrame(
        {
            "id": ["lake", "old"],
            "name": ["湖", "环"],
            "name_en": ["Lake", "Ring"],
            "kind": ["water", "ring_road"],
        },
        geometry=[
            shapely.box(116.3, 39.8, 116.31, 39.81),
            shapely.LineString([(116, 39), (117, 40)]),
        ],
        crs=4326,
    )
    from spatial.store import add_layer

    add_layer(study.path, "ground", lake)
    made = osm_layers(read_osm([saved]), what=["rings"])
    ground = add_osm_layers(study.path, made).layer("ground")
    assert ground["id"].to_list() == ["lake", "osm-ring-2"]


def test_neighbours_of_the_study_are_no_districts_of_it(study):
    given = whole_town()
    far = square(30, 30, 5)
    given.append(way(60, [*far, far[0]]))
    given.append(
        {
            "type": "relation",
            "id": 61,
            "tags": {"boundary": "administrative", "admin_level": "6", "name": "远县"},
            "members": [{"type": "way", "ref": 60, "role": "outer"}],
        }
    )
    made = osm_layers(elements_of({"elements": given}, source="t"), what=["districts"])
    kept = within_study(made["districts"], study)
    assert set(kept.layer["name"]) == {"西区", "东区"}
    assert kept.notes == ("1 row beside the study left out: 远县",)


# The service.


class Service(BaseHTTPRequestHandler):
    """An Overpass service on this machine: answers what its server holds, one after another."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(
            (urllib.parse.parse_qs(body)["data"][0], self.headers["User-Agent"])
        )
        status, content = self.server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    server = HTTPServer(("127.0.0.1", 0), Service)
    server.asked, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/api"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def answer(elements=None, **more):
    return json.dumps({"elements": whole_town() if elements is None else elements, **more}).encode()


def test_a_question_is_asked_once(service, tmp_path):
    service.answers = [(200, answer())]
    query = query_of(["stations"], place="Beijing")
    one = ask(query, cache=tmp_path, endpoint=service.url)
    two = ask(query, cache=tmp_path, endpoint=service.url)
    assert one == two
    assert [agent.split("/")[0] for _, agent in service.asked] == ["gradmap"]
    assert service.asked[0][0] == query
    assert len(rail_of(read_osm([one]))[0].layer) == 4
    assert list(tmp_path.iterdir()) == [one]


def test_a_busy_service_is_asked_again_and_then_left_alone(service, tmp_path):
    waits = []
    service.answers = [(429, b""), (504, b""), (200, answer())]
    ask("q", cache=tmp_path, endpoint=service.url, pauses=(1, 2), wait=waits.append)
    assert waits == [1, 2]
    service.answers = [(429, b"")] * 3
    with pytest.raises(InputError, match="must answer, found 429"):
        ask("other", cache=tmp_path, endpoint=service.url, pauses=(1, 2), wait=waits.append)
    assert len(service.asked) == 6


@pytest.mark.parametrize(
    ("reply", "finding"),
    [
        ((400, b"what?"), "found 400"),
        ((200, b"<html>"), "found something else"),
        ((200, answer(remark="runtime error: Query timed out")), "must be whole, found runtime"),
        ((200, answer([])), "found nothing there"),
    ],
)
def test_a_bad_answer_is_refused_and_not_kept(service, tmp_path, reply, finding):
    service.answers = [reply]
    with pytest.raises(InputError, match=finding):
        ask("q", cache=tmp_path, endpoint=service.url)
    assert not list(tmp_path.iterdir())


def test_a_service_that_is_not_there_is_told_so(tmp_path):
    with pytest.raises(InputError, match="the service must answer, found"):
        ask("q", cache=tmp_path, endpoint="http://127.0.0.1:9/", seconds=1)
    with pytest.raises(InputError, match="must begin with https"):
        ask("q", cache=tmp_path, endpoint="file:///etc/passwd")


def test_a_question_says_where_and_what():
    text = query_of(WHAT, box=(39.5, 40.5, 116, 117), rings="环")
    assert Counter(text)["("] == Counter(text)[")"]
    assert text.count("(39.50000,116.00000,40.50000,117.00000)") == 4
    assert '["admin_level"="6"]' in text
    assert '"name"="a\\"b"' in query_of(["campuses"], place='a"b')
    with pytest.raises(InputError, match="a place or a study"):
        query_of(["campuses"])


# The command.


def run(*words):
    return CliRunner().invoke(layers, ["osm", *map(str, words)])


def test_the_command_reads_a_saved_file(saved, study):
    told = run("--study", study.path, "--file", saved, "--replace")
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert "stations: 4 rows" in lines
    assert "rail_links: 3 rows" in lines
    assert "© OpenStreetMap contributors, ODbL-1.0" in lines


def test_the_command_asks_a_service_and_keeps_the_answer(service, study, tmp_path):
    service.answers = [(200, answer())]
    words = ["--study", study.path, "--what", "campuses", "--endpoint", service.url]
    words += ["--cache", tmp_path / "kept", "--replace"]
    for _ in range(2):
        assert run(*words).exit_code == 0
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("words", "finding"),
    [
        (["--what", "trams"], "--what must be of"),
        (["--what", ","], "found none"),
        (["--file", "x.json", "--place", "Beijing"], "no meaning with --file"),
        (["--admin-level", "1"], "admin-level"),
    ],
)
def test_the_command_refuses_in_one_sentence(study, words, finding):
    told = run("--study", study.path, *words)
    assert told.exit_code == 2
    assert finding in told.output
