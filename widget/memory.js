// What the browser remembers: the session's token, and whether the chat is open. Nothing that was said.

/** Remembers in the tab (`where` is "tab": gone when it closes, as hospital computers are shared) or the browser. */
export class Memory {
  #storage;
  #name;
  #unstored = {};

  /** One memory for each `endpoint`. Where the browser allows no storage, this page is all that remembers. */
  constructor(where, endpoint) {
    this.#name = `lotsen ${endpoint} `;
    try {
      this.#storage = where === "browser" ? localStorage : sessionStorage;
    } catch { /* Storage is blocked. */ }
  }

  /** The session's token, or null. */
  get token() {
    return this.#read("token");
  }

  set token(token) {
    this.#write("token", token);
  }

  /** Whether the chat was open. */
  get open() {
    return this.#read("open") === "yes";
  }

  set open(open) {
    this.#write("open", open ? "yes" : null);
  }

  #read(key) {
    try {
      return this.#storage.getItem(this.#name + key);
    } catch {
      return this.#unstored[key] ?? null;
    }
  }

  #write(key, value) {
    this.#unstored[key] = value;
    try {
      if (value === null) this.#storage.removeItem(this.#name + key);
      else this.#storage.setItem(this.#name + key, value);
    } catch { // Full, or blocked: remembered by this page.
      this.#storage = null;
    }
  }
}
