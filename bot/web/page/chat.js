// One person's chat: its heading, what was said, and where to write.

import { h, icon, unseen } from "./dom.js";
import { MessageView } from "./message.js";

// typingTime is how long the dots stay after something was sent when no answer comes, in milliseconds.
const typingTime = 4000;

// newTime is how long what somebody sent counts as new, in milliseconds.
const newTime = 8000;

function initials(name) {
  const parts = name.replace(/^(Dr|Mr|Mrs|Ms|Miss|Mx)\.?\s+/i, "").split(/\s+/);
  return parts.map((p) => [...p][0] || "").slice(0, 2).join("").toUpperCase();
}

export class Chat {
  // on: join(code), said(chat) when an entry from the house came
  constructor(person, index, words, wire, on) {
    Object.assign(this, { person, words, wire, on });
    this.views = []; // in order
    this.join = (code) => on.join(code);
    const id = "chat-" + index;
    this.id = id;

    this.end = h("div", { class: "end" });
    this.dots = h("p", { class: "dots", hidden: true }, h("span"), h("span"), h("span"), unseen("Handrail is answering"));
    this.list = h("div", { class: "list", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": "Messages on " + person.name + "'s phone" });
    this.empty = h("p", { class: "empty" }, "Nothing said yet.");
    this.below = h("button", { type: "button", class: "below", hidden: true, click: () => { this.bottom(); this.box.focus(); } }, ["More below", icon("down")]);
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": "Chat of " + person.name, scroll: () => this.scrolled() },
      h("div", { class: "inner" }, this.empty, this.list, this.end, this.dots));
    // The button for what is below goes as soon as somebody looks around or fills something in.
    for (const sign of ["wheel", "touchmove", "pointerdown", "focusin"]) this.scroller.addEventListener(sign, () => { this.below.hidden = true; }, { passive: true });
    // Pictures load, forms open and the box grows: whoever was at the end stays there.
    this.stuck = true;
    const sizes = new ResizeObserver(() => { if (this.stuck) this.bottom(); });
    sizes.observe(this.scroller);
    sizes.observe(this.scroller.firstChild);
    this.problem = h("p", { class: "problem", role: "alert", hidden: true });

    this.box = h("textarea", {
      id: id + "-box", rows: 1, placeholder: "Message", dir: "auto", autocomplete: "off", enterkeyhint: "send",
      keydown: (e) => this.key(e), keyup: () => { this.shifted = false; }, beforeinput: (e) => this.lineBreak(e), input: () => this.grow(),
    });
    this.ideas = person.starters.length
      ? h("details", { class: "ideas" }, h("summary", {}, "Things to try"),
          h("ul", {}, person.starters.map((s) => h("li", {}, h("button", { type: "button", class: "chip", click: () => this.starter(s) }, s)))))
      : null;
    this.el = h("section", { class: "chat person" + (index % 5), id, "aria-labelledby": id + "-name" },
      h("header", { class: "head" },
        h("span", { class: "avatar", "aria-hidden": "true" }, initials(person.name)),
        h("div", { class: "who" },
          h("h2", { id: id + "-name" }, person.name, unseen(","), " ", h("span", { class: "role" }, person.role))),
        h("a", { class: "save", href: "/api/transcript?chat=" + encodeURIComponent(person.chat), download: true, title: "Save this chat as a transcript" },
          icon("save"), h("span", {}, "Save chat", unseen(" of " + person.name + " as a transcript"))),
        h("p", { class: "hint" }, person.hint)),
      h("div", { class: "middle" }, this.scroller, this.below),
      this.problem, this.ideas,
      h("form", { class: "composer", submit: (e) => { e.preventDefault(); this.write(); } },
        h("label", { class: "unseen", for: id + "-box" }, "Message as " + person.name),
        this.box,
        person.near ? h("button", { type: "button", class: "round", title: "Share roughly where " + person.name + " is", click: () => this.post({ place: true }, { kind: "place" }) }, icon("pin"), unseen("Share roughly where " + person.name + " is")) : null,
        h("button", { type: "submit", class: "round send" }, icon("send"), unseen("Send as " + person.name))));
    this.showIdeas();
  }

  key(e) {
    this.shifted = e.shiftKey;
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      this.write();
    }
  }

  // lineBreak is Enter on keyboards that don't say which key it was, as many on phones.
  lineBreak(e) {
    if ((e.inputType === "insertLineBreak" || e.inputType === "insertParagraph") && !this.shifted) {
      e.preventDefault();
      this.write();
    }
  }

  grow() {
    this.box.classList.toggle("tall", this.box.value.includes("\n") || this.box.value.length > 30);
    this.box.rows = Math.min(6, this.box.value.split("\n").length);
  }

  write() {
    const text = this.box.value;
    if (text.trim() === "") {
      this.box.focus();
      return;
    }
    this.box.value = "";
    this.grow();
    this.post({ text }, { kind: "text", text });
  }

  starter(text) {
    this.post({ text }, { kind: "text", text });
    if (this.ideas) this.ideas.open = false;
    this.box.focus();
  }

  press(n, option) {
    this.post({ choice: option.choice, on: n }, { kind: "press", picked: option.label });
  }

  submit(n, form, values, view) {
    view.busy(true);
    const item = this.post({ form: form.token || "", fields: values, on: n }, { kind: "form", title: form.title });
    this.forms ||= new Map();
    this.forms.set(item.id, view);
  }

  post(body, shown) {
    this.complain("");
    this.waiting = true;
    clearTimeout(this.timer);
    const item = this.wire.send(this.person.chat, body, shown);
    this.bottom();
    return item;
  }

