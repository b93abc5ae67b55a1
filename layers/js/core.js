// What every part of the map shares: reading packed payloads, numbers, safe DOM.
(function (root) {
  "use strict";
  const G = (root.gradmap = root.gradmap || {});
  const TYPES = {
    u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, i16: Int16Array, i32: Int32Array,
    f32: Float32Array, f64: Float64Array,
  };

  // A payload is "GMP1", the header's length, the header as JSON, then arrays on 8-byte bounds.
  // In the header an array stands as {"$": [type, byte offset, length]}.
  G.unpack = function (bytes) {
    const start = bytes.byteOffset;
    const buffer = start % 8 ? bytes.slice().buffer : bytes.buffer;
    const base = start % 8 ? 0 : start;
    const head = new Uint8Array(buffer, base, 8);
    if (String.fromCharCode(...head.slice(0, 4)) !== "GMP1") throw new Error("not a Gradmap payload");
    const size = new DataView(buffer, base, 8).getUint32(4, true);
    const text = new TextDecoder().decode(new Uint8Array(buffer, base + 8, size));
    const body = base + 8 + Math.ceil(size / 8) * 8;
    return JSON.parse(text, (_, value) => {
      if (!value || !Array.isArray(value.$)) return value;
      const [type, offset, length] = value.$;
      return new TYPES[type](buffer, body + offset, length);
    });
  };

  G.fromBase64 = function (text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return G.unpack(bytes);
  };

  // Text is only ever set as text: names come from strangers' files.
  G.element = function (tag, name, text, parent) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined && text !== null) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  };

  // 27 410 or 2.7 万: grouped by thin spaces, or in ten thousands where Chinese readers expect it.
  G.number = function (value, lang, digits) {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    if (lang === "zh" && Math.abs(value) >= 10000) {
      return (value / 10000).toLocaleString("en-US", { maximumFractionDigits: 1, useGrouping: false }) + " 万";
    }
    const places = digits !== undefined ? digits : Math.abs(value) < 10 && value % 1 ? 2 : Math.abs(value) < 100 && value % 1 ? 1 : 0;
    return value
      .toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: places })
      .replace(/,/g, "\u202f");
  };

  G.percent = function (share) {
    return Number.isFinite(share) ? (share * 100).toFixed(share < 0.001 ? 2 : 1) + "%" : "–";
  };
})(globalThis);
