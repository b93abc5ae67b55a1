// The table of places beside the map, in the same order, and the card of the chosen one.
(function (root) {
  "use strict";
  const G = root.gradmap;

  class Panel {
    constructor(box, choose) {
      this.box = box;
      this.choose = choose;
      this.sort = "graduates";
      this.up = false;
      this.sureness = new G.Sureness(box);
    }

    update(data, chosen) {
      this.data = data;
      this.chosen = chosen;
      this.draw();
    }

    // What is known of how sure these places are; more may come at any time.
    hear() {
      this.sureness.tell(G.checked, this.data.asked);
    }

    draw() {
      const { places, words, title } = this.data;
      const focused = this.box.getRootNode().activeElement;
      const keep = focused && this.box.contains(focused) ? focused.dataset.place || focused.dataset.sort : null;
      this.box.replaceChildren();
      const head = G.element("div", "gm-panel-head", null, this.box);
      G.element("h2", "", title, head);
      if (this.data.asked && places.length) G.element("div", "gm-sure-line", null, head);
      if (!places.length) {
        G.element("p", "gm-empty", this.data.empty, this.box);
        return;
      }
      const scroll = G.element("div", "gm-scroll", null, this.box);
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", title);
      const table = G.element("table", "gm-table", null, scroll);
      const row = G.element("tr", "", null, G.element("thead", "", null, table));
      G.element("th", "", "#", row);
      for (const [key, label] of [["name", words.name], ["graduates", words.count], ["share", words.share]]) this.header(row, key, label);
      const body = G.element("tbody", "", null, table);
      const widest = Math.max(...places.map((one) => one.graduates));
      for (const one of this.sorted()) this.line(body, one, widest);
      if (keep) {
        const again = this.box.querySelector(`[data-place="${CSS.escape(keep)}"],[data-sort="${CSS.escape(keep)}"]`);
        if (again) again.focus({ preventScroll: true });
      }
      this.card();
      this.hear();
    }

    header(row, key, label) {
      const cell = G.element("th", key === "name" ? "" : "gm-right", null, row);
      const on = this.sort === key;
      cell.setAttribute("aria-sort", on ? (this.up ? "ascending" : "descending") : "none");
      const button = G.element("button", "", label + (on ? (this.up ? " ▴" : " ▾") : ""), cell);
      button.dataset.sort = key;
      button.onclick = () => {
        this.up = on ? !this.up : key === "name";
        this.sort = key;
        this.draw();
      };
    }

    sorted() {
      const sign = this.up ? 1 : -1;
      return [...this.data.places].sort((a, b) => sign * (this.sort === "name" ? a.name.localeCompare(b.name, this.data.lang) : a[this.sort] - b[this.sort]));
    }

    line(body, one, widest) {
      const row = G.element("tr", one.index === this.chosen ? "gm-row-on" : "", null, body);
      G.element("td", "gm-rank", one.rank, row);
      const cell = G.element("td", "gm-place", null, row);
      const button = G.element("button", "", one.name, cell);
      button.dataset.place = one.id;
      button.setAttribute("aria-pressed", one.index === this.chosen);
      if (this.data.asked) this.sureness.place(one.id, cell);
      G.element("span", "gm-chip", one.kind, cell);
      const count = G.element("td", "gm-right gm-count", null, row);
      G.element("span", "", one.count_text, count);
      const bar = G.element("i", "gm-bar", null, G.element("span", "gm-track", null, count));
      bar.style.width = Math.max(4, (100 * one.graduates) / widest) + "%";
      bar.style.background = this.data.bar;
      G.element("td", "gm-right", G.percent(one.share), row);
      row.onclick = () => this.choose(one.index === this.chosen ? 0 : one.index);
    }

    card() {
      const card = this.data.card, one = this.data.places.find((place) => place.index === this.chosen);
      if (!one) {
        G.element("p", "gm-empty", this.data.hint, this.box);
        return;
      }
      const box = G.element("div", "gm-card", null, this.box);
      box.setAttribute("aria-live", "polite");
      const head = G.element("div", "gm-card-head", null, box);
      G.element("h3", "", one.name, head);
      G.element("span", "gm-chip", one.kind, head);
      const close = G.element("button", "gm-close", "×", head);
      close.setAttribute("aria-label", this.data.words.close);
      close.onclick = () => this.choose(0);
      if (!card || card.id !== one.id) {
        G.element("p", "gm-empty", this.data.words.loading, box);
        return;
      }
      const grid = G.element("dl", "gm-facts", null, box);
      grid.dataset.place = one.id;
      card.facts.forEach((fact) => {
        const pair = G.element("div", fact.wide ? "gm-wide" : "", null, grid);
        const term = G.element("dt", "", fact.label, pair);
        if (fact.help) term.title = fact.help;
        G.element("dd", "", fact.value, pair);
      });
      if (card.years && card.years.length > 1) this.spark(box, card.years);
    }

    // Graduates by year as small bars with their numbers.
    spark(box, years) {
      const chart = G.element("div", "gm-spark", null, box);
      const most = Math.max(...years.map((one) => one.value), 1);
      years.forEach((one) => {
        const column = G.element("div", "", null, chart);
        G.element("span", "", one.text, column);
        const bar = G.element("i", "", null, column);
        bar.style.height = Math.max(2, (34 * one.value) / most) + "px";
        bar.style.background = this.data.bar;
        G.element("small", "", one.label, column);
      });
    }
  }

  G.Panel = Panel;
})(globalThis);
