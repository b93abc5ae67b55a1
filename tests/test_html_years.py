"""Two years as one page: what the compare page shows, in a file that opens with no network."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

import spatial
from layers.difference import difference_classes
from papers import cli_map
from papers.html_years import VIEWS, change_page
from papers.paired import change_edges
from papers.words import WordsError
from spatial.replay import replay
from spatial.store import write_study
from tests.browser import Watch
from tests.studies import counts, info
from tests.test_app import opened as opened_app
from tests.test_html_map import large, painted
from tests.test_layers import unpacked
from views import compare

MEGABYTES = 3.0


@pytest.fixture(scope="module")
def study():
    return spatial.open()


@pytest.fixture(scope="module")
def compared(study):
    return study.compare(2022, 2025, role="residence", resolution=8)


@pytest.fixture(scope="module")
def page(compared):
    return change_page(compared, lang="en")


# What it holds


def test_both_years_stand_on_one_scale(page, study):
    two = page.content["maps"]["two"]
    assert [one["title"] for one in two["panes"]] == ["2022", "2025"]
    (cells,) = two["cells"]
    for pane, year in zip(two["panes"], (2022, 2025), strict=True):
        frame = cells["frames"][pane["current"]]
        counted = study.hotspots(year=year, role="residence", resolution=8)["graduates"]
        np.testing.assert_allclose(frame["values"], counted.to_numpy(), rtol=1e-6)
        assert frame["label"] == str(year)
    edges = [one["label"] for one in two["legend"]["classes"][1:]]
    assert edges == [f"{one:g}" for one in cells["breaks"]]


def test_the_difference_is_that_of_the_analysis(page, compared):
    (cells,) = page.content["maps"]["difference"]["cells"]
    seen, edges = change_edges(compared.cells)
    np.testing.assert_array_equal(cells["frames"][0]["classes"], difference_classes(seen, edges))
    noise = compared.cells["noise"].to_numpy()
    assert not cells["frames"][0]["classes"][noise].any()
    rows = [one["label"] for one in page.content["maps"]["difference"]["legend"]["rows"]]
    assert any(f"{int((~noise).sum())} of" in one for one in rows)


def test_every_place_that_was_followed_has_a_verdict_a_story_and_a_spot(page, compared):
    rows = page.content["lineage"]["rows"]
    assert {one["id"] for one in rows} == set(compared.events["lineage"])
    for row in rows:
        assert row["name"] in page.content["stories"][row["id"]]
        assert row["verdict"] in set(compared.lineages.spans["verdict"]) | set(
            compared.events["verdict"]
        )
    (south, west), (north, east) = page.content["near"][rows[0]["id"]]["bounds"]
    assert 39 < south < north < 41
    assert 115 < west < east < 118


def test_what_does_not_compare_is_said_and_hatched(study):
    asked = {"role": "work", "against": "base", "resolution": 8}
    made = change_page(study.compare(2022, 2025, **asked), lang="en")
    last = made.content["years"][-1]
    assert last["warning"].startswith("Not comparable: ")
    assert last["fair"] == ""
    # The definition changed between 2023 and 2024: 2023 compares with 2022 all the same.
    assert made.content["years"][1]["warning"] == ""
    assert made.content["maps"]["difference"]["cells"][0]["hatched"] is True
    assert made.content["lineage"]["warning"] in last["warning"]


def test_it_says_what_is_synthetic_where_it_is_from_and_how_it_was_made(page, compared):
    assert page.content["tag"] == "Synthetic sample: nobody was counted"
    assert "Apache-2.0" in page.content["source"]
    notes = " ".join(page.content["notes"])
    for part in ("Getis", "two Poisson counts", "400 times", "seed 1", "gradmap map", "Breaks"):
        assert part in notes
    carried = json.loads(re.search(r'id="gradmap">(.*?)</script>', page.to_html(), re.DOTALL)[1])
    assert carried["comparison"] == compared.comparison.to_dict()
    assert carried["page"] == {"lang": "en", "view": "side"}
    assert " map beijing-sample --years 2022 2025 --role residence" in carried["command"]


def test_chinese_is_chinese(compared):
    made = change_page(compared, lang="zh", view="difference")
    assert made.title == "北京高校毕业生居住地变化，2022–2025年"
    assert [label for _, label in made.content["views"]] == ["并排", "卷帘", "差异"]
    assert "年毕业生居住" in made.content["sentence"]
    assert made.content["view"] == "difference"


def test_a_study_of_counts_alone_has_a_page(tmp_path):
    little = write_study(tmp_path / "little", info(), counts())
    made = change_page(little.compare(role="work"), title="Two years")
    assert made.content["title"] == "Two years"
    assert made.provenance["page"]["title"] == "Two years"
    assert {one["kind"] for one in made.content["overlays"]} <= {"drift"}
    assert made.save(tmp_path / "a.html").is_file()


def test_a_year_without_graduates_has_no_drift(tmp_path):
    table = counts()
    table.loc[table["year"] == 2023, "graduates"] = 0.0
    for group in info().groups:
        table.loc[table["year"] == 2023, group.id] = 0.0
    little = write_study(tmp_path / "little", info(), table)
    made = change_page(little.compare(2023, 2025, role="work"))
    assert made.content["drift"] is None
    assert made.content["sentence"] == ""
    assert made.to_html()


def test_it_says_what_it_is_and_what_it_is_not(page, compared):
    assert repr(page).startswith(
        "MapPage('Where graduates live in Beijing, 2022 to 2025': 11,913 cells, 2022 and 2025,"
    )
    with pytest.raises(WordsError, match="lang must be zh or en"):
        change_page(compared, lang="fr")
    with pytest.raises(WordsError, match="view must be side, swipe, difference"):
        change_page(compared, view="roles")


def test_twenty_thousand_cells_of_four_years_take_three_megabytes_at_most(tmp_path):
    made = change_page(large(tmp_path).compare(role="work"))
    assert len(made.content["maps"]["two"]["cells"][0]["frames"][0]["values"]) >= 20_000
    assert len(made.to_html().encode()) / 1e6 <= MEGABYTES


# The command


def test_the_command_writes_the_page(tmp_path):
    little = write_study(tmp_path / "little", info(), counts())
    out = tmp_path / "change.html"

    def run(*words):
        return CliRunner().invoke(cli_map.map_page, [str(little.path), *words, "--out", str(out)])

    ran = run("--years", "2023", "2025", "--role", "work", "--view", "swipe", "--lang", "en")
    assert ran.exit_code == 0, ran.output
    assert "2023 and 2025" in ran.output
    assert '"view": "swipe"' in out.read_text(encoding="utf-8")
    wrong = run("--years", "2023", "2025", "--measure", "density", "--seed", "2")
    assert "--measure, --seed asks of one year, found --years" in wrong.output
    assert "--view asks of two years, found no --years" in run("--view", "swipe").output
    assert cli_map._VIEWS == VIEWS


# From the page


def test_the_page_gives_away_what_it_shows(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADMAP_STUDIES", raising=False)
    seen = []
    monkeypatch.setattr(compare, "show_compare", lambda payload, **_: seen.append(payload))
    asked = {"role": "work", "against": "base", "mode": "difference", "resolution": "7"}
    app = opened_app(page="compare", **asked)
    file = tmp_path / "beijing-sample-work-2022-2025.html"
    file.write_bytes(app.session_state["making_download.html_page"]())
    payload = re.search(r'fromBase64\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    page, shown = unpacked(base64.b64decode(payload[1])), unpacked(seen[-1])
    assert page["view"] == "difference"
    theirs, ours = shown["cells"][0], page["maps"]["difference"]["cells"][0]
    for part in ("breaks", "colours", "hatched", "measure", "lines"):
        assert ours[part] == theirs[part], part
    for part in ("values", "classes", "place", "labels"):
        np.testing.assert_array_equal(ours["frames"][0][part], theirs["frames"][0][part])
    assert page["maps"]["difference"]["legend"]["classes"] == shown["legend"]["classes"]
    assert page["lineage"] == shown["lineage"]
    assert page["drift"] == shown["drift"]
    assert page["sentence"] in next(one.value for one in app.markdown if one.value[:3] == "## ")
    (found,) = replay(file)
    assert found.same_bytes


# In a browser, from disk, with no network


@pytest.fixture
def opened(chrome, page, tmp_path):
    context = chrome.new_context(viewport={"width": 1280, "height": 860}, offline=True)
    tab = context.new_page()
    watch = Watch(tab)
    asked = []
    tab.on("request", lambda one: asked.append(one.url))
    tab.goto(page.save(tmp_path / "change.html").as_uri())
    tab.wait_for_selector("[data-ready='1']", timeout=30_000)
    yield tab
    watch.assert_quiet()
    assert [one for one in asked if not one.startswith(("file:", "data:", "blob:"))] == []
    context.close()


def centres(tab):
    return tab.evaluate(
        "document.querySelector('main').gradmap.panes.map((one) => {"
        " const c = one.pane.map.getCenter(); return [c.lat, c.lng, one.pane.map.getZoom()]; })"
    )


@pytest.mark.browser
def test_panes_move_together_by_hand_and_by_key(opened):
    before = centres(opened)
    box = opened.locator(".gm-map").first.bounding_box()
    opened.mouse.move(box["x"] + 300, box["y"] + 150)
    opened.mouse.down()
    opened.mouse.move(box["x"] + 180, box["y"] + 100, steps=5)
    opened.mouse.up()
    opened.wait_for_timeout(500)
    left, right = centres(opened)
    assert left == pytest.approx(right, abs=0.002)
    assert left[1] > before[0][1]
    opened.locator(".gm-map").nth(1).focus()
    opened.keyboard.press("+")
    opened.wait_for_timeout(500)
    left, right = centres(opened)
    assert left == pytest.approx(right, abs=0.002)
    assert left[2] > before[0][2]


@pytest.mark.browser
def test_views_change_without_losing_the_ground_they_show(opened):
    assert opened.locator(".gm-half").count() == 2
    opened.keyboard.press("Tab")
    for _ in range(12):
        if opened.evaluate("document.activeElement.dataset.view") == "difference":
            break
        opened.keyboard.press("Tab")
    before = centres(opened)[0]
    opened.keyboard.press("Enter")
    opened.wait_for_timeout(300)
    assert opened.locator(".gm-half").count() == 1
    assert opened.locator(".gm-half-head b").inner_text() == "2022 → 2025"
    assert centres(opened)[0] == pytest.approx(before, abs=0.01)
    assert opened.locator("[data-view=difference]").get_attribute("aria-pressed") == "true"
    opened.locator("[data-view=swipe]").click()
    opened.locator(".gm-swipe").focus()
    opened.keyboard.press("Home")
    clip = opened.locator(".gm-half").nth(1).evaluate("one => getComputedStyle(one).clipPath")
    assert clip in ("inset(0px)", "inset(0px 0px 0px 0%)")


@pytest.mark.browser
def test_a_layer_goes_in_both_maps_and_comes_back(opened):
    before = painted(opened)
    opened.locator(".gm-switches summary").click()
    for layer in ("cells", "places", "rail", "drift"):
        opened.locator(f"[data-layer={layer}]").click()
        assert painted(opened) != before, layer
        opened.locator(f"[data-layer={layer}]").click()
        assert painted(opened) == before, layer
    opened.locator("[data-layer=cells]").click()
    opened.locator("[data-view=difference]").click()
    assert not opened.locator("[data-layer=cells]").is_checked()


@pytest.mark.browser
def test_a_place_tells_its_story_and_another_year_its_fairness(opened):
    assert "2022 and 2025" in opened.locator(".gm-page-quiet").inner_text()
    before = centres(opened)[0]
    row = opened.locator(".gm-lineage tbody button").first
    row.click()
    opened.wait_for_timeout(900)
    assert row.inner_text() in opened.locator(".gm-story").inner_text()
    assert centres(opened)[0] != before
    opened.get_by_role("button", name="2023", exact=True).click()
    opened.wait_for_timeout(600)
    assert opened.locator(".gm-half-head b").nth(1).inner_text() == "2023"
    quiet = opened.locator(".gm-page-quiet").inner_text()
    assert "comparing 2022 and 2023" in quiet
    assert "The table and the difference are of 2022 and 2025 throughout." in quiet
    row.click()
    assert opened.locator(".gm-story").count() == 0
    assert opened.locator(".gm-half-head b").nth(1).inner_text() == "2023"


@pytest.mark.browser
def test_it_reads_on_a_phone(chrome, page, tmp_path):
    context = chrome.new_context(viewport={"width": 390, "height": 844}, offline=True)
    tab = context.new_page()
    watch = Watch(tab)
    tab.goto(page.save(tmp_path / "change.html").as_uri())
    tab.wait_for_selector("[data-ready='1']", timeout=30_000)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    heads = [one.bounding_box()["y"] for one in tab.locator(".gm-half-head").all()]
    assert heads[1] - heads[0] > 300
    watch.assert_quiet()
    context.close()
