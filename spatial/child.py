"""The child that reads one stranger's file: gives up its rights, reads, answers and ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from spatial.confinement import confine

__all__ = ["main"]

_OUT_OF_MEMORY: Final = 77
_SIDECARS: Final = (".shp",)  # shapes whose other parts lie beside them


def main(folder: Path) -> int:
    """Exit code; the answer, or the sentence of a refusal, is in the folder answer by then."""
    asked = json.loads((folder / "asked" / "value.json").read_text(encoding="utf-8"))
    limits = dict(_plain(asked)["limits"]["pairs"])
    held = confine(limits, folder=folder, readable=list(_paths(asked)))
    try:
        return _answer(folder, held)
    except MemoryError:
        return _OUT_OF_MEMORY


def _answer(folder: Path, held: dict[str, bool]) -> int:
    # Only now, inside the walls, anything is loaded that could be broken into.
    from spatial.geodesy import CoordinateError
    from spatial.ingest.errors import InputError
    from spatial.ingest.guard import READERS
    from spatial.ingest.handover import packed, unpacked_value
    from spatial.schema import SchemaError

    request = unpacked_value(folder / "asked")
    name, answer = request["function"], folder / "answer"
    if name not in READERS:
        packed({"refused": "", "result": held}, answer)
        return 0
    options = dict(request["options"])
    if request["progress"]:
        options["progress"] = _teller(answer / "progress.txt")
    reader = getattr(import_module(READERS[name]), name)
    try:
        result, refused = reader(*request["arguments"], **options), ""
    except (InputError, CoordinateError, SchemaError) as refusal:
        result, refused = None, str(refusal) or "a file must be readable, found it is not"
    packed({"refused": refused, "result": result}, answer)
    return 0


def _teller(path: Path) -> Any:  # noqa: ANN401 - a Progress
    def tell(doing: str, share: float) -> None:
        with path.open("a", encoding="utf-8") as told:
            told.write(f"{share:.3f} {doing}\n")

    return tell


def _plain(tree: dict[str, Any]) -> dict[str, Any]:
    """The request's parts by name, before anything that could build them is loaded."""
    return dict(tree["pairs"])


def _paths(tree: Any) -> Iterator[Path]:  # noqa: ANN401 - JSON
    """Every path in a request, and the folder of a Shapefile."""
    if isinstance(tree, dict) and tree.get("kind") == "path":
        path = Path(tree["path"])
        yield path.parent if path.suffix.lower() in _SIDECARS else path
    elif isinstance(tree, dict):
        for one in tree.values():
            yield from _paths(one)
    elif isinstance(tree, list):
        for one in tree:
            yield from _paths(one)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
