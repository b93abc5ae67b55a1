"""Robustness: places found again under other choices, against a literal count."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spatial
from spatial import cells as h3cells
from spatial.api import question_of
from spatial.info import StudyInfo
from spatial.offset import NOWHERE, moved, offsets
from spatial.question import Question, QuestionError
from spatial.robustness import robustness
from spatial.store import write_study
from spatial.survival import found_again
from spatial.variants import Variant, variants_of

AT = {"year": 2025, "role": "work", "resolution": 8}


@pytest.fixture(scope="module")
def study():
    return spatial.open()


@pytest.fixture(scope="module")
def found(study):
    asked = question_of(study, **AT)
    variants = variants_of(study, asked, resolutions=(7, 8, 9), ks=(1,), alphas=(0.01, 0.05))
    return robustness(study, asked, variants)


def literal(study, mine, theirs, where=lambda cell: cell):
    """Part held and found again, cell by cell, by the letter of the definition."""
    counted = study.series(role="work", year=study.years[-1])["graduates"]
    shared, total = {}, {}
    for cell, people in counted[counted > 0].items():
        here = [holder(mine, cell), holder(theirs, where(cell))]
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


def holder(places, cell):
    """Id of the place that holds a cell of the study, None where none does."""
    if places.member.empty:
        return None
    fineness = h3cells.resolution_of(places.member.index)
    parent = h3.cell_to_parent(h3.int_to_str(int(cell)), fineness)
    return places.member.get(h3.str_to_int(parent))


def test_places_are_found_again_by_the_letter_of_the_definition(study, found):
    unshifted = [at for at, one in enumerate(found.variants) if one.offset == NOWHERE]
    for number in (unshifted[0], unshifted[-1]):
        asked = found.variants[number].question.to_dict()
        part, again = literal(study, found.places, study.places(**asked))
        assert found.held[number].to_dict() == pytest.approx(part)
        assert found.again[number].to_dict() == again


def towns(cells, at, rng):
    """Counts with peaks of unlike height at the cells `at`, and a base under them."""
    lat, lon = h3cells.centres(cells)
    mean = np.full(len(cells), 0.3)
    for size, centre in zip(np.linspace(70, 20, len(at)), at, strict=True):
        y, x = h3cells.latlng(centre)
        mean += size * np.exp(-(((lat - y) ** 2 + ((lon - x) * 0.77) ** 2) / 0.006**2))
    graduates = rng.poisson(mean).astype(float)
    base = graduates + rng.poisson(40, len(cells))
    return pd.DataFrame(
        {"cell": cells, "role": "work", "year": 2020, "graduates": graduates, "base": base}
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    rng = np.random.default_rng(4)
    cells = h3cells.grid_disk(h3cells.points_to_cells([39.9], [116.4], resolution=9), k=34)
    counts = towns(cells, rng.choice(cells, 12, replace=False), rng)
    folder = tmp_path_factory.mktemp("town")
    return write_study(folder / "town", StudyInfo(name="town", resolution=9), counts), counts


@pytest.mark.parametrize(
    ("resolution", "asked"),
    [
        (8, {}),
        (8, {"measure": "share"}),
        (8, {"statistic": "moran", "k": 2}),
        (8, {"chance": "permutation", "permutations": 9_999, "measure": "density"}),
        (7, {"alpha": 0.5}),
    ],
)
def test_a_shifted_grid_is_the_study_moved_cell_by_cell(town, tmp_path, resolution, asked):
    here, counts = town
    question = Question(year=2020, resolution=8, **asked)
    offset = offsets(9, resolution)[2]
    there = dict(zip(counts["cell"], stepped(here, counts["cell"], offset), strict=True))
    carried = counts.assign(cell=counts["cell"].map(there).astype("uint64"))
    elsewhere = write_study(tmp_path / "town", StudyInfo(name="town", resolution=9), carried)
    variant = Variant(question=question_of(here, resolution=resolution, **asked), offset=offset)
    found = robustness(here, question, [variant])
    theirs = elsewhere.places(resolution=resolution, **asked)
    part, again = literal(here, found.places, theirs, where=there.get)
    assert len(found.places.table) >= 2
    assert len(theirs.table) >= 1
    assert found.held[0].to_dict() == pytest.approx(part)
    assert found.again[0].to_dict() == again
    assert elsewhere.counts["graduates"].sum() == here.counts["graduates"].sum()


def stepped(study, cells, offset):
    """Each cell moved on h3's own local coordinates, whose axes may be turned by sixths."""
    texts = h3cells.to_text(cells)
    first = moved(study.area, offset)[study.area == int(cells.iloc[0])]
    i, j = offset
    while h3.str_to_int(by_h3(texts[0], (i, j), texts[0])) != int(first[0]):
        i, j = i - j, i
    return [h3.str_to_int(by_h3(cell, (i, j), texts[0])) for cell in texts]


