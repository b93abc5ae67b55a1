// The homes screen: one theme on the map, what stands out in a list beside it.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.homes = function (box, tell) {
    box.classList.add("gm-explorer", "gm-homes");
    const mapBox = G.element("div", "gm-map", null, box);
    const panelBox = G.element("section", "gm-panel", null, box);
    let data = null, timer = null, spot = null;
    const pane = new G.Pane(mapBox, { click: (place, cell) => pick(cell) });
    const sheet = new G.Sheet(panelBox, (row) => show(row));
    const weights = new G.Weights(sheet.top, () => {
      weigh();
      sheet.body.classList.add("gm-waiting");
      clearTimeout(timer);
      timer = setTimeout(() => tell("setting", weights.text()), 350);
    });

    // Colour every cell by its score under the weights as they stand.
    function weigh() {
      const start = performance.now();
      const found = weights.scores(), breaks = data.cells.breaks, frame = pane.cells.frames[0];
      for (let cell = 0; cell < found.length; cell++) {
        const score = found[cell];
        let c = 0;
        if (score === score) for (c = 1; c < breaks.length && score >= breaks[c]; ) c++;
        frame.classes[cell] = c;
        frame.values[cell] = score === score ? score : 0;
      }
      pane.cells.repaint();
      box.gradmap.took = performance.now() - start;
    }

    // The row that holds a cell that was clicked.
    function pick(cell) {
      const rows = data.member && cell >= 0 ? data.member[cell] : 0;
      const one = rows ? data.panel.rows[rows - 1] : null;
      if (!one) return;
      sheet.chosen = one.id;
      sheet.draw();
      show(one, true);
    }

    function show(row, still) {
      if (spot) spot.remove();
      spot = null;
      if (!row || row.lat === undefined) return;
      const outline = row.polygons ? row.polygons.map((one) => one.map((ring) => ring.map(([lon, lat]) => [lat, lon]))) : null;
      const options = { pane: "chosen", renderer: (pane.marker = pane.marker || L.svg({ pane: "chosen" })), interactive: false, color: data.cells.lines.chosen, fill: false, weight: 2.4 };
      spot = outline ? L.polygon(outline, options) : L.circle([row.lat, row.lon], { ...options, radius: 500 });
      spot.addTo(pane.map);
      if (!still) pane.fly(outline ? spot.getBounds() : L.latLng(row.lat, row.lon).toBounds(2500), 13.5);
    }

    box.gradmap = { pane, sheet, weights };
    return {
      update(given) {
        const turned = data && data.topic !== given.topic;
        data = given;
        mapBox.setAttribute("aria-label", data.words.map);
        mapBox.setAttribute("role", "application");
        pane.update(data);
        sheet.top.style.display = data.siting ? "" : "none";
        if (data.siting) {
          weights.update(data.siting);
          box.gradmap.sent = pane.cells.frames[0].classes.slice(); // as the server ranks them
          weigh();
        }
        if (turned) {
          sheet.chosen = "";
          show(null);
        }
        sheet.body.classList.remove("gm-waiting");
        sheet.update(data.panel);
        box.dataset.ready = String(Number(box.dataset.ready || 0) + 1);
      },
      destroy() {
        clearTimeout(timer);
        pane.destroy();
      },
    };
  };
})(globalThis);
