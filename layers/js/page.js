// A map as a page of its own: sentence, map with its layers, table of places, method and source.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.page = function (box, data) {
    const { sentence, quiet, warning } = G.pageHead(box, data);
    const body = G.element("div", "gm-page-body", null, box);
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
      G.pageVeil(pane, off, data.labels);
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
    G.pageSwitches(pane, data, off, lay);
    lay();
    G.pageFoot(box, data);
    box.gradmap = { pane, panel, turn };
    box.dataset.ready = "1";
  };
})(globalThis);
