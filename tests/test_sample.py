"""The Beijing sample: its totals, the published findings, and the real city beside it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely

from spatial import cells as h3cells
from spatial.analysis import hotspot_table, place_table
from spatial.drift import drift
from spatial.findings import findings
from spatial.geodesy import sphere_distance_km
from spatial.lineage import find_lineages
from spatial.neighbours import disk
from spatial.peaks import find_peaks, smoothing_steps, surface
from spatial.question import Question
from spatial.sources.beijing.drawing import pockets
from spatial.sources.beijing.fabric import RESIDENTS, shared_out
from spatial.sources.beijing.planted import PLANTED
from spatial.sources.beijing.sample import PACKAGED, build
from spatial.study import hash_of, open_study

YEARS = (2022, 2023, 2024, 2025)
TIANANMEN = (39.9073, 116.3913)

# Published, 10 000 persons: employees of 2024 by district.
EMPLOYEES = {
    "110101": 79.9,
    "110102": 117.5,
    "110105": 206.0,
    "110108": 223.4,
    "110106": 90.4,
    "110107": 27.7,
    "110112": 46.5,
    "110113": 57.6,
    "110115": 95.8,
    "110114": 48.6,
    "110111": 33.1,
    "110109": 16.1,
    "110117": 19.3,
    "110116": 24.9,
    "110118": 21.8,
    "110119": 9.1,
}
CENTRES = {"泛中关村", "CBD", "望京"}
NODES = {"西二旗", "西三旗", "金融街", "三元桥", "丰台科技园", "四惠", "亦庄", "通州副中心"}
POCKETS = {"北京像素", "天通西苑", "沙河", "宋家庄", "西红门", "垡头", "梨园", "次渠", "旧宫"}


@pytest.fixture(scope="module")
def study():
    return open_study(PACKAGED)


@pytest.fixture(scope="module")
def counts(study):
    """The counts with each cell's centre, district, distance and bearing from Tiananmen."""
    cells = np.unique(study.counts["cell"].to_numpy())
    lat, lon = h3cells.centres(cells)
    where = pd.DataFrame({"lat": lat, "lon": lon}, index=cells)
    where["km"] = sphere_distance_km(lat, lon, *TIANANMEN)
    east = (lon - TIANANMEN[1]) * np.cos(np.radians(TIANANMEN[0]))
    where["bearing"] = np.degrees(np.arctan2(east, lat - TIANANMEN[0])) % 360
    districts = study.layer("districts")
    for code, shape in zip(districts["id"], districts.geometry, strict=True):
        if shape is not None:
            shapely.prepare(shape)
            where.loc[shapely.contains_xy(shape, lon, lat), "district"] = code
    return study.counts.join(where, on="cell")


@pytest.fixture(scope="module")
def places(study):
    """The 20 most prominent places of a role and year, as the project finds them."""
    found = {}

    def of(role, year):
        if (role, year) not in found:
            question = Question(role=role, year=year)
            found[role, year] = place_table(study, question, hotspot_table(study, question))
        return found[role, year]

    return of


def of(counts, role, year):
    return counts[(counts["role"] == role) & (counts["year"] == year)]


# What it says of itself, and the control totals


def test_says_that_it_is_synthetic_in_both_languages(study):
    assert study.info.synthetic
    assert "合成" in study.info.title["zh"]
    assert "synthetic" in study.info.title["en"]
    assert "synthetic" in study.info.source.citation
    for words in [*study.info.definitions.values(), *study.info.notes.values()]:
        assert set(words) == {"zh", "en"}
    assert {"residence", "work", "base", "stayers", "arrivals"} <= set(study.info.definitions)


def test_fits_into_the_package(study):
    assert sum(file.stat().st_size for file in study.path.iterdir()) <= 10_000_000
    assert 45_000 <= len(study.area) <= 85_000
    assert study.years == YEARS


def test_brings_every_layer(study):
    sizes = {
        name: len(study.layer(name))
        for name in ("districts", "stations", "rail_links", "rents", "campuses", "places", "ground")
    }
    assert sizes["districts"] == 17
    assert sizes["rents"] == 4_000
    assert all(sizes.values())


