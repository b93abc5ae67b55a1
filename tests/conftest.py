"""Shared fixtures: where third-party data lie, and what to do where they do not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("GRADMAP_REAL_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of third-party data, or a skip with its reason."""
    if not REAL.is_dir():
        pytest.skip(f"third-party data are not at {REAL} (set GRADMAP_REAL_DATA)")
    return REAL
