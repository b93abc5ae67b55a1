"""Two years side by side: the numbers are those of the parts, and a break is never passed over."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.agreement import agreement
from spatial.analysis import hotspot_table, neighbours_of, place_table
from spatial.change import YARDSTICKS, difference, recoded
from spatial.comparison import (
    Comparison,
    agreement_between,
    answers_between,
    difference_table,
    incomparable,
    incomparable_studies,
    lineages_between,
    reasons_against,
    trends,
    years_between,
)
from spatial.events import EVENT_TABLE_COLUMNS, event_table
from spatial.lineage import EVENT_COLUMNS
from spatial.question import Question, QuestionError
from spatial.schema import ROLES, SchemaError
from spatial.sources.beijing.drawing import pockets
from spatial.sources.beijing.planted import PLANTED
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.story import place_words, story
from spatial.study import Break, Source, open_study
from spatial.trend import trend_words
from tests.studies import counts, info, small_study

BREAKS = (
    Break(2023, 2024, "work", {"en": "the register was renewed"}),
    Break(2024, 2025, "base", {"en": "a census came", "zh": "人口普查"}),
    Break(2024, 2025, "stayers"),
    Break(2024, 2025, "residence", {"zh": "改用手机信令"}),
)
TWO = Comparison(first=2023, second=2025)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little", breaks=BREAKS)


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def told(sample):
    """Comparison, answers and lineages of the sample's homes at a resolution."""
    found = {}

    def of(resolution):
        if resolution not in found:
            asked = Comparison(first=2022, second=2025, resolution=resolution)
            answers = answers_between(sample, asked)
            found[resolution] = asked, answers, lineages_between(sample, asked, answers=answers)
        return found[resolution]

    return of


def written(folder, table, **changes):
    return write_study(folder, info(**changes), table)


def scaled(table, *, centre, by):
    """The table with `by` as many people at work around one of the two centres."""
    lat, lon = [(39.9, 116.4), (39.92, 116.42)][centre]
    middle = h3cells.points_to_cells([lat], [lon], resolution=9)
    near = table["cell"].isin(h3cells.grid_disk(middle, k=5)) & (table["role"] == "work")
    factor = np.where(near, by, 1.0)
    return table.assign(
        **{name: table[name] * factor for name in ("graduates", "stayers", "arrivals")}
    )


def copied(table, years, *, like):
    """The rows of the year `like` in each of `years`."""
    rows = table[table["year"] == like]
    return pd.concat([rows.assign(year=year) for year in years], ignore_index=True)


# What is asked

COMPARISONS = st.builds(
    Comparison,
    first=st.integers(1900, 2040),
    second=st.integers(2041, 2200),
    role=st.sampled_from(ROLES),
    group=st.sampled_from(["all", "stayers"]),
    resolution=st.none() | st.integers(0, 15),
    k=st.integers(1, 10),
    alpha=st.floats(0.001, 0.5),
    top=st.integers(1, 1000),
    against=st.sampled_from(YARDSTICKS),
)


@given(COMPARISONS)
def test_a_comparison_is_its_words_and_a_key(asked):
    assert Comparison.from_dict(asked.to_dict()) == asked
    assert hash(Comparison.from_dict(asked.to_dict())) == hash(asked)
    for year in (asked.first, asked.second):
        question = asked.question(year)
        assert isinstance(question, Question)
        shared = set(question.to_dict()) & set(asked.to_dict())
        assert {name: question.to_dict()[name] for name in shared} == {
            name: asked.to_dict()[name] for name in shared
        }
        assert question.year == year


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"first": 2025, "second": 2023}, "the earlier of two different years must come first"),
        ({"first": 2025, "second": 2025}, "found 2025 and 2025"),
        ({"first": 1, "second": 2025}, "first must be whole, 1900 to 2200, found 1"),
        ({"first": 2023, "second": True}, "second must be whole"),
        ({"against": "hope"}, "against must be one of before, total, base, found hope"),
        ({"role": "leisure"}, "role must be one of residence, work, found leisure"),
        ({"k": 0, "top": 0, "against": "x"}, "against .*; k must be whole.*; top must be whole"),
        ({"alpha": 2}, "alpha must lie between 0 and 1"),
    ],
)
def test_every_fault_is_named(words, sentence):
    with pytest.raises(QuestionError, match=sentence):
        Comparison(**({"first": 2023, "second": 2025} | words))


