"""The pages of the documents, built once for all who look at them."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from tests.programs import missing

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs"
SITE = ROOT / "build" / "docs"
PAGES = sorted(page for page in SOURCE.rglob("*.md"))
_STAMP = ROOT / "build" / ".docs"
_MAKE = ("-m", "sphinx", "-q", "-W", "-b", "html", "-d", "build/doctrees")


def built() -> Path:
    """
    Folder of the pages, made as `make docs` makes them, from nothing and with no network.

    Every process of a run of tests asks; the first one makes them and the others wait.
    """
    if importlib.util.find_spec("sphinx") is None:
        missing("sphinx is not installed (pip install -r requirements-test.txt)")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    _STAMP.parent.mkdir(exist_ok=True)
    with _STAMP.open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        made = stamp.read().partition("\n")
        if made[0] != run:
            made = (run, "\n", _trouble())
            stamp.truncate(0)
            stamp.write("".join(made))
    assert not made[2], made[2]
    return SITE


def page_of(source: Path) -> Path:
    """The page made of a source."""
    return SITE / source.relative_to(SOURCE).with_suffix(".html")


def _trouble() -> str:
    """What sphinx complains of; nothing where it is content."""
    nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, *_MAKE, "-E", str(SOURCE), str(SITE)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, check=False
    )
    return done.stderr + ("" if done.returncode == 0 else f"sphinx left with {done.returncode}")
