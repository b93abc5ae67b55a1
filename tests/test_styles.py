"""Every file wears its map's classes and colours, to QGIS, to globes, and made again."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from layers.difference import difference_classes
from layers.palette import DIFFERENCE, FLOW, ROLE_OUTLINE, SITE, VERDICT, ramp_colours
from papers.cli import main as house
from papers.content import edges_of
from papers.paired import change_edges
from papers.style_labels import class_labels
from papers.styles import change_style, style_of
from spatial.export import export, export_bytes
from spatial.formats import WRITERS, Style
from spatial.formats.carried import carried
from spatial.formats.qml import qml
from spatial.formats.shapefile import aliases
from spatial.formats.sld import sld
from spatial.ingest.errors import InputError
from spatial.question import Question
from spatial.replay import replay
from spatial.store import copy_study
from tests.programs import program
from tests.studies import small_study
from tests.written import KINDS, tables_of

KML = "{http://www.opengis.net/kml/2.2}"
HOT = Style(
    column="hotspot",
    colours=("#b2182b", "#2166ac"),
    words=("hot", "cold"),
    labels=("more & more", "fewer"),
    opacity=0.5,
)


@pytest.fixture(scope="module", autouse=True)
def at_a_known_time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1750000000")
        yield


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def made(study):
    """Each kind of table as it is written, its provenance and its style."""
    return {
        kind: (table, fresh, style_of(study, kind, table, fresh, lang="zh"))
        for kind, (table, fresh) in tables_of(study).items()
    }


def written(made, kind, ending, folder):
    path = folder / f"{kind}{ending}"
    table, told, style = made[kind]
    WRITERS[ending](table, path, told, kind, style=style)
    return path


def drawn_by(drawn: str, table: pd.DataFrame) -> list[tuple[str, str]]:
    """Fill or stroke, and outline, of each row as QGIS goes about it: the first rule that holds."""
    renderer = ElementTree.fromstring(drawn).find("renderer-v2")
    symbols = {}
    for one in renderer.iter("symbol"):
        if one.get("name") == "@0@0":
            continue
        told = {o.get("name"): o.get("value") for o in one.iter("Option") if o.get("value")}
        colour = told["line_color"] if "line_color" in told else told["color"]
        seen = told.get("style", "solid") != "no" or "line_color" in told
        rim = told.get("outline_color") if told.get("outline_style") != "no" else None
        symbols[one.get("name")] = (colour if seen else None, rim)
    if renderer.get("type") == "singleSymbol":
        return [symbols["0"]] * len(table)
    attribute = renderer.get("attr")
    true = r"""to_string\("(\w+)"\) IN \('true', 'T', '1'\)"""
    given = re.fullmatch(rf'CASE WHEN {true} THEN 0 ELSE "(\w+)" END', attribute)
    column = given[2] if given else attribute
    values = table[column].to_numpy()
    if given:
        values = np.where(table[given[1]].to_numpy(dtype=bool), 0.0, values)
    rules = [
        (one.get("symbol"), one.get("value") or (float(one.get("lower")), float(one.get("upper"))))
        for one in renderer.iter()
        if one.tag in ("range", "category")
    ]
    found = []
    for value in values:
        holds = (
            name
            for name, what in rules
            if (value == what if isinstance(what, str) else what[0] <= value <= what[1])
        )
        found.append(symbols.get(next(holds, ""), (None, None)))
    return found


def rgba(colour):
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def expected(kind, study, table):
    """Colour of each row as the map of its page has it, None where it draws none."""
    if kind == "cells":
        edges = edges_of(study, Question(year=2024))
        ramp = (None, *map(rgba, ramp_colours("work", len(edges))))
        return [ramp[sum(one >= edge for edge in edges)] for one in table["value"]]
    if kind == "difference":
        seen, edges = change_edges(table)
        ramp = (None, *map(rgba, DIFFERENCE))
        return [ramp[one] for one in difference_classes(seen, edges)]
    if kind == "lineage":
        return [rgba(VERDICT[one][1]) if VERDICT[one][1] else None for one in table["verdict"]]
    if kind == "lines":
        return [rgba(FLOW[one]) for one in table["direction"]]
    return [rgba(FLOW["bus"])] * len(table) if kind == "corridors" else [None] * len(table)


@pytest.mark.parametrize("kind", KINDS)
def test_qgis_finds_the_maps_own_colours_in_a_geopackage(study, made, tmp_path, kind):
    path = written(made, kind, ".gpkg", tmp_path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # Read as a layer by GDAL, as QGIS does.
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    assert len(styles) == 1
    (row,) = styles.to_dict("records")
    assert (row["f_table_name"], row["f_geometry_column"], row["useAsDefault"]) == (kind, "geom", 1)
    table = made[kind][0]
    found = drawn_by(row["styleQML"], table)
    assert [one for one, _ in found] == expected(kind, study, table)
    if kind == "places":
        assert {rim for _, rim in found} == {rgba(ROLE_OUTLINE["work"])}
    if kind == "lineage":
        assert [rim for _, rim in found] == [rgba(VERDICT[one][0]) for one in table["verdict"]]
    ElementTree.fromstring(row["styleSLD"])
    assert [one for one in pyogrio.list_layers(path)[:, 0] if "_" not in one] == [kind]


@pytest.mark.parametrize("cells", [True, False])
def test_sites_are_coloured_by_their_score(study, tmp_path, monkeypatch, cells):
    monkeypatch.chdir(tmp_path)
    copy_study(study.path, tmp_path / "little")
    more = ["--cells"] if cells else []
    run("siting", "little", "--year", 2025, "--draws", 10, *more, "--out", "sites.gpkg")
    layer = "cells" if cells else "places"
    table = pyogrio.read_dataframe("sites.gpkg", layer=layer)
    drawn = pyogrio.read_dataframe("sites.gpkg", layer="layer_styles")["styleQML"][0]
    edges = (0.3, 0.45, 0.55, 0.65, 0.75)
    assert [one for one, _ in drawn_by(drawn, table)] == [
        None if np.isnan(one) else rgba(SITE[sum(one >= edge for edge in edges)])
        for one in table["score"]
    ]
    assert table["score"].notna().any()


def run(*words):
    found = CliRunner().invoke(house, [str(one) for one in words], env={"LC_ALL": "C"})
    assert (found.exit_code, "Traceback" in found.output) == (0, False), found.output
    return found.output


COMMANDS = {
    "hotspots": ("--year", "2024", "--measure", "share"),
    "places": ("--year", "2024", "--top", "3"),
    "compare": ("--years", "2023", "2025", "--role", "work", "--permutations", "0"),
    "commute": ("--year", "2025", "--resolution", "9"),
    "siting": ("--year", "2025", "--draws", "10"),
}


@pytest.mark.parametrize(
    ("command", "ending"),
    [
        *((command, ".gpkg") for command in COMMANDS),
        *(("places", ending) for ending in (".kml", ".shp.zip", ".geojson", ".csv")),
    ],
)
def test_the_installed_commands_colour_their_files_and_make_them_again(
    study, tmp_path, monkeypatch, command, ending
):
    monkeypatch.chdir(tmp_path)
    copy_study(study.path, tmp_path / "little")
    run(command, "little", *COMMANDS[command], "--out", f"out{ending}")
    told = carried(Path(f"out{ending}"), ending)
    undrawn = {kind for kind, one in told.items() if "style" not in one}
    assert undrawn <= {"matrix", "partners", "distances", "directions"}
    said = run("replay", f"out{ending}")
    assert said.startswith("identical to the last byte: ")
    assert "colours" not in said


def test_colours_that_are_not_the_maps_are_a_note_and_no_difference(study, made, tmp_path):
    table, told, style = made["cells"]
    other = replace(style, colours=(*style.colours[:-1], "#ff0000"))
    for ending in (".gpkg", ".csv"):
        path = tmp_path / f"out{ending}"
        said = {**told, "style": other.to_dict()}
        WRITERS[ending](table, path, said, "cells", style=other)
        (found,) = replay(path, study=study, stylist=style_of)
        assert (found.differences, found.same_bytes) == ((), True)
        assert "its classes or colours are not those that the map has today" in found.notes
        (found,) = replay(path, study=study)
        assert found.notes == ()
    # The words of a legend are as its reader speaks, and no news.
    path = tmp_path / "zh.geojson"
    said = {**told, "style": style.to_dict()}
    WRITERS[".geojson"](table, path, said, "cells")
    assert style.title == "就业人数 / 网格"
    assert replay(path, study=study, stylist=style_of)[0].notes == ()


@pytest.mark.parametrize("style", [1, [], {"colours": [1]}, {"colours": ["red"]}, {"colour": []}])
def test_a_style_that_is_none_gets_one_sentence(study, made, tmp_path, style):
    table, told, _ = made["places"]
    path = tmp_path / "a.geojson"
    WRITERS[".geojson"](table, path, {**told, "style": style}, "places")
    with pytest.raises(InputError, match=r"a\.geojson: its style cannot be read: .+"):
        replay(path, study=study)


@pytest.mark.parametrize("ending", WRITERS)
def test_every_file_tells_its_classes_and_colours(made, tmp_path, ending):
    _, told, style = made["cells"]
    table = made["cells"][0].set_index(
        pd.Index([int(one, 16) for one in made["cells"][0]["cell"]], dtype="uint64", name="cell")
    )
    bare = pd.DataFrame(table.drop(columns=["cell", "geometry", "lat", "lon"]))
    export(bare, tmp_path / f"a{ending}", provenance=told, kind="cells", style=style)
    found = carried(tmp_path / f"a{ending}", ending)["cells"]
    assert Style.from_dict(found["style"]) == style
    assert {k: v for k, v in found.items() if k != "style"} == told
    plain = export_bytes(bare, f"a{ending}", provenance=told, kind="cells").content
    assert b"colours" not in plain


@pytest.mark.parametrize("kind", KINDS)
def test_a_style_is_what_it_says_of_itself(made, kind):
    style = made[kind][2]
    again = json.loads(json.dumps(style.to_dict()))
    assert Style.from_dict(again) == style
    assert len(style.colours) == len([style.named(one) for one in range(len(style.colours))])


@given(
    edges=st.lists(st.integers(-99, 99), unique=True, min_size=1, max_size=6).map(sorted),
    values=st.lists(st.floats(-200, 200) | st.just(float("nan")), max_size=20),
)
def test_classes_of_a_style_are_what_qgis_finds_going_down(edges, values):
    style = Style(column="z", colours=("#000000",) * (len(edges) + 1), edges=tuple(edges))
    ranges = [
        (int(one.get("symbol")), float(one.get("lower")), float(one.get("upper")))
        for one in ElementTree.fromstring(qml(style, drawn="fill")).iter("range")
    ]
    table = pd.DataFrame({"z": np.array(values, dtype=float)})
    for value, found in zip(values, style.classes(table), strict=True):
        first = next((number for number, low, high in ranges if low <= value <= high), -1)
        assert first == found
        if not np.isnan(value):
            assert found == sum(edge <= value for edge in edges)


@given(
    st.lists(st.floats(-1000, 1000) | st.sampled_from([-20.0, 20.0, 0.0]), min_size=3), st.data()
)
def test_a_change_is_of_the_class_that_the_screen_gives_it(changes, data):
    noise = data.draw(st.lists(st.booleans(), min_size=len(changes), max_size=len(changes)))
    table = pd.DataFrame({"shrunk": changes, "noise": noise})
    seen, edges = change_edges(table)
    style = change_style(table, "en", hatched=False)
    drawn = [style.colours[one] or None for one in style.classes(table)]
    screen = difference_classes(seen, edges)
    assert drawn == [DIFFERENCE[one - 1] if one else None for one in screen]


def test_a_style_needs_as_many_colours_as_classes():
    with pytest.raises(ValueError, match="one edge fewer than colours, found 2 colours"):
        Style(column="z", colours=("#000000", "#ffffff"))
    with pytest.raises(ValueError, match="a label for each colour"):
        Style(column="z", colours=("#000000",), labels=("a", "b"))
    with pytest.raises(ValueError, match="a colour must be #rrggbb, found 'red'"):
        Style(colours=("red",))
    with pytest.raises(ValueError, match="edges must ascend"):
        Style(column="z", colours=("#000000",) * 3, edges=(2, 1))
    style = Style(column="z", colours=("#000000",) * 3, edges=(1, 2))
    assert [style.named(one) for one in range(3)] == ["below 1", "1 to 2", "2 or more"]


def test_the_legend_speaks_as_its_reader(study, made):
    table, told, style = made["difference"]
    assert (style.title, style.hatched) == ("毕业生人数变化 / 网格", True)
    assert "变化不显著; 斜线：口径不同，不可比" in style.labels
    assert style_of(study, "difference", table, told, lang="en").labels[-1].startswith("+")
    places = {
        lang: style_of(study, "places", *made["places"][:2], lang=lang) for lang in ("zh", "en")
    }
    assert places["zh"].names == ("name", "name_en")
    assert places["en"].names == ("name_en", "name")
    assert class_labels([5.0, 20_000.0], "{:g}".format) == ("< 5", "5 – 20000", "≥ 20000")


def test_lines_are_wide_at_home_and_as_wide_as_their_people_are_many(made):
    table, _, style = made["lines"]
    drawn = ElementTree.fromstring(qml(style, drawn="line"))
    wide = {
        one.get("name"): one.find("Option[@name='expression']").get("value")
        for one in drawn.iter("Option")
        if one.get("type") == "Map" and one.find("Option[@name='expression']") is not None
    }
    most = float(table["graduates"].max())
    assert wide["arrowStartWidth"] == f'max(0.2, 3.4 * "graduates" / {most!r})'
    assert wide["arrowWidth"] == f"0.15 * {wide['arrowStartWidth']}"
    assert drawn.find(".//orderByClause").text == '"graduates"'
    assert drawn.find("labeling") is None


def test_names_stand_on_places(made):
    drawn = ElementTree.fromstring(qml(made["places"][2], drawn="fill"))
    assert drawn.get("labelsEnabled") == "1"
    text = drawn.find(".//text-style")
    assert text.get("fieldName") == "coalesce(nullif(\"name\", ''), nullif(\"name_en\", ''))"


@pytest.mark.parametrize("drawn", ["fill", "line"])
def test_styles_are_sound_xml_whatever_columns_are_called(drawn):
    odd = Style(
        column='"<z>"',
        colours=("", "#000000"),
        edges=(0.5,),
        unless="n&o",
        names=("a'b",),
        width_of='w"',
        order="<o>",
        tapered=drawn == "line",
        hatched=True,
        title="a & b",
    )
    for style in (HOT, odd):
        assert ElementTree.fromstring(qml(style, drawn=drawn, aliases={"a": "<b>"})).tag == "qgis"
        ElementTree.fromstring(sld(style, drawn=drawn, layer="a&b"))


@pytest.mark.parametrize("kind", ["difference", "lineage", "lines"])
def test_a_shapefile_has_its_style_beside_it_in_its_own_short_names(study, made, tmp_path, kind):
    path = written(made, kind, ".shp.zip", tmp_path)
    with zipfile.ZipFile(path) as archive:
        drawn = archive.read(f"{kind}.qml").decode()
        described = archive.read(f"{kind}.sld").decode()
    fields = list(pyogrio.read_info(f"/vsizip/{path}")["fields"])
    table = made[kind][0]
    short = aliases(one for one in table.columns if one != "geometry")
    found = drawn_by(drawn, table.rename(columns=short))
    assert [one for one, _ in found] == expected(kind, study, table)
    style = ElementTree.fromstring(drawn)
    told = {one.get("field"): one.get("name") for one in style.iter("alias")}
    assert told == {alias: column for column, alias in short.items()}
    named = re.findall(r"PropertyName>([^<]+)<", described)
    assert named
    assert set(named) <= set(fields) == set(told)


@pytest.mark.parametrize("kind", KINDS)
def test_globes_find_the_colours_in_kml(study, made, tmp_path, kind):
    path = written(made, kind, ".kml", tmp_path)
    table = made[kind][0]
    root = ElementTree.parse(path).getroot()
    styles = {}
    for one in root.iter(f"{KML}Style"):
        inside = one.findtext(f"{KML}PolyStyle/{KML}color")
        line = one.findtext(f"{KML}LineStyle/{KML}color")
        assert one.findtext(f"{KML}PolyStyle/{KML}outline") == str(int(line is not None))
        assert (one.findtext(f"{KML}PolyStyle/{KML}fill") == "0") == (inside is None)
        styles[f"#{one.get('id')}"] = line if kind in ("lines", "corridors") else inside
    marks = list(root.iter(f"{KML}Placemark"))
    turned = [styles[one.findtext(f"{KML}styleUrl")] for one in marks]
    straight = [
        one and ",".join(str(int(one[at : at + 2], 16)) for at in (6, 4, 2)) for one in turned
    ]
    assert [one and f"{one},255" for one in straight] == expected(kind, study, table)
    # What is written last lies in the tree where the standard has it, which some readers insist on.
    order = [one.tag.removeprefix(KML) for one in root.find(f"{KML}Document")]
    known = ["name", "description", "Style", "ExtendedData", "Schema", "Folder"]
    assert sorted(order, key=known.index) == order
    if kind == "lines" and len(table):
        ends = f"{table['label_from'].iloc[0]} → {table['label_to'].iloc[0]}"
        assert marks[0].findtext(f"{KML}name") == ends


def test_gdal_reads_the_colours_of_kml(made, tmp_path):
    path = written(made, "lineage", ".kml", tmp_path)
    asked = [program("ogrinfo"), "-al", "-q", "--config", "LIBKML_RESOLVE_STYLE", "YES", str(path)]
    told = subprocess.run(asked, capture_output=True, check=True, timeout=60).stdout.decode()
    for verdict in set(made["lineage"][0]["verdict"]):
        line, tint = VERDICT[verdict]
        assert f"PEN(c:{line.upper()}FF" in told
        assert not tint or f"BRUSH(fc:{tint.upper()}FF" in told


def test_a_matrix_is_drawn_by_nobody(made, tmp_path):
    table, told, style = made["matrix"]
    assert style is None
    path = tmp_path / "out.gpkg"
    WRITERS[".gpkg"](*(made["places"][0], path, made["places"][1], "places"), style=HOT)
    WRITERS[".gpkg"](table, path, told, "matrix", style=HOT)
    assert list(pyogrio.read_dataframe(path, layer="layer_styles")["f_table_name"]) == ["places"]


def test_the_language_of_the_terminal_is_that_of_the_legend(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    copy_study(study.path, tmp_path / "little")
    said = {}
    for tongue in ("zh_CN.UTF-8", "de_DE.UTF-8"):
        words = ["places", "little", "--year", "2024", "--out", "a.geojson"]
        CliRunner().invoke(house, words, env={"LC_ALL": tongue})
        said[tongue] = carried(Path("a.geojson"), ".geojson")["places"]["style"]["names"][0]
    assert said == {"zh_CN.UTF-8": "name", "de_DE.UTF-8": "name_en"}


def test_a_shapefiles_style_asks_for_long_columns_by_their_short_names(made, tmp_path):
    table, told, _ = made["lineage"]
    style = Style(
        column="graduates_after",
        colours=("#000000", "#ffffff"),
        edges=(100.0,),
        order="graduates_before",
        names=("graduates_before",),
    )
    path = tmp_path / "a.shp.zip"
    WRITERS[".shp.zip"](table, path, told, "lineage", style=style)
    short = aliases(one for one in table.columns if one != "geometry")
    after, before = short["graduates_after"], short["graduates_before"]
    with zipfile.ZipFile(path) as archive:
        drawn = ElementTree.fromstring(archive.read("a.qml").decode())
        assert f"PropertyName>{after}<" in archive.read("a.sld").decode()
    assert drawn.find("renderer-v2").get("attr") == after
    assert drawn.find(".//orderByClause").text == f'"{before}"'
    assert f'"{before}"' in drawn.find(".//text-style").get("fieldName")
