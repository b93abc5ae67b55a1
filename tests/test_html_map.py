"""The map as one page: it holds what it shows and opens from disk with no network."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import spatial
from papers.cli_map import map_page
from papers.hidden import hidden_choice, read_hidden
from papers.html_map import study_map
from papers.html_words import CLASSES, FACTS, LAYERS, MAP, UNITS
from papers.words import WordsError
from spatial import cells as h3cells
from spatial.info import StudyInfo
from spatial.question import Question, QuestionError
from spatial.schema import PLACE_CLASSES
from spatial.store import write_study
from tests.browser import Watch
from tests.test_layers import unpacked

MEGABYTES = 3.0


@pytest.fixture(scope="module")
def study():
    return spatial.open()


@pytest.fixture(scope="module")
def page(study):
    return study_map(study, year=2025, role="work", lang="en")


@pytest.fixture(scope="module")
def content(page):
    payload = re.search(r'fromBase64\("([^"]+)"\)', page.to_html())
    return unpacked(base64.b64decode(payload[1]))


def large(folder, *, years=(2022, 2023, 2024, 2025), radius=82):
    """Counts of four years on 20 419 cells, unlike from cell to cell and year to year."""
    middle = h3cells.points_to_cells([39.9], [116.4], resolution=8)
    cells = h3cells.grid_disk(middle, k=radius)
    rng = np.random.default_rng(1)
    heavy = rng.lognormal(3.0, 1.5, len(cells))
    tables = [
        pd.DataFrame({"cell": cells, "role": "work", "year": year, "base": np.nan}).assign(
            graduates=rng.poisson(heavy).astype(float)
        )
        for year in years
    ]
    info = StudyInfo(name="large", resolution=8, synthetic=True)
    return write_study(folder / "large", info, pd.concat(tables, ignore_index=True))


# What it holds


def test_every_year_has_its_cells_places_and_cards(content, study):
    assert [one["label"] for one in content["cells"]["frames"]] == ["2022", "2023", "2024", "2025"]
    for frame, year in zip(content["cells"]["frames"], (2022, 2023, 2024, 2025), strict=True):
        counted = study.hotspots(year=year, role="work", resolution=8)["graduates"]
        np.testing.assert_allclose(frame["values"], counted.to_numpy(), rtol=1e-6)
        assert frame["total"] == pytest.approx(counted.sum())
    for year in content["years"]:
        named = study.places(year=int(year["label"]), role="work", resolution=8).table
        rows = year["panel"]["places"]
        assert [one["id"] for one in rows] == list(named["id"])
        assert set(year["cards"]) == set(named["id"])
        assert f"In {year['label']}, {len(named)} places hold" in year["sentence"]


def test_layers_are_there_once_and_each_can_be_switched(content):
    keys = [one["key"] for one in content["overlays"]]
    assert len(keys) == len(set(keys))
    assert all(set(year["overlays"]) <= set(keys) for year in content["years"])
    assert {kind for kind, _ in content["switches"]} == {"cells", "places", *content_kinds(content)}
    # Lines opened between the first and the last year of the sample.
    rails = {
        year["label"]: [k for k in year["overlays"] if k.startswith("rail")]
        for year in content["years"]
    }
    assert rails["2022"] != rails["2025"]


@pytest.mark.parametrize(
    ("names", "said"),
    [(["rail", "places"], "--hide places,rail"), ([], "--hide none"), (["campuses"], None)],
)
def test_what_is_not_seen_at_first_is_said_by_the_command(study, names, said):
    made = study_map(study, year=2025, role="work", resolution=8, hide=names)
    assert sorted(made.content["off"]) == sorted(names)
    command = made.provenance["command"]
    assert said in command if said else "--hide" not in command
    rows = {one.get("layer") for one in made.content["legend"]["rows"]}
    assert rows == {"places", "rail", "campuses"}


@given(st.sets(st.sampled_from(sorted(LAYERS))))
def test_a_choice_of_hidden_layers_comes_back_from_the_words_of_a_command(names):
    text = hidden_choice(names).get("hide", "campuses")
    assert set(read_hidden(text)) == names


def content_kinds(content):
    return {one["kind"] for one in content["overlays"]}


def test_it_says_what_is_synthetic_where_it_is_from_and_how_it_was_made(page, content):
    assert content["tag"] == "Synthetic sample: nobody was counted"
    assert "Apache-2.0" in content["source"]
    notes = " ".join(content["notes"])
    for part in ("Getis", "radius 1", "false discovery rate 0.05", "gradmap map", "Breaks"):
        assert part in notes
    carried = json.loads(re.search(r'id="gradmap">(.*?)</script>', page.to_html(), re.DOTALL)[1])
    assert carried == json.loads(json.dumps(page.provenance))
    assert carried["synthetic"] is True
    assert carried["question"]["year"] == 2025
    assert carried["command"].endswith("--resolution 8 --lang en --out map.html")


def test_chinese_is_chinese(study):
    made = study_map(study, year=2023, role="residence", lang="zh")
    assert made.title == "北京高校毕业生居住地分布，2022–2025年"
    shown = made.content["years"][1]
    assert re.match(r"2023 年，\d+ 处集聚区居住着", shown["sentence"])
    assert made.content["words"]["layers"] == "图层"
    assert '<html lang="zh">' in made.to_html()


def test_every_word_is_there_in_both_languages():
    for table in (MAP, LAYERS, CLASSES, UNITS, FACTS):
        assert all(set(words) == {"zh", "en"} for words in table.values())
    assert set(CLASSES) == set(PLACE_CLASSES)


def test_nothing_is_fetched_and_nothing_ends_a_script_early(study):
    made = study_map(study, title="</script><img src=x onerror=alert(1)>", year=2025)
    text = made.to_html()
    assert text.count("</script>") == 4
    outside = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<[a-z]+[^>]*\b(src|href)=|<img|<link|@import", outside)


# What it is


def test_it_shows_itself_in_a_notebook_and_says_what_it_is(page):
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "gradmap.page(" in shown
    assert repr(page) == (
        "MapPage('Where graduates work in Beijing, 2022–2025': 11,913 cells, 2022-2025,"
        " 20 places, en, synthetic)"
    )


def test_a_question_may_be_given_whole(study, page):
    asked = Question(year=2025, role="work", resolution=8)
    again = study_map(study, asked)
    assert again.content["years"] == page.content["years"]


def test_a_study_of_counts_alone_has_a_page(tmp_path):
    made = study_map(large(tmp_path, years=(2024,), radius=12))
    assert made.content["overlays"] == []
    assert [kind for kind, _ in made.content["switches"]] == ["cells", "places"]
    assert made.save(tmp_path / "a.html").is_file()


def test_years_without_a_base_are_left_out_where_one_is_needed(tmp_path):
    study = large(tmp_path, years=(2023, 2024), radius=12)
    counts = study.counts.assign(base=study.counts["graduates"] * 3 + 1)
    counts.loc[counts["year"] == 2023, "base"] = np.nan
    study = write_study(study.path, study.info, counts)
    made = study_map(study, measure="share", year=2024)
    assert [one["label"] for one in made.content["years"]] == ["2024"]
    assert made.title.endswith("2024")
    with pytest.raises(QuestionError, match="measure share compares with a base"):
        study_map(study, measure="share", year=2023)


def test_what_cannot_be_made_is_refused_in_a_sentence(study, page, tmp_path):
    with pytest.raises(WordsError, match="lang must be zh or en"):
        study_map(study, lang="fr")
    with pytest.raises(WordsError, match=r"layers to hide are cells, .*, found rent"):
        study_map(study, hide=["rent"])
    with pytest.raises(QuestionError, match="a question has"):
        study_map(study, years=2025)
    with pytest.raises(ValueError, match=r"ends in .html, found map.png"):
        page.save(tmp_path / "map.png")


def test_twenty_thousand_cells_of_four_years_take_three_megabytes_at_most(tmp_path):
    made = study_map(large(tmp_path))
    cells = len(made.content["cells"]["frames"][0]["values"])
    assert cells >= 20_000
    size = made.save(tmp_path / "large.html").stat().st_size / 1e6
    assert size <= MEGABYTES


# The command


def test_the_command_writes_the_page(tmp_path, study):
    out = tmp_path / "map.html"
    words = [str(study.path), "--year", "2024", "--lang", "en", "--out", str(out)]
    ran = CliRunner().invoke(map_page, words)
    assert ran.exit_code == 0, ran.output
    assert "11,913 cells, 2022-2025, 20 places, en, synthetic in" in ran.output
    wrong = CliRunner().invoke(map_page, [str(study.path), "--out", str(tmp_path / "map.gif")])
    assert wrong.exit_code != 0
    assert "must end in .html" in wrong.output


# In a browser, from disk, with no network


@pytest.fixture
def opened(chrome, page, tmp_path):
    context = chrome.new_context(viewport={"width": 1280, "height": 860}, offline=True)
    tab = context.new_page()
    watch = Watch(tab)
    tab.goto(page.save(tmp_path / "map.html").as_uri())
    tab.wait_for_selector("[data-ready='1']", timeout=30_000)
    yield tab
    watch.assert_quiet()
    context.close()


def painted(tab):
    """A sum over every canvas of the map: other pixels, another sum."""
    tab.wait_for_timeout(250)
    return tab.evaluate(
        "[...document.querySelectorAll('.gm-map canvas')].map((one) => {"
        " const all = one.width && one.height"
        "   ? one.getContext('2d').getImageData(0, 0, one.width, one.height).data : [];"
        " let sum = 0; for (let i = 0; i < all.length; i += 5) sum = (sum * 31 + all[i]) % 1e9;"
        " return sum; }).filter(Boolean).join()"
    )


@pytest.mark.browser
def test_another_year_changes_map_table_and_sentence(opened):
    before, rows = painted(opened), opened.locator(".gm-table tbody").inner_text()
    opened.get_by_role("button", name="2022", exact=True).click()
    assert painted(opened) != before
    assert opened.locator(".gm-table tbody").inner_text() != rows
    assert "In 2022," in opened.locator(".gm-page-sentence").inner_text()
    assert opened.locator(".gm-tag").inner_text() == "Synthetic sample: nobody was counted"


@pytest.mark.browser
@pytest.mark.parametrize("layer", ["cells", "places", "rail", "districts", "ground", "campuses"])
def test_a_layer_goes_and_comes_back(opened, layer):
    before = painted(opened)
    opened.locator(".gm-switches summary").click()
    opened.locator(f"[data-layer={layer}]").click()
    assert painted(opened) != before
    told = opened.locator(".gm-key").all_inner_texts()
    assert ("Campuses" in told) == (layer == "campuses")
    assert ("Metro station" in told) == (layer != "rail")
    opened.locator(f"[data-layer={layer}]").click()
    assert painted(opened) == before


@pytest.mark.browser
def test_a_place_is_chosen_in_the_table_and_stays_off_when_switched_off(opened):
    opened.locator(".gm-table tbody tr button").first.click()
    assert opened.locator(".gm-card h3").inner_text() == "Zhongguancun"
    assert "Graduates at work" in opened.locator(".gm-card").inner_text()
    opened.locator(".gm-switches summary").click()
    opened.locator("[data-layer=places]").click()
    opened.get_by_role("button", name="2023", exact=True).click()
    opened.wait_for_timeout(800)
    names = opened.locator(".gm-label:visible .gm-name").all_inner_texts()
    assert "Zhongguancun" not in names


@pytest.mark.browser
def test_a_notebook_shows_the_very_same_page(chrome, page, tmp_path):
    context = chrome.new_context(viewport={"width": 1000, "height": 700}, offline=True)
    tab = context.new_page()
    watch = Watch(tab)
    cell = tmp_path / "cell.html"
    cell.write_text(f"<!doctype html><body>{page._repr_html_()}</body>", encoding="utf-8")
    tab.goto(cell.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("main[data-ready='1']").wait_for(timeout=30_000)
    assert frame.locator("h1").inner_text() == page.title
    assert frame.locator(".gm-table tbody tr").count() == 20
    watch.assert_quiet()
    context.close()
