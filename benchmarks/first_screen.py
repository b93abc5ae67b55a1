"""
Seconds from starting `streamlit run app.py` until the map names its first place.

    python -m benchmarks.first_screen [--rounds 3]

The process is new each time, the browser is there already, as it is on a planner's desk; it asks
for the page as soon as the server answers.
"""

from __future__ import annotations

import argparse
import time

from playwright.sync_api import Browser, sync_playwright

from benchmarks.table import Row, table
from tests.browser import FLAGS, chromium, served

__all__ = ["rows"]

LABEL = ".gm-label"


def rows(rounds: int = 3) -> list[Row]:
    """The best of `rounds` starts with the packaged sample."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        taken = [_start(browser) for _ in range(rounds)]
        browser.close()
    up, seen = (min(times) for times in zip(*taken, strict=True))
    return [
        Row("first screen after `streamlit run`, the packaged sample", "s", seen, None, "<= 5 s"),
        Row("of it, until the server answers", "s", up, None, ""),
    ]


def _start(browser: Browser) -> tuple[float, float]:
    """Seconds until the server answers, and until a label is seen."""
    view = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    start = time.perf_counter()
    with served() as address:
        up = time.perf_counter() - start
        view.goto(address)
        view.wait_for_selector(LABEL, state="visible", timeout=60_000)
        seen = time.perf_counter() - start
        view.context.close()
    return up, seen


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=3)
    print(table(rows(asked.parse_args().rounds)))


if __name__ == "__main__":
    main()