def test_unknown_and_missing_words_are_named():
    with pytest.raises(QuestionError, match=r"a comparison has first, second, .* found year"):
        Comparison.from_dict({"first": 2023, "second": 2025, "year": 2025})
    with pytest.raises(QuestionError, match="needs two years, second missing"):
        Comparison.from_dict({"first": 2023})


def test_years_that_were_not_counted_are_named(study):
    for run in (difference_table, lineages_between, trends):
        with pytest.raises(SchemaError, match="counts residence in 2023, 2024, 2025, not in 2022"):
            run(study, replace(TWO, first=2022))
    with pytest.raises(SchemaError, match="not in 2021 and 2022"):
        years_between(study, replace(TWO, first=2021, second=2022))
    assert years_between(study, TWO) == (2023, 2024, 2025)
    assert years_between(study, replace(TWO, first=2024)) == (2024, 2025)


# The difference


@pytest.mark.parametrize("against", YARDSTICKS)
@pytest.mark.parametrize("resolution", [None, 8])
def test_the_difference_is_that_of_the_parts(study, against, resolution):
    asked = Comparison(first=2023, second=2025, role="work", against=against, resolution=resolution)
    found = difference_table(study, asked)
    one, other = (hotspot_table(study, asked.question(year)) for year in (2023, 2025))
    expected = difference(
        one["graduates"],
        other["graduates"],
        base_before=one["base"],
        base_after=other["base"],
        against=against,
    )
    pd.testing.assert_frame_equal(found[expected.columns], expected)
    for name in ("hotspot", "z"):
        assert found[f"{name}_before"].tolist() == one[name].tolist()
        assert found[f"{name}_after"].tolist() == other[name].tolist()
    near = neighbours_of(study, asked.question(2023))
    hint = recoded(one["graduates"], other["graduates"], near)
    assert found["recoded"].tolist() == hint.tolist()
    assert found["area_km2"].tolist() == one["area_km2"].tolist()


@pytest.mark.parametrize("group", ["all", "stayers", "arrivals"])
def test_every_graduate_is_in_the_difference(study, group):
    found = difference_table(study, replace(TWO, group=group))
    assert found.index.tolist() == study.area.tolist()
    column = "graduates" if group == "all" else group
    homes = study.counts[study.counts["role"] == "residence"].groupby("year")[column].sum()
    assert found["before"].sum() == homes[2023]
    assert found["after"].sum() == homes[2025]
    assert found["change"].sum() == homes[2025] - homes[2023]


def test_what_is_at_hand_is_not_made_again(study):
    asked = replace(TWO, role="work", resolution=8)
    near = neighbours_of(study, asked.question(2023))
    tables = {year: hotspot_table(study, asked.question(year)) for year in (2023, 2024, 2025)}
    answers = {
        year: (table, place_table(study, asked.question(year), table))
        for year, table in tables.items()
    }
    given_tables = {"tables": tables, "neighbours": near}
    pd.testing.assert_frame_equal(
        difference_table(study, asked, **given_tables), difference_table(study, asked)
    )
    pd.testing.assert_frame_equal(trends(study, asked, **given_tables), trends(study, asked))
    pd.testing.assert_frame_equal(
        lineages_between(study, asked, answers=answers, neighbours=near).events,
        lineages_between(study, asked).events,
    )
    half = answers_between(study, asked, answers={2024: answers[2024]}, neighbours=near)
    assert half[2024] is answers[2024]
    assert list(half) == [2023, 2024, 2025]


def test_without_a_base_nothing_is_measured_by_it(tmp_path):
    table = counts()
    table.loc[table["year"] == 2025, "base"] = np.nan
    study = written(tmp_path / "bare", table)
    assert "change_vs_base" not in difference_table(study, TWO)
    with pytest.raises(QuestionError, match="has none for residence in 2025"):
        difference_table(study, replace(TWO, against="base"))
    assert "change_vs_base" in difference_table(study, replace(TWO, second=2024))


@pytest.mark.parametrize("against", YARDSTICKS)
def test_equal_years_give_nothing(tmp_path, against):
    table = copied(counts(), (2022, 2023, 2025), like=2024)
    study = written(tmp_path / "still", table, breaks=())
    asked = Comparison(first=2022, second=2025, role="work", against=against)
    found = difference_table(study, asked)
    assert (found["change"] == 0).all()
    assert found["noise"].all()
    assert not found["recoded"].any()
    assert found["comparable"].all()
    events = lineages_between(study, asked).events
    assert len(events) == 2 * 2  # two places, two pairs of years
    assert set(events["verdict"]) == {"steady"}
    alike = agreement_between(study, asked, rng=np.random.default_rng(1))
    assert (alike.jaccard, alike.stayed) == (1, 1)
    assert alike.fuzzy_kappa == pytest.approx(1)
    assert set(trends(study, asked)["word"]) == {"always", "never"}


