// The panel: header, log, what goes on, the field. Made anew when the language changes.

import { Composer } from "./composer.js";
import { ChatError } from "./connection.js";
import { button, make } from "./dom.js";
import { Header } from "./header.js";
import { Log } from "./log.js";
import { Question } from "./question.js";
import { copyText, printText, transcript } from "./transcript.js";

const TYPING_MS = 400;

/**
 * What a user sees of one conversation. `connection` sends; `acts` are close (or none) and language, the element's;
 * `field` is that of an earlier view.
 */
export class View {
  #words;
  #connection;
  #messages;
  #typing;

  constructor(words, connection, messages, acts, field) {
    this.#words = words;
    this.#connection = connection;
    this.#messages = messages;
    this.question = new Question();
    this.header = new Header(words, {
      ...acts, restart: () => this.#restart(), copy: () => this.#copy(), print: () => this.#print(),
    });
    this.log = new Log(words, {
      choose: (choice) => this.#try(() => connection.send({ choice })),
      rate: (message, rating, comment) => this.#rate(message, rating, comment),
    });
    this.composer = new Composer(words, (text) => this.#write(text), this.question, field);
    this.alert = make("p", { role: "alert" });
    this.status = make("p", { role: "status" });
    this.dots = make("span", { class: "dots", "aria-hidden": "true", hidden: true }, make("i"), make("i"), make("i"));
    this.retry = button(() => this.#retry(), { hidden: true }, words.say("retry"));
    const notices = make("div", { class: "notices" }, this.alert, this.retry, this.dots, this.status);
    const dialog = acts.close ? "dialog" : "region";
    const named = { role: dialog, "aria-label": words.say("chat"), lang: words.language };
    // tabindex: a click beside the controls leaves the focus in the chat, so that Esc still closes it.
    this.element = make("section", { class: "panel", id: "panel", tabindex: "-1", ...named },
      this.header.element, this.log.element, notices, this.question.place, this.composer.element);
    if (messages.length) this.log.add(messages, true);
    if (connection.contact === "lost") this.contact("lost");
  }

  /** Move the focus to where one goes on: the field; on a phone the log, as the field would bring up the keyboard. */
  focus() {
    (matchMedia("(pointer: coarse)").matches ? this.log.list : this.composer.field).focus({ preventScroll: true });
  }

  /** Show news. */
  news(messages, busy, replayed) {
    if (messages.length) this.log.add(messages, replayed);
    clearTimeout(this.#typing);
    const goesOn = messages.some(({ author }) => author === "bot");
    if (busy) this.#typing = setTimeout(() => this.#type(true), goesOn ? 0 : TYPING_MS);
    else this.#type(false);
  }

  /** Empty the log, and say why if the user did not ask for it just now. */
  fresh(reason) {
    this.question.withdraw();
    this.log.clear();
    this.#type(false);
    this.#say(this.status, reason === "begun" ? "" : this.#words.say(reason));
  }

  /** Say that contact is lost, or found again. */
  contact(state) {
    if (state === "lost") {
      this.#say(this.alert, this.#words.say("lost"));
      this.retry.hidden = false;
    } else if (!this.retry.hidden) {
      this.#settle();
      this.#say(this.status, this.#words.say("found"));
    }
  }

  async #write(text) {
    if (!text) {
      this.#say(this.alert, this.#words.say("error_empty"));
      return false;
    }
    return this.#try(() => this.#connection.send({ text }));
  }

  /** Do something with the server; tell whether it went well, and the user why not. */
  async #try(act) {
    if (this.#connection.contact !== "lost") this.#settle();
    if (this.dots.hidden) this.#say(this.status, "");
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#say(this.alert, this.#words.error(error));
      return false;
    }
  }

  async #rate(message, rating, comment) {
    if (!await this.#try(() => this.#connection.rate(message, rating, comment))) return false;
    this.#messages.find(({ id }) => id === message).rated = rating;
    this.#say(this.status, this.#words.say("thanks"));
    return true;
  }

  async #restart() {
    const answers = { yes: this.#words.say("restart_yes"), no: this.#words.say("restart_no") };
    if (await this.question.ask(this.#words.say("restart_question"), answers) !== "yes") return;
    this.composer.clear();
    this.composer.field.focus();
    this.#connection.restart();
  }

  async #copy() {
    const text = transcript(this.#words, this.#messages);
    if (await copyText(text)) this.#say(this.status, this.#words.say("copied"));
    else {
      const by = make("textarea", { readonly: true, rows: "4", "aria-label": this.#words.say("copy_by_hand") });
      by.value = text;
      by.addEventListener("focus", () => by.select());
      await this.question.ask(this.#words.say("copy_by_hand"), { done: this.#words.say("copy_done") }, by);
    }
  }

  #print() {
    printText(transcript(this.#words, this.#messages), this.#words.say("chat"), this.element);
  }

  #retry() {
    this.composer.field.focus();
    this.#connection.retry();
  }

  #settle() {
    this.#say(this.alert, "");
    if (this.retry.getRootNode().activeElement === this.retry) this.composer.field.focus();
    this.retry.hidden = true;
  }

  #type(typing) {
    this.dots.hidden = !typing;
    if (typing) this.#say(this.status, this.#words.say("typing"));
    else if (this.status.textContent === this.#words.say("typing")) this.#say(this.status, "");
  }

  #say(place, text) {
    if (place.textContent !== text) place.textContent = text;
  }
}
