// The triage desk in the browser: live updates and the keyboard. Every page works without it.

const WAIT_MS = 300; // Several changes at once refresh a page once.

// --- Live updates: parts with data-live are fetched anew when something happens to a case they show.

const waiting = new Map();

function refresh(part) {
  clearTimeout(waiting.get(part));
  waiting.set(part, setTimeout(() => {
    if (part.isConnected) htmx.trigger(part, "live");
  }, WAIT_MS));
}

function happened(to) {
  for (const part of document.querySelectorAll("[data-live]")) {
    if (part.dataset.live === "all" || part.dataset.live === to) refresh(part);
  }
}

function refreshAll() {
  document.querySelectorAll("[data-live]").forEach(refresh);
}

// All open pages share one stream: a browser has few connections to a server, and a page more must not hang.

const STALE = "Sidan uppdateras inte just nu. Den försöker igen av sig själv.";
const SIGNED_OUT = "Du är utloggad. Kopiera det du har skrivit, ladda om sidan och logga in igen.";
const AGAIN_MS = 30000;

function tell(text) {
  document.getElementById("stale").textContent = text;
}

function isWritten(field) {
  return field.value !== field.defaultValue;
}

// Whoever is signed out loads the page anew and comes to the sign-in, but loses nothing that they have written.
function signedOut() {
  const fields = document.querySelectorAll("form[method=post] textarea, form[method=post] input:not([type=hidden])");
  if ([...fields].some(isWritten)) tell(SIGNED_OUT);
  else location.reload();
}

function heard(what) {
  if (what.kind === "case") happened(what.to);
  else if (what.kind === "over") signedOut();
  else if (what.kind === "lost") tell(STALE);
  else { // The stream is there again; what happened meanwhile is fetched.
    tell("");
    refreshAll();
  }
}

function stream(say, behind = false) {
  const source = new EventSource("/events");
  let lost = false;
  source.addEventListener("case", (event) => say({ kind: "case", to: event.data }));
  source.addEventListener("over", () => { source.close(); say({ kind: "over" }); });
  source.addEventListener("open", () => {
    if (lost || behind) say({ kind: "back" });
    lost = behind = false;
  });
  source.addEventListener("error", () => {
    if (!lost) say({ kind: "lost" });
    lost = true;
    if (source.readyState !== EventSource.CLOSED) return; // It comes again by itself.
    source.close();
    refreshAll(); // Whose session is over hears it from this.
    setTimeout(() => stream(say, true), AGAIN_MS);
  });
  addEventListener("pagehide", () => source.close());
}

function listen() {
  if (!document.querySelector("[data-live]") || !window.EventSource) return;
  const others = new BroadcastChannel("lotsen");
  others.addEventListener("message", (event) => heard(event.data));
  const say = (what) => { heard(what); others.postMessage(what); };
  if (!navigator.locks) stream(say);
  else navigator.locks.request("lotsen-stream", { ifAvailable: true }, (lock) => {
    if (lock) return new Promise(() => stream(say));
    // Another page has the stream. When it closes, what happens until this one listens is fetched.
    navigator.locks.request("lotsen-stream", () => new Promise(() => stream(say, true)));
    return undefined;
  });
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (!event.detail.xhr.getResponseHeader("HX-Refresh")) return;
  event.preventDefault();
  signedOut();
});

// --- A part with data-calm is changed only where it differs, so that focus, scroll and what is being read stay.

