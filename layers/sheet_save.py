"""Pages as files: PDF with its fonts inside, PNG at its resolution, both with provenance."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KEY", "SheetError", "pdf_of", "png_of", "put"]

KEY: Final = "gradmap"
"""Name of the PNG text that holds the provenance; a PDF holds it in its keywords."""
_RULES: Final[Any] = {"pdf.fonttype": 42, "pdf.compression": 6, "axes.unicode_minus": True}


class SheetError(ValueError):
    """A page that cannot be made or written; the message says why."""


def pdf_of(figures: Sequence[Figure], *, title: str, provenance: dict[str, Any]) -> bytes:
    """One page a figure, title and provenance (JSON, under Keywords) in the document's Info."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    made = datetime.strptime(provenance["created"], "%Y-%m-%dT%H:%M:%S%z")
    told = {
        "Title": title,
        "Author": str(provenance.get("citation", "")),
        "Subject": str(provenance.get("method", "")),
        "Keywords": _json(provenance),
        "Creator": "Gradmap",
        "CreationDate": made,
        "ModDate": made,
    }
    content = BytesIO()
    with rc_context(_RULES), PdfPages(content, metadata=told) as pages:
        for figure in figures:
            pages.savefig(figure)
    return content.getvalue()


def png_of(figure: Figure, *, dpi: int, title: str, provenance: dict[str, Any]) -> bytes:
    """A picture of so many dots an inch, provenance (JSON) in the text `KEY`."""
    from matplotlib import rc_context

    told = {
        "Title": title,
        "Software": "Gradmap",
        "Creation Time": str(provenance["created"]),
        KEY: _json(provenance),
    }
    content = BytesIO()
    with rc_context(_RULES):
        figure.savefig(content, format="png", dpi=dpi, metadata=told)
    return content.getvalue()


def put(content: bytes, target: Path) -> Path:
    """Write a file beside its place and move it there: the old one stays whole until then."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".gradmap.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as handle:
                handle.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as fault:
        raise SheetError(f"{target} cannot be written: {fault.strerror or fault}") from fault
    return target


def _json(provenance: dict[str, Any]) -> str:
    # Plain ASCII: a PNG's text knows no other letters, and every reader of PDF can show it.
    return dumps(provenance, ensure_ascii=True, sort_keys=True)