def test_a_difference_of_70_000_cells_takes_under_300_ms(sample):
    asked = Comparison(first=2022, second=2025)
    near = neighbours_of(sample, asked.question(2022))
    tables = {
        year: hotspot_table(sample, asked.question(year), neighbours=near) for year in (2022, 2025)
    }
    took = []
    for _ in range(3):
        start = time.perf_counter()
        found = difference_table(sample, asked, tables=tables, neighbours=near)
        took.append(time.perf_counter() - start)
    assert len(found) > 70_000
    assert min(took) < 0.3


# Agreement and trends


def test_agreement_is_that_of_the_hotspots(study):
    asked = replace(TWO, role="work")
    one, other = (hotspot_table(study, asked.question(year)) for year in (2023, 2025))
    expected = agreement(
        one["hotspot"],
        other["hotspot"],
        neighbours_of(study, asked.question(2023)),
        counts_before=one["graduates"],
        counts_after=other["graduates"],
        permutations=99,
        rng=np.random.default_rng(5),
    )
    found = agreement_between(study, asked, permutations=99, rng=np.random.default_rng(5))
    assert found == expected
    shuffled = agreement_between(
        study, asked, permutations=9, null="shuffled", rng=np.random.default_rng(5)
    )
    assert (shuffled.null, shuffled.jaccard) == ("shuffled", expected.jaccard)


def test_trends_use_every_year_of_the_role(study):
    asked = replace(TWO, first=2024, role="work")
    found = trends(study, asked)
    tables = {year: hotspot_table(study, asked.question(year)) for year in (2023, 2024, 2025)}
    expected = trend_words(
        pd.DataFrame({year: table["hotspot"] for year, table in tables.items()}),
        pd.DataFrame({year: table["z"] for year, table in tables.items()}),
    )
    pd.testing.assert_frame_equal(found, expected)
    assert set(found["slices"]) == {3}
    assert set(found["trend"]) == {"untested"}
    assert found["smallest_p"].iloc[0] == pytest.approx(1 / 3)


def test_eight_years_are_tested_and_a_growing_centre_is_found(tmp_path):
    years = tuple(range(2016, 2025))
    table = copied(counts(radius=8), years, like=2024)
    peak = h3cells.points_to_cells([39.9], [116.4], resolution=9)[0]
    table = scaled(table, centre=0, by=1 + 0.1 * (table["year"] - 2016))
    study = written(tmp_path / "long", table, breaks=())
    found = trends(study, Comparison(first=2016, second=2024, role="work"))
    assert found.loc[peak, "slices"] == 9
    assert found.loc[peak, ["word", "trend", "emerging"]].tolist() == [
        "always",
        "up",
        "intensifying",
    ]


# Lineage


def test_a_place_only_no_longer_shown_has_not_vanished(study):
    """Two centres of equal size, one shown: whichever it is, neither comes nor goes."""
    for resolution in (None, 8):
        asked = replace(TWO, role="work", top=1, resolution=resolution)
        found = lineages_between(study, asked)
        assert set(found.events["verdict"]) <= {"steady", "grew", "shrank"}


@pytest.mark.parametrize("against", ["total", "base"])
def test_places_know_no_base_and_are_measured_by_the_total(study, against):
    asked = replace(TWO, role="work", against=against)
    expected = lineages_between(study, replace(asked, against="total")).events
    found = lineages_between(study, asked).events
    pd.testing.assert_frame_equal(found, expected)
    growth = expected["expected"] / expected["footprint_before"]
    totals = study.counts[study.counts["role"] == "work"].groupby("year")["graduates"].sum()
    first = growth[expected["from_year"] == 2023]
    np.testing.assert_allclose(first, totals[2024] / totals[2023])


