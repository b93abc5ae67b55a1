// A list of anything with a place on the map, and what is known of the one that is chosen.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.Sheet = class {
    constructor(box, choose) {
      this.box = box;
      this.choose = choose;
      this.chosen = "";
      this.top = G.element("div", "gm-sheet-top", null, box);
      this.body = G.element("div", "gm-sheet-body", null, box);
    }

    update(data) {
      this.data = data;
      if (!data.rows.some((one) => one.id === this.chosen)) this.chosen = "";
      this.draw();
    }

    draw() {
      const { data, body } = this;
      const focused = body.getRootNode().activeElement;
      const keep = focused && body.contains(focused) ? focused.dataset.row : null;
      const before = body.querySelector(".gm-scroll"), scrolled = before ? before.scrollTop : 0;
      body.replaceChildren();
      const head = G.element("div", "gm-panel-head", null, body);
      G.element("h2", "", data.title, head);
      if (data.note) G.element("p", "gm-note gm-ledger-note", data.note, body);
      if (data.facts.length) this.facts(data.facts, body, "gm-ledger-facts");
      if (!data.rows.length) {
        G.element("p", "gm-empty", data.empty, body);
        return;
      }
      const scroll = G.element("div", "gm-scroll", null, body);
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", data.title);
      const table = G.element("table", "gm-table", null, scroll);
      const row = G.element("tr", "", null, G.element("thead", "", null, table));
      ["#", ...data.columns].forEach((one, n) => G.element("th", n > 1 ? "gm-right" : "", one, row));
      const list = G.element("tbody", "", null, table);
      data.rows.forEach((one, n) => this.line(list, one, n));
      if (data.rows.some((one) => one.facts)) this.card();
      scroll.scrollTop = scrolled;
      if (keep) {
        const again = body.querySelector(`[data-row="${CSS.escape(keep)}"]`);
        if (again) again.focus({ preventScroll: true });
      }
    }

    line(list, one, n) {
      const row = G.element("tr", one.id === this.chosen ? "gm-row-on" : "", null, list);
      G.element("td", "gm-rank", n + 1, row);
      const cell = G.element("td", "gm-place", null, row);
      const button = G.element("button", "", one.name, cell);
      button.dataset.row = one.id;
      button.setAttribute("aria-pressed", one.id === this.chosen);
      if (one.chip) G.element("span", "gm-chip", one.chip, cell);
      one.values.forEach((value, at) => {
        const data = G.element("td", at ? "gm-right" : "gm-right gm-count", null, row);
        G.element("span", "", value, data);
        if (at === 0 && one.bar !== undefined && one.bar !== null) {
          const bar = G.element("i", "gm-bar", null, G.element("span", "gm-track", null, data));
          bar.style.width = Math.max(4, 100 * one.bar) + "%";
          bar.style.background = one.colour || this.data.bar;
        }
      });
      row.onclick = () => {
        this.chosen = one.id === this.chosen ? "" : one.id;
        this.draw();
        this.choose(this.chosen ? one : null);
      };
    }

    card() {
      const one = this.data.rows.find((row) => row.id === this.chosen);
      if (!one) {
        G.element("p", "gm-empty", this.data.hint, this.body);
        return;
      }
      const box = G.element("div", "gm-card", null, this.body);
      box.setAttribute("aria-live", "polite");
      const head = G.element("div", "gm-card-head", null, box);
      G.element("h3", "", one.name, head);
      if (one.chip) G.element("span", "gm-chip", one.chip, head);
      const close = G.element("button", "gm-close", "×", head);
      close.setAttribute("aria-label", this.data.words.close);
      close.onclick = () => {
        this.chosen = "";
        this.draw();
        this.choose(null);
      };
      this.facts(one.facts, box, "");
    }

    facts(facts, box, name) {
      const grid = G.element("dl", "gm-facts " + name, null, box);
      facts.forEach((fact) => {
        const pair = G.element("div", fact.wide ? "gm-wide" : "", null, grid);
        const term = G.element("dt", "", fact.label, pair);
        if (fact.help) term.title = fact.help;
        G.element("dd", "", fact.value, pair);
      });
    }
  };

  // Weights and limits as sliders. What they come to is worked out here, at once, for every cell;
  // the list of sites follows from the server.
  G.Weights = class {
    constructor(box, changed) {
      this.box = box;
      this.changed = changed;
    }

    update(data) {
      const same = this.data && this.data.key === data.key;
      this.data = data;
      // A slider in use must not be drawn anew under the hand.
      if (same && this.box.querySelector("input")) return;
      this.criteria = data.criteria.map((one) => ({ ...one }));
      this.draw();
    }

    draw() {
      const { words } = this.data;
      this.box.replaceChildren();
      const head = G.element("div", "gm-panel-head gm-ledger-head", null, this.box);
      G.element("h2", "", words.title, head);
      const reset = G.element("button", "gm-reset", words.reset, head);
      reset.onclick = () => {
        this.criteria = this.data.plain.map((one) => ({ ...one }));
        this.draw();
        this.changed();
      };
      this.criteria.filter((one) => !one.hidden).forEach((one) => this.row(one));
      this.data.missing.forEach((text) => G.element("p", "gm-note gm-missing", text, this.box));
    }

    row(one) {
      const { words } = this.data;
      const row = G.element("div", "gm-weight", null, this.box);
      const label = G.element("label", "", one.label, row);
      label.title = one.help;
      const slider = G.element("input", "", null, row);
      slider.type = "range";
      slider.min = 0;
      slider.max = 10;
      slider.step = 0.5;
      slider.value = one.weight;
      slider.dataset.criterion = one.id;
      slider.setAttribute("aria-label", `${words.weight}: ${one.label}`);
      const told = G.element("output", "", one.weight, row);
      slider.oninput = () => {
        one.weight = Number(slider.value);
        told.textContent = slider.value;
        this.changed();
      };
      if (one.limit === null) return;
      const limit = G.element("div", "gm-limit", null, row);
      G.element("span", "", one.best < one.worst ? words.at_most : words.at_least, limit);
      const box = G.element("input", "", null, limit);
      box.type = "number";
      box.step = one.step;
      box.min = 0;
      box.value = one.limit;
      box.dataset.limit = one.id;
      box.setAttribute("aria-label", `${words.limit}: ${one.label}`);
      G.element("span", "", one.unit, limit);
      box.onchange = () => {
        const value = Number(box.value);
        if (!Number.isFinite(value) || value <= 0) {
          box.value = one.limit;
          return;
        }
        one.limit = value;
        if (one.moves) {
          one.worst = value;
          one.best = value / 2;
        }
        this.changed();
      };
    }

    // The words of a link: "walk_minutes:3:15;rent:2:3000".
    text() {
      return this.criteria.filter((one) => !one.hidden).map((one) => [one.id, one.weight, ...(one.limit === null ? [] : [one.limit])].join(":")).join(";");
    }

    // Score of every cell, 0 to 1, NaN where a limit or the unknown rules it out.
    scores() {
      const size = this.data.size, found = new Float32Array(size);
      const used = this.criteria.filter((one) => one.weight > 0);
      const total = used.reduce((sum, one) => sum + (one.scored ? one.weight : 0), 0);
      for (const one of used) {
        const values = this.data.values[one.id], share = one.scored && total ? one.weight / total : 0;
        const { worst, best, limit, neutral } = one, span = 1 / (best - worst), falling = best < worst;
        for (let cell = 0; cell < size; cell++) {
          const value = values[cell];
          if (value !== value) {
            found[cell] = neutral === null ? NaN : found[cell] + share * neutral;
            continue;
          }
          if (limit !== null && (falling ? value > limit : value < limit)) {
            found[cell] = NaN;
            continue;
          }
          const score = (value - worst) * span;
          found[cell] += share * (score < 0 ? 0 : score > 1 ? 1 : score);
        }
      }
      if (!total) found.fill(NaN);
      return found;
    }
  };
})(globalThis);
