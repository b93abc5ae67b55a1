"""What the page on homes shows and what it gives away are the same numbers, in the same classes."""

from __future__ import annotations

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

import views.homes as page
from spatial.formats.style import Style
from spatial.homes_question import HomesQuestion
from spatial.info import StudyInfo
from spatial.replay import replay
from spatial.store import write_study
from tests.studies import city
from tests.test_app import control, opened
from views import homes_data
from views.homes_data import TOPIC_OF
from views.query import TOPICS, Query

_TYPES = {"u8": "u1", "u16": "<u2", "u32": "<u4", "i16": "<i2", "i32": "<i4"}
_TYPES |= {"f32": "<f4", "f64": "<f8"}


@pytest.fixture(autouse=True)
def _sample(monkeypatch):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)


@pytest.fixture
def shown(monkeypatch):
    """Opens the page on homes: the app, and what its map and list were given."""
    seen = []
    monkeypatch.setattr(page, "show_homes", lambda payload, **_: seen.append(unpacked(payload)))

    def open_page(**params):
        app = opened(page="homes", **{"resolution": "7"} | params)
        return app, seen[-1]

    return open_page


def unpacked(payload):
    """A payload as the browser's script reads it."""
    length = int.from_bytes(payload[4:8], "little")
    start = -(-(8 + length) // 8) * 8

    def told(value):
        if isinstance(value, list):
            return [told(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "$" in value:
            kind, offset, size = value["$"]
            return np.frombuffer(payload, _TYPES[kind], size, start + offset)
        return {name: told(one) for name, one in value.items()}

    return told(json.loads(payload[8 : 8 + length]))


def taken(app, ending=".csv"):
    """The files of a pressed button, by name."""
    archive = zipfile.ZipFile(io.BytesIO(app.session_state[f"making_download_{ending}"]()))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def named(files, kind):
    """The name of the file of one table."""
    (name,) = [one for one in files if one.endswith(f"{kind}.csv")]
    return name


def table_of(files, name):
    found = pd.read_csv(io.StringIO(files[name]), dtype={"id": "str", "cell": "str"})
    (told,) = json.loads(files[f"{name}-metadata.json"])["notes"]
    return found, told


@pytest.mark.parametrize("role", ["work", "residence"])
@pytest.mark.parametrize("topic", [one for one in TOPICS if one != "siting"])
def test_the_cells_of_the_file_are_those_of_the_map(shown, topic, role):
    app, told = shown(topic=topic, role=role, walk="1000", edges="1500,2500,5000")
    (frame,) = told["cells"]["frames"]
    files = taken(app)
    (name,) = [one for one in files if one.endswith(".csv")]
    table, provenance = table_of(files, name)
    style = Style.from_dict(provenance["style"])
    classes = style.classes(table) + 1
    if topic == "kinds":
        held = dict(zip(table["name_en"], classes, strict=True))
        listed = {row["name"]: row["chip"] for row in told["panel"]["rows"]}
        labels = dict(zip(style.words, style.labels, strict=True))
        assert listed == {one.name_en: labels[one.kind] for one in table.itertuples()}
        assert {number for number in frame["classes"] if number} == set(held.values())
        return
    np.testing.assert_array_equal(classes, frame["classes"])
    np.testing.assert_allclose(table["graduates"], frame["graduates"])
    figure = {"more": "lq", "rent": "rent", "access": "walk_minutes", "balance": "balance"}
    np.testing.assert_allclose(table[figure[topic]].fillna(0), frame["values"], rtol=1e-6)
    assert [one.lower() for one in style.colours] == [one.lower() for one in told_colours(told)]


def told_colours(told):
    """Colours of the map's classes, whatever ground they lie on."""
    return re.findall(r"#[0-9a-fA-F]{6}", json.dumps(told["cells"].get("colours", [])))


@pytest.mark.parametrize("topic", ["more", "rent"])
def test_the_list_beside_the_map_is_in_the_files(shown, topic):
    app, told = shown(topic=topic, role="residence")
    control(app, "segmented_control", "export_kind").set_value("all").run()
    assert not app.exception
    files = taken(app)
    table, _ = table_of(files, named(files, "_areas"))
    rows = told["panel"]["rows"]
    assert [one["id"] for one in rows] == table["id"].tolist()
    write = {"more": lambda one: f"{one.lq:.2f}", "rent": lambda one: f"{one.rent:,.0f}"}[topic]
    figures = [one["values"][0].replace("\u202f", ",") for one in rows]
    assert figures == [write(one) for one in table.itertuples()]


def test_the_walk_of_the_page_is_the_walk_of_its_files(shown):
    app, told = shown(topic="access", role="residence", walk="1200")
    control(app, "segmented_control", "export_kind").set_value("all").run()
    files = taken(app)
    within, provenance = table_of(files, named(files, "within"))
    now = within.query("year == 2025").set_index("role")["share"]
    sentence = next(one.value for one in app.markdown if one.value.startswith("## "))
    assert f"{now['residence']:.0%}" in sentence
    assert f"{now['work']:.0%}" in sentence
    assert provenance["homes"]["question"]["walk_m"] == 1200
    far, _ = table_of(files, named(files, "farthest"))
    rows = told["panel"]["rows"]
    assert [one["name"] for one in rows] == far["station_name_en"].tolist()


def test_a_file_of_the_page_is_made_again_from_its_own_words(shown, tmp_path):
    app, _ = shown(topic="rent", kind="room", edges="1500,2500")
    content = app.session_state["making_download_.csv"]()
    (tmp_path / "rent.csv.zip").write_bytes(content)
    (found,) = replay(tmp_path / "rent.csv.zip")
    assert (found.identical, found.same_bytes) == (True, True)
    (told,) = [json.loads(one)["notes"][0] for name, one in taken(app).items() if "meta" in name]
    assert "--rent-kind room --edges 1500,2500" in told["command"]


def test_sites_are_made_again_whatever_places_the_map_outlines(shown, tmp_path):
    app, _ = shown(topic="siting", top="5", k="3", alpha="0.01", area="work-cbd")
    (tmp_path / "sites.csv.zip").write_bytes(app.session_state["making_download_.csv"]())
    (found,) = replay(tmp_path / "sites.csv.zip")
    assert (found.differences, found.same_bytes) == ((), True)


def test_a_group_chosen_elsewhere_is_not_carried_into_other_topics(shown):
    whole, grouped = (
        shown(topic="access", role="work", group=group)[1] for group in ("all", "stayers")
    )
    np.testing.assert_array_equal(
        whole["cells"]["frames"][0]["graduates"], grouped["cells"]["frames"][0]["graduates"]
    )


@pytest.mark.parametrize("topic", list(TOPIC_OF))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_study_lacks_is_said_where_its_files_would_be(topic, lang, tmp_path, monkeypatch):
    cells = city(radius=6, resolution=8)
    counts = pd.DataFrame({"cell": cells, "role": "work", "year": 2023, "base": np.nan})
    counts["graduates"] = 7.0
    write_study(tmp_path / "town", StudyInfo(name="town", resolution=8), counts)
    monkeypatch.setenv("GRADMAP_STUDIES", str(tmp_path / "town"))
    app = opened(page="homes", topic=topic, lang=lang)
    captions = " ".join(one.value for one in app.caption)
    how = {"more": "--base-work", "rent": "gradmap load rents", "access": "gradmap load stations"}
    how |= {"balance": "load counts of both" if lang == "en" else "请载入两者的计数"}
    assert how.get(topic, "") in captions
    # Kinds need but places, and campuses or work may be near where there is no rail.
    assert ("making_download_.csv" in app.session_state) == (topic in ("kinds", "access"))


def test_pay_that_was_changed_in_the_table_is_what_files_are_asked_with(monkeypatch):
    edited = {"pay_en": {"edited_rows": {1: {"Monthly pay": 9000}, 2: {"Monthly pay": None}}}}
    monkeypatch.setattr(homes_data.st, "session_state", edited)
    study = homes_data.study_of(Query())
    told = homes_data.homes_asked(Query(year=2025, resolution=7), "rent")
    assert told.question == HomesQuestion(
        topic="rent", year=2025, resolution=7, pay=((study.info.pay[1].id, 9000.0),)
    )
    assert told.pay.loc[study.info.pay[1].id, "rent_30"] == pytest.approx(2700)
