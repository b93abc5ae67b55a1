"""
Campaign guided by coverage: `python -m tests.fuzz.guided --minutes 5`.

Needs atheris, which is not among the tests' requirements; where it is missing the command says
so and ends well. It drives what is written in Python here: sniffing, zips, text and answers of a
child. Native readers are driven by `tests.fuzz.tables`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["main"]

_NAMES = ("a.csv", "a.tsv", "a.csv.gz", "a.zip", "a.xlsx", "a.parquet", "a.geojson", "a.gpkg")


def main() -> int:
    """Exit code 0, or that of the fuzzer, which ends at its first finding."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=1.0)
    options = asked.parse_args()
    try:
        import atheris
    except ImportError:
        sys.stdout.write("skipped: atheris is not installed (pip install atheris)\n")
        return 0
    with atheris.instrument_imports(include=["spatial.ingest"]):
        from spatial.ingest import InputError
        from spatial.ingest.handover import unpacked_value
        from spatial.ingest.sniff import sniff
        from spatial.ingest.text import read_text
    folder = Path(tempfile.mkdtemp(prefix="gradmap-fuzz-"))

    def one(content: bytes) -> None:
        if not content:
            return
        name, rest = _NAMES[content[0] % len(_NAMES)], content[1:]
        path = folder / name
        path.write_bytes(rest)
        try:
            sniff(path)
            if path.suffix in (".csv", ".tsv"):
                read_text(path)
        except InputError as error:
            if "\n" in str(error):
                raise RuntimeError("a sentence must be one line") from error
        (folder / "value.json").write_bytes(rest)
        with suppress(ValueError):
            unpacked_value(folder)

    atheris.Setup(
        [sys.argv[0], f"-max_total_time={int(options.minutes * 60)}", "-max_len=4096"], one
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
