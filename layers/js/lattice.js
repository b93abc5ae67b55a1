// Cells as points of a triangular lattice: the mathematics of spatial/lattice.py in the browser.
(function (root) {
  "use strict";
  const G = root.gradmap;
  // Corners of a cell in thirds of a step, and the neighbour across the edge to the next corner.
  const CORNERS = [[2, 1], [1, 2], [-1, 1], [-2, -1], [-1, -2], [1, -1]];
  const ACROSS = [[1, 1], [0, 1], [-1, 0], [-1, -1], [0, -1], [1, 0]];
  const WORLD = 256; // width of the Mercator world at zoom 0, px

  function invert(m) {
    const [a, b, c, d, e, f, g, h, i] = m;
    const A = e * i - f * h, B = f * g - d * i, C = d * h - e * g;
    const det = a * A + b * B + c * C;
    return [A, c * h - b * i, b * f - c * e, B, a * i - c * g, c * d - a * f, C, b * g - a * h, a * e - b * d].map((x) => x / det);
  }

  class Patch {
    constructor(matrix, cells, ij) {
      this.m = Array.from(matrix);
      this.inverse = invert(this.m);
      this.width = 0;
      this.height = 0;
      for (const cell of cells) {
        this.width = Math.max(this.width, ij[2 * cell] + 1);
        this.height = Math.max(this.height, ij[2 * cell + 1] + 1);
      }
      this.index = new Int32Array(this.width * this.height).fill(-1);
      for (const cell of cells) this.index[ij[2 * cell + 1] * this.width + ij[2 * cell]] = cell;
    }

    // Cell at a lattice place, -1 where the study has none.
    at(i, j) {
      if (i < 0 || j < 0 || i >= this.width || j >= this.height) return -1;
      return this.index[j * this.width + i];
    }

    // Mercator world coordinates (px at zoom 0) of a lattice place, written to out[at], out[at+1].
    project(i, j, out, at) {
      const m = this.m;
      const x = m[0] * i + m[1] * j + m[2], y = m[3] * i + m[4] * j + m[5], z = m[6] * i + m[7] * j + m[8];
      out[at] = WORLD * (Math.atan2(y, x) / (2 * Math.PI) + 0.5);
      out[at + 1] = WORLD * (0.5 - Math.asinh(z / Math.hypot(x, y)) / (2 * Math.PI));
    }
  }

  // Nearest lattice point: round the three cube coordinates, then mend the one rounded most.
  function round(i, j) {
    const k = j - i;
    let ri = Math.round(i), rj = Math.round(j);
    const rk = Math.round(k);
    const di = Math.abs(ri - i), dj = Math.abs(rj - j), dk = Math.abs(rk - k);
    if (di > dj && di > dk) ri = rj - rk;
    else if (dj > dk) rj = rk + ri;
    return [ri, rj];
  }

  class Lattice {
    constructor(data) {
      this.ij = data.ij;
      this.count = data.ij.length / 2;
      this.patchOf = data.patch || new Uint8Array(this.count);
      const members = [];
      for (let p = 0; p < data.matrices.length / 9; p++) members.push([]);
      for (let cell = 0; cell < this.count; cell++) members[this.patchOf[cell]].push(cell);
      this.patches = members.map((cells, p) => new Patch(data.matrices.slice(9 * p, 9 * p + 9), cells, data.ij));
      this.shapes = new Float64Array(this.count * 12);
      this.shaped = new Uint8Array(this.count);
    }

    // The six corners of a cell in world coordinates: position in this.shapes.
    shape(cell) {
      const at = cell * 12;
      if (!this.shaped[cell]) {
        const patch = this.patches[this.patchOf[cell]], i = this.ij[2 * cell], j = this.ij[2 * cell + 1];
        CORNERS.forEach(([di, dj], c) => patch.project(i + di / 3, j + dj / 3, this.shapes, at + 2 * c));
        this.shaped[cell] = 1;
      }
      return at;
    }

    neighbour(cell, edge) {
      const [di, dj] = ACROSS[edge];
      return this.patches[this.patchOf[cell]].at(this.ij[2 * cell] + di, this.ij[2 * cell + 1] + dj);
    }

    // Cell under a world position, -1 where the study has none.
    find(x, y) {
      const lambda = 2 * Math.PI * (x / WORLD - 0.5), s = Math.sinh(2 * Math.PI * (0.5 - y / WORLD));
      const c = Math.cos(lambda), d = Math.sin(lambda);
      for (const patch of this.patches) {
        const n = patch.inverse;
        const w = n[6] * c + n[7] * d + n[8] * s;
        if (w <= 0) continue;
        const [i, j] = round((n[0] * c + n[1] * d + n[2] * s) / w, (n[3] * c + n[4] * d + n[5] * s) / w);
        const cell = patch.at(i, j);
        if (cell >= 0) return cell;
      }
      return -1;
    }

    // Distance between neighbouring centres, world px, measured at the middle cell.
    get spacing() {
      if (!this.count) return 1;
      if (!this._spacing) {
        const cell = this.count >> 1, out = [0, 0, 0, 0], patch = this.patches[this.patchOf[cell]];
        patch.project(this.ij[2 * cell], this.ij[2 * cell + 1], out, 0);
        patch.project(this.ij[2 * cell] + 1, this.ij[2 * cell + 1], out, 2);
        this._spacing = Math.hypot(out[2] - out[0], out[3] - out[1]);
      }
      return this._spacing;
    }

    // Index of the cell under every pixel of a square, -1 for none: the whole picture without
    // drawing a single hexagon. Rows and columns share their sines, so a pixel costs a division.
    raster(left, top, step, size, out) {
      out.fill(-1);
      const cos = new Float64Array(size), sin = new Float64Array(size);
      for (let x = 0; x < size; x++) {
        const lambda = 2 * Math.PI * ((left + (x + 0.5) * step) / WORLD - 0.5);
        cos[x] = Math.cos(lambda);
        sin[x] = Math.sin(lambda);
      }
      for (const patch of this.patches) {
        const n = patch.inverse, { width, height, index } = patch;
        for (let y = 0; y < size; y++) {
          const s = Math.sinh(2 * Math.PI * (0.5 - (top + (y + 0.5) * step) / WORLD));
          const a = n[2] * s, b = n[5] * s, e = n[8] * s;
          let at = y * size;
          for (let x = 0; x < size; x++, at++) {
            const c = cos[x], d = sin[x], w = 1 / (n[6] * c + n[7] * d + e);
            if (w <= 0) continue;
            const i = (n[0] * c + n[1] * d + a) * w, j = (n[3] * c + n[4] * d + b) * w;
            let ri = Math.floor(i + 0.5), rj = Math.floor(j + 0.5);
            const rk = Math.floor(j - i + 0.5);
            const di = Math.abs(ri - i), dj = Math.abs(rj - j), dk = Math.abs(rk - j + i);
            if (di > dj && di > dk) ri = rj - rk;
            else if (dj > dk) rj = rk + ri;
            if (ri >= 0 && rj >= 0 && ri < width && rj < height) {
              const cell = index[rj * width + ri];
              if (cell >= 0) out[at] = cell;
            }
          }
        }
      }
    }

    // Cells that may touch a rectangle of the world: every lattice place between its corners.
    within(left, top, right, bottom, visit) {
      for (const patch of this.patches) {
        const n = patch.inverse;
        let lowI = Infinity, highI = -Infinity, lowJ = Infinity, highJ = -Infinity;
        for (const x of [left, (left + right) / 2, right]) {
          for (const y of [top, (top + bottom) / 2, bottom]) {
            const lambda = 2 * Math.PI * (x / WORLD - 0.5), s = Math.sinh(2 * Math.PI * (0.5 - y / WORLD));
            const c = Math.cos(lambda), d = Math.sin(lambda), w = n[6] * c + n[7] * d + n[8] * s;
            if (w <= 0) return;
            const i = (n[0] * c + n[1] * d + n[2] * s) / w, j = (n[3] * c + n[4] * d + n[5] * s) / w;
            lowI = Math.min(lowI, i); highI = Math.max(highI, i);
            lowJ = Math.min(lowJ, j); highJ = Math.max(highJ, j);
          }
        }
        const i0 = Math.max(0, Math.floor(lowI) - 1), i1 = Math.min(patch.width - 1, Math.ceil(highI) + 1);
        const j0 = Math.max(0, Math.floor(lowJ) - 1), j1 = Math.min(patch.height - 1, Math.ceil(highJ) + 1);
        for (let j = j0; j <= j1; j++) {
          for (let i = i0; i <= i1; i++) {
            const cell = patch.index[j * patch.width + i];
            if (cell >= 0) visit(cell);
          }
        }
      }
    }

    // Edges between cells of different membership (0 = none): world coordinates x, y, x, y and,
    // for each edge, the member it bounds.
    edges(member) {
      const lines = [], owners = [];
      for (let cell = 0; cell < this.count; cell++) {
        const mine = member[cell];
        if (!mine) continue;
        for (let edge = 0; edge < 6; edge++) {
          const other = this.neighbour(cell, edge);
          if (other >= 0 && member[other] === mine) continue;
          const at = this.shape(cell), next = (edge + 1) % 6;
          lines.push(this.shapes[at + 2 * edge], this.shapes[at + 2 * edge + 1], this.shapes[at + 2 * next], this.shapes[at + 2 * next + 1]);
          owners.push(mine);
        }
      }
      return { lines: Float64Array.from(lines), owners: Uint16Array.from(owners) };
    }
  }

  G.Lattice = Lattice;
})(globalThis);
