"""Drift finds what was planted, finds nothing in chance, and its intervals are what they say."""

from __future__ import annotations

from functools import cache
from json import dumps
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.blocks import blocks_of
from spatial.concentration import entropy, evenness, gini
from spatial.drift import drift
from spatial.ellipse import standard_ellipse
from spatial.findings import findings
from spatial.info import Break, Group
from spatial.plane import around
from spatial.quotient import log_log_slope
from spatial.schema import SchemaError
from spatial.structure import mean_distance_km, rings, sector_rings, sectors, sectors_of
from spatial.study import Study, StudyInfo, open_study
from spatial.thinning import levels, thinned

CENTRE = (39.9, 116.4)
CELLS = h3cells.grid_disk(h3cells.points_to_cells([CENTRE[0]], [CENTRE[1]], resolution=8), k=30)
SEEN = around(CELLS, centre=CENTRE)
SAMPLE = Path(__file__).resolve().parents[1] / "spatial" / "sources" / "beijing" / "study"


def town(*, people: float = 20_000, seed: int = 0) -> np.ndarray:
    """Expected graduates per cell: uneven, and thinner outwards."""
    rng = np.random.default_rng(seed)
    mean = rng.gamma(1.5, size=len(CELLS)) * np.exp(-SEEN.distance_km / 8)
    return mean / mean.sum() * people


def study_of(years: dict[int, np.ndarray], **changes: object) -> Study:
    """A study that was never written: counts in memory on a fixed area."""
    study = Study(Path(), StudyInfo(**({"name": "town", "resolution": 8} | changes)), {})
    tables = [
        pd.DataFrame({"cell": CELLS, "role": "residence", "year": year, "graduates": counts})
        for year, counts in years.items()
    ]
    table = pd.concat(tables, ignore_index=True).assign(base=np.nan)
    study.__dict__.update({"counts": table, "area": CELLS, "centre": CENTRE})
    return study


def measured(years: dict[int, np.ndarray], *, seed: int = 1, resamples: int = 300, **more: object):
    return drift(
        study_of(years, **more),
        role="residence",
        resamples=resamples,
        rng=np.random.default_rng(seed),
    )


def moved(mean: np.ndarray, *, share: float) -> np.ndarray:
    """`share` of all people taken from the north-west and spread over the outer south-east."""
    sector = sectors_of(SEEN)
    there = np.where((sector == 3) & (SEEN.distance_km > 10), 1.0, 0)
    gone = np.where(sector == 7, mean, 0)
    return mean + share * mean.sum() * (there / there.sum() - gone / gone.sum())


def verdicts(found) -> list[str]:
    return [one.verdict for one in (found.dispersing, found.outward, found.rises, found.falls)]


# what a year says


@cache
def two_years():
    rng = np.random.default_rng(5)
    return {2022: rng.poisson(town()).astype(float), 2025: rng.poisson(town()).astype(float)}


def test_the_year_with_fewest_people_reads_as_the_plain_functions_do():
    years = two_years()
    found = measured(years)
    least = min(years, key=lambda year: years[year].sum())
    counts = pd.Series(years[least], index=CELLS)
    value = found.years[found.years["year"] == least].set_index("indicator")["value"]
    ellipse = standard_ellipse(counts, SEEN)
    expected = {
        "graduates": counts.sum(),
        "gini": gini(counts),
        "entropy": entropy(counts),
        "evenness": evenness(counts),
        "major_km": ellipse.major_km,
        "minor_km": ellipse.minor_km,
        "azimuth": ellipse.azimuth,
        "distance_km": mean_distance_km(counts, SEEN),
    }
    edges = found.edges_km
    for name, share in sectors(counts, SEEN).items():
        expected[f"share {name}"] = share
    for name, share in rings(counts, SEEN, edges_km=edges).items():
        expected[f"share {name} km"] = share
    cross = sector_rings(counts, SEEN, edges_km=edges)
    for name in cross.index:
        for ring in cross.columns:
            expected[f"share {name} {ring} km"] = cross.loc[name, ring]
    assert set(value.index) == {*expected, "east_km", "north_km"}
    for name, one in expected.items():
        assert value[name] == pytest.approx(one, abs=1e-9), name
    place = SEEN.place(value["east_km"], value["north_km"])
    assert (ellipse.lat, ellipse.lon) == pytest.approx((place[0][0], place[1][0]))
    assert found.ellipses[least].azimuth == pytest.approx(ellipse.azimuth)


