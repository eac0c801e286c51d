// What has been said. A reply is put in as one piece, so that a screen reader announces it once.

import { button, make } from "./dom.js";
import { feedback } from "./feedback.js";
import { render } from "./markdown.js";

const NEAR_THE_END = 60;

/** The log of a conversation. `choose(id)` sends a choice, `rate(message, rating, comment)` a rating. */
export class Log {
  #words;
  #choose;
  #rate;
  #unseen = false;

  constructor(words, { choose, rate }) {
    this.#words = words;
    this.#choose = choose;
    this.#rate = rate;
    this.list = make("div", { role: "log", "aria-label": words.say("log"), tabindex: "0" });
    this.newReply = button(() => this.#toNewest(), { class: "new-reply", hidden: true }, words.say("new_reply"));
    this.element = make("div", { class: "log" }, this.list, this.newReply);
    this.list.addEventListener("scroll", () => { if (this.#atEnd()) this.#withdrawNewReply(); });
  }

  /** Show messages; `replayed` ones were said before, and are not announced. */
  add(messages, replayed) {
    const atEnd = this.#atEnd();
    if (replayed) this.list.setAttribute("aria-live", "off");
    const pieces = [];
    for (const message of messages) {
      if (message.author === "user") {
        this.#retire([this.list, ...pieces]);
        pieces.push(make("div", { class: "said", "aria-live": "off" }, this.#article(message)));
      } else {
        if (pieces.at(-1)?.className !== "reply") pieces.push(make("div", { class: "reply" }));
        pieces.at(-1).append(this.#article(message));
      }
    }
    this.list.append(...pieces);
    if (replayed) requestAnimationFrame(() => requestAnimationFrame(() => this.list.removeAttribute("aria-live")));
    if (!this.list.clientHeight) this.#unseen = true;
    else if (atEnd || replayed || messages.some(({ author }) => author === "user")) this.#toNewest();
    else this.newReply.hidden = false;
  }

  /** The log has come into view: show what came while it was not. */
  seen() {
    if (this.#unseen) this.#toNewest();
    this.#unseen = false;
  }

  /** Empty the log. Focus that is in it goes to the log itself. */
  clear() {
    if (this.list.contains(this.list.getRootNode().activeElement)) this.list.focus();
    this.list.replaceChildren();
    this.newReply.hidden = true;
  }

  #article(message) {
    const { author, name } = message;
    const bot = author === "bot";
    const who = make("p", { class: "who" }, `${this.#words.who(message)} `,
      make("time", { datetime: message.time }, this.#words.time(message.time)));
    const swedish = this.#words.language !== "sv" && bot ? "sv" : null;
    const text = bot && !name ? render(message.text, this.#words.say("new_window")) : [make("p", { class: "typed" }, message.text)];
    const article = make("article", { class: name ? "desk" : author }, who, this.#progress(message.step),
      make("div", { lang: swedish }, ...text));
    if (message.choices.length) article.append(this.#choices(message, swedish));
    if (message.ratable) {
      article.append(feedback(this.#words, message.rated, (rating, comment) => this.#rate(message.id, rating, comment)));
    }
    return article;
  }

  #progress(step) {
    if (!step) return null;
    return make("progress", { value: step.number, max: step.total, "aria-label": this.#words.say("step", step) });
  }

  #choices({ choices, step }, lang) {
    const name = { role: "group", "aria-label": this.#words.say("choices") };
    const group = make("div", { class: step ? "choices guided" : "choices", ...name });
    for (const { id, title } of choices) {
      const one = button(() => this.#press(group, one, id), { lang }, title);
      group.append(one);
    }
    return group;
  }

  /** Send a choice. The pressed button keeps the focus: what comes next with Tab is the new reply's buttons. */
  async #press(group, pressed, id) {
    if (pressed.getAttribute("aria-disabled")) return;
    const chosen = make("span", { class: "hidden", "aria-live": "off" }, ` (${this.#words.say("chosen")})`);
    pressed.classList.add("chosen");
    pressed.append(chosen);
    this.#retire([group]);
    if (await this.#choose(id) || group.closest(".reply").matches(":has(~ .said)")) return;
    chosen.remove();
    pressed.classList.remove("chosen");
    for (const one of group.children) {
      one.disabled = false;
      one.removeAttribute("aria-disabled");
    }
  }

  /** Take choices out of use; one that has the focus keeps it until it goes elsewhere. */
  #retire(parents) {
    for (const one of parents.flatMap((parent) => [...parent.querySelectorAll("button")])) {
      if (!one.closest(".choices") || one.disabled) continue;
      one.setAttribute("aria-disabled", "true");
      const off = () => { one.disabled = one.getAttribute("aria-disabled") === "true"; };
      if (one.getRootNode().activeElement === one) one.addEventListener("blur", off, { once: true });
      else off();
    }
  }

  #atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_THE_END;
  }

  /** Show the newest reply from its beginning. */
  #toNewest() {
    const newest = this.list.lastElementChild;
    if (newest) this.list.scrollTop = newest.offsetTop - this.list.offsetTop - 8;
    this.#withdrawNewReply();
  }

  #withdrawNewReply() {
    if (this.list.getRootNode().activeElement === this.newReply) this.list.focus({ preventScroll: true });
    this.newReply.hidden = true;
  }
}
