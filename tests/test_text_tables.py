"""Delimited text as people and programs really write it, and as nobody should."""

from __future__ import annotations

import gzip
import lzma

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.ingest import InputError, load_points, read_table
from spatial.ingest.flows import load_flows
from spatial.ingest.text import encoding_of
from spatial.ingest.values import counts_of, numbers_of

CHINESE = "站名,客流量\n天安门东,5\n西二旗,７\n回龙观,0\n"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as error:
        call(*args, **kwargs)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("gb18030", "GB18030")],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_chinese_excel_writes_is_read_and_told(tmp_path, encoding, told, newline):
    path = write(tmp_path / "a.csv", CHINESE.replace("\n", newline).encode(encoding))
    table = read_table(path)
    assert table.attrs["encoding"] == told
    assert table["站名"].tolist() == ["天安门东", "西二旗", "回龙观"]
    assert counts_of(table, "客流量").tolist() == [5, 7, 0]


def test_utf_16_of_either_end_is_read(tmp_path):
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        table = read_table(write(tmp_path / "a.csv", mark + CHINESE.encode(encoding)))
        assert table.shape == (3, 2)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,n\nMünchen,5\nKöln,6\nDüsseldorf,7\n", "latin-1"),
        ("name,n\ncafé,5\nFrançois,6\n", "cp1252"),
        ("город,n\nМосква,5\nКазань,6\n", "cp1251"),
        ("名稱,人數\n臺北車站,5\n", "big5"),
        ("名前,人数\n東京駅,5\nかな,3\n", "shift_jis"),
        ("이름,수\n" + "서울 부산 대구 인천 광주 대전 울산 세종 경기 강원,5\n", "euc-kr"),
    ],
)
def test_what_is_not_clearly_chinese_is_asked_about_not_guessed(tmp_path, text, encoding):
    path = write(tmp_path / "a.csv", text.encode(encoding))
    assert "save it as UTF-8, or name its encoding" in refused(read_table, path)


@pytest.mark.parametrize("encoding", ["latin-1", "big5", "shift_jis", "GB18030", "utf-8"])
def test_a_named_encoding_is_used(tmp_path, encoding):
    text = "名前,n\n京,5\n" if encoding != "latin-1" else "name,n\nKöln,5\n"
    table = read_table(write(tmp_path / "a.csv", text.encode(encoding)), encoding=encoding)
    assert table.iloc[0, 0] == text.split("\n")[1].split(",")[0]


def test_a_named_encoding_that_is_wrong_or_unknown_is_refused(tmp_path):
    path = write(tmp_path / "a.csv", "name,n\nKöln,5\n".encode("latin-1"))
    assert "found it not all utf-8" in refused(read_table, path, encoding="utf-8")
    assert "encoding must be one of" in refused(read_table, path, encoding="rot13")
    assert "encoding must be one of" in refused(read_table, path, encoding="unicode_escape")


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=60))
def test_whatever_decides_decodes_to_what_was_written_or_refuses(text):
    content = f"{text},1\n".encode("gb18030")
    try:
        encoding = encoding_of(content, "t")
    except InputError:
        return
    # Two bytes of GB18030 are sometimes UTF-8 too; then both readings are whole text.
    assert encoding in ("gb18030", "utf-8-sig")
    if encoding == "gb18030":
        assert content.decode(encoding) == f"{text},1\n"


def test_mixed_newlines_and_newlines_in_quotes_are_rows_and_values(tmp_path):
    table = read_table(write(tmp_path / "a.csv", 'a,b\r\n1,"x\r\ny"\r3,4\n5,6'))
    assert table["a"].tolist() == ["1", "3", "5"]
    assert table["b"].tolist() == ["x\r\ny", "4", "6"]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_found_and_told(tmp_path, mark):
    table = read_table(write(tmp_path / "a.csv", f"a{mark}b\n1,5{mark}2\n3,5{mark}4\n"))
    assert table.attrs["delimiter"] == mark
    assert table["a"].tolist() == ["1,5", "3,5"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('a,b\n1,"2\n3,4\n5,6\n', "found one left open in line 2"),
        ('a,b\n1,2\n3,"4\n5,6"x\n', "found text after one in line 3"),
        ('a,b\n1,"2"3\n', "found text after one in line 2"),
        ('"a,b\n1,2\n', "column names must be on one line"),
        ("a,b\n", "found a header only"),
        ("\n\n", "a table must have rows, found none"),
        ("\ufeff", "a table must have rows, found none"),
        ("a,b,a\n1,2,3\n", "column names must differ, found a twice"),
        (b"a,b\n1,\0\n", "must be text, found binary content"),
        ("a,b\n1,2\n".encode("utf-16-le"), "must be text, found binary content"),
        ("a,b\n1,2\n".encode("utf-32"), "must be text, found binary content"),
        (b"\xff\xfe" + b"\0\xd8" * 9, "found it not all utf-16"),
        (b"a,b\n1,\x1b[31m2\n", "must be text, found binary content"),
    ],
)
def test_what_would_lose_rows_or_is_no_text_gets_one_sentence(tmp_path, content, sentence):
    assert sentence in refused(read_table, write(tmp_path / "a.csv", content))


def test_a_quote_inside_a_value_is_a_letter(tmp_path):
    table = read_table(write(tmp_path / "a.csv", 'a,b\n5" pipe,2\n"say ""hi""",4\n'))
    assert table["a"].tolist() == ['5" pipe', 'say "hi"']


