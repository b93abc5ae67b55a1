// Where the map looks, kept in the page's address: a link shows the same part of the ground.
(function (root) {
  "use strict";
  const G = root.gradmap;
  const NAME = "view";
  const WRITTEN = /^(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)$/;

  // A page on disk or in a notebook has no address of its own to write to.
  const served = () => root.location.protocol === "http:" || root.location.protocol === "https:";

  function write(value) {
    const address = new URL(root.location.href);
    if ((address.searchParams.get(NAME) || "") === value) return;
    if (value) address.searchParams.set(NAME, value);
    else address.searchParams.delete(NAME);
    root.history.replaceState(root.history.state, "", address);
  }

  class View {
    constructor(map) {
      this.map = map;
      this.asked = null;
      this.touched = this.moved = false;
      const box = map.getContainer();
      for (const act of ["pointerdown", "wheel", "keydown"]) {
        box.addEventListener(act, () => this.touch(), { capture: true, passive: true });
      }
      map.on("moveend", () => {
        if (this.resizing) return;
        this.moved = this.moved || this.touched;
        this.keep();
      });
    }

    // A map that nobody has moved follows its window; of another the ground stays where it is.
    resize() {
      this.resizing = true;
      this.map.invalidateSize({ pan: false });
      this.resizing = false;
      if (this.bounds && !this.moved) this.look();
    }

    touch() {
      this.touched = true;
    }

    // The view that the address names, or the one that another screen of the study was left at.
    static asked(home) {
      if (!served()) return null;
      const written = G.left ? G.left.home === home && G.left.view : new URL(root.location.href).searchParams.get(NAME);
      const found = WRITTEN.exec(written || "");
      return found ? { centre: [Number(found[1]), Number(found[2])], zoom: Number(found[3]) } : null;
    }

    // Show what was asked for, or else everything.
    begin(bounds, home) {
      this.asked = View.asked(home);
      this.home = home;
      this.bounds = bounds;
      this.touched = this.moved = false;
      // What was chosen with the link does not draw the map away from what the link shows.
      this.held = Boolean(this.asked);
      setTimeout(() => { this.held = false; });
      this.look();
    }

    look() {
      if (this.asked) this.map.setView(this.asked.centre, this.asked.zoom, { animate: false });
      else this.map.fitBounds(this.bounds, { animate: false, padding: [4, 4] });
      this.keep();
    }

    whole() {
      this.asked = null;
      this.touched = this.moved = false;
      this.look();
    }

    // The address says where the map looks now, whatever else was written into it meanwhile.
    keep() {
      if (!served()) return;
      const { lat, lng } = this.map.getCenter();
      const view = !this.moved && !this.asked ? "" : `${lat.toFixed(5)},${lng.toFixed(5)},${Number(this.map.getZoom().toFixed(2))}`;
      G.left = { home: this.home, view };
      write(view);
    }
  }

  G.View = View;
})(globalThis);
