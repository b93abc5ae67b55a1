// Who comes and who goes: the balance of an area, its partners, and the bus lines that would serve.
(function (root) {
  "use strict";
  const G = root.gradmap;

  class Ledger extends G.Panel {
    constructor(box, choose, ride) {
      super(box, choose);
      this.ride = ride;
      this.tab = "places";
      this.rideNow = 0;
    }

    draw() {
      const { words, title, note } = this.data;
      const focused = this.box.getRootNode().activeElement;
      const keep = focused && this.box.contains(focused) ? focused.dataset.place || focused.dataset.sort || focused.dataset.tab : null;
      this.box.replaceChildren();
      const head = G.element("div", "gm-panel-head gm-ledger-head", null, this.box);
      G.element("h2", "", title, head);
      if (this.data.area) {
        const close = G.element("button", "gm-close", "×", head);
        close.setAttribute("aria-label", words.whole);
        close.title = words.whole;
        close.dataset.place = "-";
        close.onclick = () => this.choose("");
      }
      if (note) G.element("p", "gm-note gm-ledger-note", note, this.box);
      this.balance();
      this.tabs();
      if (this.tab === "rides") this.rides();
      else this.partners();
      if (keep) {
        const again = this.box.querySelector(`[data-place="${CSS.escape(keep)}"],[data-sort="${CSS.escape(keep)}"],[data-tab="${CSS.escape(keep)}"]`);
        if (again) again.focus({ preventScroll: true });
      }
    }

    // One bar a group of people, all on one scale, and the facts under them.
    balance() {
      const box = G.element("div", "gm-balance", null, this.box);
      const most = Math.max(1, ...this.data.balance.map((one) => one.value));
      this.data.balance.forEach((one) => {
        const row = G.element("div", "gm-balance-row", null, box);
        row.dataset.balance = one.id;
        const label = G.element("span", "", one.label, row);
        if (one.help) label.title = one.help;
        const bar = G.element("i", "gm-bar", null, G.element("span", "gm-balance-track", null, row));
        bar.style.width = (100 * one.value) / most + "%";
        bar.style.background = one.colour;
        G.element("b", "", one.text, row);
      });
      const grid = G.element("dl", "gm-facts gm-ledger-facts", null, this.box);
      this.data.facts.forEach((fact) => {
        const pair = G.element("div", fact.wide ? "gm-wide" : "", null, grid);
        const term = G.element("dt", "", fact.label, pair);
        if (fact.help) term.title = fact.help;
        G.element("dd", "", fact.value, pair);
      });
    }

    tabs() {
      const { words } = this.data;
      const bar = G.element("div", "gm-tabs", null, this.box);
      bar.setAttribute("role", "tablist");
      for (const [id, label] of [["places", this.data.heading], ["rides", words.rides]]) {
        const tab = G.element("button", this.tab === id ? "gm-on" : "", label, bar);
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", this.tab === id);
        tab.dataset.tab = id;
        tab.onclick = () => {
          this.tab = id;
          this.rideNow = 0;
          this.ride(0, id === "rides");
          this.draw();
        };
      }
    }

    partners() {
      const { places, words } = this.data;
      if (!places.length) {
        G.element("p", "gm-empty", this.data.empty, this.box);
        return;
      }
      const table = this.table([["name", words.name], ["graduates", words.count], ["share", words.share]]);
      const widest = Math.max(...places.map((one) => one.graduates));
      for (const one of this.sorted()) this.line(table, one, widest);
    }

    rides() {
      const { rides, words } = this.data;
      if (!rides || !rides.length) {
        G.element("p", "gm-empty", rides ? words.no_rides : words.loading, this.box);
        return;
      }
      const scroll = G.element("div", "gm-scroll", null, this.box);
      scroll.tabIndex = 0;
      G.element("p", "gm-note gm-ledger-note", words.rides_note, scroll);
      const list = G.element("ol", "gm-rides", null, scroll);
      rides.forEach((one, n) => {
        const item = G.element("li", n + 1 === this.rideNow ? "gm-row-on" : "", null, list);
        const button = G.element("button", "", null, item);
        button.dataset.place = "ride-" + n;
        button.setAttribute("aria-pressed", n + 1 === this.rideNow);
        G.element("b", "", one.title, button);
        G.element("span", "", one.people, button);
        G.element("span", "gm-ride-time", one.minutes, button);
        button.onclick = () => {
          this.rideNow = n + 1 === this.rideNow ? 0 : n + 1;
          this.ride(this.rideNow, true);
          this.draw();
        };
      });
    }

    table(columns) {
      const scroll = G.element("div", "gm-scroll", null, this.box);
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", this.data.heading);
      const table = G.element("table", "gm-table", null, scroll);
      const row = G.element("tr", "", null, G.element("thead", "", null, table));
      G.element("th", "", "#", row);
      for (const [key, label] of columns) this.header(row, key, label);
      return G.element("tbody", "", null, table);
    }

    // Areas are chosen by id here, since they need not be places; "elsewhere" is none.
    line(body, one, widest) {
      super.line(body, { ...one, index: one.id || -1 }, widest);
      const row = body.lastChild;
      row.onclick = one.id ? () => this.choose(one.id) : null;
      if (one.id) return;
      row.style.cursor = "default";
      row.querySelector("button").disabled = true;
    }
  }

  G.Ledger = Ledger;
})(globalThis);
