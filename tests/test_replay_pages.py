"""Pages drawn again from what they carry: the same to the last byte, or told what is not."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import zlib
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from PIL import Image, PngImagePlugin

from layers.brief import BRIEF_FORMATS
from layers.sheet import FORMATS
from papers.cli import main
from papers.page_files import carried_by
from spatial import pages
from spatial.ingest.errors import InputError
from spatial.pages import PAGES
from spatial.replay import replay
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import counts, info

TITLE = "A (try) \\ of 标题 </script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A little study and, beside it, every kind of page of it."""
    there = tmp_path_factory.mktemp("drawn")
    little = write_study(there / "little", info(), counts())
    asked = {"year": 2024, "role": "residence"}
    compared = little.compare(2023, 2025, role="work")
    little.map(**asked, lang="zh", title=TITLE, hide=("rail", "cells"), out="map.html").save(
        there / "map.html"
    )
    compared.map(view="swipe", hide=(), out="change.html").save(there / "change.html")
    for ending in (".pdf", ".png"):
        out = f"sheet{ending}"
        little.sheet(**asked, dpi=60, orientation="landscape", title=TITLE, out=out).save(
            there / out
        )
    for ending in BRIEF_FORMATS:
        compared.brief(lang="zh", out=f"brief{ending}").save(there / f"brief{ending}")
    return there


