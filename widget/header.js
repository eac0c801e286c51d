// The head of the panel: its name, starting over, what is rarer behind "Mer", and closing.

import { button, icon, make } from "./dom.js";

const CROSS = "M5 6.4 6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12z";

/** The header. `acts`: restart, copy, print, language, and close (none in a page of its own). */
export class Header {
  constructor(words, acts) {
    const item = (name, attributes = {}) => button(() => {
      this.#toggle(false);
      acts[name]();
    }, attributes, words.say(name === "language" ? "other_language" : name));
    this.more = button(() => this.#toggle(this.menu.hidden), {
      class: "quiet", "aria-expanded": "false", "aria-controls": "menu",
    }, words.say("more"));
    this.menu = make("div", { id: "menu", class: "menu", hidden: true }, item("copy"), item("print"),
      item("language", { lang: words.language === "sv" ? "en" : "sv" }));
    const name = words.say("close");
    const close = acts.close && button(acts.close, { class: "quiet close", "aria-label": name, title: name }, icon(CROSS));
    this.restart = button(acts.restart, { class: "quiet" }, words.say("restart"));
    this.element = make("div", { class: "header" },
      make("div", { class: "titles" }, make("h2", { id: "name" }, words.say("name")), make("p", {}, words.say("subtitle"))),
      this.restart, make("div", { class: "more" }, this.more, this.menu), close);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.menu.hidden) return;
      event.stopPropagation();
      this.#toggle(false);
    });
    this.menu.parentElement.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.menu.parentElement.contains(relatedTarget)) this.#show(false);
    });
  }

  #toggle(open) {
    this.#show(open);
    (open ? this.menu.firstElementChild : this.more).focus();
  }

  #show(open) {
    this.menu.hidden = !open;
    this.more.setAttribute("aria-expanded", String(open));
  }
}
