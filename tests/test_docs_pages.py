"""The documents as pages: whole, told from the code, and in need of no network."""

from __future__ import annotations

import doctest
import html
import importlib
import json
import re
import sys
import zlib
from html.parser import HTMLParser
from urllib.parse import urlparse

import click
import pytest

from papers.cli import main
from spatial.info import StudyInfo
from spatial.schema import LAYERS
from tests.documents import PAGES, ROOT, SOURCE, built, page_of

ASKED = [
    *("spatial.study", "spatial.question", "spatial.two_years", "spatial.siting_setting"),
    *("spatial.compared", "spatial.commute_report", "spatial.screened", "spatial.robustness"),
    *("spatial.profile", "spatial.places", "spatial.hotspots", "spatial.moran"),
    *("spatial.significance", "spatial.change", "spatial.agreement", "spatial.trend"),
    *("spatial.structure", "spatial.quotient", "spatial.concentration", "spatial.transport"),
    *("spatial.access", "spatial.rent", "spatial.siting", "spatial.lineage", "spatial.privacy"),
    *("spatial.schema", "spatial.info", "spatial.export", "spatial.provenance"),
    *("spatial.replay", "spatial.formats", "layers.cells", "layers.page", "papers.html_map"),
    *("papers.sheet", "papers.brief"),
]
"""Modules that must stand on a page, whatever the pages ask for."""
EXAMPLES = [page for page in PAGES if ">>> " in page.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def site():
    return built()


@pytest.fixture(scope="module")
def told(site):
    """Full names of everything that has a place on a page."""
    _, _, _, _, packed = (site / "objects.inv").read_bytes().split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {line.split()[0] for line in lines if line.split()[1].startswith("py:")}


class Loaded(HTMLParser):
    """Addresses that a page loads of itself, and those it only links to."""

    def __init__(self):
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.append(value or "")
            elif name in ("src", "href", "data", "poster", "action") and value:
                self.loaded.append(value)
            elif name == "srcset" and value:
                self.loaded += [one.split()[0] for one in value.split(",")]


def read(page):
    parser = Loaded()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def test_every_page_is_built_without_a_warning(site):
    assert (site / "index.html").is_file()
    for source in PAGES:
        assert page_of(source).is_file(), source


def test_no_page_loads_anything_from_outside(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        for address in read(page).loaded:
            assert not urlparse(address).netloc, (page.name, address)
            assert urlparse(address).scheme in ("", "data"), (page.name, address)


def test_no_style_loads_anything_from_outside(site):
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text):
            assert not urlparse("".join(address)).netloc, (sheet.name, address)


def test_every_link_within_leads_to_a_page(site):
    for page in site.rglob("*.html"):
        for link in read(page).links:
            parts = urlparse(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            assert (page.parent / parts.path).resolve().is_file(), (page.name, link)


def test_every_page_stands_in_the_contents(site):
    first = site / "index.html"
    listed = {(site / urlparse(one).path).resolve() for one in read(first).links} | {first}
    for source in PAGES:
        assert page_of(source).resolve() in listed, source


def modules_told():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    return sorted({*re.findall(r"automodule:: (\S+)", text), *ASKED})


@pytest.mark.parametrize("module", modules_told())
def test_every_public_name_is_told(module, told):
    home = importlib.import_module(module)
    for name in home.__all__:
        asked = getattr(home, name)
        parents = [one.rpartition(".")[0] for one in told if one.endswith(f".{name}")]
        # A name may be told where it is at home, and only passed on by the module that is asked.
        found = [getattr(sys.modules.get(one), name, None) is asked for one in parents]
        assert any(found), f"{module}.{name} is on no page: has it a docstring?"


def test_what_is_asked_of_a_study_is_told(told):
    from spatial import api

    for name in set(api.__all__) & set(dir(importlib.import_module("spatial").Study)):
        assert f"spatial.study.Study.{name}" in told


def commands(command, path=("gradmap",)):
    yield path, command
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from commands(one, (*path, name))


def test_every_command_and_option_is_told(site):
    page = (site / "cli.html").read_text(encoding="utf-8")
    for path, command in commands(main):
        if len(path) == 1:
            continue
        _, found, rest = page.partition(f'<section id="{"-".join(path)}">')
        assert found, path
        text = re.sub(r"<[^>]+>", "", rest.partition("</section>")[0])
        for one in command.params:
            if isinstance(one, click.Option) and not one.hidden:
                assert one.opts[0] in text, (path, one.opts)


def test_every_column_and_field_of_a_study_is_told(site):
    text = re.sub(r"<[^>]+>", " ", (site / "study.html").read_text(encoding="utf-8"))
    words = set(re.findall(r"[\w.]+", text))
    fields = {"graduates", "base", *StudyInfo.__dataclass_fields__}
    for columns in LAYERS.values():
        fields |= {*columns}
    assert fields <= words


def test_formulas_are_drawn_by_the_browser_itself(site):
    text = (site / "numbers" / "hotspots.html").read_text(encoding="utf-8")
    assert text.count("<math") >= 10
    assert not [one for one in read(site / "numbers" / "hotspots.html").loaded if "jax" in one]


def told_in(notebook):
    """Lines of a notebook's code and of what it is kept showing."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield from cell["source"]
            for output in cell["outputs"]:
                yield from output.get("text", output.get("data", {}).get("text/plain", []))


def test_notebooks_are_there_with_their_code_and_outputs(site):
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        page = site / "notebooks" / f"{notebook.stem}.html"
        text = html.unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))
        for line in told_in(notebook):
            assert line.rstrip() in text, (notebook.stem, line)


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda one: one.stem)
def test_examples_are_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_chinese_page_is_marked_as_chinese(site):
    assert '<html lang="zh-Hans"' in (site / "zh" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in (site / "start.html").read_text(encoding="utf-8")


def test_pages_stand_in_the_folder_of_documents():
    assert len(PAGES) > 20
    assert all(page.is_relative_to(SOURCE) for page in PAGES)
