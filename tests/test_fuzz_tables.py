"""A short campaign of mutated files, the same in every run; the long one is a command."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from spatial.ingest import read_table
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import write_seeds
from tests.fuzz.tables import campaign, verdict

ROOT = Path(__file__).resolve().parents[1]


def test_seeds_are_read_and_their_mutants_read_or_refused(tmp_path):
    (tmp_path / "seeds").mkdir()
    seeds = write_seeds(tmp_path / "seeds")
    assert {verdict(one) for one in seeds} == {"read"}
    tally = campaign(seconds=40, seed=7, keep=tmp_path, most=400)
    assert set(tally) <= {"read", "refused"}, (tally, sorted(tmp_path.iterdir()))
    assert tally["refused"] > 20


def test_every_seed_cut_after_a_few_bytes_is_refused_or_read(tmp_path):
    (tmp_path / "seeds").mkdir()
    for seed in write_seeds(tmp_path / "seeds"):
        path, content = tmp_path / f"x{''.join(seed.suffixes)}", seed.read_bytes()
        for kept in (0, 1, 2, 3, 5, 8, 13, 21, len(content) - 1):
            path.write_bytes(content[:kept])
            assert verdict(path) in ("read", "refused"), (seed.name, kept)


def test_one_seed_gives_one_campaign():
    once, again = (mutated(b"a,b\n1,2\n" * 9, b"other", chance=random.Random(3)) for _ in "12")
    assert once == again != b"a,b\n1,2\n" * 9


def test_a_finding_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")

    def broken(_path):
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("spatial.ingest.read_table", broken)
    assert verdict(tmp_path / "a.csv") == "ZeroDivisionError: odd"
    assert read_table is not broken


@pytest.mark.parametrize("module", ["tests.fuzz.tables", "tests.fuzz.guided"])
def test_the_commands_run(module, tmp_path):
    keep = ["--keep", str(tmp_path)] if module.endswith("tables") else []
    command = [sys.executable, "-m", module, "--minutes", "0.02", *keep]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