def test_events_have_names_outlines_and_reasons(study):
    asked = replace(TWO, role="work")
    answers = answers_between(study, asked)
    found = lineages_between(study, asked, answers=answers)
    places = {year: one for year, (_, one) in answers.items()}
    table = event_table(found, places, reasons=reasons_against(study, asked))
    assert tuple(table.columns) == EVENT_TABLE_COLUMNS
    pd.testing.assert_frame_equal(
        pd.DataFrame(table[list(EVENT_COLUMNS)]), found.events, check_dtype=False
    )
    assert table.crs.to_epsg() == 4326
    assert table.is_valid.all()
    for row in table.itertuples():
        told = story(found, row.lineage)
        assert (row.name, row.name_en) == (told.name, told.name_en)
        own = places[row.to_year].table.set_index("id").geometry[row.to_place]
        assert row.geometry.equals(own)
    assert not table["comparable"].any()  # work breaks in the first pair, stayers in the second


def test_an_event_carries_only_the_breaks_it_lies_across(study):
    asked = replace(TWO, role="work", group="arrivals")
    answers = answers_between(study, asked)
    found = lineages_between(study, asked, answers=answers)
    places = {year: one for year, (_, one) in answers.items()}
    table = event_table(found, places, reasons=reasons_against(study, asked))
    across = table["from_year"] == 2023
    assert across.any()
    assert not across.all()
    assert table["comparable"].tolist() == (~across).tolist()
    assert set(table.loc[across, "break_en"]) == {"the register was renewed"}
    assert set(table.loc[~across, "break"]) == {""}


def test_a_place_not_shown_has_the_outline_it_last_had(tmp_path):
    """One place is shown, the first centre in the first year and the second ever after."""
    table = copied(counts(), (2022, 2023, 2024), like=2024)
    early = table["year"] == 2022
    table = scaled(table, centre=0, by=np.where(early, 1.1, 1.0))
    table = scaled(table, centre=1, by=np.where(early, 1.0, 1.1))
    study = written(tmp_path / "turn", table, breaks=())
    asked = Comparison(first=2022, second=2024, role="work", top=1)
    answers = answers_between(study, asked)
    places = {year: one for year, (_, one) in answers.items()}
    events = event_table(lineages_between(study, asked, answers=answers), places)
    hidden = events[(events["from_place"] == "") & (events["to_place"] == "")]
    assert hidden["to_year"].tolist() == [2024]
    assert hidden["verdict"].tolist() == ["steady"]
    assert hidden.geometry.iloc[0].equals(places[2022].table.geometry.iloc[0])


# What speaks against a comparison


def series(found):
    return [(one.series, one.after) for one in found]


def test_a_break_counts_where_it_touches_what_is_compared(study):
    of = {"role": "residence"}
    assert series(incomparable(study, 2023, 2024, **of)) == []
    assert series(incomparable(study, 2024, 2025, **of)) == [("residence", 2024), ("stayers", 2024)]
    assert series(incomparable(study, 2025, 2023, **of)) == [("residence", 2024), ("stayers", 2024)]
    assert series(incomparable(study, 2024, 2025, role="work", group="arrivals")) == []
    assert series(incomparable(study, 2023, 2025, role="work", group="arrivals")) == [
        ("work", 2023)
    ]
    based = [("base", 2024), ("residence", 2024)]
    of |= {"group": "arrivals"}
    for used in ({"measure": "share"}, {"measure": "surplus"}, {"against": "base"}):
        assert series(incomparable(study, 2023, 2025, **of, **used)) == based
    assert series(incomparable(study, 2023, 2025, **of, measure="density")) == based[1:]


def test_a_reason_has_a_sentence_in_either_language(study):
    found = incomparable(study, 2024, 2025, role="residence", against="base")
    assert all(set(one.reason) == {"zh", "en"} for one in found)
    words = {one.series: one.reason for one in found}
    assert words["base"] == {"en": "a census came", "zh": "人口普查"}
    assert words["residence"]["zh"] == "改用手机信令"
    assert words["residence"]["en"] == '"residence" of 2024 and of 2025 are not comparable.'
    assert "2024年与2025年" in words["stayers"]["zh"]
    assert len({hash(one) for one in found}) == len(found)


def test_the_table_says_whether_it_is_comparable(study):
    assert not difference_table(study, TWO)["comparable"].any()
    assert difference_table(study, replace(TWO, second=2024))["comparable"].all()


