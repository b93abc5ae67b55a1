"""Robustness: places found again under other choices, against a literal count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spatial
from spatial import cells as h3cells
from spatial.api import question_of
from spatial.question import QuestionError
from spatial.robustness import _found_again, robustness, variants_of

AT = {"year": 2025, "role": "work", "resolution": 8}


@pytest.fixture(scope="module")
def study():
    return spatial.open()


@pytest.fixture(scope="module")
def found(study):
    asked = question_of(study, **AT)
    return robustness(study, asked, variants_of(asked, resolutions=(7, 8, 9), alphas=(0.01, 0.05)))


def literal(study, mine, theirs):
    """Part held and found again, cell by cell, by the letter of the definition."""
    counted = study.series(role="work", year=2025)["graduates"]
    shared, total = {}, {}
    places = [(one.member, h3cells.resolution_of(one.member.index)) for one in (mine, theirs)]
    for cell, people in counted[counted > 0].items():
        here = []
        for member, fineness in places:
            parent = h3cells.parents(np.array([cell], dtype=np.uint64), resolution=fineness)[0]
            here.append(member.get(parent))
        if here[0] is not None:
            total[here[0]] = total.get(here[0], 0.0) + people
            if here[1] is not None:
                shared[tuple(here)] = shared.get(tuple(here), 0.0) + people
    part, again = {}, {}
    for place in mine.table["id"]:
        own = {other: people for (one, other), people in shared.items() if one == place}
        best = max(own, key=own.get) if own else None
        part[place] = own[best] / total[place] if own else 0.0
        rivals = [people for (_, other), people in shared.items() if other == best]
        again[place] = bool(own) and part[place] >= 0.5 and own[best] == max(rivals)
    return part, again


def test_places_are_found_again_by_the_letter_of_the_definition(study, found):
    for number in (0, len(found.variants) - 1):
        variant = found.variants[number].to_dict()
        part, again = literal(study, found.places, study.places(**variant))
        assert found.held[number].to_dict() == pytest.approx(part)
        assert found.again[number].to_dict() == again


def test_the_question_itself_finds_every_place_again(study, found):
    same = robustness(study, question_of(study, **AT), [question_of(study, **AT)])
    assert same.again.to_numpy().all()
    np.testing.assert_allclose(same.held, 1.0)
    assert list(same.held.index) == list(found.places.table["id"])


def test_the_table_counts_and_the_surest_come_first(found):
    table = found.table
    assert table["survives"].is_monotonic_decreasing
    for place, row in table.iterrows():
        assert row["survives"] == pytest.approx(found.again.loc[place].sum() / len(found.variants))
    assert repr(found).startswith("Robustness(20 places under 5 variants:")


def test_shares_by_a_field_are_means_over_its_variants(found):
    finer = [at for at, one in enumerate(found.variants) if one.resolution == 9]
    assert found.by("resolution").loc[9, "found"] == pytest.approx(found.again[finer].mean().mean())
    assert found.by("resolution", "alpha").shape == (3, 2)


def test_variants_are_every_combination_but_the_question(study):
    asked = question_of(study, **AT)
    made = variants_of(asked, ks=(1, 2), alphas=(0.05, 0.1, 0.05))
    assert [(one.k, one.alpha) for one in made] == [(1, 0.1), (2, 0.05), (2, 0.1)]
    assert {one.resolution for one in made} == {8}
    with pytest.raises(QuestionError, match="needs a variant"):
        variants_of(asked)
    with pytest.raises(QuestionError, match="k must be whole"):
        variants_of(asked, ks=(0,))


PLACES = st.lists(st.integers(-1, 3), min_size=1, max_size=40)


@given(PLACES, st.data())
def test_no_place_of_a_variant_is_two_places_found_again(mine, data):
    mine = np.array(mine)
    theirs = np.array(
        data.draw(st.lists(st.integers(-1, 3), min_size=len(mine), max_size=len(mine)))
    )
    people = np.array(
        data.draw(st.lists(st.integers(0, 50), min_size=len(mine), max_size=len(mine))), dtype=float
    )
    part, again = _found_again(mine, theirs, people, 4)
    assert ((part >= 0) & (part <= 1)).all()
    assert (part[again] >= 0.5).all()
    assert again.sum() <= len(set(theirs[theirs >= 0]))
    alike, same = _found_again(mine, mine, people, 4)
    counted = np.bincount(mine[mine >= 0], people[mine >= 0], minlength=4) > 0
    assert (same >= counted).all()
    np.testing.assert_allclose(alike[counted], 1.0)


def test_a_variant_without_places_finds_none():
    nothing = np.array([-1, -1, -1])
    part, again = _found_again(np.array([0, 0, 1]), nothing, np.ones(3), 2)
    assert pd.Series(part).eq(0).all()
    assert not again.any()
