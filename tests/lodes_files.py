"""LODES files as the Census Bureau writes them, of a made-up corner of three states."""

from __future__ import annotations

import csv
import gzip
import http.server
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

STATES = {"dc": "11001", "md": "24031", "va": "51013"}
SECTORS = [f"CNS{number:02d}" for number in range(1, 21)]
COUNTS = [
    *("C000", "CA01", "CA02", "CA03", "CE01", "CE02", "CE03"),
    *SECTORS,
    *("CR01", "CR02", "CR03", "CR04", "CR05", "CR07", "CT01", "CT02"),
    *("CD01", "CD02", "CD03", "CD04", "CS01", "CS02"),
]
FIRMS = [*(f"CFA{n:02d}" for n in range(1, 6)), *(f"CFS{n:02d}" for n in range(1, 6))]
FLOW = ["S000", "SA01", "SA02", "SA03", "SE01", "SE02", "SE03", "SI01", "SI02", "SI03"]


@dataclass
class Region:
    """Blocks of each state, their places, and what is counted in them."""

    rng: np.random.Generator
    blocks: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self):
        for at, (state, county) in enumerate(STATES.items()):
            # The first digit of a block, the twelfth of its id, is that of its block group.
            self.blocks[state] = [
                f"{county}{tract:06d}{group}{block:03d}"
                for tract in (100, 200)
                for group in (1, 2)
                for block in range(5)
            ]
            for name in self.blocks[state]:
                north, east = self.rng.uniform(0, 0.05, 2)
                self.places[name] = (38.85 + north, -77.1 + 0.06 * at + east)

    def counts(self, state):
        """Rows of a WAC or RAC file by block: every column's total is what its parts add up to."""
        rows = {}
        for block in self.blocks[state]:
            young, middle, older = (int(n) for n in self.rng.integers(0, 40, 3))
            rows[block] = {
                "C000": young + middle + older,
                "CA01": young,
                "CA02": middle,
                "CA03": older,
                **self._shared(young + middle + older, SECTORS),
                **self._shared(middle + older, ["CD01", "CD02", "CD03", "CD04"]),
            }
        return rows

    def flows(self, homes, works, pairs=60):
        """People by home and work block of some states; those paid more are a part of all."""
        found = {}
        for _ in range(pairs):
            home, work = (str(self.rng.choice(list(ends))) for ends in (homes, works))
            people = int(self.rng.integers(1, 9))
            found[home, work] = (people, int(self.rng.integers(0, people + 1)))
        return found

    def _shared(self, total, columns):
        parts = self.rng.multinomial(total, [1 / len(columns)] * len(columns))
        return {name: int(part) for name, part in zip(columns, parts, strict=True)}


def write_counts(folder, state, kind, year, rows, *, created="20230321", job_type="JT00"):
    """A WAC or RAC file by its own name."""
    id_, more = ("w_geocode", FIRMS) if kind == "wac" else ("h_geocode", [])
    header = [id_, *COUNTS, *more, "createdate"]
    lines = [
        [block, *(row.get(name, 0) for name in [*COUNTS, *more]), created]
        for block, row in rows.items()
    ]
    return _write(folder / f"{state}_{kind}_S000_{job_type}_{year}.csv.gz", header, lines)


def write_flows(folder, state, part, year, flows, *, created="20230321", job_type="JT00"):
    """An OD file by its own name: work first."""
    header = ["w_geocode", "h_geocode", *FLOW, "createdate"]
    lines = [
        [work, home, people, 0, 0, 0, 0, people - high, high, 0, 0, 0, created]
        for (home, work), (people, high) in flows.items()
    ]
    return _write(folder / f"{state}_od_{part}_{job_type}_{year}.csv.gz", header, lines)


def write_crosswalk(folder, state, places, *, census=2020):
    """A crosswalk with the columns that matter here."""
    header = [f"tabblk{census}", "st", "cty", "ctyname", "blklatdd", "blklondd", "createdate"]
    lines = [
        [block, block[:2], block[:5], "Somewhere, US", f"{lat:.7f}", f"{lon:.7f}", "20230321"]
        for block, (lat, lon) in places.items()
    ]
    return _write(folder / f"{state}_xwalk.csv.gz", header, lines)


def _write(path, header, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(lines)
    return path


@dataclass
class Publisher:
    """
    A server of a folder on this machine that can be told to misbehave.

    Parameters
    ----------
    folder
        What it serves.
    cut
        Bytes after which each answer ends too early, as often as there are numbers.
    busy
        Answers 503 that come before any other.
    mark
        What it says its files' version is.
    ranges
        Whether it can send a part of a file.
    """

    folder: Path
    cut: list[int] = field(default_factory=list)
    busy: int = 0
    mark: str = '"one"'
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def publisher(folder):
    """A `Publisher` on a free port of the loopback."""
    told = Publisher(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            part = self.headers.get("Range", "")
            told.asked.append((self.path, part))
            if told.busy:
                told.busy -= 1
                self.send_error(503)
                return
            file = told.folder / self.path.lstrip("/")
            if not file.is_file():
                self.send_error(404)
                return
            content = file.read_bytes()
            start = 0
            if part and told.ranges and self.headers.get("If-Range") == told.mark:
                start = int(part.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                span = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", span)
            self.send_header("ETag", told.mark)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:][: told.cut.pop(0) if told.cut else None])

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