def test_a_years_interval_is_what_counting_people_anew_gives():
    mean = town()
    given = measured({2022: mean}).years.set_index("indicator")
    error = (given["high"] - given["value"]) / 1.959963984540054
    rng = np.random.default_rng(2)
    again = []
    for _ in range(300):
        counts = pd.Series(rng.poisson(mean).astype(float), index=CELLS)
        one = standard_ellipse(counts, SEEN)
        again.append(
            {
                "graduates": counts.sum(),
                "gini": gini(counts),
                "entropy": entropy(counts),
                "major_km": one.major_km,
                "minor_km": one.minor_km,
                "azimuth": one.azimuth,
                "distance_km": mean_distance_km(counts, SEEN),
                "share SE": sectors(counts, SEEN)["SE"],
                "east_km": (counts * SEEN.east_km).sum() / counts.sum(),
            }
        )
    for name, scatter in pd.DataFrame(again).std().items():
        # 300 draws tell a standard deviation to 4 %; the rest is the delta method's.
        assert error[name] == pytest.approx(scatter, rel=0.2), name


def test_slope_is_given_where_there_is_a_base():
    study = study_of(two_years())
    base = town(seed=3)
    study.counts["base"] = np.tile(base, 2)
    found = drift(study, role="residence", resamples=10, rng=np.random.default_rng(1)).years
    slopes = found[found["indicator"] == "slope"].set_index("year")
    expected = log_log_slope(pd.Series(two_years()[2022]), pd.Series(base))
    row = slopes.loc[2022, ["value", "low", "high"]]
    assert tuple(row) == pytest.approx((expected.slope, expected.low, expected.high))


# one total for all years


def test_thinning_is_what_keeping_people_by_chance_gives():
    counts = two_years()[2022].astype(int)
    rng = np.random.default_rng(1)
    kept = [pd.Series(rng.binomial(counts, 0.6)) for _ in range(200)]
    more = {2022: counts.astype(float), 2025: np.floor(counts * 0)}
    more[2025][np.argsort(counts)[-1]] = round(counts.sum() * 0.6)
    found = measured(more, resamples=10).years
    value = found[found["year"] == 2022].set_index("indicator")["value"]
    assert value["gini"] == pytest.approx(np.mean([gini(one) for one in kept]), abs=5e-4)
    assert value["entropy"] == pytest.approx(np.mean([entropy(one) for one in kept]), abs=5e-3)


