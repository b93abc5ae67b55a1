"""Questions as links, words in both languages, numbers as readers write them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given
from hypothesis import strategies as st

from spatial.bands import Bands
from spatial.commute_words import indicators_of
from spatial.schema import MEASURES, ROLES
from views.query import ALPHAS, MODES, OVERLAYS, PAGES, TOPICS, Query
from views.text import count_text, edge_text, say, translator
from views.words import INDICATOR_WORDS

ROOT = Path(__file__).resolve().parents[1]

QUERIES = st.builds(
    Query,
    page=st.sampled_from(PAGES),
    study=st.text(st.characters(codec="utf-8"), max_size=30),
    role=st.sampled_from(ROLES),
    year=st.integers(1900, 2200),
    group=st.sampled_from(["all", "stayers", "留京"]),
    measure=st.sampled_from(MEASURES),
    statistic=st.sampled_from(["gi", "moran"]),
    chance=st.sampled_from(["analytic", "permutation"]),
    resolution=st.integers(0, 15),
    k=st.integers(1, 10),
    alpha=st.sampled_from(ALPHAS),
    top=st.integers(1, 100),
    overlays=st.sets(st.sampled_from(OVERLAYS)).map(
        lambda some: tuple(one for one in OVERLAYS if one in some)
    ),
    fill=st.sampled_from(["none", "graduates", "gdp"]),
    place=st.sampled_from(["", "work-cbd"]),
    first=st.integers(1900, 2200),
    mode=st.sampled_from(MODES),
    against=st.sampled_from(["before", "total", "base"]),
    anyway=st.sampled_from(["no", "yes"]),
    lineage=st.sampled_from(["", "fatou"]),
    area=st.sampled_from(["", "110108", "@39.9,116.3;39.95,116.4;39.9,116.5"]),
    beside=st.sampled_from([0, 2022]),
    bands=st.sampled_from(["5,10,25", "2.5,40"]),
    lines=st.integers(10, 1000),
    topic=st.sampled_from(TOPICS),
    kind=st.sampled_from(["all", "room"]),
    per=st.sampled_from(["", "month", "m2", "room"]),
    edges=st.sampled_from(["", "1000,2500"]),
    walk=st.integers(200, 3000),
    weights=st.sampled_from(["", "rent:3:3000;walk_minutes:2"]),
    kept=st.sampled_from(["", "rent:1"]),
    rules=st.sampled_from(["", "campus_km:2"]),
    lang=st.sampled_from(["zh", "en"]),
)


@given(QUERIES)
def test_link_and_back(query):
    assert Query.from_params(query.to_params()) == query


@given(st.dictionaries(st.sampled_from(sorted(Query().__dict__)), st.text(max_size=20)))
def test_any_link_gives_a_question(params):
    query = Query.from_params(params)
    assert query.role in ROLES
    assert query.k >= 1


@given(QUERIES)
def test_what_is_shown_does_not_change_what_is_asked(query):
    assert query.asked() == Query.from_params(query.asked().to_params() | {"lang": "en"})
    assert query.asked().overlays == Query().overlays


def shown_words():
    """Every text marked for the catalogues in the views, with where it stands."""
    keywords = {"tr": None, "marked": None}
    for file, line, text, *_ in extract_from_dir(
        str(ROOT / "views"), [("**.py", "python")], keywords=keywords
    ):
        yield pytest.param(text, id=f"{file}:{line}")


@pytest.mark.parametrize("text", list(shown_words()))
def test_every_word_on_the_page_is_there_in_chinese(text):
    chinese = translator("zh")(text)
    assert chinese != text or not re.search("[A-Za-z]{3}", text)
    assert sorted(re.findall(r"\{\w+\}", chinese)) == sorted(re.findall(r"\{\w+\}", text))


def test_words_are_marked_by_literal_text():
    """What a function hands to `tr` must be a literal, or a literal marked elsewhere."""
    for file in (ROOT / "views").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "marked"
            if named:
                assert isinstance(node.args[0], ast.Constant), f"{file.name}:{node.lineno}"


def test_numbers_are_written_as_readers_write_them():
    assert count_text(27_410, "zh") == "2.7 万"
    assert count_text(27_410, "en") == "27\u202f410"
    assert count_text(9_999, "zh") == "9\u202f999"
    assert edge_text(40_000, "zh") == "4万"
    assert edge_text(2_000, "en") == "2k"
    assert edge_text(500, "en") == "500"


def test_a_study_s_words_fall_back_to_any_language():
    assert say({"zh": "北京", "en": "Beijing"}, "en") == "Beijing"
    assert say({"zh": "北京"}, "en") == "北京"
    assert say({}, "en") == ""


def test_every_definition_of_the_commute_is_there_in_chinese():
    chinese = translator("zh")
    for name, one in indicators_of(Bands()).items():
        if name in INDICATOR_WORDS:
            assert chinese(one.definition) != one.definition, name
