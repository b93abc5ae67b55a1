"""
Campaign: `python -m tests.fuzz.tables --minutes 5` feeds mutated files to every reader.

Each must give a result or refuse in one sentence. Another exception, a sentence of several lines
or a reader that hangs is a finding, kept with its file; a reader that the file kills is told
apart, since in the product that happens in a child, and is checked there.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import random
import sys
import tempfile
import time
import warnings
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import write_seeds

__all__ = ["campaign", "verdict"]

_PATIENCE_S = 30.0
_MEMORY = 6 << 30


def verdict(path: Path) -> str:
    """ "read", "refused", or what is wrong with how a reader met the file."""
    from spatial.ingest import InputError, read_shapes, read_table
    from spatial.ingest.raster import load_raster

    found = "refused"
    readers = {
        ".tif": [lambda one: load_raster(one, role="residence", resolution=7)],
        ".zip": [read_table, read_shapes],
        ".parquet": [read_table, read_shapes],
    }
    shapes = path.suffix in (".geojson", ".gpkg", ".fgb", ".shp")
    for read in readers.get(path.suffix, [read_shapes] if shapes else [read_table]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read(path)
            found = "read"
        except InputError as error:
            sentence = str(error)
            if "\n" in sentence or len(sentence) > 500 or not sentence.isprintable():
                return f"no plain sentence: {sentence[:200]!r}"
        except MemoryError:
            found = "out of memory"
        except BaseException as error:
            return f"{type(error).__name__}: {str(error)[:200]}"
    return found


def campaign(*, seconds: float, seed: int, keep: Path, most: int = sys.maxsize) -> dict[str, int]:
    """How often each verdict was met; files behind findings stay in `keep`."""
    chance, tally = random.Random(seed), collections.Counter[str]()
    until = time.monotonic() + seconds
    worker = _Worker()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seeds").mkdir()
        seeds = write_seeds(Path(folder) / "seeds")
        contents = [one.read_bytes() for one in seeds]
        while time.monotonic() < until and tally.total() < most:
            at = chance.randrange(len(seeds))
            content = mutated(contents[at], chance.choice(contents), chance=chance)
            path = Path(folder) / f"x{''.join(seeds[at].suffixes)}"
            path.write_bytes(content)
            said = worker.asked(path)
            tally[said if said in ("read", "refused") else said.split(":")[0]] += 1
            if said not in ("read", "refused"):
                kept = keep / f"{seed}-{tally.total()}{''.join(seeds[at].suffixes)}"
                kept.write_bytes(content)
                said = _in_a_child(kept) if said in ("killed", "out of memory") else said
                sys.stdout.write(f"{kept}: {said}\n")
    worker.end()
    return dict(tally)


def _in_a_child(path: Path) -> str:
    """What the product makes of a file that kills its reader."""
    from spatial.ingest import InputError
    from spatial.ingest.guard import READERS, read_safely

    for name in ("read_table", "read_shapes", "raster_facts"):
        if name in READERS:
            try:
                read_safely(name, path)
            except InputError as error:
                return f"killed its reader, contained: {error}"
    return "killed its reader once, read in a child"


class _Worker:
    """A process that reads files one by one and is begun anew when it dies or hangs."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def asked(self, path: Path) -> str:
        self._ours.send(str(path))
        try:
            if self._ours.poll(_PATIENCE_S):
                return str(self._ours.recv())
            said = f"hangs: over {_PATIENCE_S:g} s"
        except (EOFError, OSError):
            said = "killed"
        self.end()
        self._begin()
        return said

    def end(self) -> None:
        self._process.kill()
        self._process.join()


def _work(pipe: Connection) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except ImportError:
        pass
    while True:
        pipe.send(verdict(Path(pipe.recv())))


def main() -> int:
    """Exit code: 1 where anything was found that is neither read, refused nor contained."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=1.0)
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--keep", type=Path, default=None, help="Folder for files behind findings.")
    options = asked.parse_args()
    keep = options.keep or Path(tempfile.mkdtemp(prefix="gradmap-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    tally = campaign(seconds=options.minutes * 60, seed=options.seed, keep=keep)
    sys.stdout.write(f"seed {options.seed}: {tally}\n")
    return int(bool(set(tally) - {"read", "refused", "killed", "out of memory"}))


if __name__ == "__main__":
    sys.exit(main())
