"""What the README shows is run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def test_readme_examples_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_picture_stands_in_line_five():
    line = README.read_text(encoding="utf-8").splitlines()[4]
    picture = re.fullmatch(r"!\[.+\]\((.+)\)", line)
    assert picture
    assert (ROOT / picture[1]).is_file()


def test_the_two_commands_are_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"app", "test", "setup"} <= targets


@pytest.mark.parametrize("name", ["load grid", "load points", "hotspots", "places", "verify"])
def test_command_lines_in_the_readme_are_of_the_program(name):
    from click.testing import CliRunner

    from spatial.cli import main

    found = CliRunner().invoke(main, [*name.split(), "--help"])
    assert found.exit_code == 0
    text = README.read_text(encoding="utf-8").replace("\\\n", " ")
    line = next(one for one in text.splitlines() if one.startswith(f"gradmap {name} "))
    for option in re.findall(r"--[a-z-]+", line):
        assert option in found.output


def test_the_finding_is_what_the_analysis_says():
    """The figures of the finding, from the packaged study, rounded as they stand."""
    import numpy as np

    from spatial.drift import drift
    from spatial.findings import findings
    from spatial.study import open_study

    study = open_study(ROOT / "spatial" / "sources" / "beijing" / "study")
    found = findings(drift(study, role="residence", resamples=200, rng=np.random.default_rng(1)))
    text = " ".join(README.read_text(encoding="utf-8").split())
    told = found.to_json()
    for name, digits in (("dispersing", 3), ("outward", 1), ("rises", 1), ("falls", 1)):
        one = told[name]
        assert one["verdict"] == "yes"
        assert f"{one['before']:.{digits}f} to {one['after']:.{digits}f}" in text
    assert told["rises"]["sector"] == "SE"
    assert told["falls"]["sector"] == "NW"
