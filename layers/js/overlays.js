// What lies over and under the cells: ground, districts, rail, walks, rents, campuses, labels.
(function (root) {
  "use strict";
  const G = root.gradmap;
  // Drawn from below: pane name and its place in the stack.
  const PANES = { ground: 240, choropleth: 245, cells: 250, walk: 260, water: 265, lines: 400, flows: 405, rail: 410, points: 420, chosen: 430, labels: 620 };

  G.dress = function (map) {
    for (const name in PANES) {
      const pane = map.createPane(name);
      pane.style.zIndex = PANES[name];
      if (name === "labels" || name === "flows" || name === "walk" || name === "water") pane.style.pointerEvents = "none";
    }
    map.gradmapRenderers = {};
    return map;
  };

  // One canvas a pane; padding keeps lines whole while panning.
  function renderer(map, pane) {
    const made = map.gradmapRenderers;
    return (made[pane] = made[pane] || L.canvas({ pane, padding: 0.3 }));
  }

  const Group = L.LayerGroup.extend({
    initialize(data, fill) {
      L.LayerGroup.prototype.initialize.call(this);
      this.data = data;
      this.fill = fill;
    },
    onAdd(map) {
      if (!this.getLayers().length) this.fill(this.data, this, map);
      L.LayerGroup.prototype.onAdd.call(this, map);
    },
  });

  const swap = (line) => line.map(([lon, lat]) => [lat, lon]);
  const rings = (parts) => parts.map((polygon) => polygon.map(swap));

  function ground(data, group, map) {
    for (const one of data.shapes) {
      const style = data.styles[one.kind];
      if (!style) continue;
      const pane = style.over ? "water" : "ground";
      const options = { renderer: renderer(map, pane), pane, interactive: false, color: style.line, weight: style.width, opacity: 1, fillColor: style.fill || style.line, fillOpacity: style.fill ? 1 : 0, smoothFactor: 0.8 };
      if (one.polygons) L.polygon(rings(one.polygons), options).addTo(group);
      else L.polyline(one.lines.map(swap), { ...options, fill: false }).addTo(group);
    }
  }

  function districts(data, group, map) {
    data.items.forEach((one) => {
      if (!one.polygons) return;
      if (one.fill) L.polygon(rings(one.polygons), { renderer: renderer(map, "choropleth"), pane: "choropleth", interactive: false, stroke: false, fillColor: one.fill, fillOpacity: 1 }).addTo(group);
      L.polygon(rings(one.polygons), { renderer: renderer(map, "lines"), pane: "lines", interactive: false, fill: false, color: data.line, weight: one.fill ? 1.4 : 1, opacity: 1 }).addTo(group);
    });
  }

  function rail(data, group, map) {
    const lines = L.polyline(data.links.map(swap), { renderer: renderer(map, "rail"), pane: "rail", interactive: false, color: data.line, weight: 1.2, opacity: 0.55 });
    lines.addTo(group);
    const dots = data.stations.map((one) => {
      const dot = L.circleMarker([one.lat, one.lon], { renderer: renderer(map, "rail"), pane: "rail", radius: 2.2, color: data.line, weight: 1, opacity: 0.9, fillColor: data.fill, fillOpacity: 1 });
      dot.bindTooltip(() => tip(one.name, one.note), { direction: "top", offset: [0, -4], className: "gm-tip" });
      return dot.addTo(group);
    });
    const resize = () => {
      const zoom = map.getZoom(), radius = zoom < 10.5 ? 1.2 : zoom < 13 ? 2 : 4;
      dots.forEach((dot) => dot.setStyle({ radius, weight: zoom < 10.5 ? 0.7 : 1 }));
    };
    group.on("add", () => map.on("zoomend", resize));
    group.on("remove", () => map.off("zoomend", resize));
    resize();
  }

  // Opaque circles in a half-clear pane, so that overlaps do not darken.
  function walk(data, group, map) {
    map.getPane("walk").style.opacity = 0.28;
    data.points.forEach(([lat, lon]) =>
      L.circle([lat, lon], { renderer: renderer(map, "walk"), pane: "walk", radius: data.metres, interactive: false, stroke: false, fillColor: data.fill, fillOpacity: 1 }).addTo(group));
  }

  function rents(data, group, map) {
    for (let n = 0; n < data.lat.length; n++) {
      const dot = L.circleMarker([data.lat[n], data.lon[n]], { renderer: renderer(map, "points"), pane: "points", radius: 3.2, color: data.rim, weight: 0.6, fillColor: data.colours[data.band[n]], fillOpacity: 0.95 });
      dot.bindTooltip(() => tip(`${G.number(data.rent[n], "en")} ${data.unit}`, data.kinds[data.kind[n]]), { direction: "top", className: "gm-tip" });
      dot.addTo(group);
    }
  }

  function campuses(data, group, map) {
    data.items.forEach((one) => {
      const dot = L.circleMarker([one.lat, one.lon], { renderer: renderer(map, "points"), pane: "points", radius: 4, color: data.line, weight: 1.6, fillColor: data.fill, fillOpacity: 1 });
      dot.bindTooltip(() => tip(one.name, one.note), { direction: "top", className: "gm-tip" });
      dot.addTo(group);
    });
  }

  // The centre's path over the years, and the ellipse of the first year dashed, of the last solid.
  function drift(data, group, map) {
    const options = { renderer: renderer(map, "points"), pane: "points", color: data.line };
    data.ellipses.forEach((one, n) =>
      L.polygon(rings(one.polygons), { ...options, interactive: false, fill: false, weight: 1.3, opacity: 0.8, dashArray: n < data.ellipses.length - 1 ? "5 5" : null }).addTo(group));
    L.polyline(data.centres.map((one) => [one.lat, one.lon]), { ...options, interactive: false, weight: 2 }).addTo(group);
    data.centres.forEach((one, n) => {
      const last = n === data.centres.length - 1;
      const dot = L.circleMarker([one.lat, one.lon], { ...options, radius: last ? 5 : 3.5, weight: 1.6, fillColor: last ? data.line : data.fill, fillOpacity: 1 });
      dot.bindTooltip(() => tip(one.name), { direction: "top", className: "gm-tip" });
      dot.addTo(group);
    });
  }

  // The chosen area: its outline in the accent, over everything but the names.
  function area(data, group, map) {
    const options = { renderer: renderer(map, "points"), pane: "points", interactive: false, color: data.line };
    if (data.polygons.length) L.polygon(rings(data.polygons), { ...options, weight: 2.2, fill: false }).addTo(group);
  }

  // Suggested bus lines from first stop to last; the chosen one in full colour.
  function bus(data, group, map) {
    const options = { renderer: renderer(map, "points"), pane: "points", color: data.line };
    for (let n = 0; 4 * n < data.ends.length; n++) {
      const [a, b, c, d] = data.ends.slice(4 * n, 4 * n + 4), told = n + 1 === data.chosen;
      const line = L.polyline([[a, b], [c, d]], { ...options, weight: told ? 4 : 2, opacity: told || !data.chosen ? 0.9 : 0.25, dashArray: told ? null : "6 5" });
      line.bindTooltip(() => tip(data.texts[n], data.notes[n]), { sticky: true, className: "gm-tip" });
      line.addTo(group);
      for (const at of [[a, b], [c, d]]) L.circleMarker(at, { ...options, interactive: false, radius: told ? 6 : 3.5, weight: 2, opacity: told || !data.chosen ? 1 : 0.25, fillColor: data.fill, fillOpacity: 1 }).addTo(group);
    }
  }

  function spots(data, group, map) {
    for (let n = 0; n < data.lat.length; n++) L.circleMarker([data.lat[n], data.lon[n]], { renderer: renderer(map, "points"), pane: "points", interactive: false, radius: 3, stroke: false, fillColor: data.fill, fillOpacity: 0.8 }).addTo(group);
  }

  function tip(title, note) {
    const box = G.element("div");
    G.element("b", "", title, box);
    if (note) G.element("div", "", note, box);
    return box;
  }

  // Names over soft halos with the number under them; of two that collide the later one goes.
  G.Labels = L.Layer.extend({
    initialize(items) {
      this.items = items;
    },
    onAdd(map) {
      this.box = G.element("div", "gm-labels", null, map.getPane("labels"));
      map.on("zoomend viewreset moveend", this.place, this);
      this.set(this.items, this.chosen);
    },
    onRemove(map) {
      map.off("zoomend viewreset moveend", this.place, this);
      this.box.remove();
    },
    set(items, chosen) {
      this.items = items;
      this.chosen = chosen;
      if (!this.box) return;
      this.box.replaceChildren();
      this.made = items.map((one) => {
        const label = G.element("div", "gm-label" + (one.quiet ? " gm-quiet" : "") + (one.index === chosen && chosen ? " gm-chosen" : ""), null, this.box);
        G.element("span", "gm-name", one.name, label);
        if (one.number) G.element("span", "gm-number", one.number, label);
        return label;
      });
      this.sizes = this.made.map((label) => [label.offsetWidth, label.offsetHeight]);
      this.place();
    },
    // Boxes that lie over the map, in its pixels: a name half under one is no name.
    over() {
      const box = this._map.getContainer().getBoundingClientRect();
      return (this.covers || []).map((one) => one.getBoundingClientRect()).filter((one) => one.width)
        .map((one) => [one.left - box.left, one.top - box.top, one.right - box.left, one.bottom - box.top]);
    },
    place() {
      const taken = this.over(), view = this._map.getSize();
      const order = this.items.map((one, n) => n).sort((a, b) => (this.items[b].index === this.chosen) - (this.items[a].index === this.chosen) || a - b);
      for (const n of order) {
        const one = this.items[n], label = this.made[n], [width, height] = this.sizes[n];
        const at = this._map.latLngToLayerPoint([one.lat, one.lon]);
        const screen = this._map.layerPointToContainerPoint(at);
        const left = screen.x - width / 2, top = screen.y - height / 2;
        const off = screen.x < -60 || screen.y < -30 || screen.x > view.x + 60 || screen.y > view.y + 30 || (one.until && this._map.getZoom() > one.until);
        const hit = taken.some(([l, t, r, b]) => left < r + 2 && left + width > l - 2 && top < b + 1 && top + height > t - 1);
        label.style.visibility = off || hit ? "hidden" : "visible";
        if (off || hit) continue;
        taken.push([left, top, left + width, top + height]);
        label.style.transform = `translate(${Math.round(at.x - width / 2)}px, ${Math.round(at.y - height / 2)}px)`;
      }
    },
  });

  const KINDS = { ground, districts, rail, walk, rents, campuses, drift, area, bus, spots };

  // The Leaflet layer of one packed layer.
  G.layer = function (kind, data) {
    if (kind === "cells") return new G.CellLayer(data);
    if (kind === "flows") return new G.FlowLines(data);
    return new Group(data, KINDS[kind]);
  };

  // District that holds a point: even-odd rule over all rings.
  G.districtAt = function (items, latlng) {
    const x = latlng.lng, y = latlng.lat;
    for (const one of items) {
      let inside = false;
      for (const polygon of one.polygons || []) {
        for (const ring of polygon) {
          for (let a = 0, b = ring.length - 1; a < ring.length; b = a++) {
            const [xa, ya] = ring[a], [xb, yb] = ring[b];
            if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) inside = !inside;
          }
        }
      }
      if (inside) return one;
    }
    return null;
  };
})(globalThis);