def test_control_totals_of_graduates(counts):
    for role in ("residence", "work"):
        totals = counts[counts["role"] == role].groupby("year")[["stayers", "arrivals"]].sum()
        stayers, arrivals = totals["stayers"] / 1e4, totals["arrivals"] / 1e4
        assert stayers[2024] == 8.4
        assert stayers.between(8, 10).all()
        assert arrivals.between(10, 20).all()
        both = stayers + arrivals
        assert both[2024] == pytest.approx(21.0)
        assert both.between(20, 30).all()
        assert (both.diff().dropna() < 0).all()
        assert arrivals[2025] / arrivals[2022] < stayers[2025] / stayers[2022]


def test_employees_are_the_published_ones_on_each_base(counts):
    for year in (2024, 2025):
        employees = of(counts, "work", year).groupby("district")["base"].sum() / 1e4
        assert employees.to_dict() == pytest.approx(EMPLOYEES)
    for year in (2022, 2023):
        employees = of(counts, "work", year).groupby("district")["base"].sum() / 1e4
        assert employees["110102"] == pytest.approx(128.4)


def test_the_new_employment_base_is_a_break(study):
    (found,) = study.break_between(2023, 2024)
    assert found.series == "base"
    assert "128.4" in found.reason["zh"]
    assert not study.break_between(2024, 2025)


@pytest.mark.parametrize("year", YEARS)
def test_residents_are_those_of_the_census(counts, year):
    residents = of(counts, "residence", year).groupby("district")["base"].sum()
    assert residents.to_dict() == RESIDENTS
    assert residents.sum() == 21_893_095


def test_people_are_whole_and_fewer_than_the_base(counts):
    for column in ("graduates", "stayers", "arrivals", "base"):
        assert pd.api.types.is_integer_dtype(counts[column])
    assert (counts["graduates"] <= counts["base"]).all()
    assert counts["district"].notna().all()


@pytest.mark.parametrize(("end", "role"), [("origin", "residence"), ("destination", "work")])
def test_flows_add_up_to_the_counts(study, end, role):
    flows = study.flows.groupby([end, "year"])["graduates"].sum()
    rows = study.counts[(study.counts["role"] == role) & (study.counts["graduates"] > 0)]
    counted = rows.set_index(["cell", "year"])["graduates"].sort_index()
    assert flows.index.tolist() == counted.index.tolist()
    assert (flows.to_numpy() == counted.to_numpy()).all()


# The published findings


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("resolution", [8, 9])
def test_graduates_work_where_jobs_are_many_more_than_in_proportion(counts, year, resolution):
    rows = of(counts, "work", year)
    rows = rows.groupby(h3cells.parents(rows["cell"], resolution=resolution))
    table = rows[["graduates", "base"]].sum()
    table = np.log(table[(table > 0).all(axis=1)])
    slope = table.cov().loc["graduates", "base"] / table["base"].var()
    error = np.sqrt((table["graduates"].var() / table["base"].var() - slope**2) / len(table))
    assert slope - 5 * error > 1.1


@pytest.mark.parametrize("year", YEARS)
def test_the_three_centres_lead_and_most_nodes_are_found(places, year):
    table = places("work", year).table
    largest = table.nlargest(3, "graduates")["name"]
    assert set(largest) == CENTRES
    assert len(table) == 20
    assert len(NODES & set(table["name"])) >= 7
    assert 0.4 < table["share"].sum() < 0.7


