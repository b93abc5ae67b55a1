"""The mark of how sure a place is: worked out bit by bit, once for all readers, told in words."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from spatial.offset import NOWHERE
from spatial.robustness import robustness
from spatial.variants import variants_of
from tests.studies import small_study
from views.checks import _check, check
from views.query import Query
from views.sureness import sureness_payload
from views.sureness_words import varied_text
from views.text import translator


@pytest.fixture
def study(tmp_path, monkeypatch):
    made = small_study(tmp_path / "little")
    monkeypatch.setenv("GRADMAP_STUDIES", str(made.path))
    _check.clear()
    return made


def asked(**changes):
    return Query(study="little", year=2025, resolution=8, **changes)


def finish(found):
    while not found.done:
        found.go_on(0.01)


def test_a_check_comes_to_what_the_analysis_says(study):
    query = asked()
    found = check(query)
    assert found.found == []
    finish(found)
    wanted = robustness(study, query.question(), variants_of(study, query.question()))
    assert found.result().table.equals(wanted.table)
    told = sureness_payload(query, found, translator("en"))
    assert set(told["places"]) == set(wanted.table.index)
    for place, row in wanted.table.iterrows():
        text = f"found again in {row['found']} of {len(wanted.variants)} other settings"
        assert text in told["places"][place]["text"]
        assert told["places"][place]["grade"] == row["sureness"]


def test_it_is_not_done_again_for_a_place_a_language_or_a_layer(study):  # noqa: ARG001 - shown
    found = check(asked())
    finish(found)
    for other in (asked(lang="zh"), asked(place="work-x"), asked(overlays=()), asked(page="homes")):
        assert check(other) is found
    for other in (asked(k=2), asked(group="stayers"), replace(asked(), year=2024)):
        assert check(other) is not found


def test_a_little_at_a_time_and_half_done_it_tells_no_verdict(study):  # noqa: ARG001
    found = check(asked())
    found.go_on(0.0)
    assert len(found.found) == 1
    told = sureness_payload(asked(), found, translator("en"))
    assert "places" not in told
    assert told["line"] == (
        f"Checking how sure the places are: {len(found.found)} of {len(found.variants)}"
    )


def test_readers_share_one_check_and_none_waits_for_another(study):  # noqa: ARG001
    found = check(asked())
    with found.at_it:
        found.go_on(1.0)  # another reader is at it
        assert found.found == []
    readers = [threading.Thread(target=finish, args=(found,)) for _ in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(60)
    assert sorted(one.number for one in found.found) == list(range(len(found.variants)))


@pytest.mark.parametrize(
    "changes",
    [
        {"measure": "density"},
        {"measure": "surplus", "statistic": "moran"},
        {"group": "arrivals", "role": "residence"},
        {"resolution": 9},
    ],
)
def test_every_kind_of_question_can_be_checked(study, changes):  # noqa: ARG001
    found = check(replace(asked(), **changes))
    finish(found)
    assert len(found.result().variants) == len(found.found)


def test_the_words_say_what_is_varied_and_that_own_cells_cannot_be_shifted(study):
    query = asked()
    variants = variants_of(study, query.question())
    text = varied_text(query, variants, translator("en"))
    assert f"{len(variants)} other settings: cells one size larger and one smaller" in text
    assert "shifted by about half a cell in 6 directions" in text
    assert "1 / 2 ring(s); false discovery rates of 1% / 5% / 10%." in text
    own = replace(query, resolution=9)
    variants = variants_of(study, own.question())
    assert {one.offset for one in variants} == {NOWHERE}
    text = varied_text(own, variants, translator("en"))
    assert "cannot be shifted" in text
    assert "directions" not in text
    assert "cells one size larger;" in text
    assert "无法平移" in varied_text(own, variants, translator("zh"))


def page():
    from views.query import Query
    from views.sureness import show_sureness

    show_sureness(Query(study="little", year=2025, resolution=8))


def test_drawing_the_page_works_nothing_out(study):  # noqa: ARG001
    app = AppTest.from_function(page)
    app.run()
    assert not app.exception
    assert check(asked()).found == []