function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const named = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  const kept = new Set([...fresh.children].map((child) => child.id));
  for (const [id, child] of named) if (!kept.has(id)) child.remove();
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const twin = child.id ? named.get(child.id) : at && !at.id && at.nodeName === child.nodeName ? at : null;
    if (twin) {
      if (twin === at) at = at.nextSibling;
      else old.insertBefore(twin, at);
      morph(twin, child);
    } else old.insertBefore(child, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function rowsOf(part) {
  return [...part.querySelectorAll("[data-row]")];
}

// Rows that came in among those that were shown; on a list of several pages not those that moved up from the next.
function arrived(part, before, whole) {
  const now = rowsOf(part), known = new Set(before);
  const last = now.findLastIndex((row) => known.has(row.id));
  return now.filter((row, at) => !known.has(row.id) && (whole || at < last));
}

function renew(part, fresh) {
  const before = rowsOf(part).map((row) => row.id), whole = !part.querySelector("[rel=next]");
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  const row = held?.closest("[data-row]")?.id;
  const top = held?.getBoundingClientRect().top;
  morph(part, fresh);
  htmx.process(part);
  const came = arrived(part, before, whole);
  for (const one of came) one.classList.add("new-row");
  const news = document.getElementById(part.dataset.news);
  if (news) news.textContent = came.length > 1 ? news.dataset.many.replace("{n}", came.length) : came.length ? news.dataset.one : "";
  if (!held) return;
  if (!held.isConnected || document.activeElement !== held) nearest(held, row, before).focus({ preventScroll: true });
  const moved = document.activeElement.getBoundingClientRect().top - top;
  if (moved && (scrollY === 0 || !CSS.supports("overflow-anchor", "auto"))) scrollBy(0, moved);
}

// What had the focus, or what stands where it stood: the row after it, the one before it, the page.
function nearest(held, row, before) {
  const at = before.indexOf(row);
  const ids = at < 0 ? [] : [...before.slice(at), ...before.slice(0, at).reverse()];
  const near = ids.map((id) => document.getElementById(id)?.querySelector("a[data-open]")).find(Boolean);
  return (held.id && document.getElementById(held.id)) || near || document.getElementById("content");
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!event.detail.shouldSwap || !part.hasAttribute("data-calm")) return;
  const page = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const fresh = page.getElementById(part.id);
  if (!fresh) return;
  event.detail.shouldSwap = false;
  renew(part, fresh);
  if (page.title) document.title = page.title;
});

// --- A part that is replaced keeps the focus where it was.

let focused = null;
let opened = [];
document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement?.id || null;
  opened = [...document.querySelectorAll("details[id][open]")].map((one) => one.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
});

// --- The keyboard. Keys count only outside fields, and can be turned off with the switch in the dialog.

const GO = { k: "/queue", t: "/text", s: "/disturbances" };
let going = false;

function rows() {
  return [...document.querySelectorAll("[data-row] a[data-open]")];
}

function move(step) {
  const links = rows();
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key !== "?" && localStorage.getItem("keys") === "off") return;
  if (going) {
    going = false;
    if (GO[event.key]) { event.preventDefault(); location.assign(GO[event.key]); }
    return;
  }
  if (event.key === "g") going = true;
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else {
    const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!marked) return;
    event.preventDefault();
    marked.closest("details")?.setAttribute("open", "");
    if (marked.matches("input:not([type=submit]), textarea, select")) marked.focus();
    else marked.click();
  }
}

// --- Writing. Ctrl+Enter sends; a link to a form opens it; what is said in a conversation is announced once.

function sent(event) {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("[data-send]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
}

function jumped(event) {
  const to = event.target.closest("[data-jump]");
  const form = to && document.querySelector(to.getAttribute("href"));
  if (!form) return;
  event.preventDefault();
  form.closest("details")?.setAttribute("open", "");
  form.querySelector("select, textarea")?.focus();
}

const announced = new Set();

function announce(aloud) {
  for (const line of document.querySelectorAll("[data-said]")) {
    if (announced.has(line.dataset.said)) continue;
    announced.add(line.dataset.said);
    if (!aloud) continue;
    const said = document.createElement("p");
    said.textContent = line.textContent.replace(/\s+/g, " ").trim();
    document.getElementById("heard")?.append(said);
  }
}

let atEnd = true;

function talks() {
  const talk = document.querySelector("[data-talk]");
  if (!talk) return;
  const toEnd = () => { talk.scrollTop = talk.scrollHeight; };
  announce(false);
  toEnd();
  talk.addEventListener("htmx:beforeSwap", () => { atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40; });
  talk.addEventListener("htmx:afterSwap", () => { announce(true); if (atEnd) toEnd(); });
  const say = document.querySelector("[data-say]");
  if (!say) return;
  let writing = "";
  const problem = (text) => { document.getElementById("say-problem").textContent = text; };
  say.addEventListener("htmx:beforeRequest", () => { writing = say.elements.text.value; problem(""); });
  say.addEventListener("said", () => { if (say.elements.text.value === writing) say.elements.text.value = ""; });
  for (const failed of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    say.addEventListener(failed, () => problem("Meddelandet kom inte fram. Försök igen."));
  }
}

function start() {
  listen();
  talks();
  document.addEventListener("keydown", sent);
  document.addEventListener("click", jumped);
  for (const print of document.querySelectorAll("[data-print]")) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  document.addEventListener("keydown", pressed);
  const button = document.getElementById("show-keys");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById("keys").showModal());
    const on = document.getElementById("keys-on");
    on.checked = localStorage.getItem("keys") !== "off";
    on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  }
}

start();