def run(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


FILES = (
    "map.html",
    "change.html",
    "sheet.pdf",
    "sheet.png",
    "brief.pdf",
    "brief.html",
    "brief.docx",
)
KINDS = {"map": "a map", "change": "a map of two years", "sheet": "a map sheet", "brief": "a brief"}


@pytest.mark.parametrize("name", FILES)
def test_every_page_comes_out_the_same_to_the_last_byte(folder, name):
    said = run("replay", folder / name)
    assert said.exit_code == 0, said.output
    kind = KINDS[name.split(".")[0]]
    assert f"identical to the last byte: {name}: {kind}\n" in said.output


def test_the_command_a_page_carries_draws_it_again(folder, tmp_path, monkeypatch):
    told = carried_by((folder / "sheet.png").read_bytes(), name="sheet.png")
    monkeypatch.chdir(folder)
    _, *words = shlex.split(told["command"])
    out = tmp_path / "sheet.png"
    ran = run(*words[:-1], out)
    assert ran.exit_code == 0, ran.output
    again = carried_by(out.read_bytes(), name="sheet.png")
    same = ("command", "sheet", "question", "method", "study_digest")
    assert {one: again[one] for one in same} == {one: told[one] for one in same}


def test_bounds_and_title_are_carried_and_drawn_again(folder, monkeypatch):
    monkeypatch.chdir(folder)
    asked = ["--year", "2025", "--role", "work", "--lang", "en", "--dpi", "50", "--title", TITLE]
    bounds = ["--bounds", "39.8", "116.2", "40.1", "116.6"]
    ran = run("sheet", "little", *asked, *bounds, "--out", "near.png")
    assert ran.exit_code == 0, ran.output
    told = carried_by(Path("near.png").read_bytes(), name="near.png")
    assert told["sheet"]["bounds"] == [39.8, 116.2, 40.1, 116.6]
    assert "--bounds 39.8 116.2 40.1 116.6" in told["command"]
    assert replay("near.png")[0].same_bytes


def test_the_time_of_drawing_is_the_page_s_own(folder, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert replay(folder / "brief.html")[0].same_bytes
    assert os.environ["SOURCE_DATE_EPOCH"] == "7"


def test_the_folder_that_the_study_lies_in_is_no_difference(folder, tmp_path):
    other = tmp_path / "elsewhere"
    shutil.copytree(folder / "little", other)
    (found,) = replay(folder / "brief.docx", study=open_study(other))
    assert (found.same_bytes, found.differences) == (True, ())


def changed(folder, name, old, new, *, count=1):
    content = (folder / name).read_bytes()
    assert old in content
    path = folder / f"changed-{name}"
    path.write_bytes(content.replace(old, new, count))
    return path


def test_another_number_in_a_brief_is_found(folder):
    text = (folder / "brief.html").read_text(encoding="utf-8")
    cell = re.search(r"<td>([\d\u202f,]{3,})</td>", text)[1]
    path = changed(folder, "brief.html", f"<td>{cell}</td>".encode(), b"<td>999</td>")
    (found,) = replay(path)
    assert len(found.differences) == 1
    assert re.match(r"page: text, style or script differs from line \d+ of", found.differences[0])


def test_another_word_in_the_data_of_a_map_is_named(folder):
    text = (folder / "map.html").read_text(encoding="utf-8")
    payload = re.search(r'fromBase64\("([^"]+)"\)', text)[1]
    raw = base64.b64decode(payload)
    word = "图层".encode()
    other = base64.b64encode(raw.replace(word, "画层".encode(), 1))
    path = changed(folder, "map.html", payload.encode(), other)
    (found,) = replay(path)
    assert found.differences == ("content: words of the page differ",)
    # The last array of values lies at the end of the data.
    bent = bytearray(raw)
    bent[-12] ^= 1
    path = changed(folder, "map.html", payload.encode(), base64.b64encode(bytes(bent)))
    (found,) = replay(path)
    assert found.differences
    assert found.differences[0].startswith("content: ")


def test_another_pixel_is_counted(folder):
    one = Image.open(folder / "sheet.png")
    told = PngImagePlugin.PngInfo()
    told.add_text("gradmap", one.text["gradmap"])
    one.putpixel((5, 5), (1, 2, 3, 255))
    one.save(folder / "pixel.png", pnginfo=told)
    (found,) = replay(folder / "pixel.png")
    assert found.differences == ("picture: 0.00% of its pixels differ",)
    one = Image.open(folder / "sheet.png")
    one.save(folder / "saved.png", pnginfo=told)
    said = run("replay", folder / "saved.png")
    assert said.exit_code == 0
    assert "identical in all it shows: saved.png: a map sheet" in said.output
    assert "every pixel is the same" in said.output


def test_another_drawing_on_a_page_of_a_brief_is_found(folder):
    content = (folder / "brief.pdf").read_bytes()
    contents = re.findall(rb"/Contents (\d+) 0 R", content)
    start = content.index(b"\n" + contents[1] + b" 0 obj\n")
    start = content.index(b"stream\n", start) + 7
    end = content.index(b"\nendstream", start)
    drawn = zlib.decompress(content[start:end])
    other = zlib.compress(drawn.replace(b" l\n", b" m\n", 1))
    path = folder / "drawn.pdf"
    path.write_bytes(content[:start] + other + content[end:])
    (found,) = replay(path)
    assert found.differences == (f"page 2 of {len(contents)}: it is drawn otherwise",)


def test_another_word_in_a_document_is_found_and_another_hour_is_none(folder):
    with ZipFile(folder / "brief.docx") as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    saved = folder / "saved.docx"
    with ZipFile(saved, "w") as archive:  # as another program packs it
        for name, content in members.items():
            archive.writestr(name, content)
    (found,) = replay(saved)
    assert (found.differences, found.same_bytes) == ((), False)
    assert found.notes[-1].startswith("all texts and pictures are the same")
    text = members["word/document.xml"].decode()
    word = re.search(r"<w:t>([^<]{4,})</w:t>", text)[1]
    with ZipFile(folder / "bent.docx", "w") as archive:
        for name, content in members.items():
            bent = (
                text.replace(word, "Nothing", 1).encode()
                if name.endswith("/document.xml")
                else content
            )
            archive.writestr(name, bent)
    (found,) = replay(folder / "bent.docx")
    assert re.fullmatch(r"text: paragraph 1 of \d+ differs", found.differences[0])


def test_another_study_of_the_name_is_told(folder, tmp_path):
    table = counts()
    table["graduates"] *= 2
    for group in info().groups:
        table[group.id] *= 2
    other = write_study(tmp_path / "little", info(), table)
    (found,) = replay(folder / "map.html", study=other)
    assert any(one.startswith("study: little has the digest") for one in found.differences)
    assert any(one.startswith("content: ") for one in found.differences)


def test_a_page_that_lost_its_provenance_gets_one_sentence(folder):
    Image.open(folder / "sheet.png").convert("RGB").save(folder / "bare.png")
    (folder / "bare.html").write_text("<html><body>A map</body></html>", encoding="utf-8")
    (folder / "bare.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    (folder / "bare.docx").write_bytes(b"PK, and no more")
    for name in ("bare.png", "bare.html", "bare.pdf", "bare.docx"):
        said = run("replay", folder / name)
        assert said.exit_code == 2
        assert "a page that carries its provenance is needed" in said.output
        assert len(said.output.splitlines()) == 1
    assert "there is no such file" in run("replay", folder / "none.pdf").output


def test_provenance_that_asks_for_what_is_no_page_is_refused(folder):
    def with_told(change):
        told = carried_by((folder / "map.html").read_bytes(), name="map.html")
        change(told)
        path = folder / "told.html"
        text = json.dumps(told).replace("<", "\\u003c")
        path.write_text(f'<script id="gradmap">{text}</script></head>', encoding="utf-8")
        return path

    for change, why in (
        (lambda told: told.pop("page"), "its provenance speaks of none"),
        (
            lambda told: told["page"].update(colour="red"),
            "by lang, title, hide, found colour",
        ),
        (lambda told: told["page"].pop("lang"), None),
        (lambda told: told["question"].update(k="x"), "k must be"),
        (lambda told: told.update(created="yesterday"), "must say when it was made"),
        (lambda told: told.update(page=None), "must say all that the page was drawn by"),
    ):
        path = with_told(change)
        if why is None:
            assert replay(path)[0].differences
            continue
        with pytest.raises(ValueError, match=why):
            replay(path)
    (folder / "told.html").write_text('<script id="gradmap">{</script></head>')
    with pytest.raises(InputError, match="its provenance cannot be read"):
        replay(folder / "told.html")
    (folder / "told.html").write_text('<script id="gradmap">[1]</script></head>')
    with pytest.raises(InputError, match="provenance must be an object, found list"):
        replay(folder / "told.html")


def test_a_brief_of_a_million_draws_is_refused(folder):
    told = carried_by((folder / "brief.html").read_bytes(), name="brief.html")
    told["brief"]["resamples"] = 10**9
    text = f'<script id="gradmap">{json.dumps(told)}</script></head>'
    (folder / "long.html").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="resamples must be 1 to 100,000, found 1,000,000,000"):
        replay(folder / "long.html")


def test_without_what_draws_it_says_what_is_missing(folder, monkeypatch):
    monkeypatch.setattr(pages, "entry_points", lambda **_: [])
    said = run("replay", folder / "map.html")
    assert said.exit_code == 2
    assert "what a page shows is drawn by the installed gradmap, and nothing" in said.output


def test_every_page_that_is_written_can_be_read():
    assert {*BRIEF_FORMATS, *FORMATS} <= set(PAGES)
