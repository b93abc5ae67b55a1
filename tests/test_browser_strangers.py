"""A study full of hostile words: on every page they are shown, and nothing runs or is fetched."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest

from spatial.info import Source
from spatial.sources.beijing.sample import PACKAGED
from spatial.store import write_study
from spatial.study import open_study
from tests.browser import served, settled

pytestmark = pytest.mark.browser

EVIL = (
    "![x](https://example.org/x.png) <img src=https://example.org/y.png"
    " onerror=\"document.title='owned'\"> [go](javascript:alert(1)) `${alert(1)}` "
)
PAGES = {
    "": ".gm-explorer .gm-label",
    "page=compare&role=residence": ".gm-compare .gm-label",
    "page=commute": ".gm-commute .gm-label",
    "page=homes": ".gm-homes .gm-label",
    "page=homes&topic=rent": ".gm-homes .gm-label",
    "page=homes&topic=kinds&role=residence": ".gm-homes .gm-label",
    "page=homes&topic=siting": ".gm-homes .gm-label",
    "page=data": ".st-key-data h3",
}


def spoilt(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    texts = [one for one in ("name", "name_en") if one in layer]
    return layer.assign(**{one: EVIL + layer[one].astype(str) for one in texts})


@pytest.fixture(scope="module")
def hostile_app(chrome, tmp_path_factory):  # noqa: ARG001 - no server where there is no browser
    sample = open_study(PACKAGED)
    words = {"en": EVIL, "zh": EVIL}
    info = replace(
        sample.info,
        name="hostile",
        title=words,
        source=Source(EVIL, "javascript:alert(1)", EVIL, EVIL),
        definitions=dict.fromkeys(sample.info.definitions, words),
        notes=dict.fromkeys(sample.info.notes, words) | {"2025": words},
        currency=words,
    )
    layers = ("districts", "stations", "campuses", "places", "rents", "rail_links", "ground")
    folder = tmp_path_factory.mktemp("hostile") / "hostile"
    write_study(
        folder,
        info,
        sample.counts,
        flows=sample.flows,
        layers={name: spoilt(sample.layer(name)) for name in layers},
    )
    with served(folder) as address:
        yield address


@pytest.mark.parametrize("page", list(PAGES))
def test_strangers_words_are_only_shown(hostile_app, visit, page):
    # The visit itself fails on any request that leaves the machine, and on any complaint.
    view = visit(f"{hostile_app}?lang=en&{page}", ready=PAGES[page])
    settled(view)
    for name in ("Method", "Link"):
        button = view.get_by_role("button", name=name, exact=True)
        if button.count():
            button.first.click()
            view.wait_for_timeout(300)
            view.keyboard.press("Escape")
    assert view.title() != "owned"
    assert view.locator("img[src*='example.org']").count() == 0
    assert view.locator("a[href^='javascript']").count() == 0
