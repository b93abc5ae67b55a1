"""A brief for Word: headings, tables and pictures are what they say, and it is read back."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn

from layers.brief_docx import PART
from layers.brief_parts import Heading, Maps, Points, Table, Text
from papers.brief import brief
from papers.page_files import carried_by
from spatial.store import write_study
from tests.studies import counts, info


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    little = write_study(tmp_path_factory.mktemp("word") / "little", info(), counts())
    return brief(little, 2023, 2025, lang="zh", out="brief.docx")


@pytest.fixture(scope="module")
def content(made):
    return made.to_bytes(".docx")


@pytest.fixture(scope="module")
def document(content):
    return docx.Document(BytesIO(content))


def blocks(made, kind):
    return [one for one in made.content.blocks if isinstance(one, kind)]


def test_headings_are_headings_and_points_are_points(made, document):
    styles = [(one.style.name, one.text) for one in document.paragraphs]
    assert [text for name, text in styles if name == "Title"] == [made.title]
    headings = [text for name, text in styles if name == "Heading 1"]
    assert headings == [one.text for one in blocks(made, Heading)]
    (points,) = blocks(made, Points)
    assert [text for name, text in styles if name == "List Bullet"] == list(points.texts)
    quiet = [text for name, text in styles if name == "Quiet"]
    assert {one.text for one in blocks(made, Text)} <= set(quiet)


def test_tables_hold_every_cell_and_repeat_their_header(made, document):
    tables = [one for one in document.tables if one.rows[0]._tr.xpath("w:trPr/w:tblHeader")]
    told = blocks(made, Table)
    assert len(tables) == len(told)
    for table, one in zip(tables, told, strict=True):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert rows == [list(one.header), *(list(row) for row in one.rows)]
        widths = [column.width for column in table.columns]
        assert widths[0] / widths[-1] == pytest.approx(one.weights[0] / one.weights[-1], rel=0.01)


def test_every_picture_says_what_it_shows(made, document):
    told = [one.get("descr") for one in document.element.iter(qn("wp:docPr"))]
    maps = blocks(made, Maps)
    wanted = sum(len(one.maps) + 1 + (one.bars is not None) for one in maps)
    assert len(told) == len(document.inline_shapes) == wanted
    assert all(told)
    assert "2023" in told
    for one in maps:
        assert any(text.startswith(one.legend["title"]) for text in told)
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    assert all(0 < one.width <= room for one in document.inline_shapes)


def test_chinese_has_a_font_of_its_own_and_pages_are_counted(document):
    for name in ("Normal", "Title", "Heading 1"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
        assert fonts.get(qn("w:eastAsiaTheme")) is None
    foot = document.sections[0].footer.paragraphs[0]
    fields = [one.get(qn("w:instr")) for one in foot._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_it_carries_its_provenance_and_is_the_same_twice(made, content, document):
    assert carried_by(content, name="brief.docx") == made.provenance
    assert content == made.to_bytes(".docx")
    core = document.core_properties
    assert core.title == made.title
    assert made.provenance["command"].startswith(core.subject[:40])
    assert core.created.replace(tzinfo=None) == datetime.strptime(
        made.provenance["created"], "%Y-%m-%dT%H:%M:%SZ"
    )
    with ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert PART in names


def test_a_made_up_study_says_so_at_the_top(tmp_path):
    told = write_study(tmp_path / "little", info(synthetic=True), counts())
    again = docx.Document(BytesIO(brief(told, 2023, 2025, lang="en").to_bytes(".docx")))
    assert again.paragraphs[1].text.strip() == "Synthetic sample: nobody was counted"
    assert "Synthetic sample" in again.sections[0].footer.paragraphs[0].text


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_another_office_reads_it(content, tmp_path):
    (tmp_path / "brief.docx").write_bytes(content)
    words = ["soffice", "--headless", "--convert-to", "txt:Text (encoded):UTF8", "brief.docx"]
    home = [f"-env:UserInstallation=file://{tmp_path}/home"]
    ran = subprocess.run([*words, *home], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0
    text = (tmp_path / "brief.txt").read_text(encoding="utf-8")
    assert "主要发现" in text
    assert "第 1 页" not in text  # a foot is not part of the text
