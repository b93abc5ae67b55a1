// A map as a page of its own: sentence, map with its layers, table of places, method and source.
(function (root) {
  "use strict";
  const G = root.gradmap;

  // Which part of the map each switch of the page turns off.
  const CELLS = "cells", PLACES = "places";

  G.page = function (box, data) {
    box.classList.add("gm-page");
    const head = G.element("header", "gm-page-head", null, box);
    G.element("h1", "", data.title, head);
    const line = G.element("p", "gm-page-line", null, head);
    if (data.tag) G.element("span", "gm-tag", data.tag, line);
    const sentence = G.element("span", "gm-page-sentence", "", line);
    const quiet = G.element("span", "gm-page-quiet", "", line);
    const warning = G.element("p", "gm-page-warning", "", head);
    const body = G.element("div", "gm-page-body", null, box);
    const foot = G.element("footer", "gm-page-foot", null, box);
    const off = new Set(data.off);
    let year = data.years[data.cells.current];

    const screen = G.explore(body, () => {});
    const { pane, panel } = body.gradmap;

    function say() {
      sentence.textContent = year.sentence;
      quiet.textContent = year.quiet;
      warning.textContent = year.warning;
    }

    // Another year was chosen on the map: its places, its sentence, its layers.
    function turn(next) {
      if (!next || next === year) return;
      year = next;
      pane.select(0);
      panel.update(year.panel, 0);
      say();
      lay();
    }

    function lay() {
      const keys = new Set(year.overlays);
      pane.setOverlays(data.overlays.filter((one) => keys.has(one.key) && !off.has(one.kind)));
      pane.cells.hidden = off.has(CELLS);
      pane.cells.frames.forEach((frame) => {
        if (frame.kept === undefined) frame.kept = frame.outline;
        frame.outline = off.has(PLACES) ? null : frame.kept;
      });
      pane.data.cells.frames.forEach((frame) => {
        if (frame.names === undefined) frame.names = frame.labels;
        frame.labels = off.has(PLACES) ? [] : frame.names;
      });
      pane.data.labels = off.has("districts") ? [] : data.labels;
      pane.cells.repaint();
      pane.relabel();
    }

    // The app is told of a year once the hand rests; here places and layers turn with the map.
    const show = pane.showYear.bind(pane);
    pane.showYear = (number) => {
      const took = show(number, true);
      turn(data.years[number]);
      return took;
    };
    pane.events = { click: (index) => choose(year.panel.places.some((one) => one.index === index) ? index : 0, false) };
    panel.choose = (index) => choose(index, true);

    function choose(index, fly) {
      pane.select(index, fly);
      const one = year.panel.places.find((place) => place.index === index);
      panel.update({ ...year.panel, card: one ? year.cards[one.id] : null }, index);
    }

    screen.update({ ...data, overlays: [], panel: year.panel, home: "page" });
    say();
    switches();
    lay();
    foot_of(foot, data);
    box.gradmap = { pane, panel, turn };
    box.dataset.ready = "1";

    function switches() {
      const list = G.element("details", "gm-switches", null, body.querySelector(".gm-map"));
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
    }
  };

  function foot_of(foot, data) {
    G.element("p", "gm-page-source", data.source, foot);
    const more = G.element("details", "", null, foot);
    G.element("summary", "", data.words.method, more);
    data.notes.forEach((one) => G.element("p", "", one, more));
  }
})(globalThis);
