"""How the documents are built: `make docs`, with no network and every warning an error."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "Gradmap"
release = version = version_of("gradmap")
html_title = "Gradmap"
html_show_copyright = False

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "links",
    "docstrings",
    "mathml",
    "commands",
    "contract",
    "notebooks",
    "tables",
]
exclude_patterns = ["_ext", "_static", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

# A word in single backticks of a docstring is code, and a link where it names what is documented.
default_role = "py:obj"
nitpicky = True
highlight_language = "text"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
python_display_short_literal_types = True
toc_object_entries_show_parents = "hide"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
napoleon_attr_annotations = False

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["gradmap.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_search_summary = False  # pages opened from disk may not be read by others
html_math_renderer = "mathml"
html_context = {"default_mode": "light"}
html_sidebars = {"**": ["contents"]}
html_theme_options = {
    "navbar_start": ["navbar-logo"],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": ["search-button-field"],
    "search_bar_text": "Search",
    "primary_sidebar_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "logo": {"text": "Gradmap"},
    "show_nav_level": 1,
    "navigation_depth": 3,
    "back_to_top_button": False,
    "navigation_with_keys": False,
}


def _dress(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """Put the colours of the house on each page, and its language for fonts and readers aloud."""
    from layers.palette import css_variables

    del app, template, tree
    colours = f"<style>:root {{ {css_variables()}}}</style>"
    context["metatags"] = context.get("metatags", "") + colours
    if page.startswith("zh/"):
        context["language"] = "zh-Hans"


def setup(app: Sphinx) -> None:
    """Sphinx asks the configuration itself for what it connects."""
    app.connect("html-page-context", _dress)
