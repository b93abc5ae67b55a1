// The compare screen: two linked maps, or one to swipe, or their difference; lineage below.
(function (root) {
  "use strict";
  const G = root.gradmap;

  class Compare {
    constructor(box, tell) {
      this.box = box;
      this.tell = tell;
      box.classList.add("gm-compare");
      this.maps = G.element("div", "gm-maps", null, box);
      this.below = G.element("div", "gm-below", null, box);
      this.lineage = G.element("section", "gm-lineage", null, this.below);
      this.drift = G.element("section", "gm-drift", null, this.below);
      this.panes = [];
      for (const act of ["pointerdown", "wheel", "keydown"]) {
        this.maps.addEventListener(act, () => this.panes[0].pane.view.touch(), { capture: true, passive: true });
      }
      box.gradmap = this;
    }

    update(data) {
      this.data = data;
      this.box.dataset.mode = data.mode;
      const shape = `${data.panes.length} ${data.mode === "roles"}`;
      const seen = this.shape && this.shape !== shape && this.home === data.home ? this.panes[0].pane.map : null;
      const view = seen && [seen.getCenter(), seen.getZoom()];
      if (this.shape !== shape) this.build(data.panes.length);
      this.home = data.home;
      this.shape = shape;
      this.split(data);
      this.leading = true; // while they fit themselves no map leads another
      data.panes.forEach((one, n) => this.fill(this.panes[n], one, n));
      this.leading = false;
      this.follow(0, true);
      // Another view of the same study looks at the same ground.
      if (view) this.panes[0].pane.map.setView(...view, { animate: false });
      if (data.mode === "swipe") this.swipe(this.slider ? Number(this.slider.value) : 50);
      this.drawLineage();
      this.drawDrift();
      if (data.chosen && data.chosen.key !== this.flown) {
        this.flown = data.chosen.key;
        this.panes[0].pane.fly(L.latLngBounds(data.chosen.bounds), 13);
      }
      if (!data.chosen) this.flown = null;
      this.box.dataset.ready = String(Number(this.box.dataset.ready || 0) + 1);
    }

    build(count) {
      this.panes.forEach((one) => one.pane.destroy());
      this.maps.replaceChildren();
      this.slider = null;
      this.panes = [];
      for (let n = 0; n < count; n++) {
        const frame = G.element("div", "gm-half", null, this.maps);
        const head = G.element("div", "gm-half-head", null, frame);
        const map = G.element("div", "gm-map", null, frame);
        map.setAttribute("role", "application");
        const pane = new G.Pane(map, {
          hover: (cell, latlng) => this.hover(n, cell, latlng),
          year: (label) => this.year(label),
          shown: (label) => this.headed(n, label),
        }, { years: n === count - 1, legend: n === 0 || this.data.mode === "roles", zoom: n === 0 });
        pane.map.on("move zoom", () => this.follow(n, false));
        pane.map.on("moveend", () => this.follow(n, true));
        this.panes.push({ frame, head, map, pane });
      }
    }

    fill(part, one, n) {
      const { data } = this;
      part.map.setAttribute("aria-label", `${data.words.map} ${one.title}`);
      part.head.replaceChildren();
      G.element("b", "", one.title, part.head);
      G.element("span", "gm-half-note", one.note, part.head);
      part.reading = G.element("span", "gm-reading", "", part.head);
      part.pane.update({
        lang: data.lang, words: data.words, home: data.home, bounds: data.bounds, overlays: data.overlays,
        labels: data.labels, cells: data.cells[one.cells], current: one.current, legend: one.legend || data.legend,
      });
      part.title = one.title;
    }

    // Years play without the server: the head says which one is seen.
    headed(n, label) {
      this.panes[n].head.firstChild.textContent = label;
      this.panes[n].map.setAttribute("aria-label", `${this.data.words.map} ${label}`);
    }

    // Pan and zoom together; the map that was moved leads. While a hand drags, the other is only
    // shifted, as Leaflet shifts the first; what lies over it is drawn anew once the hand rests.
    follow(leader, resting) {
      if (this.leading || this.panes.length < 2) return;
      this.leading = true;
      // Until a hand has moved one of them, the first says where they all look.
      const { view } = this.panes[0].pane;
      if (view && !view.touched && !view.moved) leader = 0;
      const { map } = this.panes[leader].pane;
      const centre = map.getCenter(), zoom = map.getZoom();
      this.panes.forEach((one, n) => {
        if (n === leader) return;
        const other = one.pane.map;
        if (resting || other.getZoom() !== zoom) other.setView(centre, zoom, { animate: false });
        else {
          const by = other.project(centre, zoom).subtract(other.project(other.getCenter(), zoom)).round();
          if (!by.x && !by.y) return;
          other._rawPanBy(by);
          other.fire("move");
        }
      });
      this.leading = false;
    }

    // The same cell in both maps, with both values and the difference.
    hover(from, cell, latlng) {
      if (this.hovering) return;
      this.hovering = true;
      const values = this.panes.map((one, n) => {
        const at = n === from || !latlng ? cell : one.pane.cells.cellAt(latlng);
        if (n !== from) one.pane.outline(at);
        return at < 0 ? null : one.pane.cells.now().values[at];
      });
      this.hovering = false;
      const { lang, words } = this.data;
      this.panes.forEach((one, n) => {
        if (!one.reading) return; // moved into place before it was filled
        if (values[n] === null || this.panes.length < 2) {
          one.reading.textContent = "";
          return;
        }
        let text = `${words.here} ${G.number(values[n], lang)}`;
        if (n === this.panes.length - 1 && values[0] !== null) {
          const change = values[n] - values[0];
          const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
          text += ` (${sign}${G.number(Math.abs(change), lang)}` + (values[0] > 0 ? `, ${sign}${Math.abs((100 * change) / values[0]).toFixed(1)}%` : "") + ")";
        }
        one.reading.textContent = text;
      });
    }

    year(label) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tell("year", label), 350);
    }

    // One map over the other, the second seen right of the handle.
    split(data) {
      const swiping = data.mode === "swipe" && this.panes.length === 2;
      this.maps.classList.toggle("gm-swiping", swiping);
      if (!swiping) {
        if (this.slider) this.slider.remove();
        this.slider = null;
        this.panes.forEach((one) => (one.frame.style.clipPath = ""));
        return;
      }
      if (this.slider) return;
      this.slider = G.element("input", "gm-swipe", null, this.maps);
      Object.assign(this.slider, { type: "range", min: 0, max: 100, step: 0.5, value: 50 });
      this.slider.setAttribute("aria-label", data.words.swipe);
      this.slider.oninput = () => this.swipe(Number(this.slider.value));
    }

    swipe(percent) {
      if (this.panes.length === 2) this.panes[1].frame.style.clipPath = `inset(0 0 0 ${percent}%)`;
      this.maps.style.setProperty("--at", percent + "%");
    }

    drawLineage() {
      const { lineage } = this.data;
      const box = this.lineage;
      box.replaceChildren();
      if (!lineage) return;
      G.element("h2", "", lineage.title, box);
      if (lineage.warning) G.element("p", "gm-warning", lineage.warning, box);
      if (lineage.note) G.element("p", "gm-note", lineage.note, box);
      if (lineage.story) G.element("p", "gm-story", lineage.story, box);
      if (!lineage.rows.length) {
        G.element("p", "gm-empty", lineage.empty, box);
        return;
      }
      const scroll = G.element("div", "gm-scroll", null, box);
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", lineage.title);
      const table = G.element("table", "gm-table", null, scroll);
      const head = G.element("tr", "", null, G.element("thead", "", null, table));
      lineage.columns.forEach((name, n) => G.element("th", n > 1 ? "gm-right" : "", name, head));
      const body = G.element("tbody", "", null, table);
      for (const one of lineage.rows) {
        const row = G.element("tr", one.id === lineage.chosen ? "gm-row-on" : "", null, body);
        G.element("span", `gm-verdict gm-${one.verdict}`, one.word, G.element("td", "", null, row));
        const button = G.element("button", "", one.name, G.element("td", "gm-place", null, row));
        button.dataset.place = one.id;
        button.setAttribute("aria-pressed", one.id === lineage.chosen);
        one.cells.forEach((text) => G.element("td", "gm-right", text, row));
        row.onclick = () => this.tell("lineage", one.id === lineage.chosen ? "" : one.id);
      }
    }

    // Bars about zero, one a sector, with the interval as a thin line.
    drawDrift() {
      const { drift } = this.data, box = this.drift;
      box.replaceChildren();
      if (!drift) return;
      G.element("h2", "", drift.title, box);
      G.element("p", "gm-note", drift.note, box);
      if (!drift.rows.length) {
        G.element("p", "gm-empty", drift.empty, box);
        return;
      }
      const most = Math.max(...drift.rows.map((one) => Math.max(Math.abs(one.low), Math.abs(one.high), 0.1)));
      const place = (value) => 50 + (48 * value) / most;
      const list = G.element("div", "gm-bars", null, box);
      for (const one of drift.rows) {
        const row = G.element("div", "gm-bar-row", null, list);
        G.element("span", "", one.label, row);
        const track = G.element("span", "gm-bar-track", null, row);
        const bar = G.element("i", "gm-bar-fill", null, track);
        bar.style.left = Math.min(50, place(one.value)) + "%";
        bar.style.width = Math.abs(place(one.value) - 50) + "%";
        bar.style.background = one.value > 0 ? drift.up : drift.down;
        bar.style.opacity = one.sure ? 1 : 0.45;
        const line = G.element("i", "gm-whisker", null, track);
        line.style.left = place(one.low) + "%";
        line.style.width = place(one.high) - place(one.low) + "%";
        G.element("span", "gm-right", one.text, row);
      }
    }

    destroy() {
      clearTimeout(this.timer);
      this.panes.forEach((one) => one.pane.destroy());
    }
  }

  G.compare = (box, tell) => new Compare(box, tell);
})(globalThis);
