"""Briefs: what they say is what was computed, on few pages, in both languages, in one file."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from matplotlib.text import Text
from pypdf import PdfReader

from layers.brief import BRIEF_FORMATS
from layers.brief_parts import Bar, Maps, Points, Table
from layers.difference import difference_legend
from layers.fonts import chinese_face
from layers.palette import DIFFERENCE, ramp_colours
from layers.sheet_page import Box
from layers.sheet_save import SheetError
from papers import cli
from papers.brief import brief
from papers.brief_numbers import rent_rows, share_under
from papers.lineage_panel import lineage_rows
from papers.page_files import carried_by
from papers.solved import solve_years
from papers.words import count, signed, told
from spatial.commute_report import commute_report
from spatial.comparison import difference_table, lineages_between
from spatial.findings import findings
from spatial.scale import round_edges
from spatial.schema import SchemaError
from spatial.store import write_study
from spatial.two_years import Comparison
from tests.studies import CENTRE, counts, info, small_study

HOMES = Comparison(first=2023, second=2025, role="residence")
JOBS = Comparison(first=2023, second=2025, role="work")
LANGS = ["en", pytest.param("zh", marks=pytest.mark.skipif(not chinese_face(), reason="no font"))]


def printed(study, asked=HOMES, **more):
    return brief(study, asked.first, asked.second, comparison=asked, **{"lang": "en", **more})


def reader(made):
    return PdfReader(BytesIO(made.to_bytes(".pdf")))


def said(made):
    return "".join("".join(page.extract_text().split()) for page in reader(made).pages)


def parts(made, kind):
    return [one for one in made.content.blocks if isinstance(one, kind)]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("studies") / "little")


@pytest.fixture(scope="module")
def solved(study):
    return solve_years(study, HOMES, resamples=400, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def made(study):
    return printed(study)


@pytest.fixture(scope="module")
def broken(study):
    return printed(study, JOBS)


# On paper


@pytest.mark.parametrize("lang", LANGS)
def test_it_has_two_to_four_pages_of_a4_on_which_nothing_overlaps(study, lang):
    found = printed(study, lang=lang)
    assert 2 <= len(found.pages) <= 4
    for sheet in reader(found).pages:
        size = [float(v) * 25.4 / 72 for v in sheet.mediabox[2:]]
        assert size == pytest.approx((210, 297), abs=0.1)
    for page in found.pages:
        assert_tidy(page)


def assert_tidy(page):
    renderer = page.figure.canvas.get_renderer()
    scale = 25.4 / page.figure.dpi
    boxes = []
    for one in page.figure.findobj(Text):
        if one.get_text() and one.get_gid() != "halo":
            box = one.get_window_extent(renderer)
            top = page.height - box.y1 * scale
            at = Box(box.x0 * scale, top, box.width * scale, box.height * scale)
            boxes.append((one.get_text(), at))
    whole = Box(0, 0, page.width, page.height)
    assert not [text for text, box in boxes if not whole.holds(box)]
    assert not [
        (one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.meets(b, gap=-0.5)
    ]


def test_every_page_says_that_the_data_are_made_up(made):
    pages = reader(made).pages
    for number, page in enumerate(pages, start=1):
        text = " ".join(page.extract_text().split())
        assert told("tag", "en") in text
        assert f"Page {number} of {len(pages)}" in text


def test_everything_it_says_is_on_its_pages(made):
    text = said(made)
    for one in made.content.texts[2:]:
        if "{" not in one and one not in unnamed(made):
            # A text may run over to the next page, with a foot between.
            assert "".join(one.split())[:30] in text, one


def unnamed(found):
    """Names of places: a small map has no room for all of them."""
    return [name for one in parts(found, Maps) for _, shown in one.maps for name, *_ in shown.names]


def test_provenance_is_inside_both_formats(made):
    in_pdf = json.loads(reader(made).metadata["/Keywords"])
    page = made.to_bytes(".html").decode()
    in_page = json.loads(re.search(r'id="gradmap">(.*?)</script>', page, re.DOTALL)[1])
    assert in_pdf == in_page == json.loads(json.dumps(made.content.provenance))
    assert in_pdf["comparison"] == HOMES.to_dict()
    assert in_pdf["brief"] == {"lang": "en", "resamples": 400, "seed": 1}


# What it finds


def test_findings_are_what_spatial_computes(study, solved, made):
    four = findings(solved.drift, first=2023, last=2025)
    before, after = (
        float(study.series(role="residence", year=year)["graduates"].sum()) for year in (2023, 2025)
    )
    lines = parts(made, Points)[0].texts
    assert f"from {count(before, 'en')} to {count(after, 'en')}" in lines[0]
    at = {"dispersing": 3, "outward": 1, "rises": 1, "falls": 1}
    for asked, digits in at.items():
        one = getattr(four, asked)
        line = next(line for line in lines if line.startswith(start(one)) and asked_in(line, asked))
        assert f"{one.before:.{digits}f}" in line
        assert f"{one.after:.{digits}f}" in line
        assert f"({signed(one.change, digits=digits)};" in line
    table = solved.answers[2025][1].table
    assert any(f"{len(table)} places hold {table['share'].sum():.0%}" in line for line in lines)


def start(one):
    text = told(f"find {one.asked} {one.verdict}", "en", **dict.fromkeys(GAPS, "{}"))
    return text.split("{}")[0] or f"The {told(f'sector {one.sector}', 'en')}"


def asked_in(line, asked):
    return asked in line or asked in ("dispersing", "outward")


GAPS = ("before", "after", "interval", "sector")


def test_places_and_cells_are_counted_as_spatial_counts_them(study, solved):
    changed = difference_table(study, HOMES)
    pd.testing.assert_frame_equal(changed, solved.changed)
    lineages = lineages_between(study, HOMES)
    rows = lineage_rows(solved.lineages, solved.comparison)
    assert len(rows) == lineages.events["lineage"].nunique()
    for one in rows:
        named = lineages.years[lineages.years["name_en"] == one["name_en"]]
        seen = set(
            lineages.events.loc[lineages.events["lineage"].isin(named["lineage"]), "verdict"]
        )
        happened = seen - {"grew", "shrank", "steady"}
        span = lineages.spans.set_index("lineage")["verdict"][one["id"]]
        assert one["verdict"] in (happened or {span})


def test_the_commute_is_that_of_the_report(study, made):
    report = commute_report(study, 2025)
    mean = report.indicators.loc["mean_distance_km", "value"]
    assert any(f"the mean commute is {mean:.1f} km" in one for one in parts(made, Points)[0].texts)
    rows = {row[0]: row for table in parts(made, Table) for row in table.rows}
    assert rows["Mean distance, km"][1] == f"{mean:.1f}"


def test_rent_bands_hold_everybody_with_a_known_rent(tmp_path):
    rng = np.random.default_rng(1)
    rent = rng.uniform(1500, 4500, 300)
    where = shapely.points(CENTRE[1] + rng.normal(0, 0.01, 300), CENTRE[0] - 0.02)
    listings = {"id": [f"r{at}" for at in range(300)], "rent": rent, "area_m2": 20.0}
    rents = gpd.GeoDataFrame(listings | {"kind": "room", "year": 2025}, geometry=where, crs=4326)
    rented = write_study(tmp_path / "rented", info(), counts(), layers={"rents": rents})
    solved = solve_years(rented, HOMES, resamples=100, rng=rng)
    rows = rent_rows(solved, lang="en")
    assert [row[0] for row in rows] == [
        "< 2000 yuan a month",
        "2000–3000 yuan a month",
        "≥ 3000 yuan a month",
    ]
    shares = [float(row[2].rstrip("%")) for row in rows]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert share_under(solved, 3000) * 100 == pytest.approx(sum(shares[:2]), abs=0.1)
    share = f"{share_under(solved, 3000):.0%} of graduates live where the median rent is under"
    assert any(share in one for one in parts(printed(rented), Points)[0].texts)


def test_both_years_share_one_scale_and_one_frame(study, made):
    two, change = parts(made, Maps)
    pooled = [
        study.series(role="residence", year=year)["graduates"].to_numpy()
        for year in study.years_of("residence")
    ]
    edges = round_edges(pooled, whole=True)
    assert [one["colour"] for one in two.legend["classes"][1:]] == ramp_colours(
        "residence", len(edges)
    )
    (_, a), (_, b) = two.maps
    assert [title for title, _ in two.maps] == ["2023", "2025"]
    assert a.colours == b.colours
    assert a.bounds == b.bounds == change.maps[0][1].bounds


def test_the_map_of_change_has_the_classes_of_the_screen(solved, made):
    _, change = parts(made, Maps)
    shown = change.maps[0][1]
    seen = solved.changed["shrunk"].where(~solved.changed["noise"])
    assert len(shown.cells.classes) == int((seen.abs() >= edges_of(seen)[0]).sum())
    assert shown.colours == DIFFERENCE
    title = told("legend change", "en")
    labels = [f"{one:g}" for one in edges_of(seen)]
    plain = difference_legend(title, edges_of(seen), labels)
    assert change.legend["classes"] == plain["classes"]
    shapes, texts = zip(
        *((one["shape"], one["label"]) for one in change.legend["rows"]), strict=True
    )
    assert shapes[:2] == ("line", "block")  # whatever is drawn has its row
    beyond = int((~solved.changed["noise"]).sum())
    assert texts[:2] == (
        "Place (significant, q < 0.05)",
        f"{beyond} of {int(solved.changed['p'].notna().sum())} cells changed beyond noise",
    )
    values = [bar.value for bar in change.bars.rows]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(0, abs=1e-6)  # shares add up to one in either year


def edges_of(seen):
    return round_edges([np.abs(seen.dropna().to_numpy())], classes=4)


def test_a_bar_is_sure_where_its_interval_holds_no_zero():
    assert Bar("", 1, 0.5, 1.5, "").sure
    assert Bar("", -1, -1.5, -0.5, "").sure
    assert not Bar("", 1, -0.1, 1.5, "").sure
    assert not Bar("", 1, float("nan"), float("nan"), "").sure


def test_what_rounds_to_nothing_has_no_sign():
    assert (signed(-0.04), signed(0.04), signed(-0.06)) == ("0.0", "0.0", "−0.1")
    assert signed(12.34, "%") == "+12.3%"


# Breaks, and what a study lacks


def test_across_a_break_the_warning_comes_first_and_the_map_is_hatched(broken):
    points = parts(broken, Points)[0]
    assert points.warned
    assert points.texts[0].startswith("Take care: 2023 and 2025 do not compare")
    assert "the register was renewed" in points.texts[0]
    _, change = parts(broken, Maps)
    assert change.maps[0][1].hatched
    assert [one["shape"] for one in change.legend["rows"]][:2] == ["line", "hatch"]
    assert "2023to2024:theregisterwasrenewed" in said(broken)


def test_without_a_break_nothing_is_warned_of(made):
    assert not parts(made, Points)[0].warned
    assert not parts(made, Maps)[1].maps[0][1].hatched
    assert "Breaks:noneisdeclared" in said(made)


def test_a_study_of_one_role_without_layers_has_a_shorter_brief(tmp_path):
    table = counts()
    table = table[table["role"] == "residence"]
    bare = write_study(tmp_path / "bare", info(breaks=(), currency={}, rent_edges=()), table)
    found = printed(bare)
    assert 2 <= len(found.pages) <= 4
    heads = said(found)
    assert "commute" not in heads.lower()
    assert "Rents" not in heads
    with pytest.raises(SchemaError, match="counts work in"):
        printed(bare, JOBS)


def test_homes_and_jobs_without_flows_give_bounds(tmp_path):
    bare = write_study(tmp_path / "bare", info(), counts())
    lines = parts(printed(bare), Points)[0].texts
    assert any(one.startswith("No flows are known for 2025") for one in lines)


def test_years_in_which_nobody_was_counted_have_no_findings_of_shape(tmp_path):
    table = counts()
    empty = table["year"] == 2023
    table.loc[empty, ["graduates", "stayers", "arrivals"]] = 0.0
    found = printed(write_study(tmp_path / "bare", info(breaks=()), table))
    lines = parts(found, Points)[0].texts
    assert "from 0 to" in lines[0]
    assert not any("Gini" in one for one in lines)
    assert found.pages


def test_the_years_of_the_comparison_must_be_those_asked_for(study):
    with pytest.raises(ValueError, match="must be of 2024 and 2025, found 2023 and 2025"):
        brief(study, 2024, 2025, comparison=HOMES, lang="en")


# In a browser


class Outside(HTMLParser):
    """Everything a page would fetch, and every tag it has."""

    def __init__(self):
        super().__init__()
        self.fetched, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [
            value
            for name, value in attrs
            if name in ("src", "href", "srcset", "data") and not value.startswith("data:")
        ]


def test_the_page_fetches_nothing(made):
    page = made.to_bytes(".html").decode()
    seen = Outside()
    seen.feed(page)
    assert seen.fetched == []
    assert "url(" not in page
    assert seen.tags.count("img") == 3
    assert seen.tags.count("svg") == 1
    assert '<html lang="en">' in page
    assert len(page) < 3_000_000


def test_a_studys_own_words_are_text_and_never_tags(tmp_path):
    evil = "</script><script>alert(1)</script><b>"
    changes = {"place": {"en": evil}, "title": {"en": evil}, "breaks": ()}
    hostile = write_study(tmp_path / "evil", info(**changes), counts())
    page = printed(hostile).to_bytes(".html").decode()
    seen = Outside()
    seen.feed(page)
    assert seen.tags.count("script") == 1
    assert "b" not in seen.tags
    assert json.loads(re.search(r'id="gradmap">(.*?)</script>', page, re.DOTALL)[1])["title"] == {
        "en": evil
    }


def test_an_unknown_ending_is_refused(made, tmp_path):
    with pytest.raises(SheetError, match=r"ends in \.pdf or \.html or \.docx, found \.odt"):
        made.save(tmp_path / "brief.odt")


# From the command line


def run(*words):
    return CliRunner().invoke(cli.main, [str(one) for one in words])


@pytest.mark.parametrize("ending", BRIEF_FORMATS)
def test_the_command_that_is_told_makes_the_same_brief(study, tmp_path, monkeypatch, ending):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.chdir(study.path.parent)
    first = tmp_path / f"brief{ending}"
    asked = ("--years", 2024, 2025, "--role", "work", "--top", 5, "--lang", "en")
    ran = run("brief", "little", *asked, "--out", first)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout.endswith(f" in {first}\n")
    content = first.read_bytes()
    command = carried_by(content, name=first.name)["command"]
    assert run(*command.split()[1:]).exit_code == 0
    assert (study.path.parent / first.name).read_bytes() == content


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--out", "brief.odt"), "must end in .pdf or .html or .docx, found brief.odt"),
        (("--years", 2025, 2023, "--out", "brief.pdf"), "the earlier of two different years"),
        (("--years", 1999, 2025, "--out", "brief.pdf"), "not in 1999"),
    ],
)
def test_the_command_refuses_in_one_sentence(study, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    ran = run("brief", study.path, "--lang", "en", *words)
    assert ran.exit_code == 2
    assert sentence in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["sheet", "brief"])
def test_every_help_has_an_example_that_parses(name):
    help_text = run(name, "--help").stdout
    line = re.search(r"Example:\n\s+(gradmap .*)", help_text)[1].split()
    cli.main.commands[name].make_context("gradmap", line[2:])
