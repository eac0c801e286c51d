// Every word of the widget, in two languages; what the bot says is Swedish.

import { en } from "./texts/en.json";
import { sv } from "./texts/sv.json";

const LANGUAGES = { sv, en };

/** The texts of one language. */
export class Words {
  /** `language` is "sv" or "en"; any other is Swedish. */
  constructor(language) {
    this.language = language in LANGUAGES ? language : "sv";
  }

  /** Return the text `key` with `{values}` filled in. */
  say(key, values = {}) {
    return (LANGUAGES[this.language][key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  /** Return what a user reads when something went wrong. */
  error({ code, sentence, values }) {
    return this.say(`error_${code}`, values) || sentence || this.say("error_failed");
  }

  /** Return whose a message is; one at the support desk has a `name`. */
  who({ author, name }) {
    return name ?? this.say(author === "bot" ? "bot" : "you");
  }

  /** Return a time as it is written. */
  time(iso) {
    const language = this.language === "sv" ? "sv-SE" : "en-GB";
    return new Date(iso).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  }
}