  // pending shows what is on its way and not on the phone yet.
  pending(items) {
    this.empty.hidden = items.length > 0 || this.views.length > 0;
    const late = items.some((i) => i.tries > 0);
    this.end.replaceChildren(...items.map((i) => {
      const s = i.shown;
      const text = s.kind === "press" ? s.picked : s.kind === "form" ? s.title : s.kind === "place" ? "Roughly where I am" : s.text.length > 300 ? s.text.slice(0, 300) + "…" : s.text;
      return h("div", { class: "msg mine pending" }, h("div", { class: "bubble" }, h("p", { dir: "auto" }, text)),
        h("p", { class: "when" }, i.tries > 0 ? "Not sent yet. Trying again" : "Sending"));
    }));
    const underWay = items.some((i) => !i.taken);
    if (underWay) clearTimeout(this.timer);
    else if (this.waiting) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.waiting = false; this.dots.hidden = true; }, typingTime);
    }
    this.dots.hidden = late || !(underWay || this.waiting);
  }

  refused(item, data) {
    const view = this.forms?.get(item.id);
    this.waiting = false;
    this.dots.hidden = true;
    if (view) {
      view.busy(false);
      this.forms.delete(item.id);
    }
    if (view && data.problems) {
      view.open(false);
      view.show(data.problems);
      return;
    }
    this.complain(data.say || "That could not be sent.");
    if (item.shown.kind === "text" && this.box.value === "") {
      this.box.value = item.shown.text;
      this.grow();
    }
  }

  complain(text) {
    this.problem.hidden = !text;
    this.problem.textContent = text;
  }

  atEnd() {
    const s = this.scroller;
    return s.scrollHeight - s.scrollTop - s.clientHeight < 40;
  }

  scrolled() {
    // A window that changes its size scrolls too, without anybody having looked away from the end.
    if (this.sized()) {
      if (this.stuck) this.bottom();
      return;
    }
    this.stuck = this.atEnd();
    if (this.stuck) this.below.hidden = true;
  }

  // sized says whether the chat has another size than it had when this was last asked.
  sized() {
    const s = this.scroller, size = s.scrollHeight + " " + s.clientHeight + " " + s.clientWidth;
    const other = size !== this.size;
    this.size = size;
    return other;
  }

  bottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.below.hidden = true;
    this.stuck = true;
    this.sized();
  }

  // expect makes ready for what a moving clock brings: whoever moved it wants to see the first of it.
  expect() {
    this.bottom();
    this.asked = { view: null, when: performance.now() };
  }

  // follow goes to the end, but no further than the top of what is new, so that a long answer is read from its start.
  // What is new begins with what the person sent a moment ago, if they did, or with the first that a moving clock brought.
  follow(view) {
    const s = this.scroller;
    let asked = this.asked && performance.now() - this.asked.when < newTime ? this.asked.view : view;
    // A long form that was sent is known to the one who filled it in; the answer to it is what is new.
    if (asked.entry.said && asked.el.offsetHeight > s.clientHeight * 0.4) asked = this.views[this.views.indexOf(asked) + 1] || asked;
    const top = asked.el.getBoundingClientRect().top - s.getBoundingClientRect().top + s.scrollTop - 8;
    s.scrollTop = Math.min(top, s.scrollHeight);
    this.stuck = this.atEnd();
    this.below.hidden = this.stuck;
    this.sized();
  }

  // add puts an entry in its place. It comes twice only by mistake, and is then left out.
  add(entry, quietly) {
    if (this.views.some((v) => v.entry.n === entry.n)) return;
    const reading = !this.stuck && !entry.said && !(this.asked && performance.now() - this.asked.when < newTime);
    const view = new MessageView(entry, this);
    let i = this.views.length;
    while (i > 0 && this.views[i - 1].entry.order > entry.order) i--;
    const after = this.views[i];
    this.views.splice(i, 0, view);
    const before = after ? after.divider || after.el : null;
    if (i === 0 || this.views[i - 1].entry.day !== entry.day) {
      view.divider = h("p", { class: "day" }, h("span", {}, entry.day));
      this.list.insertBefore(view.divider, before);
    }
    this.list.insertBefore(view.el, before);
    if (after?.divider && after.entry.day === entry.day) {
      after.divider.remove();
      after.divider = null;
    }
    this.empty.hidden = true;
    if (entry.said) {
      this.marks(entry);
      if (!quietly) this.asked = { view, when: performance.now() };
    } else this.waiting = false;
    if (!quietly) {
      this.settle();
      if (this.asked && !this.asked.view) this.asked.view = view;
      if (reading) this.below.hidden = false;
      else this.follow(view);
    }
    if (entry.message && !quietly) this.on.said(this);
  }

  // settle puts right what depends on all entries: which question is the newest.
  settle() {
    const asking = this.views.filter((v) => v.asks);
    asking.forEach((v, i) => v.age(i < asking.length - 1));
    if (!this.waiting) this.dots.hidden = true;
    this.showIdeas();
  }

  // marks shows on a question how it was answered.
  marks(entry) {
    const on = this.views.find((v) => v.entry.n === entry.said.on);
    if (!on) return;
    if (entry.said.kind === "press") on.picked(entry.said.choice);
    if (entry.said.kind === "form" && on.form) {
      on.form.busy(false);
      on.form.close(true);
    }
  }

  showIdeas() {
    if (!this.ideas || this.knewEmpty === (this.views.length === 0)) return;
    this.knewEmpty = this.views.length === 0;
    this.ideas.open = this.knewEmpty;
  }

  clear() {
    clearTimeout(this.timer);
    this.views = [];
    this.asked = null;
    this.stuck = true;
    this.list.replaceChildren();
    this.end.replaceChildren();
    this.forms?.clear();
    this.waiting = false;
    this.dots.hidden = true;
    this.below.hidden = true;
    this.empty.hidden = false;
    this.complain("");
    this.showIdeas();
  }
}
