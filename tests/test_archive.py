"""Zips: bombs, links, names that climb and lies about sizes are refused before unpacking."""

from __future__ import annotations

import tracemalloc
import zipfile

import geopandas as gpd
import pytest
import shapely

from spatial.ingest import InputError, read_shapes, read_table
from tests.hostile import crowded_zip, link_in_zip, lying_zip, workbook, zipped

TEXT = "a,b\n1,2\n"


def refused(tmp_path, content, *, read=read_table, name="a.zip"):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read(path)
    assert "\n" not in str(error.value)
    assert not [one for one in tmp_path.parent.rglob("*.csv") if one.name.startswith("evil")]
    return str(error.value)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"../evil.csv": TEXT}, "found '../evil.csv'"),
        ({"/tmp/evil.csv": TEXT}, "found '/tmp/evil.csv'"),
        ({"C:evil.csv": TEXT}, "found 'C:evil.csv'"),
        ({"a\\evil.csv": TEXT}, "evil.csv'"),
        ({"deep/evil.csv": TEXT}, "found 'deep/evil.csv'"),
        ({".evil.csv": TEXT}, "found '.evil.csv'"),
        ({"a.csv": TEXT, "b.csv": TEXT}, "found 2"),
        ({"a.csv": TEXT, "A.CSV": TEXT}, "found 'a.csv' twice"),
        ({"a.exe": "MZ"}, "found 0"),
        ({"a.zip": zipped({"a.csv": TEXT})}, "found a packed file within"),
        ({"a.csv.gz": "x"}, "found a packed file within"),
        ({"a.csv": "0\n" * 3_000_000}, "packed beyond reason"),
        ({"a.parquet": "a,b\n"}, "a .parquet file must be Parquet"),
    ],
)
def test_what_a_zip_may_not_hold(tmp_path, entries, sentence):
    assert sentence in refused(tmp_path, zipped(entries))


def test_a_link_is_not_followed(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhidden\n")
    assert "found a link" in refused(tmp_path, link_in_zip("a.csv", str(secret)))


def test_a_lie_about_a_size_is_found_out(tmp_path):
    assert "packed beyond reason" in refused(tmp_path, lying_zip("a.csv", TEXT, said=10**9))
    assert "damaged" in refused(tmp_path, lying_zip("a.csv", TEXT, said=3))


def test_many_entries_are_counted_before_they_are_listed(tmp_path):
    content = crowded_zip(30_000)
    tracemalloc.start()
    assert "found 30,000 files" in refused(tmp_path, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000  # as objects they would be ten times that


def test_an_entry_locked_with_a_password_is_refused(tmp_path):
    content = bytearray(zipped({"a.csv": TEXT}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + at] |= 1
    assert "locked with a password" in refused(tmp_path, bytes(content))


@pytest.mark.parametrize("kept", [10, 60, 120])
def test_a_zip_cut_short_is_damaged(tmp_path, kept):
    assert "must be whole and open" in refused(tmp_path, zipped({"a.csv": TEXT * 9})[:kept])


def test_two_zips_on_top_of_each_other_give_only_their_own(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.csv": "x\n1\n"}) + zipped({"b.csv": "y\n2\n"}))
    assert list(read_table(path).columns) == ["y"]


def test_what_a_mac_adds_and_a_readme_are_passed_over(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.csv": TEXT, "__MACOSX/._a.csv": "\0\5", "readme.txt": "hello"}))
    assert read_table(path).to_dict("list") == {"a": ["1"], "b": ["2"]}


def test_a_workbook_in_a_zip_meets_the_same_caps(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert "at most 10,000,000 cells" in refused(tmp_path, zipped({"a.xlsx": workbook(far)}))


def test_texts_of_a_shapefile_that_names_no_encoding_are_found(tmp_path):
    names = ["海淀区", "朝阳区"]
    shapes = gpd.GeoDataFrame({"name": names}, geometry=[shapely.Point(1, 2)] * 2, crs=4326)
    for encoding in ("GB18030", "UTF-8"):
        shapes.to_file(tmp_path / "s.shp", engine="pyogrio", encoding=encoding)
        dbf = bytearray((tmp_path / "s.dbf").read_bytes())
        dbf[29] = 0
        parts = {f"s.{end}": (tmp_path / f"s.{end}").read_bytes() for end in ("shp", "shx", "prj")}
        (tmp_path / "s.zip").write_bytes(zipped(parts | {"s.dbf": bytes(dbf)}))
        assert read_shapes(tmp_path / "s.zip")["name"].tolist() == names


def test_a_stored_entry_is_read_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", TEXT)
    assert len(read_table(tmp_path / "a.zip")) == 1
