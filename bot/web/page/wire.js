// What goes between the page and the server: the state once, then events as they happen, and what people send, each with
// an id made here, so that a second try is never a second message.

const kept = "handrail.unsent";

// uuid works without crypto.randomUUID too, which plain http has only on this machine.
export function uuid() {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const data = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, data };
}

// Wire calls on.state(state), on.entry(entry), on.clock(clock), on.reset(), on.away(bool), on.pending(chat, items) and
// on.refused(item, data).
export class Wire {
  constructor(on) {
    this.on = on;
    this.last = "";
    this.queues = new Map(); // chat -> items on their way, oldest first
    this.pumping = new Set();
    this.quiet = { stream: false, send: false };
    try {
      for (const item of JSON.parse(sessionStorage.getItem(kept) || "[]")) this.queue(item.chat).push({ ...item, taken: false });
    } catch {
      sessionStorage.removeItem(kept);
    }
  }

  async start() {
    for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
      try {
        const answer = await fetch("/api/state");
        if (answer.ok) {
          const state = await answer.json();
          this.last = state.last;
          this.on.state(state);
          for (const e of state.entries) this.landed(e);
          break;
        }
      } catch { /* away: tried again below */ }
      this.away("stream", true);
      await pause(wait);
    }
    this.away("stream", false);
    for (const chat of this.queues.keys()) this.pump(chat);
    this.listen();
  }

  listen() {
    const source = new EventSource("/api/events?after=" + encodeURIComponent(this.last));
    const seen = (e) => { if (e.lastEventId) this.last = e.lastEventId; };
    source.addEventListener("open", () => this.away("stream", false));
    source.addEventListener("entry", (e) => {
      seen(e);
      const entry = JSON.parse(e.data);
      this.on.entry(entry);
      this.landed(entry);
    });
    source.addEventListener("clock", (e) => this.on.clock(JSON.parse(e.data)));
    source.addEventListener("reset", (e) => {
      seen(e);
      this.queues.clear();
      this.keep();
      this.on.reset();
    });
    source.addEventListener("error", () => {
      this.away("stream", true);
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.listen(), 1500);
    });
  }

  // away tells the page once when either direction stops or comes back.
  away(side, is) {
    const before = this.quiet.stream || this.quiet.send;
    this.quiet[side] = is;
    const now = this.quiet.stream || this.quiet.send;
    if (before !== now) this.on.away(now);
  }

  queue(chat) {
    if (!this.queues.has(chat)) this.queues.set(chat, []);
    return this.queues.get(chat);
  }

  keep() {
    const waiting = [...this.queues.values()].flat().filter((i) => !i.taken);
    try {
      waiting.length ? sessionStorage.setItem(kept, JSON.stringify(waiting)) : sessionStorage.removeItem(kept);
    } catch { /* no room: it is still in memory */ }
  }

  changed(chat) {
    this.keep();
    this.on.pending(chat, this.queue(chat));
  }

  // send puts one thing on its way; shown is what the page shows of it meanwhile.
  send(chat, body, shown) {
    const item = { chat, id: uuid(), body, shown, taken: false, tries: 0 };
    this.queue(chat).push(item);
    this.changed(chat);
    this.pump(chat);
    return item;
  }

  // pump sends what waits in one chat, one after another, so that it arrives in the order in which it was written.
  async pump(chat) {
    if (this.pumping.has(chat)) return;
    this.pumping.add(chat);
    for (let item; (item = this.queue(chat).find((i) => !i.taken)); ) {
      const answer = await post("/api/send", { chat, id: item.id, ...item.body }).catch(() => null);
      if (!this.queue(chat).includes(item)) continue; // it landed, or the story was started again
      if (answer && answer.ok) {
        item.taken = true;
        this.away("send", false);
        this.changed(chat);
      } else if (answer && answer.status < 500 && answer.status !== 429) {
        this.drop(item);
        this.away("send", false);
        this.on.refused(item, answer.data);
      } else {
        item.tries++;
        this.away("send", true);
        this.changed(chat);
        await pause(Math.min(500 * 2 ** item.tries, 8000));
      }
    }
    this.pumping.delete(chat);
  }

  drop(item) {
    const q = this.queue(item.chat);
    if (q.includes(item)) q.splice(q.indexOf(item), 1);
    this.changed(item.chat);
  }

  // landed takes an item off its queue once the phone shows it.
  landed(entry) {
    const item = entry.id && this.queue(entry.chat).find((i) => i.id === entry.id);
    if (item) {
      this.drop(item);
      this.away("send", false);
    }
  }
}
