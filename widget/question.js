// A question inside the chat, in place of the browser's own dialogs: what is asked, and buttons.

import { button, make } from "./dom.js";

let asked = 0;

/**
 * Ask in `place`: put `text` and buttons there, move the focus to the first, resolve with the pressed one's name. Esc is
 * the last one. `extra` is shown between. Resolves with null if it is taken away (`withdraw`).
 */
export class Question {
  #answer = () => {};

  constructor() {
    this.place = make("div", { class: "question", hidden: true });
    this.place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.place.querySelector("button:last-of-type").click();
    });
  }

  ask(text, answers, extra) {
    this.withdraw();
    asked += 1;
    const id = `question-${asked}`;
    const back = this.place.getRootNode().activeElement;
    return new Promise((resolve) => {
      this.#answer = (name) => {
        this.#answer = () => {};
        if (this.place.contains(this.place.getRootNode().activeElement)) back?.focus();
        this.place.hidden = true;
        this.place.replaceChildren();
        resolve(name);
      };
      const buttons = Object.entries(answers).map(([name, title]) => button(() => this.#answer(name), {}, title));
      this.place.replaceChildren(make("div", { role: "alertdialog", "aria-labelledby": id },
        make("p", { id }, text), extra, make("div", { class: "row" }, ...buttons)));
      this.place.hidden = false;
      (extra ?? buttons[0]).focus();
    });
  }

  /** Take the question away, unanswered. */
  withdraw() {
    this.#answer(null);
  }
}
