// The way into the chat, while it is closed.

import { button, icon, make } from "./dom.js";

const BUBBLE = "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-6 5v-5H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z";

/** The button that opens the chat (`open`), and what is said of replies that come meanwhile. */
export class Launcher {
  constructor(open) {
    this.button = button(open, { class: "launcher", "aria-haspopup": "dialog" }, icon(BUBBLE), make("span"));
    this.told = make("p", { role: "status", class: "hidden" });
  }

  /** Show the way in where there is one (`shown`), in a language; `open` is whether the chat is open. */
  offer(words, open, shown) {
    this.button.hidden = open || !shown;
    this.button.lang = this.told.lang = words.language;
    this.button.setAttribute("aria-expanded", String(open));
    this.button.classList.remove("new");
    this.button.lastElementChild.textContent = words.say("open");
    this.told.textContent = "";
  }

  /** Tell of a reply; screen readers say it once. */
  tell(words) {
    this.button.classList.add("new");
    this.button.lastElementChild.textContent = words.say("open_new");
    this.told.textContent = words.say("new_reply_said");
  }
}