def test_the_samples_break_is_crossed_where_the_base_is_used(sample):
    asked = Comparison(first=2022, second=2025, resolution=8)
    assert reasons_against(sample, asked) == []
    (found,) = reasons_against(sample, replace(asked, against="base"))
    assert (found.kind, found.series, found.after, found.before) == ("break", "base", 2023, 2024)
    assert "128.4" in found.reason["zh"]
    assert "1.284" in found.reason["en"]
    assert not reasons_against(sample, replace(asked, first=2024, against="base"))
    assert not difference_table(sample, replace(asked, against="base"))["comparable"].any()


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"source": Source("Another register")}, "source", "A made-up register; Another register"),
        ({"definitions": {"work": {"en": "jobs"}}}, "definition", '"work"'),
        ({"place": {"en": "Elsewhere"}}, "geography", "Little town; Little town"),
        ({"threshold": 5}, "threshold", "0 and 5"),
        ({"synthetic": False}, "synthetic", "Little town is synthetic"),
    ],
)
def test_two_studies_that_differ_are_told_apart(tmp_path, study, changes, kind, words):
    other = small_study(tmp_path / "other", **changes)
    (found,) = incomparable_studies(study, other, role="work")
    assert found.kind == kind
    assert words in found.reason["en"]
    assert found.reason["zh"].endswith("。")
    assert (found.after, found.before) == (None, None)
    (back,) = incomparable_studies(other, study, role="work")
    assert back.kind == kind
    if kind == "definition":
        assert incomparable_studies(study, other, role="residence") == []


def test_equal_studies_can_be_compared(study, tmp_path):
    assert incomparable_studies(study, small_study(tmp_path / "twin", seed=2), role="work") == []


def test_a_study_of_other_cells_is_elsewhere(study, tmp_path):
    table = counts()
    coarse = table.assign(cell=h3cells.parents(table["cell"], resolution=8))
    coarse = coarse.groupby(["cell", "role", "year"], as_index=False).sum()
    other = written(tmp_path / "coarse", coarse, resolution=8)
    assert [one.kind for one in incomparable_studies(study, other, role="work")] == ["resolution"]
    small = table[table["cell"].isin(h3cells.grid_disk(study.area[:1], k=3))]
    part = written(tmp_path / "part", small)
    assert [one.kind for one in incomparable_studies(study, part, role="work")] == ["geography"]


# The sample


@pytest.mark.parametrize("resolution", [8, 9])
def test_every_planted_event_is_found_and_none_beside(told, resolution):
    _, _, found = told(resolution)
    events = found.events[~found.events["verdict"].isin(["steady", "grew", "shrank"])]
    assert set(zip(events["verdict"], events["to_year"], strict=True)) == {
        (one.verdict, one.year) for one in PLANTED
    }
    rows = {"appeared": 1, "vanished": 1, "moved": 1, "split": 2, "merged": 2}
    assert events["verdict"].value_counts().to_dict() == rows


@pytest.mark.parametrize("resolution", [8, 9])
@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.verdict)
def test_planted_events_lie_where_they_were_planted(told, planted, resolution):
    _, answers, found = told(resolution)
    table = event_table(found, {year: one for year, (_, one) in answers.items()})
    rows = table[(table["verdict"] == planted.verdict) & (table["to_year"] == planted.year)]
    spots = {one.id: one for one in pockets()}
    names = (*planted.before, *planted.after)
    points = [shapely.Point(spots[name].lon, spots[name].lat) for name in names]
    kilometre = 1 / 85  # degrees of longitude there, and a little more of latitude
    for shape in rows.geometry:
        assert any(shape.distance(point) < kilometre / 2 for point in points)
    outlines = rows.geometry.union_all()
    assert all(outlines.distance(point) < kilometre for point in points)


@pytest.mark.parametrize("resolution", [8, 9])
def test_ids_persist_when_a_year_is_added(sample, told, resolution):
    asked, answers, long = told(resolution)
    short = lineages_between(sample, replace(asked, second=2024), answers=answers)
    ids = [one.years[one.years["shown"].astype(bool)] for one in (short, long)]
    before, after = (one.set_index(["year", "place"])["lineage"] for one in ids)
    assert before.to_dict() == after[after.index.get_level_values("year") <= 2024].to_dict()


def test_places_are_told_without_a_trend(told):
    _, _, found = told(8)
    words = place_words(found)
    assert set(words["trend"]) == {"untested"}
    assert words["smallest_p"].iloc[0] == pytest.approx(2 / 24)
    assert words.loc["ciqu", ["word", "since"]].tolist() == ["new", 2024]
    assert words.loc["xibeiwang", "word"] == "former"
