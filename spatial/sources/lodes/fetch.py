"""Fetching: files of the publisher into a cache, carried on where they were cut, hashed."""

from __future__ import annotations

import http.client
import os
import re
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from spatial.ingest.errors import InputError

__all__ = ["Told", "cache_folder", "fetch", "hash_of"]

Told = Callable[[str, float], None]
"""Called with what is being done and the share of it that is behind."""

TIMEOUT_S: Final = 60.0
TRIES: Final = 4
_PAUSE_S: Final = 1.0
_CHUNK: Final = 1 << 18
_AGENT: Final = "gradmap (+LODES)"
_NO_DATA: Final = 404
_PARTIAL: Final = 206
_NOT_THERE: Final = 416
_BUSY: Final = (408, 425, 429, 500, 502, 503, 504)
_SUM: Final = re.compile(r"[0-9a-f]{64}")


class _CutShortError(Exception):
    """A transfer that ended before its end, or did not begin: worth another try."""


def cache_folder() -> Path:
    """Where files are kept that nobody named a folder for."""
    kept = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(kept) if kept else Path.home() / ".cache") / "gradmap" / "lodes"


def fetch(
    url: str,
    target: Path,
    *,
    tell: Told | None = None,
    timeout_s: float = TIMEOUT_S,
    tries: int = TRIES,
    pause_s: float = _PAUSE_S,
) -> Path | None:
    """
    The file at an address, kept at `target` with its SHA-256 beside it; None where there is none.

    What is there already, and still has its SHA-256, is not fetched again. A transfer that was
    cut is carried on from where it stopped, as long as the publisher's file is the same.

    Parameters
    ----------
    url
        http or https address; 404 there means that there is no such file.
    target
        Where the file goes, whole or not at all.
    tell
        Told how far it is.
    timeout_s
        Seconds without an answer, or without a further byte, after which a try is given up.
    tries, pause_s
        How often to try, and seconds to wait before the second; twice as long each time after.

    Raises
    ------
    InputError
        When the publisher cannot be reached, refuses, or never sends the whole file.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError(f"files are fetched by http or https, found {url[:60]}")
    if _is_kept(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    trouble = ""
    for attempt in range(tries):
        if attempt:
            time.sleep(pause_s * 2 ** (attempt - 1))
        try:
            if not _transfer(url, target, tell or _silent, timeout_s):
                return None
        except _CutShortError as fault:
            trouble = str(fault)
        else:
            return target
    host = urlsplit(url).netloc
    raise InputError(
        f"{target.name}: {host} must answer, found {trouble} in {tries} tries: run the same command"
        " again to carry on, or load files that are there with --from"
    )


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read a piece at a time."""
    found = sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            found.update(piece)
    return found.hexdigest()


def _silent(_what: str, _share: float) -> None:
    pass


def _is_kept(target: Path) -> bool:
    """Whether the file is there and is what was fetched."""
    note = _beside(target, ".sha256")
    if not target.is_file() or not note.is_file():
        return False
    told = note.read_text(encoding="utf-8", errors="replace").split()
    return bool(told) and bool(_SUM.fullmatch(told[0])) and hash_of(target) == told[0]


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)


def _transfer(url: str, target: Path, tell: Told, timeout_s: float) -> bool:
    """Fetch what is missing; False where the publisher has no such file."""
    part, mark = _beside(target, ".part"), _beside(target, ".part.mark")
    have = part.stat().st_size if part.is_file() and mark.is_file() else 0
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": mark.read_text(encoding="utf-8")}
    try:
        with urlopen(Request(url, headers=headers), timeout=timeout_s) as answer:
            whole = _receive(answer, part, mark, have, target.name, tell)
    except HTTPError as fault:
        fault.close()
        if fault.code == _NO_DATA:
            return False
        if fault.code == _NOT_THERE:
            part.unlink(missing_ok=True)
        if fault.code in (*_BUSY, _NOT_THERE):
            raise _CutShortError(f"answer {fault.code}") from None
        raise InputError(f"{target.name}: {url} must be open, found answer {fault.code}") from None
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as fault:
        raise _CutShortError(_reason(fault)) from None
    if not whole:
        raise _CutShortError("the transfer cut short")
    _settle(part, mark, target)
    return True


def _receive(answer: Any, part: Path, mark: Path, have: int, name: str, tell: Told) -> bool:  # noqa: ANN401
    """Whether the whole file is there once all that comes is added to `part`."""
    start = have if answer.status == _PARTIAL and _begins(answer) == have else 0
    if answer.status == _PARTIAL and not start:
        part.unlink(missing_ok=True)
        raise _CutShortError("another part than asked for")
    # Only a strong mark says that two parts are of one file.
    told = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    if told and not told.startswith("W/"):
        mark.write_text(told, encoding="utf-8")
    else:
        mark.unlink(missing_ok=True)
    length = answer.headers.get("Content-Length", "")
    total = start + int(length) if length.isdigit() else 0
    done = start
    with part.open("ab" if start else "wb") as file:
        while piece := answer.read(_CHUNK):
            file.write(piece)
            done += len(piece)
            tell(f"fetching {name}", done / total if total else 0.0)
    return not total or done == total


def _begins(answer: Any) -> int:  # noqa: ANN401 - an answer of urllib
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(match[1]) if match else -1


def _settle(part: Path, mark: Path, target: Path) -> None:
    """Give the finished file its name, and note what it is."""
    digest = hash_of(part)
    # The note first: a file without one would be fetched again, a note alone harms nobody.
    _beside(target, ".sha256").write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    part.replace(target)
    mark.unlink(missing_ok=True)


def _reason(fault: Exception) -> str:
    reason = getattr(fault, "reason", None)
    if isinstance(fault, TimeoutError) or isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError):
        return f"no way there ({reason.strerror or reason})"
    if isinstance(fault, http.client.IncompleteRead):
        return "the transfer cut short"
    return f"no way there ({reason or fault or type(fault).__name__})"
