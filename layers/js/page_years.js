// Two years as a page of its own: linked maps, a swipe or the difference, and what became of places.
(function (root) {
  "use strict";
  const G = root.gradmap;

  G.pageYears = function (box, data) {
    const { head, sentence, quiet, warning } = G.pageHead(box, data);
    const views = G.element("div", "gm-views", null, head);
    views.setAttribute("role", "group");
    views.setAttribute("aria-label", data.words.view);
    const body = G.element("div", "gm-page-body", null, box);
    const off = new Set(data.off);
    let view = data.view, list = null;
    // What a reader changes here is ours: the year of the right map and the place followed.
    const panes = data.maps.two.panes.map((one) => ({ ...one }));
    const lineage = { ...data.lineage };

    const screen = G.compare(body, (name, value) => (name === "lineage" ? follow(value) : turn(value)));

    function draw() {
      const maps = view === "difference" ? data.maps.difference : { ...data.maps.two, panes };
      screen.update({
        ...data, ...maps, lineage, mode: view, home: "page", labels: data.labels,
        overlays: data.overlays.filter((one) => !off.has(one.kind)), chosen: data.near[lineage.chosen] || null,
      });
      screen.panes.forEach((one) => G.pageVeil(one.pane, off, data.labels));
      // The switches lie over the last map, which is another one after a change of view.
      const { pane } = screen.panes[screen.panes.length - 1];
      const open = list && list.open;
      if (list && list.parentNode === pane.box) return;
      list = G.pageSwitches(pane, data, off, draw);
      list.open = open;
    }

    function choose() {
      views.replaceChildren();
      for (const [name, label] of data.views) {
        const button = G.element("button", name === view ? "gm-on" : "", label, views);
        button.dataset.view = name;
        button.setAttribute("aria-pressed", name === view);
        button.onclick = () => {
          view = name;
          draw();
          choose();
          views.querySelector(`[data-view=${name}]`).focus();
        };
      }
    }

    // The place whose story is told; the one that is told already is let go.
    function follow(id) {
      lineage.chosen = id;
      lineage.story = data.stories[id] || "";
      draw();
      const button = body.querySelector(`[data-place="${CSS.escape(id)}"]`);
      if (button) button.focus({ preventScroll: true });
    }

    // The right map shows another year; table and difference stay with the two years asked for.
    function turn(label) {
      const at = data.years.findIndex((one) => one.label === label);
      if (at < 0) return;
      panes[1] = { ...panes[1], current: at, title: label };
      say();
    }

    function say() {
      const shown = data.years[panes[1].current];
      const asked = data.maps.two.panes[1].title === shown.label;
      sentence.textContent = data.sentence;
      quiet.textContent = [shown.fair, asked ? "" : data.quiet].filter(Boolean).join(" · ");
      warning.textContent = shown.warning;
    }

    draw();
    choose();
    say();
    G.pageFoot(box, data);
    box.gradmap = screen;
    box.dataset.ready = "1";
  };
})(globalThis);
