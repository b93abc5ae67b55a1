// The cell layer: colours by class on canvas tiles, place outlines, the cell under the pointer.
(function (root) {
  "use strict";
  const G = root.gradmap;
  const WORLD = 256;
  const VECTOR_FROM = 7; // px between centres from which hexagons are drawn as shapes

  function toRgba(colour) {
    const n = parseInt(colour.slice(1), 16);
    return (0xff000000 | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0; // little-endian RGBA
  }

  // Class of each value: 0 below the first break (the ground), then one more per break reached.
  function classify(values, breaks) {
    const found = new Uint8Array(values.length);
    for (let cell = 0; cell < values.length; cell++) {
      const value = values[cell];
      let c = 0;
      while (c < breaks.length && value >= breaks[c]) c++;
      found[cell] = c;
    }
    return found;
  }

  G.CellLayer = L.GridLayer.extend({
    options: { tileSize: 512, pane: "cells", keepBuffer: 1, updateWhenZooming: false, updateInterval: 50 },

    initialize(data, options) {
      L.setOptions(this, options);
      this.lattice = new G.Lattice(data.geometry);
      this.setData(data);
    },

    // New frames, colours or outlines on the same cells.
    setData(data) {
      this.data = data;
      this.frames = data.frames.map((frame) => ({
        ...frame,
        classes: frame.classes || classify(frame.values, data.breaks),
        outline: frame.place ? this.lattice.edges(frame.place) : null,
        spots: frame.hot && data.showHot ? this.lattice.edges(frame.hot) : null,
      }));
      this.colours = Uint32Array.from([0, ...data.colours.map(toRgba)]);
      this.hidden = !!data.hidden;
      this.current = Math.min(data.current || 0, this.frames.length - 1);
      this.selected = data.selected || 0;
      this.repaint();
    },

    // The frame shown now.
    now() {
      return this.frames[this.current];
    },

    show(number) {
      if (number === this.current) return 0;
      this.current = number;
      return this.repaint();
    },

    select(place) {
      this.selected = place;
      this.repaint();
    },

    // Paint all tiles again; milliseconds it took.
    repaint() {
      const start = performance.now();
      for (const key in this._tiles || {}) this._paint(this._tiles[key].el, this._tiles[key].coords);
      return performance.now() - start;
    },

    createTile(coords) {
      const tile = document.createElement("canvas");
      const ratio = Math.min(2, root.devicePixelRatio || 1);
      tile.width = tile.height = this.options.tileSize * ratio;
      tile.ratio = ratio;
      this._paint(tile, coords);
      return tile;
    },

    _paint(tile, coords) {
      const scale = 2 ** coords.z, size = this.options.tileSize;
      const left = (coords.x * size) / scale, top = (coords.y * size) / scale;
      const context = tile.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, tile.width, tile.height);
      const frame = this.now();
      if (!frame) return;
      if (!this.hidden) {
        if (this.lattice.spacing * scale >= VECTOR_FROM) this._hexagons(context, tile, left, top, scale);
        else this._pixels(context, tile, left, top, scale);
      }
      if (this.data.hatched) this._hatch(context, tile, coords);
      context.setTransform(scale * tile.ratio, 0, 0, scale * tile.ratio, -left * scale * tile.ratio, -top * scale * tile.ratio);
      this._lines(context, frame.spots, left, top, size / scale, scale, true);
      this._lines(context, frame.outline, left, top, size / scale, scale, false);
    },

    // Diagonal gaps through every colour: what is shown does not compare.
    _hatch(context, tile, coords) {
      const step = 7 * tile.ratio, size = tile.width, shift = ((coords.x + coords.y) * size) % step;
      context.save();
      context.globalCompositeOperation = "destination-out";
      context.lineWidth = 3 * tile.ratio;
      context.beginPath();
      for (let at = -shift; at < 2 * size; at += step) {
        context.moveTo(at, 0);
        context.lineTo(at - size, size);
      }
      context.stroke();
      context.restore();
    },

    // Few, large cells: one path a class, edges smooth.
    _hexagons(context, tile, left, top, scale) {
      const { lattice, data } = this, frame = this.now();
      const size = this.options.tileSize / scale, margin = lattice.spacing;
      const paths = data.colours.map(() => new Path2D());
      const k = scale * tile.ratio, s = lattice.shapes;
      lattice.within(left - margin, top - margin, left + size + margin, top + size + margin, (cell) => {
        const c = frame.classes[cell];
        if (!c) return;
        const at = lattice.shape(cell), path = paths[c - 1];
        path.moveTo((s[at] - left) * k, (s[at + 1] - top) * k);
        for (let corner = 1; corner < 6; corner++) path.lineTo((s[at + 2 * corner] - left) * k, (s[at + 2 * corner + 1] - top) * k);
        path.closePath();
      });
      context.lineWidth = 0.7 * tile.ratio; // closes the hairline between neighbours
      paths.forEach((path, c) => {
        context.fillStyle = context.strokeStyle = data.colours[c];
        context.fill(path);
        context.stroke(path);
      });
    },

    // Many, small cells: which cell lies under each pixel is kept, so a new year only recolours.
    _pixels(context, tile, left, top, scale) {
      const size = tile.width;
      if (!tile.under) {
        tile.under = new Int32Array(size * size);
        this.lattice.raster(left, top, this.options.tileSize / scale / size, size, tile.under);
        let any = false;
        for (let at = 0; at < tile.under.length && !any; at++) any = tile.under[at] >= 0;
        if (!any) tile.under = new Int32Array(0);
      }
      if (!tile.under.length) return;
      const image = scratch(size), pixels = image.pixels, under = tile.under, lut = this.lut();
      for (let at = 0; at < under.length; at++) pixels[at] = under[at] < 0 ? 0 : lut[under[at]];
      image.context.putImageData(image.data, 0, 0);
      context.drawImage(image.canvas, 0, 0);
    },

    // Colour of each cell in this frame.
    lut() {
      const frame = this.now();
      if (frame.lutFor !== this.colours) {
        frame.lut = new Uint32Array(frame.classes.length);
        for (let cell = 0; cell < frame.classes.length; cell++) frame.lut[cell] = this.colours[frame.classes[cell]];
        frame.lutFor = this.colours;
      }
      return frame.lut;
    },

    _lines(context, edges, left, top, size, scale, spots) {
      if (!edges) return;
      const { lines, owners } = edges, pad = this.lattice.spacing;
      const draw = (wanted, colour, width, dash) => {
        context.beginPath();
        for (let e = 0; e < owners.length; e++) {
          const x = lines[4 * e], y = lines[4 * e + 1];
          if (x < left - pad || x > left + size + pad || y < top - pad || y > top + size + pad || !wanted(owners[e])) continue;
          context.moveTo(x, y);
          context.lineTo(lines[4 * e + 2], lines[4 * e + 3]);
        }
        context.lineCap = context.lineJoin = "round";
        context.setLineDash(dash ? dash.map((d) => d / scale) : []);
        context.strokeStyle = colour;
        context.lineWidth = width / scale;
        context.stroke();
        context.setLineDash([]);
      };
      const c = this.data.lines;
      if (spots) {
        draw((o) => o === 1, c.hot, 1.1);
        draw((o) => o === 2, c.cold, 1.1, [3, 3]);
        return;
      }
      draw((o) => o !== this.selected, c.place, 1.9);
      if (this.selected) draw((o) => o === this.selected, c.chosen, 3);
    },

    // Tiles at the very zoom of the map, quarters included: Leaflet would take the nearest whole
    // one and have the browser stretch it, which blurs the cells and costs every frame of a pan.
    _setView(center, zoom, keepOld, quiet) {
      if (quiet && zoom === this._tileZoom) return this._setZoomTransforms(center, zoom);
      if (!quiet || this._tileZoom === undefined) {
        this._tileZoom = zoom;
        this._updateLevels();
        this._resetGrid();
        this._update(center);
        if (!keepOld) this._pruneTiles();
        this._noPrune = Boolean(keepOld);
      }
      return this._setZoomTransforms(center, zoom);
    },

    cellAt(latlng) {
      const at = this._map.project(latlng, 0);
      return this.lattice.find(at.x, at.y);
    },

    // The six corners of a cell as latitudes and longitudes.
    corners(cell) {
      const at = this.lattice.shape(cell), found = [];
      for (let c = 0; c < 6; c++) found.push(this._map.unproject([this.lattice.shapes[at + 2 * c], this.lattice.shapes[at + 2 * c + 1]], 0));
      return found;
    },

    boundsOf(place) {
      const bounds = L.latLngBounds([]);
      const member = this.now().place;
      for (let cell = 0; member && cell < member.length; cell++) if (member[cell] === place) this.corners(cell).forEach((corner) => bounds.extend(corner));
      return bounds;
    },
  });

  const scratches = {};
  function scratch(size) {
    if (!scratches[size]) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = size;
      const context = canvas.getContext("2d");
      const data = context.createImageData(size, size);
      scratches[size] = { canvas, context, data, pixels: new Uint32Array(data.data.buffer) };
    }
    return scratches[size];
  }
})(globalThis);