def test_empty_names_are_numbered(tmp_path):
    table = read_table(write(tmp_path / "a.csv", "a,,\n1,2,3\n"))
    assert list(table.columns) == ["a", "unnamed 2", "unnamed 3"]


def test_ten_million_columns_are_refused_from_the_first_megabytes(tmp_path):
    path = write(tmp_path / "a.csv", b"," * 10_000_000 + b"\n" + b"1," * 1000)
    assert "a line must be at most 4 MiB long" in refused(read_table, path)
    path = write(tmp_path / "a.csv", ",".join(map(str, range(20_000))) + "\n1\n")
    assert "at most 16,384 columns" in refused(read_table, path)


def test_a_line_of_a_gigabyte_is_refused_without_being_read(tmp_path):
    path = write(tmp_path / "a.csv", b"a,b\n1,")
    with path.open("r+b") as file:
        file.seek(5)
        for _ in range(6):
            file.write(b"x" * (1 << 20))
        file.truncate(1 << 30)  # the rest is a hole
    assert "a line must be at most 4 MiB long, found a longer one" in refused(read_table, path)


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress)])
def test_a_packed_bomb_is_refused(tmp_path, ending, pack):
    path = write(tmp_path / f"a.csv.{ending}", pack(b"a\n" + b"0\n" * 35_000_000))
    assert "found more than 200 bytes from one" in refused(read_table, path)


def test_an_xz_that_asks_for_gigabytes_before_its_first_byte_is_refused(tmp_path):
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 3 << 29}]
    small = lzma.compress(b"a,b\n1,2\n", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    packed = bytearray(small)
    # The dictionary's size is one byte of the block header; its checksum follows.
    at = packed.index(b"\x21\x01") + 2
    packed[at] = 39  # 3 GiB
    header = packed[12 : 12 + (packed[12] + 1) * 4]
    packed[12 + len(header) - 4 : 12 + len(header)] = _crc(bytes(header[:-4]))
    assert filters
    path = write(tmp_path / "a.csv.xz", bytes(packed))
    assert "found it damaged or cut short" in refused(read_table, path)


def _crc(content):
    import zlib

    return zlib.crc32(content).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("1e308", "column n must be at most 1,000,000,000,000, found 1e+308 in row 2"),
        ("1e999", "must hold numbers, found '1e999' in row 2"),
        ("1,234", "write numbers without thousands separators"),
        ("１，２３４", "write numbers without thousands separators"),
        ("3,5", "write decimals with a point"),
        ("0x10", "must hold numbers"),
        ("=1+1", "must hold numbers, found '=1+1' in row 2"),
        ("-1", "must be 0 or more"),
        ("<b>5</b>", "must hold numbers"),
    ],
)
def test_values_that_are_no_counts_get_one_sentence(tmp_path, value, sentence):
    text = pd.DataFrame({"lat": [40, 41], "lon": [116, 117], "n": ["5", value]}).to_csv(index=False)
    path = write(tmp_path / "a.csv", text)
    options = {"lat": "lat", "lon": "lon", "columns": {"work": "n"}, "resolution": 8}
    assert sentence in refused(load_points, path, **options)


def test_wide_digits_are_read_as_the_numbers_they_are():
    table = pd.DataFrame({"n": ["１２３", "－４．５", " 6　", "7"]})
    np.testing.assert_array_equal(numbers_of(table, "n"), [123, -4.5, 6, 7])


def test_a_date_is_no_number():
    table = pd.DataFrame({"n": pd.to_datetime(["2020-01-01"])})
    assert "must hold numbers, found '2020-01-01" in refused(numbers_of, table, "n")


def test_parquet_that_lies_is_refused(tmp_path):
    """Row counts in the footer are rewritten in place: more rows than there are, or fewer."""
    path = tmp_path / "a.parquet"
    rows = 1_000_003
    pd.DataFrame({"n": np.zeros(rows, dtype="int8")}).to_parquet(path, compression="zstd")
    honest = path.read_bytes()
    at = int.from_bytes(honest[-8:-4], "little")
    footer = honest[-8 - at : -8]
    places = footer.count(_zigzag(rows))
    assert places >= 3  # of the file, the row group, the column
    for lie in (1_040_000, 950_000, 2_000_000):
        for changed in range(1, places + 1):
            untrue = footer.replace(_zigzag(rows), _zigzag(lie), changed)
            path.write_bytes(honest[: -8 - at] + untrue + honest[-8:])
            if (lie, changed) == (950_000, places):
                # All places at once, and shorter: a file of fewer rows, as far as can be seen.
                assert len(read_table(path)) == lie
            else:
                assert refused(read_table, path).startswith("a.parquet: a Parquet file must ")


def _zigzag(number):
    """A number as Thrift's compact protocol writes it."""
    number *= 2
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def test_parquet_that_stands_for_too_much_is_refused_by_what_it_says(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"n": np.zeros(10_000)}).to_parquet(path)
    monkeypatch.setattr("spatial.ingest.read.PARQUET_VALUES", 9_999)
    assert "at most 9,999 values" in refused(read_table, path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_parquet_cut_short_is_damaged(tmp_path, share):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"n": np.arange(10_000)}).to_parquet(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged or cut short" in refused(read_table, path)


def test_flows_meet_the_same_gate(tmp_path):
    options = {"origin": "h", "destination": "w", "count": "n", "year": 2020, "resolution": 8}
    for name, content in (("a.csv", b"<html>"), ("a.zip", b"PK\3\4"), ("a.csv.gz", b"h,w,n\n")):
        assert refused(load_flows, write(tmp_path / name, content), **options)
