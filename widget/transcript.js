// The conversation as text, to copy or to print.

import { make } from "./dom.js";
import { plain } from "./markdown.js";

const PAPER = "body { font: 11pt/1.5 system-ui, sans-serif; } p { margin-block: 1em; break-inside: avoid; }";
let frame = null;

/** Return the conversation as text, as it was written. */
export function transcript(words, messages) {
  return messages.map((message) => {
    const { author, name, time, text } = message;
    return `${words.who(message)}, ${words.time(time)}\n${author === "bot" && !name ? plain(text) : text}`;
  }).join("\n\n");
}

/** Copy `text`; resolves with false where the page may not (http, or not allowed). */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Print `text` alone: from a frame in `place`, as the page around us is the host's. */
export function printText(text, title, place) {
  frame?.remove();
  frame = make("iframe", { class: "hidden", title, "aria-hidden": "true", tabindex: "-1" });
  place.append(frame);
  const { contentDocument, contentWindow } = frame;
  contentDocument.title = title;
  contentDocument.documentElement.lang = "sv";
  const sheet = new contentWindow.CSSStyleSheet();
  sheet.replaceSync(PAPER);
  contentDocument.adoptedStyleSheets = [sheet];
  for (const part of text.split("\n\n")) {
    const paragraph = contentDocument.createElement("p");
    for (const line of part.split("\n")) paragraph.append(line, contentDocument.createElement("br"));
    contentDocument.body.append(paragraph);
  }
  contentWindow.addEventListener("afterprint", () => frame.remove());
  contentWindow.print();
}
