// Lotsen's chat as one element: <lotsen-chat endpoint="https://lotsen.example.se"></lotsen-chat>.
// How to embed it, and what can be set: docs/web-editor.md

import { Connection } from "./connection.js";
import { Launcher } from "./launcher.js";
import { Memory } from "./memory.js";
import { css } from "./style.css";
import { View } from "./view.js";
import { Words } from "./words.js";

const HERE = new URL(import.meta.url).origin;
let sheet = null;

/**
 * The element. Attributes: `endpoint` (Lotsen's address; where this script came from if not given), `language` (sv, en),
 * `layout` (panel, page), `open`, `remember` (tab, browser), `scheme` (light, dark). Property `identity`: a token of the
 * page's sign-in, or a function that gives one. Events: `lotsen-open`, `lotsen-close`.
 */
class LotsenChat extends HTMLElement {
  static observedAttributes = ["endpoint", "language", "layout", "remember", "open"];

  #memory;
  #connection = null;
  #words;
  #view = null;
  #messages = [];
  #replaying = false;
  #identity;
  #back = null;
  #launcher = new Launcher(() => this.open());
  #field;
  #set = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
    }
    root.adoptedStyleSheets = [sheet];
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && this.#closable) this.close();
    });
    if (Object.hasOwn(this, "identity")) {
      const given = this.identity;
      delete this.identity;
      this.identity = given;
    }
  }

  connectedCallback() {
    this.#begin();
    this.#set = true;
    if (!this.#closable || this.hasAttribute("open") || (this.#memory.open && this.#memory.token)) this.#show();
  }

  disconnectedCallback() {
    this.#set = false;
    this.#connection?.stop();
    this.#view?.element.remove();
    this.#view = null;
  }

  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (!this.#set) this.#forget();
    else if (name === "open") {
      if (after === null) this.close();
      else this.#show();
    } else if (name === "language") this.#speak(this.#language);
    else this.#refocus(() => this.#beginAgain());
  }

  /** A token of the host page's sign-in (a JWT), or a function that gives one or a promise of it. */
  set identity(identity) {
    this.#identity = identity;
  }

  get identity() {
    return this.#identity;
  }

  /** Open the chat, and move the focus into it. */
  open() {
    if (!this.#set) {
      this.setAttribute("open", "");
      return;
    }
    this.#back = document.activeElement;
    this.#show();
    this.#view.focus();
  }

  /** Close the chat; the focus goes back to where it was. The conversation goes on. */
  close() {
    const inside = this.shadowRoot.activeElement;
    this.#hide();
    if (!inside) return;
    const back = this.#back?.isConnected && this.#back !== document.body && this.#back !== this;
    (back ? this.#back : this.#launcher.button).focus();
  }

  /** Begin as changed attributes say, open if it was. */
  #beginAgain() {
    const open = this.#shown;
    const words = this.#words;
    this.disconnectedCallback();
    this.#forget();
    this.#words = words;
    this.connectedCallback();
    if (open) this.#show();
  }

  #forget() {
    this.#words = null;
    this.#connection = null;
    this.#messages = [];
  }

  /** Do what makes the view anew; focus that was in it is in it afterwards, too. */
  #refocus(act) {
    const inside = this.shadowRoot.activeElement;
    act();
    if (!inside || this.shadowRoot.activeElement) return;
    if (this.#shown) this.#view.focus();
    else this.#launcher.button.focus();
  }

  get #closable() {
    return this.getAttribute("layout") !== "page";
  }

  get #shown() {
    return Boolean(this.#view) && !this.#view.element.hidden;
  }

  get #language() {
    const nearest = this.closest("[lang]")?.lang ?? "";
    return this.getAttribute("language") ?? (nearest.startsWith("en") ? "en" : "sv");
  }

  /** Begin as the attributes say. */
  #begin() {
    const endpoint = (this.getAttribute("endpoint") ?? HERE).replace(/\/+$/, "");
    this.#words ??= new Words(this.#language);
    this.#memory = new Memory(this.getAttribute("remember"), endpoint);
    this.#connection ??= this.#connect(endpoint);
    this.shadowRoot.replaceChildren();
    this.#launcher.offer(this.#words, false, this.#closable);
    this.shadowRoot.append(this.#launcher.button, this.#launcher.told);
  }

  #connect(endpoint) {
    const identity = async () => (typeof this.#identity === "function" ? this.#identity() : this.#identity);
    const connection = new Connection({ endpoint, memory: this.#memory, identity });
    connection.addEventListener("fresh", ({ detail: { reason } }) => {
      this.#messages.length = 0;
      this.#replaying = reason === "resumed" || (reason === "begun" && this.#memory.token !== null);
      this.#view?.fresh(reason);
    });
    connection.addEventListener("news", ({ detail: { messages, busy } }) => {
      this.#messages.push(...messages);
      this.#view?.news(messages, busy, this.#replaying);
      const told = messages.some(({ author }) => author === "bot") && !this.#replaying;
      if (told && !this.#shown) this.#launcher.tell(this.#words);
      if (messages.length) this.#replaying = false;
    });
    connection.addEventListener("contact", ({ detail }) => this.#view?.contact(detail));
    return connection;
  }

  #show() {
    if (this.#shown) return;
    if (!this.#view) this.#look();
    this.#view.element.hidden = false;
    this.#view.log.seen();
    this.#launcher.offer(this.#words, true, this.#closable);
    if (this.#closable) this.#memory.open = true;
    this.#connection.start();
    this.dispatchEvent(new CustomEvent("lotsen-open", { bubbles: true }));
  }

  #hide() {
    if (!this.#closable || !this.#shown) return;
    this.#view.element.hidden = true;
    this.#memory.open = false;
    this.#launcher.offer(this.#words, false, true);
    this.removeAttribute("open");
    this.dispatchEvent(new CustomEvent("lotsen-close", { bubbles: true }));
  }

  /** Make what is seen. */
  #look() {
    const language = () => {
      this.#speak(this.#words.language === "sv" ? "en" : "sv");
      this.#view.header.more.focus();
    };
    const close = this.#closable ? () => this.close() : undefined;
    const acts = { close, language };
    this.#view = new View(this.#words, this.#connection, this.#messages, acts, this.#field);
    this.#field = this.#view.composer.field;
    this.shadowRoot.append(this.#view.element);
  }

  /** Change the language; what was said and written stays. */
  #speak(language) {
    this.#words = new Words(language);
    const old = this.#view;
    this.#launcher.offer(this.#words, this.#shown, this.#closable);
    if (!old) return;
    this.#refocus(() => {
      old.question.withdraw();
      this.#look();
      this.#view.element.hidden = old.element.hidden;
      if (!old.element.hidden) this.#view.log.seen();
      old.element.remove();
    });
  }
}

if (!customElements.get("lotsen-chat")) customElements.define("lotsen-chat", LotsenChat);
