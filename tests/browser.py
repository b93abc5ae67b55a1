"""The real page in headless Chromium: a server of our own, and a guard on every request."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import urlopen

from tests.programs import program

SENTENCE = ".st-key-words h2"
ROOT = Path(__file__).resolve().parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Path of the browser; a failure in CI where there is none, elsewhere a skip."""
    return os.environ.get("CHROMIUM") or program("chromium", "google-chrome")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(*studies: Path) -> Iterator[str]:
    """Address of the app over `studies`, the sample where none are named."""
    port = free_port()
    environment = dict(os.environ)
    environment["GRADMAP_STUDIES"] = os.pathsep.join(map(str, studies))
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the app left with code {process.returncode}")
        try:
            with urlopen(address, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"the app did not answer at {address}")


class Watch:
    """What a page asked for off this machine, and what it complained of."""

    def __init__(self, page):
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._request)
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda fault: self.errors.append(str(fault)))

    def _request(self, request) -> None:
        if urlparse(request.url).hostname not in {"127.0.0.1", "localhost", "::1", None}:
            self.outside.append(request.url)

    def assert_quiet(self) -> None:
        assert self.outside == []
        assert self.errors == []


def settled(page):
    """Wait until the app has run and the map has drawn what it sent."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
    )
    page.wait_for_timeout(150)


def words(page, *, timeout=15_000):
    page.wait_for_selector(SENTENCE, timeout=timeout)
    return page.locator(SENTENCE).inner_text()


def change(page, act, read):
    """Do something and wait until what `read` gives is another."""
    before = read(page)
    act()
    for _ in range(80):
        page.wait_for_timeout(150)
        if read(page) != before:
            settled(page)
            return before, read(page)
    raise AssertionError(f"nothing changed from {before!r}")
