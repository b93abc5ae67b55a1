"""Shared fixtures: where third-party data lie, and what to do where they do not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# CI must give the same verdict on the same commit; at home every run tries new examples.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("home", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

# Own studies of whoever runs the tests are not to be seen by them.
os.environ["GRADMAP_SHELF"] = str(Path(tempfile.gettempdir()) / f"gradmap-shelf-{os.getpid()}")

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("GRADMAP_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of third-party data, or a skip with its reason."""
    if not REAL.is_dir():
        pytest.skip(f"third-party data are not at {REAL} (set GRADMAP_REAL_DATA)")
    return REAL


@pytest.fixture(scope="session")
def chrome():
    """One browser for all tests that need a page."""
    from playwright.sync_api import sync_playwright

    from tests.browser import FLAGS, chromium

    path = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_app(chrome):  # noqa: ARG001 - no server where there is no browser
    """Address of the app over the packaged sample."""
    from tests.browser import served

    with served() as address:
        yield address


@pytest.fixture
def visit(chrome):
    """Opens a page of a given size and guards it: nothing leaves the machine, nothing complains."""
    from tests.browser import Watch

    opened = []

    def open_page(address, *, size=(1440, 900), ready=".gm-label", **context):
        page = chrome.new_context(
            viewport={"width": size[0], "height": size[1]}, **context
        ).new_page()
        watch = Watch(page)
        opened.append((page, watch))
        page.goto(address)
        if ready:
            page.wait_for_selector(ready, timeout=60_000, state="attached")
        return page

    yield open_page
    for page, watch in opened:
        watch.assert_quiet()
        page.context.close()
