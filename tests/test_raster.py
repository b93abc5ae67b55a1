"""Population rasters: every pixel's people to cells by area, by window, and nobody lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin

from spatial import cells as h3cells
from spatial import geodesy
from spatial.cli import main
from spatial.ingest import InputError, load_grid, zones_to_cells
from spatial.ingest.guard import read_safely
from spatial.ingest.raster import load_raster
from spatial.ingest.raster_file import raster_facts
from spatial.study import open_study

RNG = np.random.default_rng(7)
PEOPLE = RNG.poisson(20, (30, 40)).astype("float32")
DEGREES = from_origin(116.2, 40.1, 0.01, 0.008)


def write(path, values=PEOPLE, *, crs="EPSG:4326", transform=DEGREES, nodata=None, **options):
    values = np.atleast_3d(values.T).T  # bands first
    bands, height, width = values.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=bands,
        dtype=values.dtype,
        crs=crs,
        transform=transform,
        nodata=nodata,
        **options,
    ) as data:
        data.write(values)
    return path


def counted(result):
    return result.counts.set_index("cell")["graduates"]


def load(path, **options):
    return load_raster(path, **({"role": "residence", "resolution": 8} | options))


def refused(*args, **kwargs):
    with pytest.raises(InputError) as error:
        load(*args, **kwargs)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_is_what_the_same_grid_as_a_table_gives(tmp_path):
    row, column = np.indices(PEOPLE.shape)
    table = pd.DataFrame(
        {
            "lat": (40.1 - 0.008 * (row + 0.5)).ravel(),
            "lon": (116.2 + 0.01 * (column + 0.5)).ravel(),
            "people": PEOPLE.ravel(),
        }
    )
    table.to_csv(tmp_path / "a.csv", index=False)
    columns = {"residence": "people"}
    expected = load_grid(
        tmp_path / "a.csv",
        lat="lat",
        lon="lon",
        cell="0.01x0.008deg",
        columns=columns,
        resolution=8,
    )
    found = load(write(tmp_path / "a.tif"))
    pd.testing.assert_series_equal(counted(found), counted(expected), rtol=1e-9)
    assert found.audit["residence"].people_in == PEOPLE.sum()
    np.testing.assert_array_equal(found.cells, expected.cells)


@pytest.mark.parametrize(
    ("crs", "step"), [("EPSG:32650", 500.0), ("ESRI:54009", 1000.0), ("EPSG:3857", 900.0)]
)
def test_is_the_overlap_of_pixels_and_cells_drawn_as_polygons(tmp_path, crs, step):
    """The slow way: pixels as polygons in their own plane, cut by cells as polygons."""
    y, x = geodesy.from_wgs84([40.0], [116.4], crs=crs)
    values = PEOPLE[:6, :8]
    path = write(tmp_path / "a.tif", values, crs=crs, transform=from_origin(x[0], y[0], step, step))
    found = counted(load(path))
    cells = found.index.to_numpy()

    def plane(points):
        lat, lon = points[:, 1], points[:, 0]
        return np.column_stack(geodesy.from_wgs84(lat, lon, crs=crs)[::-1])

    outlines = shapely.transform(h3cells.outlines(cells), plane)
    expected = np.zeros(len(cells))
    for (row, column), people in np.ndenumerate(values):
        left, top = x[0] + step * column, y[0] - step * row
        pixel = shapely.box(left, top - step, left + step, top)
        expected += people * shapely.area(shapely.intersection(outlines, pixel)) / pixel.area
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-6)


def test_agrees_with_pixels_spread_as_zones(tmp_path):
    import geopandas as gpd

    values = PEOPLE[:5, :6]
    found = counted(load(write(tmp_path / "a.tif", values), resolution=9))
    boxes, people = [], []
    for (row, column), count in np.ndenumerate(values):
        left, top = 116.2 + 0.01 * column, 40.1 - 0.008 * row
        boxes.append(shapely.box(left, top - 0.008, left + 0.01, top))
        people.append(float(count))
    zones = gpd.GeoDataFrame({"n": people}, geometry=boxes, crs=4326)
    expected = zones_to_cells(zones, ["n"], resolution=9).counts["n"]
    pd.testing.assert_series_equal(found, expected[expected > 0], check_names=False, rtol=1e-4)


@settings(max_examples=15)
@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    tiled=st.booleans(),
    resolution=st.integers(5, 9),
    seed=st.integers(0, 99),
)
def test_nobody_is_lost_however_it_is_stored(tmp_path_factory, shape, tiled, resolution, seed):
    values = np.random.default_rng(seed).poisson(0.7, shape).astype("float32")
    values[0, 0] = 1
    options = {"tiled": True, "blockxsize": 16, "blockysize": 16} if tiled else {"blockysize": 3}
    path = write(tmp_path_factory.mktemp("r") / "a.tif", values, compress="deflate", **options)
    found = load(path, resolution=resolution)
    assert found.counts["graduates"].sum() == pytest.approx(values.sum(), rel=1e-9)
    assert found.audit["residence"].people_in == values.sum()


def test_windows_and_tiles_change_nothing(tmp_path, monkeypatch):
    path = write(tmp_path / "a.tif", tiled=True, blockxsize=16, blockysize=16)
    whole = counted(load(path))
    monkeypatch.setattr("spatial.ingest.raster._TILE_SIDE", (3, 7))
    monkeypatch.setattr("spatial.ingest.raster_file._READ_PIXELS", 100)
    monkeypatch.setattr("spatial.ingest.raster._MERGE_AT", 50)
    pd.testing.assert_series_equal(counted(load(path)), whole, rtol=1e-12)


def test_no_data_and_less_than_nothing_are_told(tmp_path):
    values = PEOPLE.copy()
    values[0, :5], values[1, :3], values[2, 0] = -99999, -2, np.nan
    found = load(write(tmp_path / "a.tif", values, nodata=-99999))
    audit = found.audit["residence"]
    assert audit.notes == (
        "6 pixels hold no data and count nobody",
        "3 pixels hold less than 0, -6 in all, and count nobody",
    )
    assert audit.people_in == np.nansum(np.where(values > 0, values, 0))


def test_only_what_surrounds_the_study_area_is_read(tmp_path):
    path = write(tmp_path / "a.tif")
    whole = counted(load(path))
    outline = shapely.box(116.3, 40.0, 116.34, 40.03)
    found = load(path, outline=outline)
    audit = found.audit["residence"]
    assert set(found.counts["cell"]) <= set(h3cells.cover(outline, resolution=8))
    pd.testing.assert_series_equal(counted(found), whole[counted(found).index], rtol=1e-9)
    assert "of 40 by 30 pixels, those around the study area" in audit.notes[0]
    assert audit.people_in == pytest.approx(audit.on_map + audit.dropped["outside the study area"])
    assert audit.people_in < PEOPLE.sum()


def test_a_band_is_chosen_and_scaled(tmp_path):
    path = write(tmp_path / "a.tif", np.stack([PEOPLE, PEOPLE * 2]))
    once, twice = (load(path, band=band).counts["graduates"].sum() for band in (1, 2))
    assert twice == pytest.approx(2 * once)
    with rasterio.open(path, "r+") as data:
        data.scales, data.offsets = (0.5, 1.0), (0.0, 3.0)
    assert load(path).counts["graduates"].sum() == pytest.approx(once / 2)
    assert load(path, band=2).audit["residence"].people_in == 2 * PEOPLE.sum() + 3 * PEOPLE.size


def test_a_raster_in_a_zip_is_read(tmp_path):
    import zipfile

    path = write(tmp_path / "a.tif")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "a.tif")
    pd.testing.assert_series_equal(counted(load(tmp_path / "a.zip")), counted(load(path)))


def test_a_raster_across_the_antimeridian_keeps_everybody(tmp_path):
    path = write(tmp_path / "a.tif", transform=from_origin(179.8, -16, 0.01, 0.01))
    assert load(path).counts["graduates"].sum() == pytest.approx(PEOPLE.sum())


def test_it_says_what_it_is(tmp_path):
    facts = raster_facts(write(tmp_path / "a.tif", nodata=-1))
    assert (facts.width, facts.height, facts.bands, facts.crs) == (40, 30, 1, "EPSG:4326")
    assert (facts.pixel, facts.nodata, facts.kind) == ("0.01 degrees", -1.0, "float32")
    assert (facts.west, facts.north) == pytest.approx((116.2, 40.1))
    assert facts == read_safely("raster_facts", tmp_path / "a.tif")


def test_a_child_gives_the_same(tmp_path):
    path = write(tmp_path / "a.tif")
    said = []
    found = read_safely(
        "load_raster",
        path,
        role="residence",
        resolution=8,
        outline=shapely.box(116.3, 40.0, 116.34, 40.03),
        progress=lambda doing, share: said.append((doing, share)),
    )
    expected = load(path, outline=shapely.box(116.3, 40.0, 116.34, 40.03))
    pd.testing.assert_frame_equal(found.counts, expected.counts)
    assert found.audit == expected.audit


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"crs": None}, "the coordinate system must be known, found none with a code: name it"),
        ({"transform": Affine(0.01, 0.001, 116, 0.001, -0.01, 40)}, "with north up, found it turn"),
        ({"transform": Affine(0.01, 0, 116, 0, 0.01, 40)}, "with north up, found it turned or mir"),
        ({"transform": from_origin(116, 95, 0.01, 0.01)}, "lat must lie in -90..90"),
        ({"values": np.zeros((3, 3), "float32")}, "there must be people, found 0"),
        ({"values": np.full((3, 3), np.inf, "float32")}, "must hold numbers of people, found inf"),
        ({"values": np.ones((3, 3), "complex64")}, "must hold numbers of people, found complex"),
    ],
)
def test_what_is_no_population_raster_gets_one_sentence(tmp_path, options, sentence):
    found = refused(write(tmp_path / "a.tif", **options))
    assert found.startswith("a.tif: ")
    assert sentence in found


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_without_a_place_is_refused(tmp_path):
    path = write(tmp_path / "a.tif", crs=None, transform=Affine.identity())
    assert "must say where it lies" in refused(path)


def test_options_out_of_reach_get_one_sentence(tmp_path):
    path = write(tmp_path / "a.tif")
    assert "band must be one of 1 to 1, found 2" in refused(path, band=2)
    assert "role must be one of" in refused(path, role="home")
    assert "resolution must lie in 0..15" in refused(path, resolution=16)
    assert "found it elsewhere" in refused(path, outline=shapely.box(0, 0, 0.1, 0.1))
    assert "did you mean GCJ-02" in refused(path, crs="GJC-02")


@pytest.mark.parametrize("kept", [4, 9, 100, 1500, 3000])
def test_a_raster_cut_short_gets_one_sentence(tmp_path, kept):
    path = write(tmp_path / "a.tif")
    path.write_bytes(path.read_bytes()[:kept])
    assert "found it damaged or cut short" in refused(path)


def test_a_raster_that_says_it_is_huge_is_refused(tmp_path):
    big = tmp_path / "b.tif"
    with rasterio.open(
        big,
        "w",
        driver="GTiff",
        height=2_000_000,
        width=2_000_000,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(0, 1, 1e-7, 1e-7),
        tiled=True,
        blockxsize=32768,
        blockysize=16384,
        sparse_ok=True,
        BIGTIFF="YES",
    ):
        pass
    assert big.stat().st_size < 1_000_000
    assert "must read at most 5,000,000,000 pixels" in refused(big)


def test_a_vrt_is_no_raster(tmp_path):
    secret = write(tmp_path / "secret.tif")
    trap = tmp_path / "map.tif"
    trap.write_text(
        f'<VRTDataset rasterXSize="40" rasterYSize="30"><VRTRasterBand dataType="Float32" band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )
    assert "a VRT, which points at other files" in refused(trap)


def run(*command):
    done = CliRunner().invoke(main, [str(part) for part in command])
    return done.exit_code, done.output


def test_the_command_line_makes_a_study_and_gives_it_a_base(tmp_path):
    homes = write(tmp_path / "homes.tif", PEOPLE)
    everyone = write(tmp_path / "all.tif", PEOPLE * 5)
    city = tmp_path / "city"
    common = ("--into", city, "--year", 2020)
    code, text = run("load", "raster", homes, *common, "--as", "residence", "--resolution", 8)
    assert code == 0, text
    code, text = run("load", "raster", everyone, *common, "--as", "base-residence")
    assert code == 0, text
    study = open_study(city)
    assert study.counts["graduates"].sum() == pytest.approx(PEOPLE.sum())
    assert study.counts["base"].sum() == pytest.approx(5 * PEOPLE.sum())
    entry = study.info.audit[0]
    assert entry["people_in"] == PEOPLE.sum()
    assert entry["base"]["people_in"] == 5 * PEOPLE.sum()
    code, text = run("load", "raster", everyone, *common, "--as", "base-residence")
    assert (code, "has a base of residence 2020 already; say --replace" in text) == (2, True)
    code, text = run("load", "raster", everyone, *common, "--as", "base-work")
    assert (code, "a base stands beside graduates, found none at work" in text) == (2, True)


def test_its_help_shows_an_example():
    code, text = run("load", "raster", "--help")
    assert code == 0
    assert "gradmap load raster chn_ppp_2020.tif" in text
