"""Map sheets: what they say equals the screen, nothing overlaps, and they carry their evidence."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from io import BytesIO
from itertools import combinations
from pathlib import Path
from string import Formatter
from typing import get_args

import numpy as np
import pyproj
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from PIL import Image
from pypdf import PdfReader

import layers.fonts
import papers.sheet
from layers.fonts import CHINESE, Face, FontError, Fonts, chinese_face
from layers.palette import ramp_colours
from layers.sheet import FORMATS, Orientation, Paper
from layers.sheet_furniture import bar_km
from layers.sheet_labels import Label, place_labels
from layers.sheet_page import PAPERS, Box, lines_of_text
from layers.sheet_plane import Plane, frame_bounds
from layers.sheet_save import KEY, SheetError
from papers import cli
from papers.content import cell_legend, solve
from papers.sheet import sheet
from papers.words import LANGUAGES, WORDS, WordsError, count, edge, told
from spatial.analysis import measure_table
from spatial.question import Question, QuestionError
from spatial.scale import round_edges
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.studies import counts, info, small_study
from views.text import count_text, edge_text, translator

ROOT = Path(__file__).resolve().parents[1]
MM = 72 / 25.4
ASKED = Question(year=2025, role="work")

needs_chinese = pytest.mark.skipif(chinese_face() is None, reason="no font with Chinese here")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def english(study):
    return sheet(study, ASKED, lang="en")


@pytest.fixture(scope="module")
def chinese(study):
    if chinese_face() is None:
        pytest.skip("no font with Chinese here")
    return sheet(study, ASKED, lang="zh", orientation="landscape")


@pytest.fixture(scope="module")
def sample():
    return open_study(PACKAGED)


def reader(made):
    return PdfReader(BytesIO(made.to_bytes(".pdf")))


def plain(text):
    return "".join(text.split())


def texts_on(page):
    """Texts with their boxes in mm, halos left out: they lie under their own names."""
    renderer = page.figure.canvas.get_renderer()
    scale = 25.4 / page.figure.dpi
    found = []
    for one in page.figure.findobj(Text):
        if not one.get_text() or not one.get_visible() or one.get_gid() == "halo":
            continue
        box = one.get_window_extent(renderer)
        top = page.height - box.y1 * scale
        found.append((one, Box(box.x0 * scale, top, box.width * scale, box.height * scale)))
    return found


def assert_tidy(page):
    """Texts lie inside the page and none over another; a quarter of a mm is a font's own air."""
    found = texts_on(page)
    assert found
    whole = Box(0, 0, page.width, page.height)
    assert not [one.get_text() for one, box in found if not whole.holds(box)]
    meeting = [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(found, 2)
        if a.meets(b, gap=-0.5)
    ]
    assert meeting == []


# What the file is


@pytest.mark.parametrize("paper", get_args(Paper))
@pytest.mark.parametrize("orientation", get_args(Orientation))
def test_a_pdf_is_one_page_of_its_paper(study, paper, orientation):
    made = sheet(study, ASKED, lang="en", paper=paper, orientation=orientation)
    pages = reader(made).pages
    short, long = PAPERS[paper]
    size = (short, long) if orientation == "portrait" else (long, short)
    assert len(pages) == 1
    assert [float(v) / MM for v in pages[0].mediabox[2:]] == pytest.approx(size, abs=0.1)
    assert_tidy(made.page)


def test_a_png_has_the_dots_it_was_asked_for(study):
    made = sheet(study, ASKED, lang="en", dpi=150)
    with Image.open(BytesIO(made.to_bytes(".png"))) as picture:
        assert picture.size == (1240, 1753)
        assert picture.info["dpi"] == pytest.approx((150, 150), abs=0.1)


def test_its_texts_can_be_read_out_of_a_pdf(english):
    said = plain(reader(english).pages[0].extract_text())
    for one, _ in texts_on(english.page):
        assert plain(one.get_text()) in said


