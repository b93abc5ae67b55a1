"""Trend: Mann-Kendall with three witnesses, and words that claim no more than was seen."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.kendall import mann_kendall, rank_sums, smallest_p
from spatial.trend import provable, trend_words
from tests import oracles_years as oracles

ROWS = st.integers(2, 12).flatmap(
    lambda years: st.lists(
        st.lists(st.integers(0, 6).map(float), min_size=years, max_size=years),
        min_size=1,
        max_size=5,
    )
)


@given(ROWS)
def test_mann_kendall_is_the_formula(rows):
    found = mann_kendall(pd.DataFrame(rows))
    for place, row in enumerate(rows):
        s, _, z = oracles.mann_kendall(row)
        assert found["s"].iloc[place] == s
        assert found["z"].iloc[place] == pytest.approx(z)


@given(ROWS)
def test_mann_kendall_is_what_pymannkendall_computes(rows):
    library = pytest.importorskip("pymannkendall")
    found = mann_kendall(pd.DataFrame(rows))
    for place, row in enumerate(rows):
        if len(set(row)) == 1:
            continue  # the library divides by zero there
        theirs = library.original_test(row)
        mine = found.iloc[place]
        assert mine["z"] == pytest.approx(theirs.z, abs=1e-9)
        assert mine["p_normal"] == pytest.approx(theirs.p, abs=1e-9)
        assert mine["tau"] == pytest.approx(theirs.Tau, abs=1e-9)


@given(st.integers(2, 7).flatmap(lambda n: st.permutations(range(n))))
@settings(max_examples=30)
def test_p_without_ties_is_every_order_tried(order):
    found = mann_kendall(pd.DataFrame([list(map(float, order))]))
    assert found["p"].iloc[0] == pytest.approx(oracles.mann_kendall_p(list(order)))


@given(ROWS, st.floats(0.1, 9))
def test_only_the_order_of_values_matters_and_turning_time_turns_the_sign(rows, factor):
    table = pd.DataFrame(rows)
    once = mann_kendall(table)
    pd.testing.assert_frame_equal(mann_kendall(table * factor + 3), once)
    back = mann_kendall(table.iloc[:, ::-1])
    np.testing.assert_allclose(back[["s", "z"]], -once[["s", "z"]])
    np.testing.assert_allclose(back["p"], once["p"])


def test_rows_that_cannot_be_tested():
    found = mann_kendall(pd.DataFrame([[1.0, np.nan, 3.0], [2.0, 2.0, 2.0]]))
    assert found.iloc[0].isna().all()
    assert found.iloc[1][["s", "z", "p"]].tolist() == [0, 0, 1]
    assert mann_kendall(pd.DataFrame([[1.0], [2.0]])).isna().all(axis=None)
    assert mann_kendall(pd.DataFrame(np.empty((0, 5)))).empty


@pytest.mark.parametrize(("slices", "p"), [(1, 1), (2, 1), (3, 1 / 3), (4, 1 / 12), (5, 1 / 60)])
def test_the_smallest_p_of_so_many_years(slices, p):
    assert smallest_p(slices) == pytest.approx(p)
    if slices > 1:
        rising = list(range(slices))
        assert oracles.mann_kendall_p(rising) == pytest.approx(p)
        assert mann_kendall(pd.DataFrame([rising]))["p"].iloc[0] == pytest.approx(p)


@pytest.mark.parametrize("years", [1, 2, 5, 8, 30, 60])
def test_the_chances_of_all_sums_add_up_to_one(years):
    chances = rank_sums(years)
    assert len(chances) == years * (years - 1) // 2 + 1
    assert sum(chances) == pytest.approx(1)
    np.testing.assert_allclose(chances, chances[::-1])


def test_chance_calls_a_trend_no_more_often_than_it_says():
    rng = np.random.default_rng(1)
    p = mann_kendall(pd.DataFrame(rng.normal(size=(20_000, 8))))["p"]
    for alpha in (0.01, 0.05, 0.2):
        assert (p <= alpha).mean() <= alpha + 3 * np.sqrt(alpha / 20_000)


# --- Words ---------------------------------------------------------------------------------------

SIGN = {"h": "hot", "c": "cold", ".": "none"}


def words(*rows, start=2022, values=None):
    years = range(start, start + len(rows[0]))
    table = pd.DataFrame([[SIGN[s] for s in row] for row in rows], columns=years)
    if values is not None:
        values = pd.DataFrame(values, columns=years, dtype="float64")
    return trend_words(table, values)


@pytest.mark.parametrize(
    ("row", "word", "since", "until"),
    [
        ("hhhh", "always", 2022, None),
        ("..hh", "new", 2024, None),
        ("...h", "new", 2025, None),
        ("hh..", "former", None, 2023),
        ("h...", "former", None, 2022),
        ("h.hh", "at_times", 2024, None),
        (".hh.", "at_times", None, 2024),
        ("h..h", "at_times", 2025, None),
        ("....", "never", None, None),
        ("cc..", "never", None, None),
    ],
)
def test_few_years_say_what_was_seen(row, word, since, until):
    found = words(row).iloc[0]
    assert found["word"] == word
    assert found["slices"] == 4
    assert found["hot"] == row.count("h")
    assert found["cold"] == row.count("c")
    assert (found["since"] if since else None) == since
    assert pd.isna(found["since"]) == (since is None)
    assert (found["until"] if until else None) == until
    assert pd.isna(found["until"]) == (until is None)


def test_fewer_than_eight_years_never_make_a_trend():
    rising = np.arange(7.0)[None] + np.arange(50.0)[:, None]
    found = words(*["hhhhhhh"] * 50, values=rising)
    assert (found["trend"] == "untested").all()
    assert (found["emerging"] == "untested").all()
    assert found[["p", "q", "tau"]].isna().all(axis=None)
    assert found["smallest_p"].iloc[0] == pytest.approx(2 / 5040)
    assert not provable(7).enough
    assert provable(8).enough


UP, FLAT = list(range(10)), [5, 3, 6, 4, 5.5, 3.5, 6.5, 4.5, 5.2, 4.8]


@pytest.mark.parametrize(
    ("row", "values", "emerging", "side"),
    [
        ("hhhhhhhhhh", UP, "intensifying", "hot"),
        ("hhhhhhhhhh", UP[::-1], "diminishing", "hot"),
        ("hhhhhhhhhh", FLAT, "persistent", "hot"),
        (".hhhhhhhhh", FLAT, "persistent", "hot"),
        ("hhhhhhhhh.", FLAT, "historical", "hot"),
        (".........h", UP, "new", "hot"),
        (".......hhh", UP, "consecutive", "hot"),
        ("..h....hhh", UP, "sporadic", "hot"),
        ("c......hhh", UP, "consecutive", "hot"),
        ("c.h....hhh", UP, "oscillating", "hot"),
        ("h.h.......", FLAT, "none", ""),
        ("..........", FLAT, "none", ""),
        ("cccccccccc", UP[::-1], "intensifying", "cold"),
        ("cccccccccc", UP, "diminishing", "cold"),
        (".........c", FLAT, "new", "cold"),
        ("hhhhhhhhhc", FLAT, "new", "cold"),
    ],
)
def test_categories_from_eight_years_on(row, values, emerging, side):
    found = words(row, start=2010, values=[values]).iloc[0]
    assert (found["emerging"], found["of"]) == (emerging, side)


def test_categories_follow_their_definitions_on_every_short_history():
    """All histories of 8 years, told from the definitions one row at a time."""
    rows = ["".join(one) for one in itertools.product("h.", repeat=8)]
    found = words(*rows, start=2010, values=np.zeros((len(rows), 8)))
    for row, told in zip(rows, found["emerging"], strict=True):
        hot, last = row.count("h"), row[-1] == "h"
        if hot >= 0.9 * 8:
            wanted = "persistent" if last else "historical"
        elif not last:
            wanted = "none"
        elif hot == 1:
            wanted = "new"
        elif row.strip(".").count(".") == 0:
            wanted = "consecutive"
        else:
            wanted = "sporadic"
        assert told == wanted, row


def test_trends_share_out_their_chance():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(500, 9))
    values[:40] += np.arange(9) * 3
    found = words(*["hhhhhhhhh"] * 500, start=2010, values=values)
    assert (found["trend"].to_numpy()[:40] == "up").all()
    assert (found["trend"].to_numpy()[40:] != "none").mean() < 0.02


def test_years_must_ascend():
    with pytest.raises(ValueError, match="years must ascend, found 2024, 2023"):
        trend_words(pd.DataFrame([["hot", "hot"]], columns=[2024, 2023]))
