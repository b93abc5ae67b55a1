// What every page of its own has: its head, the switches of its layers, its foot.
(function (root) {
  "use strict";
  const G = root.gradmap;

  // Which part of the map each switch turns off, beside the overlays' own kinds.
  const CELLS = "cells", PLACES = "places";

  G.pageHead = function (box, data) {
    box.classList.add("gm-page");
    const head = G.element("header", "gm-page-head", null, box);
    G.element("h1", "", data.title, head);
    const line = G.element("p", "gm-page-line", null, head);
    if (data.tag) G.element("span", "gm-tag", data.tag, line);
    return {
      head,
      sentence: G.element("span", "gm-page-sentence", "", line),
      quiet: G.element("span", "gm-page-quiet", "", line),
      warning: G.element("p", "gm-page-warning", "", head),
    };
  };

  // Show a pane without what is switched off; overlays are left out before it is filled.
  G.pageVeil = function (pane, off, labels) {
    pane.cells.hidden = off.has(CELLS);
    pane.cells.frames.forEach((frame) => {
      if (frame.kept === undefined) frame.kept = frame.outline;
      frame.outline = off.has(PLACES) ? null : frame.kept;
    });
    pane.data.cells.frames.forEach((frame) => {
      if (frame.names === undefined) frame.names = frame.labels;
      frame.labels = off.has(PLACES) ? [] : frame.names;
    });
    pane.data.labels = off.has("districts") ? [] : labels;
    pane.off = off;
    pane.drawLegend();
    pane.cells.repaint();
    pane.relabel();
  };

  // A tick a layer, folded away over a map.
  G.pageSwitches = function (pane, data, off, lay) {
    const list = G.element("details", "gm-switches", null, pane.box);
    L.DomEvent.on(list, "mousemove", L.DomEvent.stopPropagation);
    L.DomEvent.on(list, "mouseenter", () => pane.unhover());
    L.DomEvent.disableClickPropagation(list);
    L.DomEvent.disableScrollPropagation(list);
    G.element("summary", "", data.words.layers, list);
    for (const [kind, label] of data.switches) {
      const row = G.element("label", "", null, list);
      const tick = G.element("input", "", null, row);
      tick.type = "checkbox";
      tick.checked = !off.has(kind);
      tick.dataset.layer = kind;
      G.element("span", "", label, row);
      tick.onchange = () => {
        off[tick.checked ? "delete" : "add"](kind);
        lay();
      };
    }
    return list;
  };

  G.pageFoot = function (box, data) {
    const foot = G.element("footer", "gm-page-foot", null, box);
    G.element("p", "gm-page-source", data.source, foot);
    const more = G.element("details", "", null, foot);
    G.element("summary", "", data.words.method, more);
    data.notes.forEach((one) => G.element("p", "", one, more));
  };
})(globalThis);