def test_work_leans_north_west_north_east_and_east(counts):
    rows = of(counts, "work", 2025)
    sector = ((rows["bearing"] + 22.5) // 45 % 8).astype(int)
    share = rows.groupby(sector)["graduates"].sum() / rows["graduates"].sum()
    assert set(share.nlargest(3).index) == {1, 2, 7}


def test_the_pockets_are_found(places):
    assert set(places("residence", 2025).table["name"]) >= POCKETS
    for year in YEARS:
        assert {"北京像素", "天通西苑"} <= set(places("residence", year).table["name"])


def entropy(people):
    share = people[people > 0] / people.sum()
    return -(share * np.log(share)).sum()


def gini(people, cells):
    """Over all `cells` of the study area, empty ones included."""
    rank = np.arange(cells - len(people) + 1, cells + 1)
    return (2 * rank - cells - 1) @ np.sort(people) / (cells * people.sum())


def sector_share(people, rows, bearing):
    return people[(abs(rows["bearing"] - bearing) <= 22.5).to_numpy()].sum() / people.sum()


def drift_measures(people, rows, cells):
    return {
        "entropy": entropy(people),
        "gini": gini(people, cells),
        "km from Tiananmen": (people * rows["km"]).sum() / people.sum(),
        "south-east": sector_share(people, rows, 135),
        "north-west": sector_share(people, rows, 315),
    }


@pytest.mark.parametrize(
    ("measure", "sign", "least", "most"),
    [
        ("entropy", 1, 0.03, 0.3),
        ("gini", -1, 0.003, 0.03),
        ("km from Tiananmen", 1, 0.2, 1.5),
        ("south-east", 1, 0.01, 0.04),
        ("north-west", -1, 0.01, 0.04),
    ],
)
def test_homes_drift_as_published_beyond_noise(study, counts, measure, sign, least, most):
    cells = len(study.area)
    rng = np.random.default_rng(1)
    values, noise = [], []
    for year in YEARS:
        rows = of(counts, "residence", year)
        people = rows["graduates"].to_numpy()
        values.append(drift_measures(people, rows, cells)[measure])
        again = rng.poisson(people, (8, len(people)))
        noise.append(np.std([drift_measures(one, rows, cells)[measure] for one in again]))
    change = sign * (values[-1] - values[0])
    assert least < change < most
    assert change > 5 * np.hypot(noise[0], noise[-1])
    assert all(sign * (later - earlier) > 0 for earlier, later in pairwise(values))


def place_at(found, pocket):
    """Id of the place that holds the pocket's cell, or None."""
    cell = h3cells.points_to_cells([pocket.lat], [pocket.lon], resolution=9)[0]
    return found.member.get(cell)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: one.verdict)
def test_planted_changes_can_be_found(places, planted):
    spots = {one.id: one for one in pockets()}
    before, after = places("residence", planted.year - 1), places("residence", planted.year)
    old = [place_at(before, spots[name]) for name in (*planted.before, *planted.after)]
    new = [place_at(after, spots[name]) for name in (*planted.before, *planted.after)]
    match planted.verdict:
        case "appeared":
            assert old == [None]
            assert new[0]
        case "vanished":
            assert new == [None]
            assert old[0]
        case "merged":
            assert old[0] != old[1]
            assert all(old[:2])
            assert len(set(new)) == 1
        case "split":
            assert len(set(old)) == 1
            assert new[1] != new[2]
            assert all(new[1:])
        case "moved":
            peaks = [
                table.table.set_index("id").loc[place, ["lat", "lon"]]
                for table, place in ((before, old[0]), (after, new[1]))
            ]
            gone = sphere_distance_km(*peaks[0], *peaks[1])
            shared = before.member[before.member == old[0]].index.isin(
                after.member[after.member == new[1]].index
            )
            assert 0.5 < gone < 2
            assert shared.mean() > 0.3


def test_the_analysis_answers_all_four_findings_on_homes(study):
    answer = findings(drift(study, role="residence", rng=np.random.default_rng(1)))
    four = (answer.dispersing, answer.outward, answer.rises, answer.falls)
    assert [one.verdict for one in four] == ["yes"] * 4
    assert (answer.rises.sector, answer.falls.sector) == ("SE", "NW")


def test_the_analysis_gives_every_planted_change_its_name(study, places):
    counts = {year: study.series(role="residence", year=year)["graduates"] for year in YEARS}
    events = find_lineages({year: places("residence", year) for year in YEARS}, counts).events
    told = events[~events["verdict"].isin(["steady", "grew", "shrank"])]
    told = told[told["to_year"] - told["from_year"] == 1]
    assert {(one.verdict, one.to_year) for one in told.itertuples()} == {
        (one.verdict, one.year) for one in PLANTED
    }


def test_nothing_else_appears_or_vanishes_among_the_twenty_homes(places):
    for year in YEARS[1:]:
        before = places("residence", year - 1).member
        after = places("residence", year).member
        both = pd.concat([before.rename("old"), after.rename("new")], axis=1).dropna()
        lost = before.nunique() - both["old"].nunique()
        fresh = after.nunique() - both["new"].nunique()
        events = [one.verdict for one in PLANTED if one.year == year]
        assert lost == events.count("vanished")
        assert fresh == events.count("appeared")


@pytest.mark.parametrize("year", YEARS)
def test_commutes_and_rail_are_those_of_new_graduates(study, counts, year):
    flows = study.flows[study.flows["year"] == year]
    home = h3cells.centres(flows["origin"])
    work = h3cells.centres(flows["destination"])
    km = sphere_distance_km(*home, *work)
    assert 10 < np.average(km, weights=flows["graduates"]) < 11
    stations = study.layer("stations")
    stations = stations[stations["opened"] <= year]
    rows = of(counts, "residence", year)
    rows = rows[rows["graduates"] > 0]
    gap = sphere_distance_km(
        rows["lat"].to_numpy()[:, None],
        rows["lon"].to_numpy()[:, None],
        stations.geometry.y.to_numpy()[None],
        stations.geometry.x.to_numpy()[None],
    ).min(axis=1)
    assert 0.4 < np.average(gap < 0.8, weights=rows["graduates"]) < 0.75


