// How often each place is found again: a line over the table, a mark in each row, a fact in the card.
// Both have their room from the start, so that nothing moves when the server has found it out.
(function (root) {
  "use strict";
  const G = root.gradmap;

  class Sureness {
    constructor(box) {
      this.box = box;
      this.open = false;
    }

    // Room for the mark of a place.
    place(id, cell) {
      G.element("i", "gm-sure-mark", null, cell).dataset.sure = id;
    }

    // Draws what is `told` of the places asked for, and takes away what was told of others.
    tell(told, asked) {
      const line = this.box.querySelector(".gm-sure-line");
      if (!line) return;
      if (told && told.key !== asked) told = null;
      line.replaceChildren();
      if (told && told.places) this.key(told, line);
      else if (told) G.element("span", "", told.line, line).setAttribute("role", "status");
      const places = (told && told.places) || {};
      for (const mark of this.box.querySelectorAll("[data-sure]")) this.mark(mark, places[mark.dataset.sure], told);
      this.fact(told, places);
    }

    // A row is short: its mark says the words to the pointer and to a screen reader.
    mark(mark, one, told) {
      mark.className = "gm-sure-mark" + (one ? " gm-is-" + one.grade : "");
      if (!one) return;
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", one.text);
      mark.title = one.text + "\n" + told.note;
    }

    fact(told, places) {
      for (const old of this.box.querySelectorAll(".gm-sure-fact")) old.remove();
      const card = this.box.querySelector(".gm-facts");
      const one = card && places[card.dataset.place];
      if (!one) return;
      const pair = G.element("div", "gm-wide gm-sure-fact");
      card.insertBefore(pair, card.children[2] || null);
      G.element("dt", "", told.label, pair).title = told.note;
      const value = G.element("dd", "", null, pair);
      G.element("i", "gm-sure-mark gm-is-" + one.grade, null, value);
      value.append(one.text);
    }

    // Which mark is which; opened, it says what was varied, to fingers and keys as well.
    key(told, line) {
      const box = G.element("details", "", null, line);
      box.open = this.open;
      box.ontoggle = () => (this.open = box.open);
      const head = G.element("summary", "", told.label, box);
      head.title = told.note;
      for (const { grade, word } of told.grades) {
        const one = G.element("span", "gm-sure-key", null, head);
        G.element("i", "gm-sure-mark gm-is-" + grade, null, one);
        one.append(word);
      }
      G.element("p", "", told.note, box);
    }
  }

  G.Sureness = Sureness;
})(globalThis);
