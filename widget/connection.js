// Talks to the server, as docs/web-channel.md says.

import { readEvents } from "./events.js";

const FIRST_BYTE_MS = 5000;
const SILENCE_MS = 40000;
const SEND_MS = 15000;
const STREAM_AGAIN_MS = 180000;
const LONGEST_PAUSE_MS = 15000;
const SEND_TRIES = 3;

/** What went wrong; `sentence` is the server's. */
export class ChatError extends Error {
  constructor(code, told) {
    super(code);
    Object.assign(this, { values: {}, ...told, code });
  }
}

/**
 * One conversation. Events: `news` ({messages, busy}: new ones only, in order), `contact` ("found" or "lost"), `fresh`
 * ({reason}: forget what was shown; "begun", "expired", "over" (in another tab), "resumed" or "restarted").
 */
export class Connection extends EventTarget {
  #options;
  #session = new AbortController(); // Ends what is under way in a session, so that it can't touch the next.
  #round = new AbortController(); // Ends one stream or poll.
  #contact = "none";
  #streamsFrom = 0;
  #ends = 0; // Sessions in a row without news.

  constructor(options) {
    super();
    this.#options = options;
    this.stop();
  }

  /** "found", "lost", or "none" before the first contact. */
  get contact() {
    return this.#contact;
  }

  /** Go on with the remembered session, or begin one. */
  start() {
    if (this.#session.signal.aborted) this.#renew("begun", this.#options.memory.token);
  }

  /** Stop; `start` goes on. */
  stop() {
    this.#session.abort();
  }

  /** Try at once, rather than when the pause is over. */
  retry() {
    this.#emit("retry");
    if (this.#contact === "lost") this.#round.abort();
  }

  /** Begin anew. The old session is forgotten here at once, and ended at the server when it can be. */
  restart() {
    const token = this.#session.token ?? this.#options.memory.token;
    this.#renew("restarted", null);
    const ended = { token, signal: AbortSignal.timeout(STREAM_AGAIN_MS) };
    if (token) this.#deliver(ended, "DELETE", "/session").catch(() => {});
  }

  /** Send `{text}` or `{choice}`. Resolves when it is taken, or given up by `restart`. */
  send(what) {
    const session = this.#session;
    const body = { ...what, client_id: String(Math.random()) };
    session.sent = this.#deliver(session, "POST", "/messages", body, session.sent);
    return session.sent;
  }

  /** Rate the answer `message` (an id) "up" or "down". */
  rate(message, rating, comment) {
    return this.#deliver(this.#session, "POST", "/feedback", { message, rating, comment });
  }

  #renew(reason, token) {
    this.#session.abort(reason);
    this.#session = Object.assign(new AbortController(), { token, last: 0, busy: false });
    this.#options.memory.token = token;
    const { signal } = this.#session;
    addEventListener("offline", () => this.#round.abort(), { signal });
    addEventListener("online", () => this.retry(), { signal });
    addEventListener("visibilitychange", () => this.retry(), { signal });
    this.#live(this.#session);
    this.#emit("fresh", { reason });
  }

  /** Go on with the session that another tab has begun, or a new one. */
  #renewEnded({ token }, code) {
    const theirs = this.#options.memory.token;
    this.#ends += 1;
    this.#renew(code === "over" ? code : "expired", theirs === token ? null : theirs);
  }

  /** Keep a session and listen, until it ends. */
  async #live(session) {
    const { signal } = session;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const round = this.#round = new AbortController();
      const began = Date.now();
      const streams = began >= this.#streamsFrom;
      const { last } = session;
      let seconds;
      try {
        if (!session.token) await (session.begun = this.#begin(session));
        await this.#listen(session, round, streams);
        const good = session.last !== last || Date.now() - began > FIRST_BYTE_MS;
        if (good) failures = 0;
        else if (failures > 1) this.#streamsFrom = began + STREAM_AGAIN_MS;
        if (good && !streams) continue;
      } catch (error) {
        if (signal.aborted || round.signal.aborted) continue;
        if (error.ended) return void this.#renewEnded(session, error.code);
        this.#streamsFrom = 0;
        if (error.code === "full" && session.token) this.#streamsFrom = began + STREAM_AGAIN_MS;
        else {
          this.#meet("lost");
          seconds = error.retryAfter;
        }
      }
      await this.#pause(failures, signal, seconds);
    }
  }

