"""A question on homes in words, in Python and on the command line, and what its tables rest on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.theme import THEMES, spread_colours
from spatial import cells as h3cells
from spatial.cli import main
from spatial.cli_homes import TABLE_WORDS, TOPICS
from spatial.geodesy import distance_km
from spatial.homes import Homes
from spatial.homes_areas import rent_areas
from spatial.homes_edges import band_edges, shown_balance, shown_quotient, shown_walk
from spatial.homes_needs import missing_of
from spatial.homes_question import HOMES_TOPICS, RULES, TABLES, HomesQuestion
from spatial.homes_tables import homes_table, homes_tables
from spatial.info import Pay
from spatial.opened import stations_opened
from spatial.question import QuestionError
from spatial.schema import SchemaError
from spatial.store import write_study
from tests.studies import CENTRE, YEARS, counts, flows, info, layers, small_study

NUMBERS = st.floats(0.1, 900).map(lambda one: round(one, 3))


@pytest.fixture(scope="module")
def little(tmp_path_factory):
    """The small town with listings enough, pay, a campus, and a station that opened late."""
    folder = tmp_path_factory.mktemp("studies") / "little"
    lat, lon = CENTRE
    known = layers()
    known["stations"]["opened"] = [2001, 2024]
    rng = np.random.default_rng(4)
    at = rng.normal(0, 0.01, (60, 2))
    known["rents"] = gpd.GeoDataFrame(
        {
            "id": [f"r{one}" for one in range(60)],
            "rent": rng.integers(15, 60, 60) * 100.0,
            "area_m2": 20.0,
            "kind": ["room", "flat"] * 30,
            "year": 2025,
        },
        geometry=gpd.points_from_xy(lon + at[:, 0], lat - 0.01 + at[:, 1]),
        crs=4326,
    )
    known["campuses"] = gpd.GeoDataFrame(
        {"id": ["c"], "name": ["大学"], "name_en": ["University"]},
        geometry=[shapely.Point(lon, lat - 0.02)],
        crs=4326,
    )
    pay = (Pay("finance", {"en": "Finance", "zh": "金融"}, 12_000.0),)
    table = counts()
    return write_study(folder, info(pay=pay), table, flows=flows(table), layers=known)


@pytest.fixture
def beside(little, monkeypatch, tmp_path):
    monkeypatch.chdir(little.path.parent)
    return tmp_path


def run(*words):
    found = CliRunner().invoke(main, [str(one) for one in words])
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found


def refused(*words):
    found = run(*words)
    assert found.exit_code == 2, found.output
    return found.output.strip()


QUESTIONS = st.one_of(
    st.builds(
        HomesQuestion,
        topic=st.just("quotient"),
        year=st.sampled_from(YEARS),
        role=st.sampled_from(["residence", "work"]),
        group=st.sampled_from(["all", "stayers"]),
        alpha=st.sampled_from([0.01, 0.05]),
        resolution=st.sampled_from([None, 8]),
    ),
    st.builds(
        HomesQuestion,
        topic=st.just("rent"),
        year=st.sampled_from(YEARS),
        rent_kind=st.sampled_from(["all", "room"]),
        rent_per=st.sampled_from(["", "month", "m2"]),
        rent_edges=st.sets(NUMBERS, max_size=6).map(lambda one: tuple(sorted(one))),
        pay=st.sampled_from([(), (("finance", 9000.5),)]),
        top=st.integers(1, 30),
    ),
    st.builds(
        HomesQuestion,
        topic=st.just("access"),
        year=st.sampled_from(YEARS),
        walk_m=NUMBERS,
        k=st.integers(1, 3),
    ),
    st.builds(
        HomesQuestion,
        topic=st.just("kinds"),
        year=st.sampled_from(YEARS),
        role=st.sampled_from(["residence", "work"]),
        rules=st.dictionaries(
            st.sampled_from([one for one in RULES if one != "end_stations"]), NUMBERS
        ).map(lambda one: tuple(sorted(one.items()))),
    ),
    st.builds(HomesQuestion, topic=st.just("balance"), year=st.sampled_from(YEARS)),
)


@given(QUESTIONS)
def test_a_question_in_words_is_the_same_question(question):
    assert HomesQuestion.from_dict(question.to_dict()) == question


@settings(max_examples=40)
@given(question=QUESTIONS)
def test_the_command_of_a_question_asks_the_same(little, question):
    asked = {}

    def ask(_study, **given):
        asked.update(given)
        raise QuestionError("asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spatial.api.homes", ask)
        patch.setattr("spatial.study.open_study", lambda _: little)
        assert "asked" in run("homes", little.path, *question.options()).output
    assert HomesQuestion.from_dict(asked) == question


def test_words_of_the_command_line_are_those_of_the_house():
    assert TOPICS == HOMES_TOPICS
    assert tuple(one for topic in HOMES_TOPICS for one in TABLES[topic]) == TABLE_WORDS


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"topic": "siting"}, "topic must be one of quotient, rent, access, kinds, balance"),
        ({"topic": "rent", "walk_m": 900.0}, "rent has no use for walk_m, found 900"),
        ({"topic": "balance", "role": "residence"}, "balance has no use for role"),
        ({"topic": "access", "walk_m": 0.0}, "walk_m must be above 0, at most 20000, found 0"),
        ({"topic": "access", "walk_m": float("nan")}, "walk_m must be above 0"),
        ({"topic": "rent", "rent_edges": (3000.0, 2000.0)}, "must ascend from above 0, found 3000"),
        ({"topic": "rent", "rent_edges": tuple(range(1, 8))}, "rent_edges must be 6 at most"),
        ({"topic": "rent", "rent_per": "week"}, "rent_per must be one of month, m2, room"),
        ({"topic": "rent", "pay": (("finance", 0.0),)}, "pay of finance must be a number above 0"),
        ({"topic": "kinds", "rules": (("best", 1.0),)}, "rules have campus_km, .* found best"),
        ({"topic": "kinds", "rules": (("campus_km", -1.0),)}, "campus_km must be 0 or more"),
        ({"topic": "kinds", "k": 0}, "k must be whole, 1 to 10, found 0"),
    ],
)
def test_a_question_without_an_answer_is_refused_in_a_sentence(asked, words):
    with pytest.raises(QuestionError, match=words):
        HomesQuestion(year=2025, **asked)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"topic": "rent"}, "a question needs a year, found none"),
        ({"year": 2025, "metres": 3}, "a question on homes has topic, .* found metres"),
        ({"year": 2025, "topic": "rent", "pay": "much"}, "must hold words and numbers"),
        ({"year": 2025, "topic": "access", "walk_m": "far"}, "must hold words and numbers"),
    ],
)
def test_words_that_are_no_question_are_refused(given, words):
    with pytest.raises(QuestionError, match=words):
        HomesQuestion.from_dict(given)


def test_what_a_study_does_not_know_is_refused(little):
    with pytest.raises(QuestionError, match="table of pay has finance, found mining"):
        Homes(little, HomesQuestion(topic="rent", year=2025, pay=(("mining", 5.0),)))
    with pytest.raises(QuestionError, match=r"resolution must be 9, .* or coarser, found 10"):
        Homes(little, HomesQuestion(topic="rent", year=2025, resolution=10))
    with pytest.raises(SchemaError, match="counts years 2023, 2024, 2025, not 1999"):
        Homes(little, HomesQuestion(topic="rent", year=1999))
    with pytest.raises(QuestionError, match="kind must be one of all, flat, room, found castle"):
        little.homes("rent", rent_kind="castle").rents  # noqa: B018 - it is worked out when read


def test_a_study_is_asked_in_a_line_of_python(little):
    found = little.homes("access", role="residence", walk_m=1000)
    assert found.question == HomesQuestion(
        topic="access", year=2025, role="residence", walk_m=1000.0
    )
    assert repr(found) == (
        f"Homes('little' 2025 residence: access of {len(little.area):,} cells,"
        f" {found.people.sum():,.0f} graduates, synthetic)"
    )
    assert homes_tables(found) == TABLES["access"]
    with pytest.raises(QuestionError, match=r"tables of access are .* found pay"):
        homes_table(found, "pay")


def test_a_rent_of_an_area_is_the_middle_graduate_s(little):
    homes = little.homes("rent", year=2025)
    table = homes_table(homes, "rent_areas")
    assert set(table["kind"]) == {"place", "district"}
    people, rents = homes.people, homes.rents["rent"]
    lat, lon = h3cells.centres(people.index.to_numpy())
    outlines = little.layer("districts").set_index("id").geometry
    for one in table[table["kind"] == "district"].itertuples():
        inside = shapely.contains_xy(outlines[one.id], lon, lat)
        known = inside & rents.notna().to_numpy()
        each = np.repeat(rents[known].to_numpy(), people[known].astype(int))
        assert one.rent == np.sort(each)[(len(each) - 1) // 2]
        assert one.graduates == people[inside].sum()
        assert one.cells == known.sum()
    assert table["rent"].is_monotonic_increasing


def test_areas_without_anybody_or_any_rent_are_left_out(little):
    homes = little.homes("rent", year=2025)
    nobody = pd.Series(0.0, index=homes.people.index)
    assert rent_areas(little, homes.rents, nobody, None).empty


def test_what_a_map_shows_is_sure_or_of_somebody(little):
    for role in ("work", "residence"):
        cells = little.homes("quotient", role=role).concentration.cells
        shown = shown_quotient(cells)
        sure = cells["verdict"] != "none"
        assert sure.any()
        pd.testing.assert_series_equal(shown[sure], cells["shrunk"][sure], check_names=False)
        assert set(shown[~sure & (cells["base"] > 0)]) == {1.0}
        assert shown[~(cells["base"] > 0)].isna().all()
    access = little.homes("access", role="residence")
    shown = shown_walk(access.access, access.people)
    assert (shown.notna() == (access.people > 0)).all()
    both = little.homes("balance")
    shown = shown_balance(both.balance, both.people)
    assert (shown.notna() == (both.people >= 10)).all()
    homes, jobs = (both.graduates(one) for one in ("residence", "work"))
    assert (both.people == homes + jobs).all()


def test_edges_are_the_reader_s_then_the_study_s_then_quarters():
    rents = pd.Series([np.nan, *np.arange(1000.0, 2001.0)])
    assert band_edges(rents, (1500.0,), (2000.0,), per="month") == (1500.0,)
    assert band_edges(rents, (), (2000.0, 3000.0), per="room") == (2000.0, 3000.0)
    assert band_edges(rents, (), (2000.0,), per="m2") == (1100.0, 1200.0, 1500.0, 1800.0, 1900.0)
    assert band_edges(rents * np.nan, (), (), per="m2") == ()


def test_a_station_that_opened_serves_those_it_is_now_nearest_to(little):
    table = stations_opened(little, 2023, 2025, role="work")
    assert table["station"].tolist() == ["s2"]
    people = little.series(role="work", year=2025)["graduates"]
    lat, lon = h3cells.centres(people.index.to_numpy())
    at = little.layer("stations").geometry
    old, new = (distance_km(lat, lon, at.y[one], at.x[one]) * 1000 for one in (0, 1))
    served = new < old
    weight = people.to_numpy()[served]
    (one,) = table.itertuples()
    assert one.graduates == weight.sum()
    assert one.after_m == pytest.approx(np.average(new[served], weights=weight), rel=1e-5)
    assert one.before_m == pytest.approx(np.average(old[served], weights=weight), rel=1e-5)


@pytest.mark.parametrize("role", ["work", "residence"])
def test_the_walk_and_the_role_asked_are_those_of_every_table(little, role):
    homes = little.homes("access", role=role, walk_m=1234)
    table = homes_table(homes, "access")
    people = little.series(role=role, year=2025)["graduates"]
    near = table["station_m"] <= 1234
    assert 0 < people[near].sum() < people.sum()
    pd.testing.assert_series_equal(table["near_rail"], near, check_names=False)
    pd.testing.assert_series_equal(table["graduates"], people)
    within = homes_table(homes, "within").query("year == 2025").set_index("role")["inside"]
    together = homes_table(homes, "near").groupby("near_rail")["graduates"].sum()
    assert within[role] == together[True] == people[near].sum()
    far = homes_table(homes, "farthest")
    assert (far["station_m"] > 1234).all()
    assert (far["graduates"] == people[far.index]).all()
    opened = homes_table(homes, "opened")
    again = stations_opened(little, 2023, 2025, role=role)
    assert opened["graduates"].tolist() == again["graduates"].tolist()


def test_places_a_page_keeps_are_taken_from_it(little):
    class Kept(Homes):
        def places(self, role):
            self.asked = getattr(self, "asked", 0) + 1
            return super().places(role)

    kept = Kept(little, HomesQuestion(topic="kinds", year=2025))
    plain = little.homes("kinds", year=2025)
    pd.testing.assert_frame_equal(homes_table(kept, "kinds"), homes_table(plain, "kinds"))
    assert kept.asked > 1


MISSING = {
    "quotient": "has no base for work in 2025 to compare with: load its counts with --base-work",
    "pockets": "has no rents: add them with `gradmap load rents`",
    "rent": "has no rents: add them with `gradmap load rents`",
    "pay": "has no rents: add them with `gradmap load rents`",
    "within": "has no stations in 2025: add them with `gradmap load stations`",
    "opened": "has no stations in 2025: add them with `gradmap load stations`",
    "magnets": "has no flows of 2025: add them with `gradmap load flows`",
}


@pytest.mark.parametrize("kind", MISSING)
def test_what_a_study_lacks_is_one_sentence_with_the_way_to_add_it(kind, tmp_path, monkeypatch):
    bare = write_study(tmp_path / "bare", info(), counts().assign(base=np.nan))
    topic = next(one for one, kinds in TABLES.items() if kind in kinds)
    homes = Homes(bare, HomesQuestion(topic=topic, year=2025))
    assert missing_of(homes, kind) == f"little {MISSING[kind]}"
    monkeypatch.chdir(tmp_path)
    words = refused("homes", "bare", "--topic", topic, "--table", kind, "--out", "x.csv")
    assert words == f"gradmap: little {MISSING[kind]}"
    assert not list(tmp_path.glob("x*"))


def test_a_study_of_jobs_alone_has_no_balance(tmp_path):
    jobs = counts().query("role == 'work'")
    alone = write_study(tmp_path / "jobs", info(), jobs)
    assert "does not count both homes and jobs in 2025" in missing_of(
        Homes(alone, HomesQuestion(topic="balance", year=2025)), "balance"
    )
    assert "does not count homes in 2025" in missing_of(
        Homes(alone, HomesQuestion(topic="quotient", year=2025)), "pockets"
    )


def test_the_command_writes_all_tables_and_says_which(beside):
    out = beside / "walk.geojson"
    said = run("homes", "little", "--topic", "access", "--table", "all", "--out", out)
    assert said.exit_code == 0
    assert said.output.startswith(f"access, farthest, within, near, opened in {out}")
    assert {one.name for one in beside.iterdir()} == {
        *("walk.geojson", "walk-farthest.geojson", "walk-opened.geojson"),
        *("walk-within.csv", "walk-within.csv-metadata.json"),
        *("walk-near.csv", "walk-near.csv-metadata.json"),
    }


@pytest.mark.usefixtures("beside")
def test_without_a_file_a_short_table_is_told():
    for topic in HOMES_TOPICS:
        said = run("homes", "little", "--topic", topic)
        assert said.exit_code == 0, said.output
        assert said.output.startswith("Homes('little' 2025")
        assert "synthetic" in said.output
        assert len(said.output.splitlines()) > 3


@pytest.mark.usefixtures("beside")
def test_bad_questions_get_one_sentence():
    for words, told in (
        (["--topic", "rent", "--walk", "900"], "rent has no use for walk_m, found 900.0"),
        (["--topic", "rent", "--edges", "1,x"], "--edges: a number is needed, found 'x'"),
        (["--topic", "rent", "--pay", "finance"], "--pay: a name, = and a number are needed"),
        (["--topic", "rent", "--table", "pay"], "--table is of a file, found no --out"),
        (["--topic", "rent", "--year", "1999"], "counts years 2023, 2024, 2025, not 1999"),
        (["--out", "x.doc"], "a file to write must end in .gpkg"),
    ):
        said = refused("homes", "little", *words)
        assert told in said
        assert "\n" not in said


def test_without_stations_access_is_told_as_far_as_it_goes(tmp_path, monkeypatch):
    small = small_study(tmp_path / "town")
    assert len(small.layer("stations")) == 2
    rail_less = {name: one for name, one in layers().items() if name != "stations"}
    write_study(tmp_path / "bare", info(), counts(), layers=rail_less)
    monkeypatch.chdir(tmp_path)
    said = run("homes", "bare", "--topic", "access", "--out", "near.csv")
    assert said.exit_code == 0
    assert "without stations: add them with `gradmap load stations`" in said.output


def test_colours_of_more_bands_than_the_ramp_has_are_between_its_own():
    ramp = list(THEMES["rent"])
    assert spread_colours("rent", len(ramp)) == ramp
    more = spread_colours("rent", len(ramp) + 1)
    assert len(set(more)) == len(ramp) + 1
    assert (more[0], more[-1]) == (ramp[0], ramp[-1])
