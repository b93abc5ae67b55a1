"""The pages of the documents, built once for all who look at them."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

from tests.programs import missing

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs"
SITE = ROOT / "build" / "docs"
PAGES = sorted(SOURCE.rglob("*.md"))
_MADE_OF = ("docs/**/*", "notebooks/*.ipynb", "spatial/**/*.py", "layers/**/*.py", "papers/**/*.py")
_STAMP = ROOT / "build" / ".docs"
_MAKE = ("-m", "sphinx", "-q", "-W", "-E", "-b", "html", "-d", "build/doctrees")


def built() -> Path:
    """
    Folder of the pages, made as `make docs` makes them, from nothing and with no network.

    Whoever asks first makes them; the others wait, and so does a later run of tests make them
    only where something they are made of has changed.
    """
    if importlib.util.find_spec("sphinx") is None:
        missing("sphinx is not installed (pip install -r requirements-test.txt)")
    _STAMP.parent.mkdir(exist_ok=True)
    with _STAMP.open("a+", encoding="utf-8") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        if not _is_current(made=_STAMP.stat().st_mtime):
            begun = time.time()
            stamp.truncate(0)
            stamp.write(_trouble())
            stamp.flush()
            os.utime(_STAMP, (begun, begun))
        stamp.seek(0)
        trouble = stamp.read()
    assert not trouble, trouble
    return SITE


def page_of(source: Path) -> Path:
    """The page made of a source."""
    return SITE / source.relative_to(SOURCE).with_suffix(".html")


def _is_current(*, made: float) -> bool:
    found = chain(*map(ROOT.glob, _MADE_OF))
    files = (one for one in found if one.is_file() and "__pycache__" not in one.parts)
    return (SITE / "index.html").is_file() and all(one.stat().st_mtime < made for one in files)


def _trouble() -> str:
    """What sphinx complains of; nothing where it is content."""
    nowhere = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, *_MAKE, str(SOURCE), str(SITE)],
        cwd=ROOT,
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr + ("" if done.returncode == 0 else f"sphinx left with {done.returncode}")
