// The commute screen: where the people of an area come from or go to, on a map and in a ledger.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.commute = function (box, tell) {
    box.classList.add("gm-explorer", "gm-commute");
    const mapBox = G.element("div", "gm-map", null, box);
    const panelBox = G.element("section", "gm-panel", null, box);
    let data = null, timer = null, pencil = null;
    const pane = new G.Pane(mapBox, {
      click: (place, cell, latlng) => {
        if (pencil.drawing) return;
        const known = data.areas.find((one) => one.index === place && place);
        const district = known ? null : G.districtAt(pane.districts, latlng);
        const id = known ? known.id : district ? district.id : "";
        if (id) tell("area", id);
      },
      year: (label) => {
        pane.drop("flows");
        clearTimeout(timer);
        timer = setTimeout(() => tell("year", label), 350);
      },
    });
    pencil = new G.Pencil(pane.map, mapBox, (ring) => tell("area", "@" + ring.map(([lat, lon]) => `${lat.toFixed(4)},${lon.toFixed(4)}`).join(";")));
    const ledger = new G.Ledger(panelBox, (id) => tell("area", id), (number, riding) => ride(number, riding));

    // A suggested bus in place of the flow lines, and the map moved to it.
    function ride(number, riding) {
      const rides = data.rides;
      pane.drop("bus");
      pane.mute("flows", riding);
      if (!riding || !rides) return;
      pane.overlays.bus = G.layer("bus", { ...rides, chosen: number }).addTo(pane.map);
      if (!number) return;
      const at = 4 * (number - 1);
      const bounds = L.latLngBounds([rides.ends[at], rides.ends[at + 1]], [rides.ends[at + 2], rides.ends[at + 3]]);
      pane.fly(bounds, 12.5);
    }

    box.gradmap = { pane, ledger, pencil };
    return {
      update(given) {
        const moved = data && given.area !== data.area;
        data = given;
        mapBox.setAttribute("aria-label", data.words.map);
        mapBox.setAttribute("role", "application");
        pane.update(data);
        pencil.update(data.words);
        ledger.update(data.panel, 0);
        if (ledger.tab === "rides") ride(ledger.rideNow, true);
        if (moved && data.focus) pane.fly(L.latLngBounds(data.focus), 11.5);
        if (data.partial) setTimeout(() => tell("shown", data.question), 60);
        box.dataset.ready = String(Number(box.dataset.ready || 0) + 1);
      },
      destroy() {
        clearTimeout(timer);
        pane.destroy();
      },
    };
  };

  // Draws an area by its corners: click by click, done by Enter or a second click on the first.
  G.Pencil = class {
    constructor(map, box, done) {
      this.map = map;
      this.done = done;
      this.drawing = false;
      this.button = G.element("button", "gm-pencil", null, box);
      this.hint = G.element("div", "gm-pencil-hint", null, box);
      L.DomEvent.disableClickPropagation(this.button);
      this.button.onclick = () => (this.drawing ? this.stop() : this.start());
      map.on("click", (event) => this.drawing && this.add(event.latlng));
      map.on("mousemove", (event) => this.drawing && this.show(event.latlng));
      box.addEventListener("keydown", (event) => {
        if (!this.drawing) return;
        if (event.key === "Escape") this.stop();
        if (event.key === "Enter" && this.corners.length > 2) {
          event.preventDefault();
          this.finish();
        }
        if (event.key === "Backspace") {
          this.corners.pop();
          this.show();
        }
      });
    }
    update(words) {
      this.words = words;
      this.button.textContent = this.drawing ? words.draw_stop : words.draw;
      this.hint.textContent = words.draw_hint;
    }
    start() {
      this.drawing = true;
      this.corners = [];
      this.map.doubleClickZoom.disable();
      this.map.getContainer().classList.add("gm-drawing");
      this.line = L.polygon([], { pane: "chosen", renderer: L.svg({ pane: "chosen" }), interactive: false, color: "currentColor", className: "gm-drawn", weight: 2, fillOpacity: 0.08 }).addTo(this.map);
      this.update(this.words);
    }
    add(latlng) {
      const first = this.corners[0];
      const near = first && this.map.latLngToContainerPoint(first).distanceTo(this.map.latLngToContainerPoint(latlng)) < 12;
      const last = this.corners[this.corners.length - 1];
      const twice = last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(latlng)) < 4;
      if ((near || twice) && this.corners.length > 2) return this.finish();
      if (!twice && this.corners.length < 24) this.corners.push(latlng);
      return this.show();
    }
    show(latlng) {
      this.line.setLatLngs(latlng ? [...this.corners, latlng] : this.corners);
    }
    finish() {
      const ring = this.corners.map((one) => [one.lat, one.lng]);
      this.stop();
      this.done(ring);
    }
    stop() {
      this.drawing = false;
      this.line.remove();
      // The click that ends the drawing must not zoom as half of a double click.
      setTimeout(() => this.map.doubleClickZoom.enable(), 300);
      this.map.getContainer().classList.remove("gm-drawing");
      this.update(this.words);
    }
  };
})(globalThis);
