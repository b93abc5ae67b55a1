"""Formulas as MathML, which browsers draw themselves: no script and nothing to fetch."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

__all__ = ["setup"]

_LOGGER = logging.getLogger(__name__)


def _inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(_drawn(node, as_block=False))
    raise nodes.SkipNode


def _block(writer: HTML5Translator, node: nodes.math_block) -> None:
    # A formula wider than a phone is scrolled, and so must be within reach of the keyboard.
    formula = _drawn(node, as_block=True)
    writer.body.append(
        f'<div class="formula" role="group" aria-label="formula" tabindex="0">{formula}</div>\n'
    )
    raise nodes.SkipNode


def _drawn(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    try:
        return str(tex2mathml(node.astext(), as_block=as_block))
    except MathError as fault:
        _LOGGER.warning("a formula cannot be drawn: %s", fault, location=node)
        return ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer under the name "mathml"."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
