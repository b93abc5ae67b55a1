"""Pairs: every flow between the right ends, at the right distance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from spatial import cells as h3cells
from spatial.pairs import Pairs, flow_years, pairs_of
from spatial.question import QuestionError
from spatial.store import write_study
from spatial.study import Study, open_study
from tests import oracles_commute as oracle
from tests.studies import counts, info, small_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("pairs") / "little")


def test_flow_years_are_those_with_flows(study):
    assert flow_years(study) == (2025,)


def test_a_study_without_flows_has_no_years_and_says_so(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts())
    assert flow_years(bare) == ()
    with pytest.raises(QuestionError, match="little has flows in no year, not in 2025"):
        pairs_of(bare, 2025)


def test_a_year_without_flows_is_refused_with_those_there_are(study):
    with pytest.raises(QuestionError, match="flows in 2025, not in 2024"):
        pairs_of(study, 2024)


def test_pairs_between_cells_are_the_flows_row_by_row(study):
    found, flows = pairs_of(study, 2025), study.flows
    assert not found.exact
    np.testing.assert_array_equal(found.cell[found.origin], flows["origin"])
    np.testing.assert_array_equal(found.cell[found.destination], flows["destination"])
    np.testing.assert_array_equal(found.graduates, flows["graduates"])
    lat, lon = h3cells.centres(found.cell)
    np.testing.assert_array_equal((found.lat, found.lon), (lat, lon))
    assert len(found) == len(flows)


def test_distances_are_those_of_each_pair(study):
    found = pairs_of(study, 2025)
    np.testing.assert_allclose(found.distance_km, oracle.distances(found), atol=1e-9)
    np.testing.assert_allclose(
        found.sphere_distance_km, oracle.distances(found, sphere=True), rtol=1e-9, atol=1e-9
    )


def test_the_sphere_is_within_six_in_a_thousand_of_the_ellipsoid(study):
    found = pairs_of(study, 2025)
    apart = found.distance_km > 0
    ratio = found.sphere_distance_km[apart] / found.distance_km[apart]
    assert np.abs(ratio - 1).max() < 0.006


def pointed(study: Study, *, year: int = 2025) -> Study:
    """The study with points half a cell off the centres, and flows between them."""
    cell = np.unique(study.flows[["origin", "destination"]].to_numpy())
    lat, lon = h3cells.centres(cell)
    points = pd.DataFrame(
        {"id": [f"p{row}" for row in range(len(cell))], "lat": lat + 1e-4, "lon": lon, "cell": cell}
    )
    pairs = pd.DataFrame(
        {"origin": [0, 1, 1], "destination": [1, 0, 1], "year": year, "graduates": [2.0, 3.0, 5.0]}
    )
    found = Study(study.path, study.info, study.files | {"points.parquet": "", "pairs.parquet": ""})
    found.__dict__.update(points=points, pairs=pairs)
    return found


def test_the_sources_own_points_come_before_cell_centres(study):
    exact = pairs_of(pointed(study), 2025)
    assert exact.exact
    np.testing.assert_array_equal(exact.origin, [0, 1, 1])
    np.testing.assert_allclose(exact.distance_km, oracle.distances(exact), atol=1e-9)
    assert exact.distance_km[2] == 0


def test_cells_stand_in_for_a_year_without_pairs(study):
    found = pointed(study, year=2019)
    assert flow_years(found) == (2019, 2025)
    assert pairs_of(found, 2019).exact
    assert not pairs_of(found, 2025).exact


def test_distances_of_very_many_pairs_are_the_geodesics_too(study, monkeypatch):
    found = pairs_of(study, 2025)
    exact = found.distance_km
    monkeypatch.setattr("spatial.pairs._MANY", 5)
    monkeypatch.setattr("spatial.pairs._AT_ONCE", 7)
    quick = pairs_of(study, 2025).distance_km
    np.testing.assert_allclose(quick, exact, atol=1e-4)
    assert (quick != exact).any()


def test_where_keeps_ends_and_the_distances_already_known(study):
    found = pairs_of(study, 2025)
    mask = found.graduates > 10
    before = found.where(mask)
    assert "distance_km" not in before.__dict__
    known = found.distance_km[mask]
    after = found.where(mask)
    np.testing.assert_array_equal(after.__dict__["distance_km"], known)
    np.testing.assert_allclose(before.distance_km, known)
    assert after.lat is found.lat
    assert len(after) == mask.sum()


def test_transposing_home_and_job_keeps_every_distance(study):
    found = pairs_of(study, 2025)
    back = Pairs(
        found.lat,
        found.lon,
        found.cell,
        found.destination,
        found.origin,
        found.graduates,
        exact=False,
    )
    np.testing.assert_allclose(back.distance_km, found.distance_km, atol=1e-9)


@pytest.mark.real
def test_orange_county_in_the_sources_own_figures(real_data):
    """Totals, bands and means that whoever keeps the files has worked out on the sphere."""
    blocks = pd.read_csv(real_data / "us" / "oc_blocks.csv", dtype=str)
    lat, lon = (blocks[one].astype(float).to_numpy() for one in ("INTPTLAT20", "INTPTLON20"))
    row = pd.Index(blocks["GEOID20"])
    cell = h3cells.points_to_cells(lat, lon, resolution=9)
    expected = {
        2017: (945_769, 854_800, [661_185, 271_365, 13_219, 0], 7.925),
        2019: (964_854, 870_558, [676_408, 274_977, 13_469, 0], 7.888),
    }
    for year, (people, rows, bands, mean_miles) in expected.items():
        od = pd.read_csv(
            real_data / "us" / f"oc_block_od_{year}.csv.gz", dtype={"h": str, "w": str}
        )
        found = Pairs(
            lat,
            lon,
            cell,
            row.get_indexer(od["h"]),
            row.get_indexer(od["w"]),
            od.iloc[:, 2].to_numpy(dtype=float),
            exact=True,
        )
        miles = found.sphere_distance_km / 1.609344
        inside = np.histogram(miles, [0, 10, 25, 50, np.inf], weights=found.graduates)[0]
        assert (found.graduates.sum(), len(found)) == (people, rows)
        np.testing.assert_array_equal(inside, bands)
        assert round(np.average(miles, weights=found.graduates), 3) == mean_miles


def test_the_sample_has_flows_in_every_year():
    from spatial.sources.beijing.sample import PACKAGED

    sample = open_study(PACKAGED)
    assert flow_years(sample) == sample.years
    found = pairs_of(sample, 2025)
    assert found.graduates.sum() == sample.series(role="work", year=2025)["graduates"].sum()
