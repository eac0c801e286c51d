// The chat page: one conversation, kept by a token in sessionStorage, shown again after a reload.

import { render } from "/chat/markdown.js";

const texts = await (await fetch("/chat/sv.json")).json();
const log = document.getElementById("log");
const status = document.getElementById("status");
const form = document.getElementById("form");
const field = document.getElementById("text");
const TOKEN = "lotsen-token";
const RETRY_MS = 2000;

let token = sessionStorage.getItem(TOKEN);
let last = 0;
let busy = false; // Whether the server said that the bot is still at work.
let run = 0; // Grows with each new conversation, so that an old one's requests are ignored.

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return say(texts.empty);
  field.value = "";
  post({ text }, () => { field.value = text; });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.getElementById("restart").addEventListener("click", () => {
  if (confirm(texts.restart_confirm)) begin();
});

if (token) listen(run);
else begin();

/** Start a new conversation on a clean page. */
async function begin() {
  run += 1;
  const mine = run;
  log.replaceChildren();
  last = 0;
  while (mine === run) {
    try {
      const answer = await call("/chat/session", { method: "POST", body: "{}" }, false);
      if (mine !== run) return;
      token = (await answer.json()).token;
      sessionStorage.setItem(TOKEN, token);
      if (status.textContent === texts.lost) say("");
      listen(mine);
      return;
    } catch {
      say(texts.lost);
      await pause();
    }
  }
}

/** Go on with an earlier conversation, whose code was written. */
function resume(resumed) {
  run += 1;
  log.replaceChildren();
  last = 0;
  token = resumed;
  sessionStorage.setItem(TOKEN, token);
  listen(run);
}

/** Ask for new messages again and again, each request waiting until there is one. */
async function listen(mine) {
  while (mine === run) {
    try {
      const answer = await call(`/chat/messages?after=${last}&busy=${Number(busy)}`);
      if (mine !== run) return;
      if (answer.status === 401) {
        say(texts.expired);
        return begin();
      }
      if (!answer.ok) throw new Error(answer.status);
      const news = await answer.json();
      busy = news.busy;
      news.messages.forEach(show);
      if (busy) say(texts.typing);
      else if ([texts.lost, texts.typing].includes(status.textContent)) say("");
    } catch {
      if (mine !== run) return;
      say(texts.lost);
      await pause();
    }
  }
}

/** Send what was written or chosen; `undo` puts it back if it could not be sent. */
async function post(what, undo) {
  say("");
  const body = JSON.stringify({ ...what, client_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const answer = await call("/chat/messages", { method: "POST", body });
      if (answer.ok) {
        const { token: resumed } = await answer.json();
        return resumed ? resume(resumed) : undefined;
      }
      if (answer.status < 500) {
        undo();
        return say((await answer.json()).error);
      }
    } catch { /* No contact: the same client_id makes a second try safe. */ }
    say(texts.lost);
    await pause();
  }
  undo();
}

function call(address, options = {}, signed = true) {
  const headers = { "Content-Type": "application/json" };
  if (signed) headers.Authorization = `Bearer ${token}`;
  return fetch(address, { ...options, headers });
}

function show(message) {
  if (message.id <= last) return;
  last = message.id;
  log.querySelectorAll(".choices button").forEach((button) => {
    if (message.author === "user") button.disabled = true;
  });
  const bubble = log.appendChild(document.createElement("article"));
  bubble.className = message.author;
  const head = bubble.appendChild(document.createElement("p"));
  head.className = "who";
  const time = new Date(message.time).toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit" });
  head.textContent = `${message.author === "user" ? texts.you : texts.bot}, ${time}`;
  if (message.author === "user") bubble.appendChild(document.createElement("p")).textContent = message.text;
  else bubble.append(render(message.text, texts.new_window));
  if (message.choices.length) bubble.append(choices(message.choices));
  log.scrollTop = log.scrollHeight;
}

function choices(offered) {
  const group = document.createElement("div");
  group.className = "choices";
  for (const { id, title } of offered) {
    const button = group.appendChild(document.createElement("button"));
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => {
      group.querySelectorAll("button").forEach((other) => { other.disabled = true; });
      post({ choice: id }, () => group.querySelectorAll("button").forEach((other) => { other.disabled = false; }));
      field.focus({ preventScroll: true });
    });
  }
  return group;
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

function pause() {
  return new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
}
