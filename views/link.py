"""The address that shows the same screen again, and how to cite what is seen."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from layers.palette import css_variables
from spatial.study import Study
from views.query import Query
from views.text import Translate

__all__ = ["take_link"]

# The map writes where it looks into the page's address, of which the server hears nothing, so
# that the link is put together where it is read. Copying works on plain http too, where browsers
# give a page no clipboard.
_JS: Final = """
export default function ({ parentElement, data }) {
  const box = parentElement.querySelector(".gm-link");
  const view = new URL(location.href).searchParams.get("view");
  const link = data.link + (view ? "&view=" + encodeURIComponent(view) : "");
  const copy = async (text, pre) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const all = document.createRange();
      all.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(all);
      return document.execCommand("copy");
    }
  };
  box.replaceChildren();
  for (const [words, text] of [[data.again, link], [data.cite, data.citation + " " + link]]) {
    const row = box.appendChild(document.createElement("section"));
    row.appendChild(document.createElement("p")).textContent = words;
    const pre = row.appendChild(document.createElement("pre"));
    pre.appendChild(document.createElement("code")).textContent = text;
    const button = row.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = data.copy;
    button.addEventListener("click", async () => {
      button.textContent = (await copy(text, pre)) ? data.copied : data.byhand;
    });
  }
}
"""
_CSS: Final = (
    ".gm-link { "
    + css_variables()
    + """}
.gm-link section { position: relative; margin-bottom: 14px; }
.gm-link p { margin: 0 0 4px; color: var(--muted); font: 13px/1.4 var(--st-font, sans-serif); }
.gm-link pre {
  margin: 0 0 6px; padding: 8px 10px; max-height: 9em; overflow: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; color: var(--ink); background: var(--sidebar);
  border: 1px solid var(--line); border-radius: 6px; font-size: 12.5px; line-height: 1.45;
}
.gm-link button {
  padding: 3px 12px; color: var(--accent); background: var(--card); cursor: pointer;
  border: 1px solid var(--line); border-radius: 6px; font: 13px/1.5 var(--st-font, sans-serif);
}
.gm-link button:hover, .gm-link button:focus-visible { border-color: var(--accent); }
"""
)

_box = st.components.v2.component(
    "gradmap_link", html='<div class="gm-link"></div>', css=_CSS, js=_JS
)


def take_link(query: Query, study: Study, tr: Translate) -> None:
    """The address that shows the same screen again, and a citation with it, each to copy."""
    with st.popover(tr("Link"), key="link"):
        base = (st.context.url or "").split("?")[0]
        told = {
            "link": f"{base}?{urlencode(query.to_params())}",
            "again": tr("This link shows the same screen again; it carries no data."),
            "citation": _citation(study),
            "cite": tr("And this is how to cite it."),
            "copy": tr("Copy"),
            "copied": tr("Copied"),
            "byhand": tr("Marked: copy it by hand"),
        }
        _box(data=told, key="link_box")


def _citation(study: Study) -> str:
    """Where the numbers come from, of which state of the study."""
    source = study.info.source
    named = source.citation or source.name or study.info.name
    licence = f" {source.licence}." if source.licence else ""
    return f"{named.rstrip('.')}.{licence} Gradmap, study {study.digest[:12]}."