def by_h3(cell, offset, origin):
    i, j = h3.cell_to_local_ij(origin, cell)
    return h3.local_ij_to_cell(origin, i + offset[0], j + offset[1])


def test_the_question_itself_finds_every_place_again(study):
    asked = question_of(study, **AT)
    same = robustness(study, asked, [Variant(question=asked)])
    assert same.again.to_numpy().all()
    np.testing.assert_allclose(same.held, 1.0)
    assert list(same.held.index) == list(same.places.table["id"])


def test_the_table_counts_grades_and_the_surest_come_first(found):
    table = found.table
    assert table["survives"].is_monotonic_decreasing
    for place, row in table.iterrows():
        assert row["found"] == found.again.loc[place].sum()
        assert row["survives"] == pytest.approx(row["found"] / len(found.variants))
        share = row["survives"]
        wanted = "sure" if share >= 0.9 else "mostly" if share >= 2 / 3 else "shaky"
        assert row["sureness"] == wanted
    assert set(table["sureness"]) == {"sure", "mostly", "shaky"}
    assert repr(found).startswith("Robustness(20 places under 17 variants: ")


def test_shares_by_a_field_are_means_over_its_variants(found):
    finer = [at for at, one in enumerate(found.variants) if one.question.resolution == 9]
    assert found.by("resolution").loc[9, "found"] == pytest.approx(found.again[finer].mean().mean())
    assert found.by("resolution", "alpha").shape == (3, 2)
    assert list(found.by("offset").index) == ["0,0", *(f"{i},{j}" for i, j in offsets(9, 8))]


def test_variants_are_every_combination_but_the_question(study):
    asked = question_of(study, **AT)
    fixed = {"resolutions": (8,), "shift": "none"}
    made = variants_of(study, asked, ks=(1, 2), alphas=(0.05, 0.1, 0.05), **fixed)
    told = [(one.question.k, one.question.alpha) for one in made]
    assert told == [(1, 0.1), (2, 0.05), (2, 0.1)]
    assert {one.question.resolution for one in made} == {8}
    with pytest.raises(QuestionError, match="needs a variant"):
        variants_of(study, asked, ks=(1,), alphas=(0.05,), **fixed)
    with pytest.raises(QuestionError, match="k must be whole"):
        variants_of(study, asked, ks=(0,))
    with pytest.raises(QuestionError, match="or coarser, found 10"):
        variants_of(study, asked, resolutions=(10,))
    with pytest.raises(QuestionError, match="shift must be one of"):
        variants_of(study, asked, shift="some")


def test_the_usual_variants_change_every_choice_one_step_either_way(study):
    usual = variants_of(study, question_of(study, **AT))
    grids = {(one.question.resolution, one.offset) for one in usual}
    assert grids == {(7, NOWHERE), (9, NOWHERE), *((8, one) for one in (NOWHERE, *offsets(9, 8)))}
    assert {one.question.k for one in usual} == {1, 2}
    assert {one.question.alpha for one in usual} == {0.01, 0.05, 0.1}
    assert len(usual) == 9 * 2 * 3 - 1


def test_at_the_study_s_own_resolution_no_grid_is_shifted_and_it_is_said(study):
    asked = Question(year=2025)
    usual = variants_of(study, asked)
    assert {one.offset for one in usual} == {NOWHERE}
    assert {one.question.resolution for one in usual} == {8, 9}
    found = robustness(study, asked, usual[:3])
    assert not found.shifted
    assert "the grid not shifted" in repr(found)
    assert found.varied["offset"] == ["0,0"]
    by_hand = [Variant(question=question_of(study, year=2025, resolution=9), offset=(1, 0))]
    with pytest.raises(QuestionError, match="shifted at a resolution coarser than 9"):
        robustness(study, asked, by_hand, places=found.places)


def test_no_place_is_no_trouble(town):
    here, _ = town
    asked = Question(year=2020, resolution=8, alpha=1e-300)
    found = robustness(here, asked)
    assert found.table.empty
    assert "0 places" in repr(found)


def test_how_far_it_is_is_told_to_the_end(town):
    told = []
    found = robustness(
        town[0], Question(year=2020, resolution=8), tell=lambda done, of: told.append((done, of))
    )
    assert told == [(at + 1, len(found.variants)) for at in range(len(found.variants))]


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
    part, again = found_again(mine, theirs, people, places=4)
    assert ((part >= 0) & (part <= 1)).all()
    assert (part[again] >= 0.5).all()
    assert again.sum() <= len(set(theirs[theirs >= 0]))
    alike, same = found_again(mine, mine, people, places=4)
    counted = np.bincount(mine[mine >= 0], people[mine >= 0], minlength=4) > 0
    assert (same >= counted).all()
    np.testing.assert_allclose(alike[counted], 1.0)


def test_a_variant_without_places_finds_none():
    nothing = np.array([-1, -1, -1])
    part, again = found_again(np.array([0, 0, 1]), nothing, np.ones(3), places=2)
    assert pd.Series(part).eq(0).all()
    assert not again.any()
