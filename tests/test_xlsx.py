"""Workbooks: one sheet's stored values in types of their own, bombs refused before parsing."""

from __future__ import annotations

import pandas as pd
import pytest

from spatial.ingest import InputError, read_table
from spatial.ingest.values import counts_of, ids_of
from spatial.ingest.xlsx import sheet_names
from tests.hostile import rows, workbook, zipped

TABLE = rows([["id", "people", "share"], ["007", 3, 0.5], ["008", 4, 1.25]])


def write(tmp_path, *sheets, **options):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(*sheets, **options))
    return path


def refused(path, **options):
    with pytest.raises(InputError) as error:
        read_table(path, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_texts_and_numbers_keep_their_types(tmp_path):
    table = read_table(write(tmp_path, TABLE))
    assert ids_of(table, "id").tolist() == ["007", "008"]
    assert table["people"].dtype == "int64"
    assert counts_of(table, "share").tolist() == [0.5, 1.25]
    assert (table.attrs["source"], table.attrs["sheet"]) == ("a.xlsx", "Sheet1")


def test_openpyxl_reads_the_same(tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame({"id": ["007", "海淀"], "n": [3, 4], "x": [0.5, 1e-7]})
    frame.to_excel(tmp_path / "b.xlsx", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "b.xlsx"), frame, check_dtype=False)


def test_dates_are_dates(tmp_path):
    day = '<c r="A2" s="1"><v>44000</v></c>'
    table = read_table(write(tmp_path, rows([["d", "n"], [day, 1]])))
    assert table["d"].tolist() == [pd.Timestamp("2020-06-18")]


def test_formulas_are_their_stored_values(tmp_path):
    sheet = rows([["n", "m"], ['<c r="A2"><f>SUM(B2,3)</f><v>5</v></c>', 2]])
    assert read_table(write(tmp_path, sheet))["n"].tolist() == [5]


def test_a_title_merged_over_the_table_is_left_out_and_told(tmp_path):
    sheet = rows([["2020 census"], [None], ["id", "a", "b"], ["x", 1, 2]])
    merged = '<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>'
    table = read_table(write(tmp_path, sheet, merged=merged))
    assert list(table.columns) == ["id", "a", "b"]
    assert table.attrs["notes"] == ("1 row(s) of titles above the column names were left out",)


def test_a_table_of_one_column_has_no_title(tmp_path):
    assert read_table(write(tmp_path, rows([["n"], [1], [2]])))["n"].tolist() == [1, 2]


def test_errors_are_told_and_empty(tmp_path):
    sheet = rows([["id", "n"], ["x", '<c r="B2" t="e"><v>#N/A</v></c>'], ["y", 2]])
    table = read_table(write(tmp_path, sheet))
    assert "1 cell(s) of the workbook hold an error such as #N/A" in table.attrs["notes"][0]
    with pytest.raises(InputError, match="must hold numbers, found nothing in row 1"):
        counts_of(table, "n")


def test_a_sheet_is_chosen_by_name_and_the_first_with_anything_otherwise(tmp_path):
    path = write(tmp_path, "", TABLE, names=("空", "数据"))
    assert sheet_names(path) == ["空", "数据"]
    assert read_table(path).attrs["sheet"] == "数据"
    assert "a sheet must have rows, found none" in refused(path, sheet="空")
    assert "sheet no is needed, found 空, 数据" in refused(path, sheet="no")


def test_mixed_columns_are_text_and_whole_numbers_in_them_stay_whole(tmp_path):
    table = read_table(write(tmp_path, rows([["a", "b"], [7, 1], ["x", 2]])))
    assert table["a"].tolist() == ["7", "x"]


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        ("", "a sheet must have rows, found none"),
        (rows([["a", "b"]]), "found a header only"),
        (rows([["a", "a"], [1, 2]]), "column names must differ, found a twice"),
        (
            '<row r="1"><c r="A1"/></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>',
            "at most 10,000,000 cells, found 1,048,576 rows by 16,384 columns",
        ),
        ("<row r='1048576'><c r = 'xfd1'><v>1</v></c></row>", "at most 10,000,000 cells"),
        ('<row r="1"><c r="&#88;FD1"><v>1</v></c></row>', "cells must have plain addresses"),
    ],
)
def test_what_is_no_table_gets_one_sentence(tmp_path, sheet, sentence):
    assert sentence in refused(write(tmp_path, sheet))


def test_a_bomb_of_shared_strings_is_refused_unread(tmp_path):
    path = write(tmp_path, TABLE, shared="<si><t>" + " " * 20_000_000 + "</t></si>")
    assert "packed beyond reason" in refused(path)


def test_many_parts_that_are_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("spatial.ingest.archive.ZIP_BYTES", 2_000)
    assert "more than 1 GiB" in refused(write(tmp_path, TABLE))


def test_entities_are_not_unfolded(tmp_path):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    sheet = (
        f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]><worksheet xmlns="http://schemas.openxml'
        'formats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        "<t>&l8;</t></is></c></row></sheetData></worksheet>"
    )
    path = write(tmp_path, TABLE, more={"xl/worksheets/s1.xml": sheet})
    assert "must be whole, found it damaged" in refused(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (zipped({"a.csv": "a\n1"}), "must be an Excel workbook, found another zip"),
        (zipped({"[Content_Types].xml": "<x/>"}), "must be whole, found it damaged"),
        (zipped({"[Content_Types].xml": "", "../x": ""}), "found '../x'"),
        (workbook(TABLE)[:700], "must be whole and open"),
        (b"PK\x03\x04", "must be whole and open"),
    ],
)
def test_what_is_no_workbook_gets_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert sentence in refused(path)
