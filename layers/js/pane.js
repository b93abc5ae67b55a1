// One map with its layers, legend, year switch and tooltip.
(function (root) {
  "use strict";
  const G = root.gradmap;

  class Pane {
    constructor(box, events, options) {
      this.box = box;
      this.events = events || {};
      this.options = { years: true, legend: true, zoom: true, address: true, ...options };
      this.map = G.dress(L.map(box, { preferCanvas: true, zoomControl: false, fadeAnimation: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 90, attributionControl: false, minZoom: 5, maxZoom: 17 }));
      // Of maps that move together the first tells where they look.
      if (this.options.zoom && this.options.address) this.view = new G.View(this.map);
      this.overlays = {};
      this.labels = new G.Labels([]);
      this.legend = G.element("details", "gm-legend", null, box);
      this.legend.open = box.clientWidth > 600;
      this.years = G.element("div", "gm-years", null, box);
      this.credit = G.element("div", "gm-credit", null, box);
      this.labels.covers = [this.legend, this.years];
      this.legend.addEventListener("toggle", () => this.labels._map && this.labels.place());
      this.tip = G.element("div", "gm-hover", null, box);
      for (const part of [this.legend, this.years]) {
        L.DomEvent.disableClickPropagation(part);
        L.DomEvent.disableScrollPropagation(part);
      }
      this.map.on("mousemove", (event) => this.hover(event.latlng));
      this.map.on("mouseout movestart", () => this.unhover());
      this.map.on("click", (event) => this.click(event.latlng));
      this.watch = new ResizeObserver(() => (this.view ? this.view.resize() : this.map.invalidateSize({ pan: false })));
      this.watch.observe(box);
    }

    update(data) {
      const start = performance.now();
      this.data = data;
      if (this.options.zoom && (!this.zoomer || this.zoomLang !== data.lang)) {
        if (this.zoomer) this.zoomer.remove();
        this.zoomer = L.control.zoom({ position: "topleft", zoomInTitle: data.words.zoom_in, zoomOutTitle: data.words.zoom_out }).addTo(this.map);
        if (data.words.whole) this.addWhole(data.words.whole);
        this.zoomLang = data.lang;
      }
      if (this.home !== data.home) {
        this.home = data.home;
        if (this.view) this.view.begin(data.bounds, data.home);
        else this.map.fitBounds(data.bounds, { animate: false, padding: [4, 4] });
        if (!this.labels._map) this.labels.addTo(this.map);
      }
      this.setCells(data.cells);
      if (data.current !== undefined) this.cells.show(data.current);
      this.setOverlays(data.overlays);
      this.credit.textContent = data.credit || "";
      this.drawLegend();
      this.drawYears();
      this.relabel();
      if (this.view) this.view.keep();
      this.timing = { update: performance.now() - start };
    }

    // Beside the zoom: back to where everything is seen.
    addWhole(words) {
      const button = G.element("a", "gm-whole", null, this.zoomer.getContainer());
      button.href = "#";
      button.title = words;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", words);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.stop(event);
        if (this.view) this.view.whole();
        else this.map.fitBounds(this.data.bounds, { animate: false, padding: [4, 4] });
      });
    }

    setCells(cells) {
      if (this.cells && this.geometry === cells.geometry_key) this.cells.setData(cells);
      else {
        if (this.cells) this.cells.remove();
        this.cells = new G.CellLayer(cells).addTo(this.map);
        this.geometry = cells.geometry_key;
      }
    }

    setOverlays(wanted) {
      const keys = new Set(wanted.map((one) => one.key));
      for (const key in this.overlays) {
        if (keys.has(key)) continue;
        this.overlays[key].remove();
        delete this.overlays[key];
      }
      for (const one of wanted) {
        if (!this.overlays[one.key]) this.overlays[one.key] = G.layer(one.kind, one.data).addTo(this.map);
      }
      this.districts = (wanted.find((one) => one.kind === "districts") || { data: { items: [] } }).data.items;
    }

    // Take an overlay off until it is sent anew.
    drop(key) {
      for (const one in this.overlays) {
        if (one !== key && !one.startsWith(key + "-")) continue;
        this.overlays[one].remove();
        delete this.overlays[one];
      }
    }

    // Hide an overlay, or show it again, without forgetting it.
    mute(key, hidden) {
      for (const one in this.overlays) {
        if (one !== key && !one.startsWith(key + "-")) continue;
        if (hidden) this.overlays[one].remove();
        else if (!this.overlays[one]._map) this.overlays[one].addTo(this.map);
      }
    }

    fly(bounds, maxZoom) {
      if (this.view && this.view.held) return;
      if (this.view) this.view.touch();
      const calm = root.matchMedia && root.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (bounds.isValid()) this.map[calm ? "fitBounds" : "flyToBounds"](bounds, { padding: [70, 70], maxZoom, duration: 0.6 });
    }

    relabel() {
      const frame = this.data.cells.frames[this.cells.current];
      this.labels.set([...(frame.labels || []), ...(this.data.labels || [])], this.cells.selected);
    }

    // Another year, without the server; milliseconds until every tile is painted.
    showYear(number, told) {
      const took = this.cells.show(number);
      this.relabel();
      this.drawYears();
      this.drawLegend();
      if (this.events.shown) this.events.shown(this.data.cells.frames[number].label);
      if (!told && this.events.year) this.events.year(this.data.cells.frames[number].label, number);
      return took;
    }

    play() {
      if (this.playing) {
        clearInterval(this.playing);
        this.playing = null;
        if (this.events.year) this.events.year(this.cells.now().label, this.cells.current);
      } else {
        const step = () => this.showYear((this.cells.current + 1) % this.cells.frames.length, true);
        this.playing = setInterval(step, 1200);
        step();
      }
      this.drawYears();
    }

    select(index, fly) {
      this.cells.select(index);
      this.relabel();
      const bounds = index ? this.cells.boundsOf(index) : null;
      if (fly && bounds) this.fly(bounds, 13);
    }

    click(latlng) {
      const cell = this.cells.cellAt(latlng);
      const place = cell >= 0 && this.cells.now().place ? this.cells.now().place[cell] : 0;
      if (this.events.click) this.events.click(place, cell, latlng);
    }

    hover(latlng) {
      const cell = this.cells.cellAt(latlng);
      const district = G.districtAt(this.districts, latlng);
      const rows = this.lineAt(latlng) || this.describe(cell, district);
      if (!rows) return this.unhover();
      this.outline(cell);
      this.tip.replaceChildren();
      rows.forEach((row, n) => G.element("div", n ? "" : "gm-hover-title", row, this.tip));
      this.tip.style.display = "block";
      const at = this.map.latLngToContainerPoint(latlng), size = this.map.getSize();
      const width = this.tip.offsetWidth, height = this.tip.offsetHeight;
      this.tip.style.left = Math.max(4, at.x + 16 + width > size.x ? at.x - width - 14 : at.x + 16) + "px";
      this.tip.style.top = Math.max(4, at.y + 16 + height > size.y ? at.y - height - 12 : at.y + 16) + "px";
      if (this.events.hover) this.events.hover(cell, latlng);
      return undefined;
    }

    // What the line under the pointer says, which is told apart from the others.
    lineAt(latlng) {
      for (const key in this.overlays) {
        const layer = this.overlays[key];
        if (!layer.hit || !layer._map) continue;
        const found = layer.hit(latlng);
        layer.mark(found + 1);
        if (found >= 0) return layer.rows(found);
      }
      return null;
    }

    unhover() {
      this.tip.style.display = "none";
      this.outline(-1);
      if (this.events.hover) this.events.hover(-1, null);
    }

    outline(cell) {
      if (this.edge) this.edge.remove();
      this.edge = cell < 0 ? null : L.polygon(this.cells.corners(cell), { pane: "chosen", interactive: false, fill: false, color: this.data.cells.lines.hover, weight: 1.6, renderer: (this.pointer = this.pointer || L.svg({ pane: "chosen" })) }).addTo(this.map);
    }

    // The lines of the tooltip: where, how many, how sure.
    describe(cell, district) {
      const { words, lang, cells } = this.data, frame = cells.frames[this.cells.current];
      const where = district ? district.name : "";
      if (this.cells.hidden) return district ? [where, ...district.rows] : null;
      if (cell < 0) return district ? [where, ...(district.rows || [])] : null;
      const place = frame.place && frame.place[cell] ? (frame.labels || []).find((one) => one.index === frame.place[cell]) : null;
      const rows = [[place && place.name, where, frame.label].filter(Boolean).join(" · ")];
      if (frame.graduates) rows.push(`${cells.measure}: ${cells.percent ? G.percent(frame.values[cell]) : G.number(frame.values[cell], lang)} ${cells.unit}`);
      const graduates = (frame.graduates || frame.values)[cell];
      rows.push(`${words.graduates}: ${G.number(graduates, lang)} ${words.persons}` + (frame.total ? ` · ${words.share} ${G.percent(graduates / frame.total)}` : ""));
      if (frame.z) rows.push(`${cells.score} ${(frame.z[cell] / 100).toFixed(1)} · ${chance(frame.q[cell])} · ${words[["none", "hot", "cold"][frame.hot[cell]]]}`);
      if (cells.notes && cells.notes.index[cell]) rows.push(cells.notes.texts[cells.notes.index[cell] - 1]);
      return rows;
    }

    drawLegend() {
      const legend = this.options.legend && this.data.legend;
      this.legend.replaceChildren();
      this.legend.style.display = legend ? "" : "none";
      if (!legend) return;
      G.element("summary", "gm-legend-title", legend.title, this.legend);
      const bar = G.element("div", "gm-ramp", null, this.legend);
      legend.classes.forEach((one) => {
        const part = G.element("div", "gm-class", null, bar);
        G.element("i", "", null, part).style.background = one.colour;
        G.element("span", "", one.label, part);
      });
      (legend.rows || []).forEach((one) => {
        if (one.layer && this.off && this.off.has(one.layer)) return;
        const row = G.element("div", "gm-key", null, this.legend);
        const mark = G.element("i", "gm-mark gm-" + one.shape, null, row);
        mark.style.setProperty("--mark", one.colour);
        G.element("span", "", one.label, row);
      });
    }

    drawYears() {
      const frames = this.data.cells.frames, words = this.data.words;
      this.years.replaceChildren();
      this.years.style.display = this.options.years && frames.length > 1 ? "flex" : "none";
      this.years.classList.toggle("gm-many", frames.length > 6);
      this.years.setAttribute("role", "group");
      this.years.setAttribute("aria-label", words.year);
      const play = G.element("button", "gm-play", this.playing ? "❚❚" : "▶", this.years);
      play.setAttribute("aria-label", this.playing ? words.pause : words.play);
      play.onclick = () => this.play();
      frames.forEach((frame, number) => {
        const button = G.element("button", number === this.cells.current ? "gm-on" : "", frame.label, this.years);
        button.setAttribute("aria-pressed", number === this.cells.current);
        button.onclick = () => this.showYear(number);
      });
    }

    destroy() {
      clearInterval(this.playing);
      this.watch.disconnect();
      this.map.remove();
    }
  }

  // q is packed as 20 times minus its logarithm, so that a byte spans 1 to 2e-13.
  function chance(packed) {
    const q = 10 ** (-packed / 20);
    return q < 0.001 ? "q < 0.001" : `q ${q.toFixed(3)}`;
  }

  G.Pane = Pane;
})(globalThis);
