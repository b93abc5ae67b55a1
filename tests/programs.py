"""Programs that are not ours: their path, or why a test cannot run; CI must have them all."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

PACKAGES = {
    "chromium": "chromium",
    "ogr2ogr": "gdal-bin",
    "ogrinfo": "gdal-bin",
}
"""Debian package of each, as .ci/run installs them."""


def program(name: str, *others: str) -> str:
    """Path of a program, or of one that does as well; without one a failure in CI, else a skip."""
    found = [path for one in (name, *others) if (path := shutil.which(one))]
    return found[0] if found else missing(f"{name} is not installed (Debian: {PACKAGES[name]})")


def missing(words: str) -> NoReturn:
    """A skip with its reason; in CI, which installs everything, a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"CI needs everything, and {words}")
    pytest.skip(words)
