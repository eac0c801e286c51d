// The small part of Markdown that answers use, built as DOM nodes: paragraphs, lists, bold, links, bare addresses.

import { make } from "./dom.js";

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\((\S+?)\)|(https?:\/\/[^\s)]*[^\s).,;:!?"])/g;
const SAFE = /^(https?:\/\/|mailto:|tel:)/i;

/** Return nodes for `text`; `newWindow` is what screen readers hear after a link that opens one. */
export function render(text, newWindow) {
  const nodes = [];
  for (const block of text.split(/\n{2,}/)) {
    let paragraph = null;
    let list = null;
    for (const line of block.split("\n")) {
      const item = line.match(/^(?:[-*]|\d+\.) (.*)$/);
      if (item) {
        paragraph = null;
        const kind = /^\d/.test(line) ? "ol" : "ul";
        if (list?.localName !== kind) nodes.push(list = make(kind));
        list.append(make("li", {}, ...inline(item[1], newWindow)));
      } else {
        list = null;
        if (paragraph) paragraph.append(make("br"));
        else nodes.push(paragraph = make("p"));
        paragraph.append(...inline(line, newWindow));
      }
    }
  }
  return nodes;
}

/** Return `text` as it is read where only text is shown. */
export function plain(text) {
  return text.replace(INLINE, (whole, bold, label, target) => {
    if (bold || !label || !SAFE.test(target)) return bold ?? whole;
    return /^http/i.test(target) ? `${label} (${target})` : label;
  });
}

function inline(text, newWindow) {
  const nodes = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(last, match.index));
    const [whole, bold, label, target, bare] = match;
    nodes.push(bold ? make("strong", {}, bold) : link(label ?? bare, target ?? bare, newWindow) ?? whole);
    last = match.index + whole.length;
  }
  return [...nodes, text.slice(last)];
}

function link(label, href, newWindow) {
  if (!SAFE.test(href)) return null;
  if (!/^http/i.test(href)) return make("a", { href }, label);
  const hint = make("span", { class: "hidden" }, ` (${newWindow})`);
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, label, hint);
}
