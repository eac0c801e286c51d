// Where the user writes. Enter sends, Shift+Enter makes a new line.

import { make } from "./dom.js";
import { findPersonalNumbers, withoutPersonalNumbers } from "./personal-number.js";

const LONGEST = 2000;
const COUNT_FROM = 1800;

/**
 * The field. `send(text)` resolves with whether it was taken; `question` asks about personal numbers. `field` is that
 * of an earlier composer, to go on with what is written in it.
 */
export class Composer {
  #words;
  #send;
  #question;
  #sending = false;
  #asking = false;

  constructor(words, send, question, field) {
    this.#words = words;
    this.#send = send;
    this.#question = question;
    this.field = field ?? make("textarea", {
      id: "text", rows: "1", maxlength: LONGEST, autocomplete: "off", "aria-describedby": "left", enterkeyhint: "send",
    });
    this.field.placeholder = words.say("placeholder");
    this.left = make("p", { id: "left", class: "left" });
    const label = make("label", { for: "text" }, words.say("label"));
    const submit = make("button", { type: "submit", class: "primary" }, words.say("send"));
    this.element = make("form", { class: "composer" }, label, make("div", { class: "row" }, this.field, submit), this.left);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.element.addEventListener("input", () => {
      if (this.#asking) question.withdraw();
      this.#count();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.target !== this.field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#count();
  }

  /** Empty the field. */
  clear() {
    this.field.value = "";
    this.#count();
  }

  async #submit() {
    if (this.#sending) return;
    this.#sending = true;
    try {
      await this.#deliver();
    } finally {
      this.#sending = false;
      this.#count();
    }
  }

  async #deliver() {
    if (findPersonalNumbers(this.field.value).length) {
      this.#asking = true;
      const answers = { remove: this.#words.say("number_remove"), change: this.#words.say("number_change") };
      const answer = await this.#question.ask(this.#words.say("number_question"), answers);
      this.#asking = false;
      this.field.focus();
      if (answer !== "remove") return;
    }
    const before = this.field.value;
    const text = withoutPersonalNumbers(before.trim(), this.#words.say("number_removed"));
    this.field.value = "";
    if (!await this.#send(text)) this.field.value = this.field.value ? `${before}\n${this.field.value}` : before;
  }

  #count() {
    const count = LONGEST - this.field.value.length;
    this.left.textContent = count <= LONGEST - COUNT_FROM ? this.#words.say("left", { count }) : "";
  }
}
