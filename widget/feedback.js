// Rating an answer: a thumb, and a word if one likes.

import { button, icon, make } from "./dom.js";

const UP = "M2 21h4V9H2zM22 10c0-1-1-2-2-2h-6l1-5-1-1-6 7v11c0 1 1 1 2 1h8c1 0 2-1 2-1l2-6z";
const DOWN = "M22 3h-4v12h4zM2 14c0 1 1 2 2 2h6l-1 5 1 1 6-7V4c0-1-1-1-2-1H6C5 3 4 4 4 4L2 10z";
const LONGEST_COMMENT = 500;
let fields = 0;

/** Return the thumbs below an answer. `rate(rating, comment)` sends; `rated` is what was chosen before. */
export function feedback(words, rated, rate) {
  const thumbs = { up: thumb("up", UP, "helped"), down: thumb("down", DOWN, "not_helped") };
  const group = make("div", { class: "feedback", role: "group", "aria-label": words.say("rate") },
    thumbs.up, thumbs.down);
  show(rated);
  return group;

  function thumb(rating, d, name) {
    const said = words.say(name);
    const attributes = { class: "thumb", "aria-pressed": "false", "aria-label": said, title: said };
    return button(() => choose(rating), attributes, icon(d));
  }

  async function choose(rating) {
    const before = rated;
    show(rated = rating);
    if (!await rate(rating)) return show(rated = before);
    group.querySelector("form")?.remove();
    const form = commentForm(rating);
    group.append(form);
    for (const one of [form, form.elements[0]]) one.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  function show(rating) {
    for (const [name, one] of Object.entries(thumbs)) one.setAttribute("aria-pressed", String(name === rating));
  }

  function commentForm(rating) {
    fields += 1;
    const id = `comment-${fields}`;
    const field = make("input", { id, type: "text", maxlength: LONGEST_COMMENT, autocomplete: "off" });
    const skip = button(() => close(), { class: "quiet" }, words.say("comment_skip"));
    const send = make("button", { type: "submit" }, words.say("comment_send"));
    const form = make("form", {}, make("label", { for: id }, words.say("comment")), field,
      make("div", { class: "row" }, send, skip));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!field.value.trim()) close();
      else if (await rate(rating, field.value.trim())) close();
    });
    return form;

    function close() {
      thumbs[rating].focus();
      form.remove();
    }
  }
}
