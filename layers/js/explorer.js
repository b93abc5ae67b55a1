// The explore screen: a map and the table of places, which choose for each other.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.explore = function (box, tell) {
    box.classList.add("gm-explorer");
    const mapBox = G.element("div", "gm-map", null, box);
    const panelBox = G.element("section", "gm-panel", null, box);
    let places = [], timer = null;
    const choose = (index, fly) => {
      pane.select(index, fly);
      panel.update(panel.data, index);
      const one = places.find((place) => place.index === index);
      tell("place", one ? one.id : "");
    };
    const pane = new G.Pane(mapBox, {
      click: (index) => choose(places.some((one) => one.index === index) ? index : 0, false),
      // Told once the hand rests, so that stepping through years does not wait for answers.
      year: (label) => {
        clearTimeout(timer);
        timer = setTimeout(() => tell("year", label), 350);
      },
    });
    const panel = new G.Panel(panelBox, (index) => choose(index, true));
    const hear = () => panel.data && panel.hear();
    root.addEventListener("gradmap-checked", hear);
    box.gradmap = { pane, panel };
    return {
      update(data) {
        const before = pane.cells ? pane.cells.selected : 0;
        mapBox.setAttribute("aria-label", data.words.map);
        mapBox.setAttribute("role", "application");
        places = data.panel.places;
        pane.update(data);
        panel.update(data.panel, data.cells.selected);
        if (data.cells.selected && data.cells.selected !== before && data.fly) pane.select(data.cells.selected, true);
        // The rest of the years is asked for once this one can be seen.
        if (data.partial) setTimeout(() => tell("shown", data.question), 60);
        box.dataset.ready = String(Number(box.dataset.ready || 0) + 1);
      },
      destroy() {
        clearTimeout(timer);
        root.removeEventListener("gradmap-checked", hear);
        pane.destroy();
      },
    };
  };
})(globalThis);
