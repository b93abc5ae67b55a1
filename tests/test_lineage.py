"""Lineage: planted events are named right, noise makes none, and the story holds the numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spatial.footprint import Years
from spatial.lineage import EVENT_COLUMNS, YEAR_COLUMNS, LineageRules, find_lineages
from spatial.noise import Dispersion, p_change
from spatial.places import Places
from spatial.steps import VERDICTS
from spatial.story import place_words, story
from tests import oracles_years as oracles
from tests.bumps import Bump, area, counted, found, mean_counts, scattered

NEAR = area(radius=28)

# Twelve places that stay, and one event each, all well apart; north and east of the middle, km.
STILL = [
    *(Bump(-18, -4, 50), Bump(-15, 5, 35, 1.0), Bump(-10, 14, 70, 1.1), Bump(-2, 19, 45)),
    *(Bump(9, 16, 60, 1.0), Bump(17, 8, 40, 1.1), Bump(18, -3, 55), Bump(13, -13, 65, 1.0)),
    *(Bump(2, -18, 38, 1.0), Bump(-9, -15, 48, 1.2), Bump(8, -4, 80, 1.2), Bump(-6, -5, 42)),
]
EVENTS = {
    "appeared": ([], [Bump(1, 10)]),
    "vanished": ([Bump(-4, 9)], []),
    "split": ([Bump(1, -10, 90, 1.1)], [Bump(1, -11.8, 65), Bump(1, -8.2, 65)]),
    "merged": ([Bump(15, 3.8), Bump(11.5, 3.8)], [Bump(13.2, 3.8, 90, 1.1)]),
    "moved": ([Bump(-12, -4)], [Bump(-12, -2.2)]),
    "grew": ([Bump(4, 4, 40)], [Bump(4, 4, 75)]),
    "shrank": ([Bump(-16, -11, 80)], [Bump(-16, -11, 40)]),
}


def planted(*events, seed=1, years=(2023, 2024, 2025), turn=2025):
    """Counts by year: the `events` happen between the year before `turn` and `turn`."""
    rng = np.random.default_rng(seed)
    counts = {}
    for year in years:
        extra = [bump for one in events for bump in EVENTS[one][year >= turn]]
        counts[year] = counted(mean_counts(NEAR, [*STILL, *extra]), NEAR, rng=rng)
    return counts


def traced(counts, *, top=24, near=NEAR, **choices):
    places = found(counts, near, top=top)
    more = found(counts, near, top=3 * top)
    return find_lineages(places, counts, candidates=more, **choices)


def happened(lineages):
    return lineages.events[lineages.events["verdict"] != "steady"]


@pytest.fixture(scope="module")
def all_events():
    counts = planted(*EVENTS)
    return counts, found(counts, NEAR, top=24), traced(counts)


# --- Planted events ------------------------------------------------------------------------------


def test_every_planted_event_is_found_and_none_beside(all_events):
    events = happened(all_events[2])
    assert (events["from_year"] == 2024).all()
    assert sorted(events["verdict"]) == sorted([*EVENTS, "split", "merged"])


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_event_is_named_right_on_its_own(event, seed):
    events = happened(traced(planted(event, seed=seed)))
    assert set(events["verdict"]) == {event}
    assert len(events) == (2 if event in ("split", "merged") else 1)


def test_the_numbers_of_each_event(all_events):
    events = happened(all_events[2]).set_index("verdict")
    assert events.loc["appeared", "graduates_before"] == 0
    assert events.loc["appeared", "from_place"] == ""
    assert events.loc["appeared", "change"] > 250
    assert events.loc["vanished", "graduates_after"] == 0
    assert events.loc["vanished", "change"] < -250
    assert events.loc["moved", "moved_km"] == pytest.approx(1.8, abs=0.8)
    assert events.loc["grew", "change"] > 0 > events.loc["shrank", "change"]
    level = all_events[2].level
    assert (events["p"] <= level).all()
    assert level == pytest.approx(0.01 / 4 / sum(_asked(all_events[1])))


def _asked(places):
    return [len(places[a].table) + len(places[b].table) for a, b in pairwise(sorted(places))]


def test_a_split_and_a_merger_say_with_whom(all_events):
    events = happened(all_events[2])
    split = events[events["verdict"] == "split"]
    goes_on = split[split["with_lineage"] == ""].iloc[0]
    new = split[split["with_lineage"] != ""].iloc[0]
    assert new["with_lineage"] == goes_on["lineage"]
    assert new["from_place"] == ""
    assert new["overlap"] > 0
    merged = events[events["verdict"] == "merged"]
    stays = merged[merged["with_lineage"] == ""].iloc[0]
    ends = merged[merged["with_lineage"] != ""].iloc[0]
    assert ends["with_lineage"] == stays["lineage"]
    assert ends["to_place"] == ""
    assert not ends["shown_after"]


def test_a_place_that_is_elsewhere_altogether_moved_too():
    rng = np.random.default_rng(4)
    one = mean_counts(NEAR, [*STILL, Bump(4, 4)])
    other = mean_counts(NEAR, [*STILL, Bump(4, 6.8)])
    counts = {2024: counted(one, NEAR, rng=rng), 2025: counted(other, NEAR, rng=rng)}
    event = happened(traced(counts)).iloc[0]
    assert event["verdict"] == "moved"
    assert event["moved_km"] == pytest.approx(2.8, abs=0.4)


def test_a_place_too_far_away_is_another_one():
    rng = np.random.default_rng(4)
    one = mean_counts(NEAR, [*STILL, Bump(3, 4)])
    other = mean_counts(NEAR, [*STILL, Bump(3, 11)])
    counts = {2024: counted(one, NEAR, rng=rng), 2025: counted(other, NEAR, rng=rng)}
    assert sorted(happened(traced(counts))["verdict"]) == ["appeared", "vanished"]


def test_a_city_that_halves_shrinks_everywhere_and_nowhere_by_share():
    rng = np.random.default_rng(6)
    mean = mean_counts(NEAR, STILL)
    one, other = (counted(part * mean, NEAR, rng=rng) for part in (2.0, 1.0))
    counts = {2024: one, 2025: other}
    by_count = traced(counts, top=10, dispersion=Dispersion()).events
    assert set(by_count["verdict"]) == {"shrank"}
    assert len(by_count) == 10
    by_share = traced(counts, top=10, dispersion=Dispersion(), against="total")
    assert happened(by_share).empty
    np.testing.assert_allclose(
        by_share.events["expected"],
        by_share.events["footprint_before"] * other.sum() / one.sum(),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_years_told_backwards_are_the_opposite(seed):
    counts = planted(*EVENTS, seed=seed, years=(2024, 2025))
    back = {2024: counts[2025], 2025: counts[2024]}
    noise = Dispersion()
    one, other = (happened(traced(c, dispersion=noise)) for c in (counts, back))
    turn = dict(zip(VERDICTS, reversed(VERDICTS), strict=True))
    turn |= {"moved": "moved", "steady": "steady", "split": "merged", "merged": "split"}
    turn |= {"grew": "shrank", "shrank": "grew"}
    assert sorted(one["verdict"]) == sorted(turn[verdict] for verdict in other["verdict"])
    np.testing.assert_allclose(sorted(one["change"]), sorted(-other["change"]))


# --- Noise ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["apart", "crowded"])
def test_noise_alone_makes_no_events(kind):
    """12 studies of three years; the long run is in benchmarks/lineage_noise.py."""
    eventful = 0
    for seed in range(12):
        rng = np.random.default_rng(100 + seed)
        bumps = scattered(20, rng=rng) if kind == "apart" else _crowd(rng)
        mean = mean_counts(NEAR, bumps)
        counts = {2020 + year: counted(mean, NEAR, rng=rng) for year in range(3)}
        eventful += bool(len(happened(traced(counts, top=20))))
    assert eventful <= 1


def _crowd(rng):
    places = rng.normal(0, 6, (30, 2))
    return [Bump(0, 0, 40, 6.0), *(Bump(*at, rng.lognormal(3, 0.6), 1.2) for at in places)]


def test_noise_of_whole_employers_makes_no_events():
    """Counts three times as noisy as Poisson, and a tenth up or down besides."""
    eventful = 0
    for seed in range(8):
        rng = np.random.default_rng(200 + seed)
        mean = mean_counts(NEAR, scattered(20, rng=rng), ground=20.0)
        counts = {}
        for year in (2023, 2024, 2025):
            own = mean * rng.gamma(100, 1 / 100, len(mean))
            counts[year] = 3.0 * counted(own / 3, NEAR, rng=rng)
        eventful += bool(len(happened(traced(counts, top=20))))
    assert eventful <= 1


def test_a_place_that_falls_out_of_those_shown_has_not_vanished():
    """Four places so alike that noise decides which three are shown."""
    rng = np.random.default_rng(5)
    four = [Bump(-8, -8, 50), Bump(-8, 8, 50), Bump(8, -8, 50), Bump(8, 8, 50)]
    mean = mean_counts(NEAR, four)
    counts = {year: counted(mean, NEAR, rng=rng) for year in range(2018, 2026)}
    told = traced(counts, top=3)
    assert happened(told).empty
    assert told.years["lineage"].nunique() == 4
    hidden = told.events[~told.events["shown_after"].astype(bool)]
    assert len(hidden)
    assert (hidden["to_place"] == "").all()
    assert told.years["alive"].groupby(told.years["lineage"]).sum().max() == 8


# --- Ids and tables ------------------------------------------------------------------------------


def test_ids_stay_when_years_are_added(all_events):
    counts, _, whole = all_events
    short = traced({year: counts[year] for year in (2023, 2024)})
    first = whole.years[whole.years["year"] == 2023]
    ids = short.years.loc[short.years["year"] == 2023, "lineage"].tolist()
    assert first["lineage"].tolist()[: len(ids)] == ids
    assert whole.years["lineage"].nunique() > len(ids)


def named(places, names):
    table = places.table.copy()
    table["name"] = [f"{name}地" for name in names]
    table["name_en"] = names
    return Places(table, places.member, places.core)


def test_a_lineage_is_called_by_the_name_its_place_was_first_seen_by():
    counts = planted("vanished", "appeared")
    places = found(counts, NEAR, top=24)
    gone = happened(find_lineages(places, counts)).set_index("verdict")
    old, new = gone.loc["vanished", "from_place"], gone.loc["appeared", "to_place"]
    for year, one in places.items():
        key = {2025: new}.get(year, old)
        names = ["Old Mill" if i == key else f"Place {year} {i}" for i in one.table["id"]]
        places[year] = named(one, names)
    told = find_lineages(places, counts)
    events = happened(told).set_index("verdict")
    assert events.loc["vanished", "lineage"] == "old-mill"
    assert events.loc["appeared", "lineage"] == "old-mill-2"
    assert set(told.years.loc[told.years["lineage"] == "old-mill", "name"]) == {"Old Mill地"}
    stayed = told.years[told.years["lineage"].str.startswith("place-2023")]
    assert set(stayed["name_en"].str[:10]) == {"Place 2023"}


def test_tables_have_their_columns_and_everybody_in_them(all_events):
    counts, places, told = all_events
    assert tuple(told.events.columns) == EVENT_COLUMNS
    assert tuple(told.years.columns) == YEAR_COLUMNS
    assert len(told.years) == told.years["lineage"].nunique() * 3
    for year, one in places.items():
        rows = told.years[(told.years["year"] == year) & told.years["shown"].astype(bool)]
        assert sorted(rows["place"]) == sorted(one.table["id"])
        by_place = rows.set_index("place")["graduates"]
        np.testing.assert_allclose(by_place[one.table["id"]], one.table["graduates"])
        np.testing.assert_allclose(rows["share"] * counts[year].sum(), rows["graduates"])
        at = rows.set_index("place").loc[one.table["id"], ["lat", "lon"]]
        np.testing.assert_allclose(at, one.table[["lat", "lon"]])
    assert (told.events[["overlap", "kept", "held"]].to_numpy() <= 1 + 1e-12).all()


def test_one_year_no_years_and_no_places():
    counts = planted()
    year = {2023: counts[2023]}
    alone = find_lineages(found(year, NEAR, top=5), year)
    assert alone.events.empty
    assert len(alone.years) == 5
    assert find_lineages({}, {}).years.empty
    flat = {y: pd.Series(4.0, index=NEAR.cells) for y in (2024, 2025)}
    none = traced(flat)
    assert none.events.empty
    assert none.years.empty
    assert tuple(none.years.columns) == YEAR_COLUMNS


def test_years_that_differ_and_cells_not_counted_are_refused():
    counts = planted()
    places = found(counts, NEAR, top=3)
    with pytest.raises(ValueError, match="of the same years, found 2023, 2024, 2025 and 2023"):
        find_lineages(places, {2023: counts[2023]})
    less = {year: held.drop(places[2023].member.index[:2]) for year, held in counts.items()}
    with pytest.raises(ValueError, match="places must lie on cells that were counted"):
        find_lineages(places, less)


def test_the_rules_can_be_changed():
    counts = planted("grew")
    assert happened(traced(counts, rules=LineageRules(least=0.9))).empty


# --- Story ---------------------------------------------------------------------------------------


def test_a_story_holds_the_facts_of_its_lineage(all_events):
    told = all_events[2]
    events = happened(told)
    split = events[(events["verdict"] == "split") & (events["with_lineage"] != "")].iloc[0]
    one = story(told, split["lineage"])
    assert one.years == (2023, 2024, 2025)
    assert one.alive == one.shown == (2025,)
    assert one.proof.smallest_p == pytest.approx(1 / 3)
    assert not one.proof.enough
    (chapter,) = one.events
    assert (chapter.verdict, chapter.other) == ("split", split["with_lineage"])
    assert chapter.other_name_en
    assert chapter.change == split["change"]
    assert one.change == one.graduates[-1] - one.graduates[0]
    steady = story(told, told.events[told.events["verdict"] == "steady"]["lineage"].mode()[0])
    assert not steady.events
    assert len(steady.chapters) == 2
    assert steady.chapters[0].percent == pytest.approx(
        100 * steady.chapters[0].change / steady.chapters[0].before
    )
    with pytest.raises(ValueError, match="a lineage must be one of 1, "):
        story(told, "nowhere")


def test_words_on_places_claim_no_trend_from_three_years(all_events):
    told = all_events[2]
    words = place_words(told)
    assert words.index.tolist() == told.years["lineage"].drop_duplicates().tolist()
    assert (words["trend"] == "untested").all()
    events = happened(told).set_index("verdict")
    assert words.loc[events.loc["appeared", "lineage"], "word"] == "new"
    assert words.loc[events.loc["appeared", "lineage"], "since"] == 2025
    assert words.loc[events.loc["vanished", "lineage"], "until"] == 2024
    assert words.loc[events.loc["grew", "lineage"], "word"] == "always"


# --- What two years say of a footprint -----------------------------------------------------------

SOME = st.lists(st.integers(0, 50), min_size=9, max_size=9)
XY = np.array([(i % 3, i // 3) for i in range(9)], dtype=float)


def years(before, after, *, ratio=1.0):
    arrays = (np.array(one, dtype=float) for one in (before, after))
    return Years(*arrays, XY, np.full(9, ratio))


@given(SOME, SOME)
@settings(max_examples=50)
def test_spread_over_parts_is_the_likelihood_ratio_of_scipy(before, after):
    parts = [np.array([0, 1, 2]), np.array([3, 4]), np.array([5, 6, 7, 8])]
    table = np.array([[np.sum(np.array(y)[p]) for y in (before, after)] for p in parts])
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return
    theirs = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert years(before, after).p_parts(parts) == pytest.approx(theirs, rel=1e-7, abs=1e-12)


@given(SOME, SOME)
@settings(max_examples=50)
def test_the_shift_of_a_centre_is_the_formula(before, after):
    if not (sum(before) and sum(after)):
        assert years(before, after).shift(np.arange(9)) == (0.0, 1.0)
        return
    apart, cover = oracles.centre_shift(before, after, XY.tolist(), [1.0] * 9)
    if np.linalg.det(cover) < 1e-9:
        return
    km, p = years(before, after).shift(np.arange(9))
    assert km == pytest.approx(np.hypot(*apart))
    wald = np.array(apart) @ np.linalg.inv(cover) @ np.array(apart)
    assert p == pytest.approx(stats.chi2.sf(wald, 2), rel=1e-6, abs=1e-12)


@given(SOME, SOME, st.floats(1, 9))
def test_a_footprint_is_tested_as_one_count(before, after, ratio):
    found_p = years(before, after, ratio=ratio).p_total(np.arange(9))
    one = p_change([sum(before)], [sum(after)], dispersion=Dispersion(ratio))[0]
    assert found_p == pytest.approx(1.0 if np.isnan(one) else one)


@given(SOME, SOME)
def test_nothing_is_told_apart_by_the_order_of_years(before, after):
    one = years(before, after)
    back = one.backwards()
    parts = [np.arange(4), np.arange(4, 9)]
    assert one.p_parts(parts) == pytest.approx(back.p_parts(parts), rel=1e-9)
    assert one.p_total(np.arange(9)) == pytest.approx(back.p_total(np.arange(9)))
    assert one.redistributed(parts) == pytest.approx(back.redistributed(parts))
    assert one.shift(np.arange(9)) == pytest.approx(back.shift(np.arange(9)))
