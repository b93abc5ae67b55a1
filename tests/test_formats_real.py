"""Every format, written from a study of real jobs: other readers find everybody, replay agrees."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess

import duckdb
import openpyxl
import pyogrio
import pytest
from click.testing import CliRunner

from spatial.cli import main
from spatial.formats import WRITERS
from spatial.replay import replay
from spatial.study import open_study

pytestmark = pytest.mark.real


def run(*words):
    found = CliRunner().invoke(main, [str(one) for one in words])
    assert found.exit_code == 0, found.output


@pytest.fixture(scope="module")
def county(real_data, tmp_path_factory):
    """Jobs of one county at the points of its blocks, in the folder `county`."""
    folder = tmp_path_factory.mktemp("real") / "county"
    blocks, jobs = (real_data / "us" / one for one in ("oc_blocks.csv", "oc_block_wac_2019.csv"))
    if not (blocks.is_file() and jobs.is_file()):
        pytest.skip("the county's blocks and jobs are not among the third-party data")
    places = ("--lat", "INTPTLAT20", "--lon", "INTPTLON20", "--id", "GEOID20")
    counted = ("--join", jobs, "--work", "C000", "--year", 2019, "--resolution", 8)
    run("load", "points", blocks, "--into", folder, *places, *counted)
    return open_study(folder)


@pytest.mark.parametrize("ending", WRITERS)
def test_everybody_is_in_the_file_and_it_is_identical_made_again(county, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    run("hotspots", county.path, "--year", 2019, "--out", path)
    total = county.counts["graduates"].sum()
    assert total == 1_685_277
    assert sum(found(path, ending)) == pytest.approx(total, rel=1e-12)
    (again,) = replay(path, study=county)
    assert (again.differences, again.same_bytes) == ((), True)


def found(path, ending):
    """People of each cell, by a reader that is not ours."""
    if ending == ".parquet":
        return [row[0] for row in duckdb.sql(f"SELECT graduates FROM '{path}'").fetchall()]
    if ending == ".xlsx":
        head, *rows = openpyxl.load_workbook(path)["cells"].iter_rows(values_only=True)
        return [row[head.index("graduates")] for row in rows]
    if ending == ".pmtiles":
        return pyogrio.read_dataframe(path).drop_duplicates("cell")["graduates"].tolist()
    if ending == ".csv":
        text = path.read_text(encoding="utf-8")
    elif (ogr := shutil.which("ogr2ogr")) is None:
        pytest.skip("ogr2ogr is not installed (Debian: gdal-bin)")
    else:
        command = [ogr, "-f", "CSV", "/vsistdout/", str(path)]
        text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return [float(row["graduates"]) for row in csv.DictReader(io.StringIO(text))]
