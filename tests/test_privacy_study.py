"""A study with a threshold: what is written, what is said of it, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial import cells as h3cells
from spatial.cli import main
from spatial.info import Group
from spatial.privacy import is_safe, suppressed, with_threshold
from spatial.privacy_study import suppress_study
from spatial.schema import SchemaError
from spatial.sources.beijing import sample
from spatial.store import add_counts, add_layer, rewrite, write_study
from spatial.store_flows import add_flows
from spatial.study import open_study
from tests import studies

TWO = (Group("stayers"), Group("arrivals"))


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    counts = studies.counts()
    return write_study(
        tmp_path_factory.mktemp("raw") / "town",
        studies.info(),
        counts,
        flows=studies.flows(counts),
    )


@pytest.fixture(scope="module")
def safe(raw, tmp_path_factory):
    return suppress_study(raw, tmp_path_factory.mktemp("safe") / "town", threshold=5)


def few(values):
    return ((values > 0) & (values < 5)).any()


def test_nothing_small_is_written(raw, safe):
    assert few(raw.counts["stayers"])
    assert not any(few(safe.counts[one]) for one in ("graduates", "stayers", "arrivals", "base"))
    assert not few(safe.flows["graduates"])
    assert is_safe(safe) == ["threshold 5: no count under it is published"]
    assert is_safe(raw) == []


def test_what_is_shown_is_what_was(raw, safe):
    keys = ["cell", "role", "year"]
    both = safe.counts.merge(raw.counts, on=keys, suffixes=("", "_was"))
    assert len(both) == len(safe.counts)
    for group in ("stayers", "arrivals"):
        shown = both[group] > 0
        assert (both.loc[shown, group] == both.loc[shown, f"{group}_was"]).all()
    known = both["base"].notna()
    assert (both.loc[known, "base"] == both.loc[known, "base_was"]).all()


def test_the_audit_accounts_for_everybody(raw, safe):
    for entry in safe.info.audit:
        if entry["role"] == "flows":
            before, after = raw.flows, safe.flows
        else:
            before, after = (
                one.counts[(one.counts["role"] == entry["role"])] for one in (raw, safe)
            )
        before, after = (
            one.loc[one["year"] == entry["year"], "graduates"].sum() for one in (before, after)
        )
        assert entry["on_map"] == pytest.approx(after)
        assert entry["people_in"] == pytest.approx(before)
        assert entry["dropped"] == {"hidden: counts under 5": pytest.approx(before - after)}
    assert "People hidden" in safe.info.notes["suppression"]["en"]


def test_coarser_cells_are_sums_of_what_is_shown(safe):
    series = safe.series(role="residence", year=2025)["graduates"]
    coarse = series.groupby(h3cells.parents(series.index.to_numpy(), resolution=7)).sum()
    rows = safe.counts.query("role == 'residence' and year == 2025")
    over = h3cells.parents(rows["cell"].to_numpy(), resolution=7)
    shown = rows.groupby(over)["graduates"].sum()
    assert coarse.sum() == rows["graduates"].sum()
    assert coarse[coarse > 0].to_dict() == shown[shown > 0].to_dict()


def test_a_hidden_cell_looks_like_an_empty_one():
    cells = studies.city(radius=3)
    counts = pd.DataFrame(
        {"cell": cells, "role": "work", "year": 2025, "graduates": 9.0, "base": np.nan}
    )
    counts.loc[:3, "graduates"] = [0.0, 2, 3, 4]
    _, tables = suppressed(studies.info(groups=(), threshold=5), {"counts": counts})
    assert set(tables["counts"]["cell"]) == set(cells[4:])


@settings(max_examples=30)
@given(st.integers(1, 12), st.booleans(), st.integers(0, 99))
def test_suppressing_twice_is_suppressing_once(threshold, groups, seed):
    rng = np.random.default_rng(seed)
    counts = studies.counts(seed=seed, radius=3, years=(2025,))
    counts["base"] = counts["graduates"] + rng.integers(0, 9, len(counts))
    info = studies.info(threshold=threshold, groups=TWO if groups else ())
    info, once = suppressed(info, {"counts": counts, "flows": studies.flows(counts)})
    again, twice = suppressed(info, once)
    pd.testing.assert_frame_equal(twice["counts"], once["counts"])
    assert (once.get("flows") is None) == (twice.get("flows") is None)
    if once.get("flows") is not None:
        pd.testing.assert_frame_equal(twice["flows"], once["flows"])
    assert again == info


@settings(max_examples=30)
@given(st.integers(1, 12), st.floats(0.01, 1), st.integers(0, 99))
def test_shares_of_people_are_hidden_like_people(threshold, share, seed):
    counts = studies.counts(seed=seed, radius=3, years=(2025,))
    counts[["graduates", "stayers", "arrivals"]] *= share
    info = studies.info(threshold=threshold)
    _, tables = suppressed(info, {"counts": counts})
    told = tables["counts"][["graduates", "stayers", "arrivals"]].to_numpy()
    assert (told[told > 0] >= threshold).all()


def test_a_threshold_of_nothing_changes_nothing():
    counts = studies.counts(radius=3)
    info = studies.info()
    same, tables = suppressed(info, {"counts": counts})
    assert same is info
    assert tables["counts"] is counts


def test_new_counts_are_suppressed_with_the_study_they_join(safe, tmp_path):
    suppress_study(safe, tmp_path / "town", threshold=5)
    more = studies.counts(seed=4, years=(2026,))
    joined = add_counts(tmp_path / "town", studies.info(audit=()), more)
    old = joined.counts[joined.counts["year"] < 2026]
    pd.testing.assert_frame_equal(
        old.sort_values(["role", "year", "cell"], ignore_index=True),
        safe.counts.sort_values(["role", "year", "cell"], ignore_index=True),
        check_dtype=False,
    )
    assert is_safe(joined) == ["threshold 5: no count under it is published"]
    entry = next(one for one in joined.info.audit if one["year"] == 2026 and one["role"] == "work")
    assert entry["people_in"] == more.query("role == 'work'")["graduates"].sum()


def test_another_threshold_is_refused(safe, raw, tmp_path):
    with pytest.raises(SchemaError, match="hides counts under 5, found 7"):
        add_counts(safe.path, studies.info(threshold=7), studies.counts(years=(2026,)))
    with pytest.raises(SchemaError, match="hides counts under 0, found 5"):
        rewrite(raw, replace(raw.info, threshold=5), {})
    with pytest.raises(SchemaError, match="what is hidden does not come back"):
        suppress_study(safe, tmp_path / "less", threshold=4)
    with pytest.raises(SchemaError, match="another folder"):
        suppress_study(safe, safe.path, threshold=6)
    assert with_threshold(safe.info, 8).threshold == 8


def test_counts_after_their_flows_are_refused(raw, tmp_path):
    counts = raw.counts.copy()
    flows = studies.flows(counts).assign(graduates=10.0)
    there = write_study(tmp_path / "town", studies.info(threshold=5), counts, flows=flows)
    assert there.has("flows")
    with pytest.raises(SchemaError, match="counts of a year must be loaded before its flows"):
        add_counts(
            there.path,
            studies.info(),
            studies.counts(seed=9, years=(2025,)),
            replacing=["work", "residence"],
        )
    assert open_study(there.path).digest == there.digest


def test_flows_that_come_later_are_held_against_the_counts_shown(tmp_path):
    cells = studies.city(radius=2)
    matrix = np.full((len(cells), len(cells)), 6.0)
    matrix[0] = 0
    matrix[0, 1], matrix[0, 2] = 6, 2  # eight leave the first cell; six of them are no secret
    counts = pd.concat(
        [
            pd.DataFrame({"cell": cells, "role": role, "year": 2025, "graduates": people})
            for role, people in (("residence", matrix.sum(axis=1)), ("work", matrix.sum(axis=0)))
        ]
    ).assign(base=np.nan)
    info = studies.info(groups=(), threshold=5)
    there = write_study(tmp_path / "town", info, counts)
    o, d = np.nonzero(matrix)
    result = flow_result(cells[o], cells[d], matrix[o, d])
    saved = add_flows(there.path, info, result)
    first = saved.flows[saved.flows["origin"] == cells[0]] if saved.has("flows") else []
    assert len(first) == 0
    assert is_safe(saved) == ["threshold 5: no count under it is published"]


def test_flows_do_not_tell_a_hidden_count_where_only_homes_were_counted(tmp_path):
    cells = studies.city(radius=2)
    matrix = np.full((len(cells), len(cells)), 6.0)
    matrix[0] = 0
    matrix[0, 1] = 6.0
    homes = pd.DataFrame({"cell": cells, "role": "residence", "year": 2025, "base": np.nan})
    homes["stayers"], homes["arrivals"] = np.floor(matrix.sum(1) / 2), np.ceil(matrix.sum(1) / 2)
    homes["graduates"] = matrix.sum(axis=1)
    info = studies.info(threshold=5)
    there = write_study(tmp_path / "town", info, homes)
    assert cells[0] not in set(there.counts["cell"])  # three of either group
    o, d = np.nonzero(matrix)
    flows = flow_result(cells[o], cells[d], matrix[o, d]).flows
    work = pd.DataFrame({"cell": cells, "role": "work", "year": 2025, "base": np.nan})
    work["graduates"] = matrix.sum(axis=0)
    work["stayers"], work["arrivals"] = work["graduates"], 0.0
    both = pd.concat([there.counts, work])
    saved = rewrite(there, there.info, {"counts": both, "flows": flows})
    assert cells[0] not in set(saved.flows["origin"])


def flow_result(origin, destination, people):
    from spatial.ingest import Audit, FlowResult

    flows = pd.DataFrame(
        {"origin": origin, "destination": destination, "year": 2025, "graduates": people}
    )
    audit = Audit(people.sum(), people.sum())
    return FlowResult(flows=flows, points=None, pairs=None, year=2025, resolution=9, audit=audit)


def test_points_are_not_published(tmp_path):
    counts = studies.counts(years=(2025,))
    cells = counts["cell"].to_numpy()[:2]
    lat, lon = h3cells.centres(cells)
    points = pd.DataFrame({"id": ["a", "b"], "lat": lat, "lon": lon, "cell": cells})
    pairs = pd.DataFrame({"origin": [0], "destination": [1], "year": [2025], "graduates": [50.0]})
    flows = pairs.assign(origin=cells[:1], destination=cells[1:])
    saved = write_study(
        tmp_path / "town",
        studies.info(threshold=5),
        counts,
        flows=flows,
        points=points,
        pairs=pairs,
    )
    assert saved.has("flows")
    assert not saved.has("points")
    assert not saved.has("pairs")


def test_flows_that_tell_few_people_only_are_not_published(tmp_path):
    counts = studies.counts(years=(2025,))
    flows = studies.flows(counts).assign(graduates=[50.0, *[4.0] * 24])
    saved = write_study(tmp_path / "town", studies.info(threshold=5), counts, flows=flows)
    assert not saved.has("flows")
    entry = next(one for one in saved.info.audit if one["role"] == "flows")
    assert (entry["people_in"], entry["on_map"]) == (146, 0)


def test_the_audit_keeps_small_numbers_to_itself(tmp_path):
    counts = studies.counts(years=(2025,))
    total = float(counts.query("role == 'work'")["graduates"].sum())
    entry = {
        "role": "work",
        "year": 2025,
        "people_in": total + 103,
        "on_map": total,
        "dropped": {"no place": 3.0, "outside": 100.0},
        "notes": ["3 people were in cell x", "counted in 2025"],
    }
    info = studies.info(threshold=5, audit=(entry,))
    saved = write_study(tmp_path / "town", info, counts)
    told = next(one for one in saved.info.audit if one["role"] == "work")
    assert "no place" not in told["dropped"]
    assert told["people_in"] == total + 100
    assert told["people_in"] == pytest.approx(told["on_map"] + sum(told["dropped"].values()))
    assert told["notes"] == ["counted in 2025"]


def test_what_should_be_hidden_is_named(raw):
    claimed = replace(raw.info, threshold=5)
    told = is_safe(replace(raw, info=claimed))
    assert any("counts of stayers, residence 2025, lie under it" in one for one in told)
    assert any("flows 2025 lie under it" in one for one in told)


def test_layers_can_still_be_added(safe, tmp_path):
    suppress_study(safe, tmp_path / "town", threshold=5)
    layer = open_study(sample.PACKAGED).layer("stations")
    assert add_layer(tmp_path / "town", "stations", layer).has("stations")


def test_the_sample_in_seconds_and_by_command(tmp_path):
    study = open_study(sample.PACKAGED)
    tables = {"counts": study.counts, "flows": study.flows}
    start = perf_counter()
    suppressed(with_threshold(study.info, 5), tables)
    assert perf_counter() - start < 5
    run = CliRunner().invoke(
        main, ["suppress", str(sample.PACKAGED), "--no-groups", "--out", str(tmp_path / "beijing")]
    )
    assert run.exit_code == 0, run.output
    assert "residence 2025: 17,723 of 201,000 people hidden, 183,277 shown" in run.output
    small = study.counts.query("role == 'residence' and year == 2025")["graduates"]
    assert small[small < 5].sum() == 17_723
    assert "threshold 5: no count under it is published" in run.output
    assert open_study(tmp_path / "beijing").has("stations")


def test_loads_take_a_threshold(tmp_path):
    lat, lon = h3cells.centres(studies.city(radius=3))
    people = np.arange(len(lat)) % 9 + 1
    table = pd.DataFrame({"lat": lat, "lon": lon, "n": people})
    table.to_csv(tmp_path / "people.csv", index=False)
    args = ["load", "points", str(tmp_path / "people.csv"), "--into", str(tmp_path / "town")]
    args += ["--lat", "lat", "--lon", "lon", "--work", "n", "--resolution", "9"]
    run = CliRunner().invoke(main, [*args, "--year", "2024", "--threshold", "5"])
    assert run.exit_code == 0, run.output
    hidden = people[people < 5].sum()
    assert f"work 2024: {hidden} of {people.sum()} people hidden" in run.output
    assert CliRunner().invoke(main, [*args, "--year", "2025"]).exit_code == 0
    study = open_study(tmp_path / "town")
    assert study.info.threshold == 5
    assert not few(study.counts["graduates"])
    other = CliRunner().invoke(main, [*args, "--year", "2026", "--threshold", "6"])
    assert other.exit_code == 2