@settings(deadline=None)
@given(st.lists(st.integers(0, 2000), min_size=1, max_size=60), st.floats(0.05, 1))
def test_thinning_keeps_every_cell_and_the_share_of_people(counts, keep):
    found = thinned(levels(counts), keep=keep)
    np.testing.assert_allclose(found.chance.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(found.chance @ found.after, found.values * keep, atol=1e-6)
    assert (np.diff(found.after) >= 0).all()


def test_many_distinct_counts_lose_next_to_nothing():
    rng = np.random.default_rng(1)
    for counts in (rng.lognormal(1, 2, 5000), np.floor(rng.lognormal(5, 2, 20_000))):
        given_levels = levels(counts)
        assert len(given_levels.values) <= 1024
        assert given_levels.values[given_levels.level].sum() == pytest.approx(counts.sum())
        grouped = pd.Series(given_levels.values[given_levels.level])
        assert gini(grouped) == pytest.approx(gini(pd.Series(counts)), abs=1e-5)


def test_fewer_people_look_more_concentrated_unless_years_share_one_total():
    plain, fair = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        many, few = rng.poisson(town(people=8000)), rng.poisson(town(people=4000))
        plain.append(gini(pd.Series(few)) - gini(pd.Series(many)))
        found = measured({2022: many.astype(float), 2025: few.astype(float)}, resamples=10)
        fair.append(found.changes.set_index("indicator").loc["gini", "change"])
    assert np.mean(plain) > 0.01
    assert np.mean(fair) == pytest.approx(0, abs=0.002)


def test_counts_that_are_not_whole_are_not_thinned():
    found = measured({2022: town(), 2025: town() / 2}, resamples=10)
    assert not found.thinned
    assert found.values[0] == pytest.approx(found.values[1])
    assert verdicts(findings(found)) == ["not clear"] * 4


# drawing blocks anew


def test_a_draw_is_the_city_with_its_blocks_that_many_times():
    counts = np.where(SEEN.distance_km < 8, two_years()[2022], 0)
    found = measured({2022: counts}, resamples=3, seed=9)
    blocks = blocks_of(CELLS, counts > 0)
    assert blocks.resolution == 7
    assert found.blocks == blocks.count == len(np.unique(blocks.block)) - 1
    (_, times), *_ = blocks.draws(3, rng=np.random.default_rng(9))
    for row in range(3):
        assert times[row, :-1].sum() == blocks.count
        again = np.repeat(np.arange(len(CELLS)), times[row].astype(int)[blocks.block])
        series = pd.Series(counts[again])
        seen = around(CELLS[again], centre=CENTRE)
        draw = dict(zip(found.indicators, found.draws[row, 0], strict=True))
        ellipse = standard_ellipse(series, seen)
        assert draw["gini"] == pytest.approx(gini(series))
        assert draw["evenness"] == pytest.approx(evenness(series))
        assert draw["minor_km"] == pytest.approx(ellipse.minor_km)
        assert draw["distance_km"] == pytest.approx(mean_distance_km(series, seen))
        assert draw["share SE"] == pytest.approx(sectors(series, seen)["SE"])


def test_the_interval_of_a_change_is_the_cluster_robust_one():
    """For a mean, drawing blocks anew tends to the sum of squared block contributions."""
    rng = np.random.default_rng(3)
    years = {2022: rng.poisson(town()), 2025: rng.poisson(moved(town(), share=0.03))}
    found = measured({year: held.astype(float) for year, held in years.items()}, resamples=2000)
    blocks = blocks_of(CELLS, years[2022] + years[2025] > 0)
    part = sum(
        sign * held / held.sum() * (SEEN.distance_km - np.average(SEEN.distance_km, weights=held))
        for sign, held in ((-1, years[2022]), (1, years[2025]))
    )
    error = np.sqrt((np.bincount(blocks.block, part) ** 2).sum())
    row = found.changes.set_index("indicator").loc["distance_km"]
    assert (row["high"] - row["low"]) / 2 / 1.96 == pytest.approx(error, rel=0.1)


def test_blocks_are_parents_unless_there_are_too_few_of_them():
    held = np.ones(len(CELLS), dtype=bool)
    assert blocks_of(CELLS, held).resolution == 7
    assert blocks_of(CELLS[:60], held[:60]).resolution == 8
    assert blocks_of(CELLS, held, resolution=6).resolution == 6
    with pytest.raises(ValueError, match="coarser"):
        blocks_of(CELLS, held, resolution=9)
    assert blocks_of(CELLS, ~held).count == 0


def test_many_blocks_are_drawn_a_few_at_a_time():
    blocks = blocks_of(CELLS, np.ones(len(CELLS), dtype=bool), resolution=8)
    slices = [rows for rows, _ in blocks.draws(4000, rng=np.random.default_rng(1))]
    assert len(slices) > 1
    assert [s.start for s in slices[1:]] == [s.stop for s in slices[:-1]]
    assert slices[-1].stop == 4000


def test_the_same_seed_gives_the_same_answer():
    once, again = (measured(two_years(), seed=4) for _ in range(2))
    assert dumps(once.to_json()) == dumps(again.to_json())
    assert findings(once) == findings(again)


# four answers


def test_a_planted_drift_is_found():
    rng = np.random.default_rng(1)
    mean = town(people=60_000)
    years = {2022: mean, 2023: moved(mean, share=0.015), 2025: moved(mean, share=0.03)}
    found = findings(measured({year: rng.poisson(m).astype(float) for year, m in years.items()}))
    assert verdicts(found) == ["yes"] * 4
    assert (found.first, found.last) == (2022, 2025)
    assert (found.rises.sector, found.falls.sector) == ("SE", "NW")
    assert found.rises.change == pytest.approx(3, abs=0.5)
    assert found.falls.change == pytest.approx(-3, abs=0.5)
    assert found.rises.low < 3 < found.rises.high
    truth = SEEN.distance_km @ (years[2025] - mean) / mean.sum()
    assert found.outward.low < truth < found.outward.high
    assert found.outward.after - found.outward.before == pytest.approx(found.outward.change)
    assert found.dispersing.change < 0


def test_the_other_way_round_the_answer_is_no():
    rng = np.random.default_rng(1)
    mean = town(people=60_000)
    years = {2022: moved(mean, share=0.06), 2025: mean}
    found = findings(measured({year: rng.poisson(m).astype(float) for year, m in years.items()}))
    assert verdicts(found) == ["no", "no", "yes", "yes"]
    assert (found.rises.sector, found.falls.sector) == ("NW", "SE")


def test_chance_alone_is_not_called_a_drift():
    """All four answers together err in 5 % of cities; 6 of 40 or more is chance of 1 in 70."""
    false = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        years = {2022: rng.poisson(town(people=30_000)), 2025: rng.poisson(town(people=20_000))}
        found = measured({year: held.astype(float) for year, held in years.items()}, seed=seed)
        false += verdicts(findings(found)) != ["not clear"] * 4
    assert false < 6


def test_one_new_dormitory_is_no_drift():
    """2 % of all people in one new cell is sure to raise a sector's share, but on one witness."""
    rng = np.random.default_rng(2)
    before, after = (rng.poisson(town()).astype(float) for _ in range(2))
    after[np.flatnonzero((sectors_of(SEEN) == 3) & (SEEN.distance_km > 9))[0]] += 400
    found = findings(measured({2022: before, 2025: after}))
    assert found.rises.sector == "SE"
    assert found.rises.verdict == "not clear"


def test_too_few_blocks_settle_nothing():
    near = np.argsort(SEEN.distance_km)[:6]
    years = {}
    for year, held in ((2022, 10.0), (2025, 500.0)):
        years[year] = np.zeros(len(CELLS))
        years[year][near] = 100.0
        years[year][near[-1]] = held
    found = measured(years)
    assert found.blocks == 6
    assert found.changes[["low", "high"]].isna().all(axis=None)
    assert verdicts(findings(found)) == ["not clear"] * 4
    assert dumps(findings(found).to_json(), allow_nan=False)


def test_two_years_in_the_middle_can_be_asked():
    mean = town(people=60_000)
    years = {2022: mean, 2023: mean, 2025: moved(mean, share=0.05)}
    found = measured({year: np.rint(m) for year, m in years.items()})
    assert findings(found, last=2023).rises.change == 0
    assert findings(found, first=2023).rises.sector == "SE"
    with pytest.raises(ValueError, match="two of 2022, 2023, 2025, found 2023 and 2024"):
        findings(found, first=2023, last=2024)
    with pytest.raises(ValueError, match="found 2025 and 2025"):
        findings(found, first=2025)


def test_a_year_without_anybody_is_left_out():
    held = two_years()
    years = {2021: held[2022] * 0, **held, 2026: held[2022] * 0}
    found = measured(years, resamples=20)
    assert found.peopled == [2022, 2025]
    assert set(found.changes["since"]) == {2022}
    assert (findings(found).first, findings(found).last) == (2022, 2025)
    assert dumps(found.to_json(), allow_nan=False)
    with pytest.raises(ValueError, match="needs two years with graduates, found 1"):
        findings(measured({2022: held[2022], 2023: held[2022] * 0}, resamples=20))


def test_nobody_at_all_is_no_shape():
    found = measured({2022: np.zeros(len(CELLS)), 2023: np.zeros(len(CELLS))}, resamples=5)
    assert np.isnan(found.values).all()
    assert measured({2022: town()}, resamples=5).changes.empty
    assert found.blocks == 0
    assert dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize(
    ("series", "group", "told"),
    [
        ("residence", "all", True),
        ("graduates", "stayers", True),
        ("stayers", "all", True),
        ("stayers", "stayers", True),
        ("stayers", "arrivals", False),
        ("work", "all", False),
        ("base", "all", False),
    ],
)
def test_a_break_of_what_is_counted_is_told(series, group, told):
    given_break = Break(2023, 2024, series, {"en": "counted anew"})
    study = study_of(
        two_years(), breaks=(given_break,), groups=(Group("stayers"), Group("arrivals"))
    )
    half = study.counts["graduates"] / 2
    study.__dict__["counts"] = study.counts.assign(stayers=half, arrivals=half)
    found = drift(study, role="residence", group=group, resamples=5, rng=np.random.default_rng(1))
    assert findings(found).breaks == ((given_break,) if told else ())


def test_unknown_roles_and_groups_are_refused():
    rng = np.random.default_rng(1)
    with pytest.raises(SchemaError, match="town counts residence, not work"):
        drift(study_of(two_years()), role="work", rng=rng)
    with pytest.raises(SchemaError, match="group must be one of all"):
        drift(study_of(two_years()), role="residence", group="nobody", rng=rng)


def test_an_ellipse_turns_the_short_way_round():
    x, y = SEEN.east_km, SEEN.north_km

    def along(degrees: float) -> np.ndarray:
        by = np.radians(degrees)
        long, wide = x * np.sin(by) + y * np.cos(by), x * np.cos(by) - y * np.sin(by)
        return np.rint(200 * np.exp(-((long / 8) ** 2) - (wide / 2) ** 2))

    found = measured({2022: along(178), 2025: along(3)})
    row = found.changes.set_index("indicator").loc["azimuth"]
    assert row["change"] == pytest.approx(5, abs=0.5)
    assert -10 < row["low"] < 5 < row["high"] < 20


def test_the_sample_disperses_outward_from_north_west_to_south_east():
    if not (SAMPLE / "study.json").is_file():
        pytest.skip("the sample study is not there")
    found = drift(open_study(SAMPLE), role="residence", rng=np.random.default_rng(1))
    answers = findings(found, first=2022, last=2025)
    assert verdicts(answers) == ["yes"] * 4
    assert (answers.rises.sector, answers.falls.sector) == ("SE", "NW")
    assert answers.outward.change > 0 > answers.dispersing.change
    assert answers.breaks == ()