  async #begin(session) {
    const { signal } = session;
    if (this.#ends) await this.#pause(this.#ends - 1, signal); // Another tab may begin one.
    if (!this.#options.memory.token) {
      const { identity } = this.#options;
      const given = await Promise.race([(async () => identity())(), this.#pause(3, signal)]).catch(() => {});
      const ask = (known) => this.#ask(session, "POST", "/session", { body: { identity: known } });
      const answer = await ask(given).catch((error) => (error.again === false ? ask() : Promise.reject(error)));
      const { token } = await answer.json();
      signal.throwIfAborted();
      this.#options.memory.token = token;
    }
    session.token = this.#options.memory.token;
  }

  /** Listen to a stream until it ends, or ask once. */
  async #listen(session, round, streams) {
    let any = !streams;
    const giveUp = () => {
      this.#streamsFrom = any ? 0 : Date.now() + STREAM_AGAIN_MS;
      if (any) this.#meet("lost");
      round.abort();
    };
    let watch = setTimeout(giveUp, streams ? FIRST_BYTE_MS : SILENCE_MS);
    const heard = () => {
      any = true;
      clearTimeout(watch);
      watch = setTimeout(giveUp, SILENCE_MS);
      this.#meet("found");
    };
    try {
      const path = `/${streams ? "events" : "messages"}?after=${session.last}&busy=${Number(session.busy || (!streams && this.#contact === "lost"))}`;
      const answer = await this.#ask(session, "GET", path, { stop: round.signal });
      if (!streams) {
        this.#take(session, await answer.json());
        return heard();
      }
      for await (const { type, data } of readEvents(answer.body, heard)) {
        if (type === "over") throw new ChatError("over", { ended: true });
        if (type === "news" && !this.#take(session, data)) return;
      }
    } finally {
      clearTimeout(watch);
    }
  }

  /** Tell of news. Returns false at a gap: ask again, once. */
  #take(session, { messages, busy, token }) {
    session.signal.throwIfAborted();
    const { last, token: old } = session;
    if (token && this.#options.memory.token === old) this.#options.memory.token = token; // Else it is another tab's.
    session.token = token ?? old;
    const fresh = messages.filter(({ id }) => id > last);
    if (session.gap !== last && fresh.some(({ id }, index) => id !== last + 1 + index)) {
      session.gap = last;
      return false;
    }
    session.last = fresh.at(-1)?.id ?? last;
    session.busy = busy;
    this.#ends = 0;
    this.#emit("news", { messages: fresh, busy });
    return true;
  }

  /** Send some times; the server takes a `client_id` once. */
  async #deliver(session, method, path, body, before) {
    await before?.catch(() => {});
    for (let failures = 0; ; failures += 1) {
      const nudge = setTimeout(() => this.#round.abort(), FIRST_BYTE_MS); // Our stream may be in the way.
      try {
        if (!session.token) await session.begun;
        const answer = await this.#ask(session, method, path, { body, keepalive: true });
        const { token } = answer.status === 200 ? await answer.json() : {};
        session.signal.throwIfAborted();
        if (this.#contact === "lost") this.retry();
        if (token) this.#renew("resumed", token);
        return;
      } catch (error) {
        if (session.signal.reason === "restarted") return;
        if (session.signal.aborted) throw new ChatError("lost");
        if (body && error.ended) this.#renewEnded(session, error.code);
        if (error.again === false) throw error;
        if (!error.again) {
          this.#meet("lost");
          this.#round.abort();
        }
        if (body && failures + 1 === SEND_TRIES) throw new ChatError("lost");
      } finally {
        clearTimeout(nudge);
      }
      await this.#pause(failures, session.signal);
    }
  }

  #meet(contact) {
    if (contact === this.#contact) return;
    this.#contact = contact;
    this.#emit("contact", contact);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #ask({ token, signal }, method, path, { body, stop = AbortSignal.timeout(SEND_MS), keepalive }) {
    const answer = await fetch(`${this.#options.endpoint}/chat${path}`, {
      method, body: body && JSON.stringify(body), signal: AbortSignal.any([signal, stop]), keepalive,
      headers: { "Content-Type": "application/json", ...token && { Authorization: `Bearer ${token}` } },
      credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
    });
    if (answer.ok) return answer;
    const { code = "failed", error, values = {} } = await answer.json().catch(() => {}) ?? {};
    const retryAfter = Number(answer.headers.get("Retry-After"));
    const ended = ["over", "no_session"].includes(code);
    throw new ChatError(code, { sentence: error, values, retryAfter, ended, again: answer.status >= 500 });
  }

  /** Wait longer after each failure, or `seconds`; `retry` ends it. */
  #pause(failures, signal, seconds) {
    const longest = seconds ? seconds * 1250 : Math.min(1000 * 2 ** failures, LONGEST_PAUSE_MS);
    return new Promise((resolve) => {
      setTimeout(resolve, longest * (0.8 + Math.random() / 5));
      this.addEventListener("retry", resolve, { once: true });
      signal.addEventListener("abort", resolve);
    });
  }
}