def test_chinese_can_be_read_out_of_a_pdf(chinese):
    said = plain(reader(chinese).pages[0].extract_text())
    assert "就业人数/网格" in said
    assert "合成样例数据" in said
    assert "?" not in said.replace("&&", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fonts_are_inside_and_are_what_they_say(request, lang):
    made = request.getfixturevalue({"zh": "chinese", "en": "english"}[lang])
    fonts = [one.get_object() for one in reader(made).pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        told_kind = inner["/FontDescriptor"].get_object()
        # A TrueType file begins so; one of PostScript outlines begins with OTTO.
        assert told_kind["/FontFile2"].get_object().get_data()[:4] == b"\0\1\0\0"
        assert "/ToUnicode" in font


def test_provenance_travels_in_both_formats(english):
    told_pdf = json.loads(reader(english).metadata["/Keywords"])
    with Image.open(BytesIO(english.to_bytes(".png"))) as picture:
        told_png = json.loads(picture.text[KEY])
    assert told_pdf == told_png == json.loads(json.dumps(english.provenance))
    assert told_pdf["question"] == ASKED.to_dict()
    assert told_pdf["synthetic"] is True
    assert reader(english).metadata.title == english.title


def test_the_same_sheet_twice_is_the_same_file(study, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    one, other = (sheet(study, ASKED, lang="en", dpi=60) for _ in range(2))
    for ending in FORMATS:
        assert one.to_bytes(ending) == other.to_bytes(ending)


def test_saving_replaces_and_refuses(english, tmp_path):
    target = tmp_path / "map.PNG"
    target.write_text("old")
    assert english.save(target) == target
    assert target.read_bytes().startswith(b"\x89PNG")
    assert [one.name for one in tmp_path.iterdir()] == ["map.PNG"]
    with pytest.raises(SheetError, match=r"ends in \.pdf or \.png, found \.tif"):
        english.save(tmp_path / "map.tif")
    with pytest.raises(SheetError, match="cannot be written"):
        english.save(tmp_path / "nowhere" / "map.pdf")


def test_every_wrong_choice_is_named(study):
    with pytest.raises(SheetError) as fault:
        sheet(study, ASKED, lang="en", paper="A5", orientation="upright", dpi=7)
    assert [word in str(fault.value) for word in ("A5", "upright", "found 7")] == [True] * 3
    with pytest.raises(WordsError, match="lang must be zh or en, found fr"):
        sheet(study, ASKED, lang="fr")


# What it shows


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("role", ["work", "residence"])
def test_the_legend_is_that_of_the_screen(study, lang, role):
    asked = Question(year=2024, role=role)
    values = [
        measure_table(study, Question(year=year, role=role))["value"].to_numpy()
        for year in study.years_of(role)
    ]
    edges = round_edges(values, whole=True)
    legend = cell_legend(solve(study, asked), lang=lang)
    tr = translator(lang)
    where = "at work" if role == "work" else "at home"
    assert legend["title"] == tr(f"Graduates {where}, per cell")
    assert [one["label"] for one in legend["classes"]] == [
        "0",
        *(edge_text(one, lang) for one in edges),
    ]
    assert [one["colour"] for one in legend["classes"][1:]] == ramp_colours(role, len(edges))
    place = tr("Place (significant, q < {alpha})").format(alpha="0.05")
    assert [row["label"] for row in legend["rows"]] == [place, tr("Metro station")]


def test_the_map_is_coloured_by_its_legend(study, english):
    found = solve(study, ASKED)
    legend = cell_legend(found, lang="en")
    shown = [one.get_text() for one in english.page.figure.texts if one.get_gid() == "legend label"]
    assert shown == [one["label"] for one in legend["classes"]]
    value = found.cells["value"].to_numpy()
    top = [*found.edges[1:], np.inf]
    cells = {
        tuple(patch.get_facecolor()): int((patch.get_path().codes == 79).sum())
        for axes in english.page.figure.axes
        for patch in axes.patches
        if isinstance(patch, PathPatch) and patch.get_zorder() == 2
    }
    from matplotlib.colors import to_rgba

    for one, low, high in zip(legend["classes"][1:], found.edges, top, strict=True):
        drawn = cells.pop(to_rgba(one["colour"]), 0)
        inside = int(((value >= low) & (value < high)).sum())
        # The frame may cut off cells at the rim of the study, which hold few.
        assert drawn <= inside
        assert drawn == inside or low < found.edges[-2]
    assert cells == {}


def test_the_scale_bar_is_right_on_the_ground(english):
    shown = english.map
    said = [one.get_text() for one in english.page.figure.texts if one.get_gid() == "scale"]
    length = float(next(one for one in said if one.endswith(" km")).split()[0])
    assert length == bar_km(shown.km_per_mm, most_mm=45)
    south, west, north, east = shown.edges_km
    middle = shown.plane
    geod = pyproj.Geod(ellps="WGS84")
    # A degree east of the middle, measured on the ellipsoid and on paper.
    x, _ = shown.on_page(middle.lon + 0.01, middle.lat) - shown.on_page(middle.lon, middle.lat)
    metres = geod.inv(middle.lon, middle.lat, middle.lon + 0.01, middle.lat)[2]
    assert x * shown.km_per_mm == pytest.approx(metres / 1000, rel=1e-6)
    _, y = shown.on_page(middle.lon, middle.lat + 0.01) - shown.on_page(middle.lon, middle.lat)
    metres = geod.inv(middle.lon, middle.lat, middle.lon, middle.lat + 0.01)[2]
    assert -y * shown.km_per_mm == pytest.approx(metres / 1000, rel=1e-6)
    assert (east - west) / shown.box.width == pytest.approx((north - south) / shown.box.height)


@given(
    st.floats(-70, 70),
    st.floats(-180, 180),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_the_plane_is_the_equal_area_one_of_proj(lat, lon, up, across):
    peer = pyproj.Proj(f"+proj=sinu +lon_0={lon} +ellps=WGS84 +units=km")
    east, north = peer(lon + across, lat + up)
    _, zero = peer(lon, lat)
    found = Plane(lat, lon).project(lon + across, lat + up)
    assert found == pytest.approx([east, north - zero], abs=1e-3)


@given(st.floats(-60, 60), st.floats(0.01, 2), st.floats(0.01, 2), st.floats(0.3, 3))
def test_a_frame_holds_what_must_be_seen(lat, up, across, shape):
    bounds = (lat - up / 2, 100 - across / 2, lat + up / 2, 100 + across / 2)
    plane, (south, west, north, east) = frame_bounds(bounds, width=shape, height=1)
    assert (east - west) / (north - south) == pytest.approx(shape)
    for at in ((bounds[0], bounds[1]), (bounds[2], bounds[3]), (bounds[0], bounds[3])):
        x, y = plane.project(at[1], at[0])
        assert west - 1e-6 <= x <= east + 1e-6
        assert south - 1e-6 <= y <= north + 1e-6


def test_made_up_data_say_so_in_large_letters(english):
    tag = next(one for one in english.page.figure.texts if one.get_gid() == "tag")
    assert tag.get_text() == told("tag", "en")
    assert tag.get_fontsize() >= 10


def test_measured_data_and_modelled_data_say_what_they_are(tmp_path):
    measured = write_study(tmp_path / "m", info(synthetic=False), counts())
    made = sheet(measured, ASKED, lang="en")
    assert not [one for one in made.page.figure.texts if one.get_gid() == "tag"]
    modelled = write_study(
        tmp_path / "o", info(synthetic=False, modelled=("flows",), breaks=()), counts()
    )
    made = sheet(modelled, ASKED, lang="en")
    assert "Modelled: flows" in reader(made).pages[0].extract_text()


@pytest.mark.parametrize(
    ("name", "whole"), [("Virginia Square-GMU station area", True), ("W" * 60, False)]
)
def test_the_list_takes_the_room_its_names_need(study, monkeypatch, name, whole):
    rows = [(str(at), name, "1\u202f370\u202f507", "12.7%") for at in range(1, 9)]
    monkeypatch.setattr("papers.sheet._listed", lambda *_: rows)
    page = sheet(study, ASKED, lang="en").page
    listed = [one.get_text() for one, _ in texts_on(page)]
    assert (name in listed) == whole
    assert any(one.endswith("...") for one in listed) != whole
    assert_tidy(page)


def test_a_break_is_told_where_it_touches_what_is_mapped(english, study):
    assert "2023 to 2024: the register was renewed" in reader(english).pages[0].extract_text()
    homes = sheet(study, Question(year=2025, role="residence"), lang="en")
    assert "renewed" not in reader(homes).pages[0].extract_text()


def test_a_study_of_one_year_says_nothing_of_breaks(tmp_path):
    once = write_study(tmp_path / "once", info(breaks=()), counts(years=(2025,)))
    said = reader(sheet(once, ASKED, lang="en")).pages[0].extract_text()
    assert "Method:" in said
    assert "Breaks" not in said


def test_a_study_without_any_layer_is_enough(tmp_path):
    bare = write_study(tmp_path / "bare", info(name="bare", title={}, currency={}), counts())
    made = sheet(bare, Question(year=2025, role="residence", measure="density"), lang="en")
    assert_tidy(made.page)
    assert "bare" in made.title
    with pytest.raises(QuestionError, match="resolution must be 9"):
        sheet(bare, Question(year=2025, resolution=10), lang="en")


@needs_chinese
@pytest.mark.parametrize(
    ("role", "lang", "orientation"),
    [("work", "zh", "portrait"), ("residence", "en", "landscape")],
)
def test_nothing_overlaps_on_the_sample(sample, role, lang, orientation):
    asked = Question(year=2025, role=role, resolution=8)
    made = sheet(sample, asked, lang=lang, orientation=orientation)
    assert_tidy(made.page)
    names = {one.label for one in made.map.placed}
    assert made.unnamed == ()
    assert len(names) > 20  # every place, and some districts
    inner = [one.box for one in made.map.placed]
    assert all(made.map.box.holds(one) for one in inner)


# Names and lines

NAMES = st.text("CBDabc 望京泛中关村", min_size=1, max_size=8).filter(str.strip)
LABELS = st.lists(
    st.builds(
        Label,
        name=NAMES,
        number=st.sampled_from(["", "1 234", "2.5 万"]),
        x=st.floats(0, 100),
        y=st.floats(0, 80),
        quiet=st.booleans(),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def fonts():
    face = chinese_face() is not None
    return Fonts(["望京泛中关村万，。（）"], chinese=face)


@given(LABELS)
def test_names_never_meet(fonts, labels):
    frame, taken = Box(0, 0, 100, 80), [Box(2, 60, 40, 12)]
    placed = place_labels(labels, frame=frame, taken=taken, fonts=fonts)
    assert all(frame.holds(one.box) for one in placed)
    assert not [one for one in placed if any(one.box.meets(box) for box in taken)]
    for one, other in combinations(placed, 2):
        if one.label != other.label:
            assert not one.box.meets(other.box)


def test_a_name_larger_than_its_place_stands_beside_it(fonts):
    place = Box(50, 40, 4, 4)
    label = Label("Fengtai Science Park", "5 057", 52, 42, about=place)
    placed = place_labels([label], frame=Box(0, 0, 100, 80), taken=[], fonts=fonts)
    assert [one.text for one in placed] == ["Fengtai Science Park", "5 057"]
    assert not [one for one in placed if one.box.meets(place)]


@given(st.text("ab c，。（）望京 ", max_size=80), st.floats(8, 60))
def test_lines_fit_and_lose_nothing(fonts, text, width):
    lines = lines_of_text(text, fonts, width=width, size=8)
    assert plain("".join(lines)) == plain(text)
    # Marks cling to their neighbours, so that a line of a few units may be as wide as they.
    assert all(fonts.width(one, size=8) <= max(width, 60) for one in lines)


def test_no_line_begins_with_a_mark(fonts):
    text = "望京，泛中关村。（望京）泛中关村，望京。" * 4
    for width in np.linspace(12, 50, 20):
        lines = lines_of_text(text, fonts, width=float(width), size=8)
        assert not [one for one in lines if one[0] in "，。）"]
        assert not [one for one in lines if one[-1] == "（"]


# Fonts


def test_without_a_font_chinese_is_refused_in_one_sentence(study, monkeypatch):
    monkeypatch.setattr(layers.fonts, "chinese_face", lambda: None)
    monkeypatch.setattr(papers.sheet, "chinese_face", lambda: None)
    with pytest.raises(FontError, match=r"Noto Sans CJK SC .* none is installed"):
        sheet(study, ASKED, lang="zh")
    made = sheet(study, ASKED, lang="en")
    assert_tidy(made.page)
    fonts = reader(made).pages[0]["/Resources"]["/Font"].values()
    assert all("DejaVu" in one["/BaseFont"] for one in fonts)


def test_what_no_font_has_is_a_question_mark_and_never_a_box():
    latin = Fonts(["abc"], chinese=False)
    assert latin.safe("10\u202f000 望") in ("10\u202f000 ?", "10\u00a0000 ?", "10 000 ?")
    assert latin.width("ab", size=10) == pytest.approx(
        latin.width("a", size=10) + latin.width("b", size=10)
    )


@needs_chinese
def test_the_face_is_one_of_those_named_and_has_the_characters():
    face = chinese_face()
    assert isinstance(face, Face)
    assert face.family in CHINESE
    text = "毕业生就业居住热点集聚区公里"
    assert Fonts([text], chinese=True).safe(text) == text


# Words


@pytest.mark.parametrize("key", WORDS)
def test_every_text_is_there_in_both_languages_with_the_same_gaps(key):
    assert set(WORDS[key]) == set(LANGUAGES)
    gaps = [
        {name for _, name, _, _ in Formatter().parse(WORDS[key][lang]) if name}
        for lang in LANGUAGES
    ]
    assert all(WORDS[key].values())
    assert gaps[0] == gaps[1]


@given(st.floats(0, 1e7), st.sampled_from(LANGUAGES))
def test_numbers_are_written_as_on_the_screen(value, lang):
    assert count(value, lang) == count_text(value, lang)
    assert edge(value, lang) == edge_text(value, lang)


# Where it stands


def test_imports_point_down():
    above = {"streamlit", "streamlit_folium", "folium", "branca", "views", "app", "h3", "h3ronpy"}
    for file in (ROOT / "papers").rglob("*.py"):
        tops = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {one.name.split(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level
                tops.add(str(node.module).split(".")[0])
        assert not tops & above, file
    for folder in ("spatial", "layers"):
        for file in (ROOT / folder).rglob("*.py"):
            assert "from papers" not in file.read_text(encoding="utf-8")


def test_the_command_line_loads_nothing_it_may_not_need():
    code = (
        "import sys, papers.cli;"
        "print(sorted({'matplotlib', 'pandas', 'fontTools', 'geopandas'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")


def run(*words):
    return CliRunner().invoke(cli.main, [str(one) for one in words])


def test_the_command_prints_and_says_what(study, tmp_path):
    out = tmp_path / "map.pdf"
    ran = run("sheet", study.path, "--lang", "en", "--paper", "A3", "--out", out)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"297 x 420 mm in {out}")
    made = json.loads(PdfReader(out).metadata["/Keywords"])
    assert made["question"]["resolution"] == 8  # as the page shows
    assert "gradmap sheet little --year 2025 --role work --resolution 8" in made["command"]


def test_the_command_that_is_told_makes_the_same_sheet(study, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.chdir(study.path.parent)
    first = tmp_path / "map.pdf"
    asked = ("--role", "residence", "--group", "stayers", "--k", 2, "--lang", "en")
    assert run("sheet", "little", *asked, "--out", first).exit_code == 0
    command = json.loads(PdfReader(first).metadata["/Keywords"])["command"]
    words = command.split()[1:]
    second = study.path.parent / "map.pdf"
    assert run(*words).exit_code == 0
    assert second.read_bytes() == first.read_bytes()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "map.tif"), "must end in .pdf or .png, found map.tif"),
        (("--out", "nowhere/map.pdf"), "there is no folder nowhere"),
        (("--year", 1999, "--out", "map.pdf"), "counts work in 2023, 2024, 2025, not in 1999"),
    ],
)
def test_the_command_refuses_in_one_sentence(study, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    ran = run("sheet", study.path, "--lang", "en", *words)
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_choices_of_the_command_are_those_of_the_sheet():
    assert get_args(Paper) == cli.PAPERS
    assert get_args(Orientation) == cli.ORIENTATIONS
    assert cli.LANGS == LANGUAGES
