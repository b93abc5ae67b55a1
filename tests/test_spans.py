"""Spans: a slow change that no single step shows is told over all the years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from papers.lineage_panel import lineage_rows, lineage_story
from spatial.evidence import Evidence
from spatial.footprint import two_years
from spatial.lineage import find_lineages
from spatial.noise import Dispersion
from spatial.spans import SPAN_COLUMNS, span_table
from spatial.steps import LineageRules
from spatial.two_years import Comparison
from tests.bumps import area, counted, found, mean_counts, scattered

NEAR = area(radius=28)
FEW = area(radius=1)
COUNTS = st.lists(st.integers(0, 5000), min_size=len(FEW.cells), max_size=len(FEW.cells))
RULES = LineageRules()


def traced(factors, *, seed=3, ground=3.0):
    """Lineages of a city whose places have so many times their graduates, year by year."""
    rng = np.random.default_rng(seed)
    base = mean_counts(NEAR, scattered(12, rng=np.random.default_rng(9)), ground=ground)
    counts = {2020 + at: counted(40 * base * one, NEAR, rng=rng) for at, one in enumerate(factors)}
    places = found(counts, NEAR, top=8)
    return counts, find_lineages(places, counts, dispersion=Dispersion())


def word_of(before, after, *, level=0.001):
    """Verdict and p on all of a few cells."""
    one, other = (pd.Series(np.array(v, dtype=float), index=FEW.cells) for v in (before, after))
    pair = two_years(one, other, dispersion=Dispersion())
    held = {"all": np.arange(len(one))}
    row = span_table(held, Evidence(pair, level, RULES, []), first=2020, last=2023).iloc[0]
    return row["verdict"], row["p"]


def test_a_slow_loss_is_steady_step_by_step_and_a_loss_in_the_end():
    _, lineages = traced([1.0, 0.93, 0.865, 0.80])
    assert set(lineages.events["verdict"]) == {"steady"}
    assert set(lineages.spans["verdict"]) == {"shrank"}
    assert (lineages.spans["p"] <= lineages.level).all()


def test_a_slow_gain_is_a_gain_in_the_end():
    _, lineages = traced([0.80, 0.865, 0.93, 1.0])
    assert set(lineages.events["verdict"]) == {"steady"}
    assert set(lineages.spans["verdict"]) == {"grew"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_row_and_the_story_of_a_slow_loss_say_so(lang):
    _, lineages = traced([1.0, 0.93, 0.865, 0.80])
    rows = lineage_rows(lineages, Comparison(first=2020, second=2023, role="work"))
    assert {one["verdict"] for one in rows} == {"shrank"}
    assert all(one["after"] < 0.9 * one["before"] for one in rows)
    told = lineage_story(lineages, rows[0]["id"], lang=lang)
    assert ("合计收缩" if lang == "zh" else "shrank little by little") in told


def test_what_falls_and_comes_back_is_steady_in_the_end():
    _, lineages = traced([1.0, 0.7, 1.0])
    assert {"shrank", "grew"} <= set(lineages.events["verdict"])
    assert set(lineages.spans["verdict"]) == {"steady"}


def test_of_two_years_the_span_is_the_step():
    _, lineages = traced([1.0, 0.8])
    steps, spans = lineages.events.set_index("lineage"), lineages.spans.set_index("lineage")
    assert set(steps["verdict"]) == {"shrank"}
    assert steps["verdict"].to_dict() == spans["verdict"].to_dict()
    np.testing.assert_allclose(steps["p"], spans["p"].loc[steps.index])
    np.testing.assert_allclose(steps["change"], spans["change"].loc[steps.index])


def test_graduates_of_a_span_are_those_of_the_fixed_cells():
    _, lineages = traced([1.0, 0.93, 0.865, 0.80])
    assert list(lineages.spans.columns) == list(SPAN_COLUMNS)
    fixed = lineages.years.pivot(index="lineage", columns="year", values="graduates_fixed")
    spans = lineages.spans.set_index("lineage")
    assert len(spans) == len(fixed) > 0
    np.testing.assert_allclose(spans["graduates_before"], fixed[2020].loc[spans.index])
    np.testing.assert_allclose(spans["graduates_after"], fixed[2023].loc[spans.index])
    np.testing.assert_allclose(spans["change"], fixed[2023].sub(fixed[2020]).loc[spans.index])


def test_noise_alone_has_no_span():
    eventful = 0
    for seed in range(12):
        _, lineages = traced([0.1, 0.1, 0.1, 0.1], seed=100 + seed)
        eventful += bool((lineages.spans["verdict"] != "steady").any())
    assert eventful <= 1


@given(COUNTS, COUNTS)
def test_the_verdict_is_the_rule_and_its_p_that_of_scipy(before, after):
    verdict, p = word_of(before, after)
    one, other = sum(before), sum(after)
    if one + other == 0:
        assert (verdict, p) == ("steady", 1.0)
        return
    # Given their sum, the later of two Poisson counts alike in mean is binomial.
    tails = (stats.binom.cdf(other, one + other, 0.5), stats.binom.sf(other - 1, one + other, 0.5))
    assert p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-6, abs=1e-12)
    least = abs(other - one) / max(one, other) >= RULES.least
    told = "grew" if other > one else "shrank"
    assert verdict == (told if least and p <= 0.001 else "steady")


@given(COUNTS, COUNTS)
def test_told_backwards_a_gain_is_a_loss(before, after):
    turned = {"grew": "shrank", "shrank": "grew", "steady": "steady"}
    assert word_of(after, before)[0] == turned[word_of(before, after)[0]]
