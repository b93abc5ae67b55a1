"""
Reading in a process of its own, so that a stranger's file can hurt nothing but its own reading.

What always holds: a wall clock, an environment without secrets, an answer of plain tables and
numbers that are checked before use (never pickle), and one sentence for whatever goes wrong. On
Linux and macOS the kernel also limits processor time, open files and the size of files written,
and on Linux memory. On Linux, where the kernel allows it, the child has no network and sees no
files but its own; `protection` says what holds on this machine. Elsewhere sockets are refused in
Python and switched off in GDAL, which stops accidents but not a break into the reader.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar, cast

from spatial.ingest.errors import InputError
from spatial.ingest.sniff import check_file, check_name

__all__ = ["READERS", "Limits", "guarded", "protection", "read_safely", "uploaded"]

READERS: Final[dict[str, str]] = {
    "load_districts": "spatial.ingest.layers",
    "load_flows": "spatial.ingest.flows",
    "load_grid": "spatial.ingest.load",
    "load_links": "spatial.ingest.links",
    "load_listings": "spatial.ingest.listings",
    "load_points": "spatial.ingest.load",
    "load_raster": "spatial.ingest.raster",
    "load_rent_zones": "spatial.ingest.rent_zones",
    "load_stations": "spatial.ingest.layers",
    "load_zones": "spatial.ingest.load",
    "raster_facts": "spatial.ingest.raster_file",
    "read_shapes": "spatial.ingest.shapes",
    "read_table": "spatial.ingest.read",
    "sheet_names": "spatial.ingest.xlsx",
}
"""Functions a child may be asked for, and their modules."""

SAFE: Final = "GRADMAP_SAFE"
"""Set to 1, every table and shape is read in a child, in the command line too."""

_ROOT: Final = Path(__file__).resolve().parents[2]
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "HOME", "VIRTUAL_ENV")
_PATHS: Final = ("join", "points", "zones")  # options that name further files
_BEAT_S: Final = 0.1
_OUT_OF_MEMORY: Final = 77  # as spatial.child leaves
_BROKEN: Final = "a file must be readable, found it breaks its reader"
_OUT_OF_TIME: Final = tuple(getattr(signal, name, None) for name in ("SIGXCPU", "SIGALRM"))

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Limits:
    """
    What a child may use.

    Parameters
    ----------
    seconds
        Until it is stopped.
    memory_bytes
        Address space, its libraries' 1 GiB included; Linux only.
    written_bytes
        Of any one file it writes, its answer included.
    files
        Open at a time.
    """

    seconds: float = 120.0
    memory_bytes: int = 4 << 30
    written_bytes: int = 2 << 30
    files: int = 256


def read_safely(
    function: str,
    path: str | Path,
    *arguments: Any,  # noqa: ANN401 - the reader's own
    limits: Limits | None = None,
    progress: Callable[[str, float], None] | None = None,
    **options: Any,  # noqa: ANN401 - the reader's own
) -> Any:  # noqa: ANN401 - what the reader gives
    """
    What one of `READERS` makes of a file, in a child process under limits.

    Parameters
    ----------
    function
        Its name: "read_table".
    path
        The file.
    *arguments, **options
        The reader's own: plain values, paths, tables, shapes.
    limits
        What the child may use.
    progress
        Told what is being done, where the reader tells it.

    Raises
    ------
    InputError
        When the reader refuses the file, with its sentence, or when the child took too long, too
        much memory or broke, with one that says so.
    """
    if function not in READERS:
        raise ValueError(f"function must be one of {', '.join(READERS)}, found {function}")
    check_file(Path(path))
    return _asked(function, path, arguments, options, limits or Limits(), progress)


def protection() -> dict[str, bool]:
    """What holds for a child on this machine: memory, cpu, files, network, filesystem."""
    return cast("dict[str, bool]", _asked("protection", "", (), {}, Limits(), None))


@contextmanager
def uploaded(name: str, content: bytes) -> Iterator[Path]:
    """
    A file given to the page, in a private folder while the block runs.

    Raises
    ------
    InputError
        When its name is no plain name, or it is larger than `caps.UPLOAD_BYTES`.
    """
    check_name(name, len(content))
    with tempfile.TemporaryDirectory(prefix="gradmap-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def guarded(reader: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """The same reader, in a child where the environment says GRADMAP_SAFE=1."""

    @functools.wraps(reader)
    def either(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        if os.environ.get(SAFE) != "1":
            return reader(*arguments, **options)
        path, *more = arguments
        found = read_safely(reader.__name__, cast("Path", path), *more, **options)  # type: ignore[arg-type]
        return cast("_Result", found)

    return either


def _asked(
    function: str,
    path: str | Path,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    limits: Limits,
    progress: Callable[[str, float], None] | None,
) -> Any:  # noqa: ANN401 - what the reader gives
    from spatial.ingest.handover import packed, unpacked_value

    name = Path(path).name
    options = {
        key: Path(one) if key in _PATHS and isinstance(one, str) else one
        for key, one in options.items()
    }
    with tempfile.TemporaryDirectory(prefix="gradmap-") as folder:
        asked, answer = Path(folder) / "asked", Path(folder) / "answer"
        asked.mkdir()
        answer.mkdir()
        request = {
            "function": function,
            "arguments": (Path(path), *arguments) if function in READERS else (),
            "options": options,
            "progress": progress is not None,
            "limits": limits.__dict__,
        }
        packed(request, asked)
        _run(Path(folder), name, limits, progress)
        try:
            found = unpacked_value(answer)
        except ValueError:
            raise InputError(f"{name}: {_BROKEN}") from None
    if found["refused"]:
        raise InputError(str(found["refused"]))
    return found["result"]


def _run(
    folder: Path, name: str, limits: Limits, progress: Callable[[str, float], None] | None
) -> None:
    with (folder / "complaints.txt").open("wb") as complaints:
        child = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-m", "spatial.child", str(folder)],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
        )
        try:
            code = _waited(child, limits.seconds, folder / "answer" / "progress.txt", progress)
        finally:
            _end(child)
    if code == 0:
        return
    if code is None or -code in [one for one in _OUT_OF_TIME if one]:
        raise InputError(
            f"{name}: a file must be read within {limits.seconds:g} s, found it takes longer"
        )
    if code in (_OUT_OF_MEMORY, -signal.SIGABRT, -getattr(signal, "SIGKILL", 9)):
        raise InputError(
            f"{name}: a file must be readable in {limits.memory_bytes / 2**30:.2g} GiB of memory,"
            " found it takes more"
        )
    raise InputError(f"{name}: {_BROKEN}")


def _waited(
    child: subprocess.Popen[bytes],
    seconds: float,
    told: Path,
    progress: Callable[[str, float], None] | None,
) -> int | None:
    """Exit code of `child`, or None where it runs on after `seconds`."""
    until, last = monotonic() + seconds, ""
    while (left := until - monotonic()) > 0:
        try:
            return child.wait(min(left, _BEAT_S) if progress else left)
        except subprocess.TimeoutExpired:
            if progress is None or not told.exists():
                continue
        line = told.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
        share, _, doing = line.partition(" ")
        if line != last and share.replace(".", "", 1).isdigit() and progress is not None:
            progress(doing[:80], min(float(share), 1.0))
            last = line
    return None


def _end(child: subprocess.Popen[bytes]) -> None:
    """End `child` and whatever it started, if it is still there."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return (
        passed
        | single
        | {
            "PYTHONPATH": str(_ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "TMPDIR": str(folder),
            "TEMP": str(folder),
            "CPL_TMPDIR": str(folder),
            # GDAL: no network, no extensions, and no code in a database's views.
            "GDAL_HTTP_PROXY": "127.0.0.1:9",
            "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing",
            "GDAL_DRIVER_PATH": "disable",
            "OGR_DRIVER_PATH": "disable",
            "OGR_SQLITE_LOAD_EXTENSIONS": "",
            "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
            "GDAL_PAM_ENABLED": "NO",
            "GDAL_CACHEMAX": "64",
            "PROJ_NETWORK": "OFF",
        }
    )