def test_rooms_are_mostly_above_3000_yuan_and_cheap_ones_scarcest_in_the_centre(study):
    rents = study.layer("rents")
    assert set(rents["kind"]) == {"room", "flat"}
    assert {"rooms", "area_m2", "year"} <= set(rents.columns)
    rooms = rents[rents["kind"] == "room"]
    assert (rooms["rent"] > 3000).mean() > 0.5
    km = sphere_distance_km(rents.geometry.y, rents.geometry.x, *TIANANMEN)
    cheap = (rents["rent"] < 3000).groupby(np.digitize(km, [6, 12, 20])).mean()
    assert cheap.is_monotonic_increasing
    assert cheap.iloc[0] < 0.1


# Beside the real city


@pytest.mark.real
def test_residents_by_district_follow_the_real_ones(counts, real_data):
    census = pd.read_csv(
        real_data / "beijing" / "census2020_beijing_ghsl_tudigong.csv", dtype={"CODE": str}
    ).set_index("CODE")
    residents = of(counts, "residence", 2025).groupby("district")["base"].sum()
    assert np.corrcoef(residents, census["GHSL_POP"].reindex(residents.index))[0, 1] >= 0.9


@pytest.mark.real
def test_residents_and_jobs_stand_where_people_are_by_night_and_by_day(counts, real_data):
    real = pd.read_csv(real_data / "beijing" / "beijing_day_night_pop_1km_quanturban.csv")
    real = real.assign(lat=real["lat"].round(2), lon=real["lon"].round(2))
    for role, column, least in (("residence", "night", 0.6), ("work", "day", 0.7)):
        rows = of(counts, role, 2025)
        sample = rows.groupby([rows["lat"].round(2), rows["lon"].round(2)])["base"].sum()
        both = pd.concat([sample, real.set_index(["lat", "lon"])[column]], axis=1).fillna(0)
        assert both.corr().iloc[0, 1] > least


def prominent(study, role, top):
    base = study.series(role=role, year=2025)["base"]
    heights = surface(base, disk(base.index, k=smoothing_steps(base.index)))
    peaks = find_peaks(heights, base, disk(base.index))
    kept = peaks.position[np.argsort(-peaks.prominence)[:top]]
    return h3cells.centres(base.index.to_numpy()[kept])


@pytest.mark.real
@pytest.mark.usefixtures("real_data")
@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [("Zhongguancun", 39.98, 116.31), ("Guomao", 39.91, 116.45), ("Xierqi", 40.05, 116.30)],
)
def test_jobs_peak_where_the_real_day_does(study, name, lat, lon):
    peaks = prominent(study, "work", 12)
    assert sphere_distance_km(*peaks, lat, lon).min() <= 1.5, name


@pytest.mark.real
@pytest.mark.usefixtures("real_data")
def test_residents_peak_in_the_north_as_by_night(study):
    peaks = prominent(study, "residence", 3)
    assert sphere_distance_km(*peaks, 40.10, 116.28).min() <= 3


# How it is made


def test_sharing_out_loses_nobody():
    rng = np.random.default_rng(7)
    weights = rng.lognormal(0, 2, 500)
    for fewest in (0, 5):
        people = shared_out(weights, 12_345, fewest=fewest)
        assert people.sum() == 12_345
        assert not ((people > 0) & (people < fewest)).any()
    np.testing.assert_allclose(shared_out(weights, 10**9), weights / weights.sum() * 1e9, atol=1)


def test_is_made_again_from_its_seed_byte_for_byte(study, tmp_path):
    # Holds for the pinned versions; where a file differs, say first whether its content does.
    again = build(tmp_path / "study")
    pd.testing.assert_frame_equal(again.counts, study.counts)
    pd.testing.assert_frame_equal(again.flows, study.flows)
    for name in ("districts", "stations", "rail_links", "rents", "campuses", "places", "ground"):
        pd.testing.assert_frame_equal(again.layer(name), study.layer(name))
    assert again.files == study.files
    assert hash_of(again.path / "study.json") == hash_of(study.path / "study.json")
