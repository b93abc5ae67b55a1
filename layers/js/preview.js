// A small map of what a file holds, before it is saved.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.preview = function (box) {
    box.classList.add("gm-explorer", "gm-preview");
    const mapBox = G.element("div", "gm-map", null, box);
    const pane = new G.Pane(mapBox, {}, { legend: false, years: false, address: false });
    box.gradmap = { pane };
    return {
      update(data) {
        mapBox.setAttribute("aria-label", data.words.map);
        mapBox.setAttribute("role", "application");
        pane.update(data);
        box.dataset.ready = String(Number(box.dataset.ready || 0) + 1);
      },
      destroy() {
        pane.destroy();
      },
    };
  };
})(globalThis);
