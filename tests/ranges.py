"""A web server of our own that hands out files in pieces, as any host of tiles does."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path


class _Handler(SimpleHTTPRequestHandler):
    """Files of the folders of its server; a part where one is asked for (RFC 9110, section 14)."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def translate_path(self, path: str) -> str:
        name = path.split("?")[0].lstrip("/") or "index.html"
        found = [folder / name for folder in self.server.folders if (folder / name).is_file()]
        return str(found[0] if found else self.server.folders[0] / "nothing")

    def send_head(self):
        path = Path(self.translate_path(self.path))
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        self.server.asked.append((path.name, bool(asked)))
        if not (asked and path.is_file()):
            return super().send_head()
        start, stop = (int(one) for one in asked.groups())
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(stop + 1 - start)
        whole = path.stat().st_size
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Range", f"bytes {start}-{start + len(content) - 1}/{whole}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test keeps what was asked."""


class Ranges(ThreadingHTTPServer):
    """Serves `folders`; `asked` has the name of each file asked for, and whether for a part."""

    daemon_threads = True

    def __init__(self, *folders: Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folders = folders
        self.asked: list[tuple[str, bool]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


@contextmanager
def in_pieces(*folders: Path) -> Iterator[Ranges]:
    """A server of the files in `folders`, until it is no longer needed."""
    with Ranges(*folders) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=10)
