// The small part of Markdown that answers use, built as DOM nodes: paragraphs, lists, bold, links, bare addresses.
// Text never becomes HTML, and only http, https, mailto and tel links are made.

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\((\S+?)\)|(https?:\/\/[^\s)]+)/g;
const SAFE = /^(https?:|mailto:|tel:)/i;

/** Return a fragment with `text` as nodes. `newWindow` is what screen readers hear after a link's text. */
export function render(text, newWindow) {
  const fragment = document.createDocumentFragment();
  let list = null;
  for (const block of text.split(/\n{2,}/)) {
    let paragraph = null;
    list = null;
    for (const line of block.split("\n")) {
      const item = line.match(/^(?:[-*]|\d+\.) (.*)$/);
      if (item) {
        paragraph = null;
        const kind = /^\d/.test(line) ? "ol" : "ul";
        if (list?.localName !== kind) list = fragment.appendChild(document.createElement(kind));
        inline(list.appendChild(document.createElement("li")), item[1], newWindow);
      } else {
        list = null;
        if (paragraph) paragraph.append(document.createElement("br"));
        paragraph ??= fragment.appendChild(document.createElement("p"));
        inline(paragraph, line, newWindow);
      }
    }
  }
  return fragment;
}

function inline(parent, text, newWindow) {
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    parent.append(text.slice(last, match.index));
    const [whole, bold, label, target, bare] = match;
    if (bold) parent.appendChild(document.createElement("strong")).textContent = bold;
    else parent.append(link(label ?? bare, target ?? bare, newWindow) ?? whole);
    last = match.index + whole.length;
  }
  parent.append(text.slice(last));
}

function link(label, target, newWindow) {
  if (!SAFE.test(target)) return null;
  const anchor = document.createElement("a");
  anchor.href = target;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer";
  anchor.textContent = label;
  const hint = anchor.appendChild(document.createElement("span"));
  hint.className = "hidden";
  hint.textContent = ` (${newWindow})`;
  return anchor;
}
