// Lines from home to work on one canvas: curved, wide at home and narrow at work, so that both
// ways between two places lie side by side.
(function (root) {
  "use strict";
  const G = root.gradmap;
  const STEPS = 14, WIDEST = 13, PAD = 0.25;

  G.FlowLines = L.Layer.extend({
    initialize(data) {
      this.data = data;
      this.most = 0;
      for (const one of data.graduates) this.most = Math.max(this.most, one);
    },
    onAdd(map) {
      this.canvas = G.element("canvas", "gm-flows leaflet-zoom-hide", null, map.getPane("flows"));
      map.on("moveend viewreset resize", this.draw, this);
      this.draw();
    },
    onRemove(map) {
      map.off("moveend viewreset resize", this.draw, this);
      this.canvas.remove();
    },
    // One more than the line that is told apart, 0 for none.
    mark(number) {
      if (number === this.marked) return;
      this.marked = number;
      this.draw();
    },
    draw() {
      const map = this._map, size = map.getSize(), pad = size.multiplyBy(PAD).round(), ratio = Math.min(2, root.devicePixelRatio || 1);
      const whole = size.add(pad.multiplyBy(2));
      this.canvas.width = whole.x * ratio;
      this.canvas.height = whole.y * ratio;
      this.canvas.style.width = whole.x + "px";
      this.canvas.style.height = whole.y + "px";
      this.corner = map.containerPointToLayerPoint([0, 0]).subtract(pad);
      L.DomUtil.setPosition(this.canvas, this.corner);
      const context = this.canvas.getContext("2d");
      context.scale(ratio, ratio);
      const { ends, graduates, direction, colours } = this.data;
      this.curves = [];
      // The lightest first, so that heavy ones lie on top.
      for (let n = graduates.length - 1; n >= 0; n--) {
        const a = map.latLngToLayerPoint([ends[4 * n], ends[4 * n + 1]]).subtract(this.corner);
        const b = map.latLngToLayerPoint([ends[4 * n + 2], ends[4 * n + 3]]).subtract(this.corner);
        const curve = bent(a, b);
        this.curves[n] = curve;
        const wide = Math.max(0.8, (WIDEST * graduates[n]) / this.most), told = n + 1 === this.marked;
        context.fillStyle = colours[direction[n]];
        context.globalAlpha = told ? 0.95 : this.marked ? 0.22 : 0.35 + 0.4 * (graduates[n] / this.most);
        taper(context, curve, wide);
        context.beginPath();
        context.arc(b.x, b.y, Math.max(1.2, wide * 0.3), 0, 7);
        context.fill();
      }
    },
    // Number of the line within reach of a point on the screen, heaviest first; -1 for none.
    hit(latlng) {
      if (!this.curves) return -1;
      const at = this._map.latLngToLayerPoint(latlng).subtract(this.corner);
      for (let n = 0; n < this.curves.length; n++) {
        const wide = Math.max(4, (WIDEST * this.data.graduates[n]) / this.most / 2 + 2), curve = this.curves[n];
        for (let s = 0; s < STEPS; s++) {
          if (away(at, curve[s], curve[s + 1]) < wide * (1 - (0.6 * s) / STEPS) + 1) return n;
        }
      }
      return -1;
    },
    rows(n) {
      return [this.data.texts[n], this.data.notes[n]];
    },
  });

  // A quadratic curve that bends to the right of the way from home to work.
  function bent(a, b) {
    const dx = b.x - a.x, dy = b.y - a.y, k = 0.16;
    const cx = (a.x + b.x) / 2 - dy * k, cy = (a.y + b.y) / 2 + dx * k, points = [];
    for (let s = 0; s <= STEPS; s++) {
      const t = s / STEPS, u = 1 - t;
      points.push({ x: u * u * a.x + 2 * u * t * cx + t * t * b.x, y: u * u * a.y + 2 * u * t * cy + t * t * b.y });
    }
    return points;
  }

  function taper(context, curve, wide) {
    const left = [], right = [];
    for (let s = 0; s <= STEPS; s++) {
      const p = curve[Math.max(0, s - 1)], q = curve[Math.min(STEPS, s + 1)];
      const dx = q.x - p.x, dy = q.y - p.y, long = Math.hypot(dx, dy) || 1, half = (wide / 2) * (1 - (0.85 * s) / STEPS);
      left.push([curve[s].x - (dy / long) * half, curve[s].y + (dx / long) * half]);
      right.push([curve[s].x + (dy / long) * half, curve[s].y - (dx / long) * half]);
    }
    context.beginPath();
    [...left, ...right.reverse()].forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.fill();
  }

  function away(at, a, b) {
    const dx = b.x - a.x, dy = b.y - a.y, long = dx * dx + dy * dy;
    const t = long ? Math.max(0, Math.min(1, ((at.x - a.x) * dx + (at.y - a.y) * dy) / long)) : 0;
    return Math.hypot(at.x - a.x - t * dx, at.y - a.y - t * dy);
  }
})(globalThis);
