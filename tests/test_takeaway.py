"""What a page gives away: every table in every format, in its colours, or the reason why not."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from layers.palette import DIFFERENCE, FLOW, ROLE_OUTLINE, SITE, VERDICT, ramp_colours
from papers.styles import style_of
from spatial.drift_file import DRIFT_KINDS
from spatial.export import BARE, ExportError, ending_of
from spatial.export_commute import FLOW_KINDS
from spatial.formats import WRITERS
from spatial.formats.carried import carried
from spatial.replay import replay
from views import commute_screen, takeaway, takeaway_commute, takeaway_homes, takeaway_years
from views.answers import answer, edges, settle, study_of
from views.commutes import settle_commute
from views.making import Ends, Making
from views.query import Query
from views.takeaway_more import ALL, hidden_of, stem_of
from views.text import translator

QUERY = Query(resolution=7, top=5, lang="zh")


@pytest.fixture(scope="module")
def query():
    return settle(QUERY, study_of(QUERY))


def content(page: str, query: Query, kind: str, name: str) -> bytes:
    study = study_of(query)
    if page == "explore":
        return takeaway._content(query, study, answer(query), kind, name)
    if page == "compare":
        return takeaway_years._compared(query, study, [], kind, name)
    if page == "commute":
        return takeaway_commute._flows(settle_commute(query, study), study, kind, name)
    return takeaway_homes._sited(query, study, name, cells=kind == "cells")


def styles_in(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as database:
        return dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchall())


def rgb(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))


@pytest.mark.parametrize(
    ("page", "kind", "colours"),
    [
        ("explore", "cells", {"cells": None}),
        ("explore", "places", {"places": [ROLE_OUTLINE["work"]]}),
        (
            "compare",
            ALL,
            {
                "difference": DIFFERENCE[-1:],
                "lineage": [one for pair in VERDICT.values() for one in pair if one],
            },
        ),
        ("commute", ALL, {"lines": [FLOW["in"], FLOW["through"]], "corridors": [FLOW["bus"]]}),
        ("siting", "sites", {"places": SITE}),
        ("siting", "cells", {"cells": SITE}),
    ],
)
def test_files_of_a_page_carry_the_colours_of_its_map(query, tmp_path, page, kind, colours):
    file = tmp_path / "out.gpkg"
    file.write_bytes(content(page, query, kind, "out.gpkg"))
    found = styles_in(file)
    assert set(found) - {"catchment"} == set(colours)
    for layer, wanted in colours.items():
        ramp = ramp_colours(query.role, len(edges(query))) if wanted is None else wanted
        for colour in ramp:
            assert rgb(colour) in found[layer]


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("explore", "cells"),
        ("compare", "difference"),
        ("compare", "lineage"),
        ("compare", ALL),
        ("commute", "lines"),
        ("commute", "matrix"),
        ("commute", ALL),
        ("siting", "sites"),
    ],
)
def test_every_page_gives_every_format(query, tmp_path, page, kind):
    for ending in WRITERS:
        if kind == "matrix" and ending not in BARE:
            continue
        made = content(page, query, kind, f"out{ending}")
        zipped = ending == ".csv" or (kind == ALL and ending != ".gpkg")
        file = tmp_path / f"out{ending}"
        if not zipped:
            file.write_bytes(made)
            assert carried(file, ending)
            continue
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            names = archive.namelist()
            assert f"out{ending}" in names
            archive.extractall(tmp_path)
        assert carried(file, ending)
        several = [one for one in names if ending_of(one)]
        tables = {"compare": 2 + len(DRIFT_KINDS), "commute": len(FLOW_KINDS)}
        assert len(several) == tables.get(page, 1) or kind != ALL


@pytest.mark.parametrize(
    ("page", "kind", "ending"),
    [
        ("explore", "places", ".kml"),
        ("compare", "lineage", ".gpkg"),
        ("compare", "changes", ".xlsx"),
        ("commute", "lines", ".shp.zip"),
        ("siting", "sites", ".kml"),
    ],
)
def test_a_file_of_a_page_is_identical_made_again(query, tmp_path, page, kind, ending):
    file = tmp_path / f"out{ending}"
    file.write_bytes(content(page, query, kind, file.name))
    (found,) = replay(file, study=study_of(query))
    assert (found.differences, found.notes, found.same_bytes) == ((), (), True)


def test_a_map_in_one_file_shows_at_first_what_the_screen_shows(query):
    asked = replace(query, overlays=("places", "campuses", "hot", "drift"))
    assert hidden_of(asked) == ["rail", "districts", "ground"]
    assert hidden_of(replace(asked, overlays=()), "drift")[-1] == "drift"


def test_names_of_files_are_safe_and_telling(query):
    study = study_of(query)
    assert stem_of(study, "work", 2025) == "beijing-sample-work-2025"
    for name, stem in (
        ("../../etc/passwd", "etc-passwd-2025"),
        ("北京 样例", "北京-样例-2025"),
        ("a/b:c*d?", "a-b-c-d-2025"),
        ("", "2025"),
        ("x" * 300, "x" * 80),
    ):
        odd = SimpleNamespace(info=SimpleNamespace(name=name))
        assert stem_of(odd, 2025) == stem
    assert stem_of(SimpleNamespace(info=SimpleNamespace(name="..."))) == "gradmap"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (ExportError("a sheet holds 10 rows,\nfound 12"), "a sheet holds 10 rows, found 12"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (MemoryError(), "MemoryError"),
        (ZeroDivisionError("secret /home/someone"), "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_made_is_told_and_gives_no_file(fault, why):
    def made() -> bytes:
        raise fault

    ends = Ends()
    with pytest.raises(type(fault)):
        Making(made, ends)()
    assert ends.trouble(breathe=lambda: None) == why


def test_what_is_made_is_no_trouble_and_what_takes_too_long_is():
    ends = Ends()
    assert Making(lambda: b"a", ends)() == b"a"
    assert ends.trouble(breathe=lambda: None) == ""
    ends.begin()
    assert ends.trouble(within_s=0.0, breathe=lambda: None) == "0 s"


def test_a_button_of_an_earlier_run_pressed_again_is_told_too():
    def refused():
        raise ValueError("no room")

    ends = Ends()
    for one in (Making(lambda: b"a", ends), Making(lambda: b"b", ends)):
        one()
        assert ends.trouble(breathe=lambda: None) == ""
    earlier, _ = Making(refused, ends), Making(refused, ends)
    with pytest.raises(ValueError, match="no room"):
        earlier()
    for _press in range(2):  # one press may be heard of twice, or two at once
        assert ends.trouble(breathe=lambda: None) == "no room"


def test_cells_of_a_commute_are_on_the_scale_of_all_years(query, tmp_path):
    study = study_of(query)
    asked = settle_commute(replace(query, area="haidian"), study)
    _, scale = commute_screen._frames(asked, study, None, translator("zh"))
    file = tmp_path / "cells.kml"
    file.write_bytes(takeaway_commute._flows(asked, study, "catchment", file.name))
    style = carried(file, ".kml")["catchment"]["style"]
    assert (style["edges"], style["title"]) == (list(scale.breaks), scale.measure)
    assert style["colours"][1:] == ramp_colours("residence", len(scale.breaks))
    (found,) = replay(file, study=study, stylist=style_of)
    assert (found.differences, found.notes, found.same_bytes) == ((), (), True)


def breaths(count: int) -> Iterator[int]:
    yield from range(count)


def test_waiting_leaves_room_for_another_question():
    breath = breaths(2)
    with pytest.raises(StopIteration):
        Ends().trouble(breathe=lambda: next(breath))


def test_the_language_of_a_page_is_that_of_its_legend(query, tmp_path):
    for lang, title in (("zh", "就业人数 / 网格"), ("en", "Graduates at work, per cell")):
        file = tmp_path / f"{lang}.geojson"
        file.write_bytes(content("explore", replace(query, lang=lang), "cells", file.name))
        assert carried(file, ".geojson")["cells"]["style"]["title"] == title
