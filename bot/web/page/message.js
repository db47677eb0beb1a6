// One entry of a chat as elements.

import { h, icon, mapDrawing, unseen } from "./dom.js";
import { FormView } from "./form.js";

const join = /^#join=([A-Za-z0-9_-]{1,64})$/;

// target reads a link: {code} for an enrolment link of this page, {href} for a web address, null for anything else.
export function target(link) {
  if (!link) return null;
  const here = location.origin + "/#";
  const m = join.exec(link.startsWith(here) ? link.slice(here.length - 1) : link);
  if (m) return { code: m[1] };
  try {
    const url = new URL(link);
    return url.protocol === "https:" || url.protocol === "http:" ? { href: url.href } : null;
  } catch {
    return null;
  }
}

function anchor(link, children, props, onJoin) {
  const to = target(link);
  if (!to) return null;
  if (to.code) return h("a", { ...props, href: "#join=" + to.code, click: (e) => { e.preventDefault(); onJoin(to.code); } }, children);
  return h("a", { ...props, href: to.href, target: "_blank", rel: "noopener noreferrer" }, children, unseen(" (opens in a new tab)"));
}

// kept is what must not be broken over two lines, least of all on a narrow phone: a telephone number, a postcode, a
// reference.
const kept = /(\b0[\d ]{8,12}\d\b|\b116 \d{3}\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\bR-[A-Z0-9]{3,6}\b)/;

function whole(text) {
  return text.split(kept).map((part, i) => (i % 2 ? h("span", { class: "whole" }, part) : part));
}

// blocks draws a text: paragraphs, and items gathered into lists.
function blocks(text, onJoin) {
  const out = [];
  let list = null;
  for (const block of text || []) {
    const spans = (block.spans || []).map((s) => {
      const inner = s.strong ? h("strong", {}, whole(s.text)) : whole(s.text);
      return (s.link && anchor(s.link, inner, {}, onJoin)) || inner;
    });
    if (block.item) {
      if (!list) out.push((list = h("ul")));
      list.append(h("li", { dir: "auto" }, spans.flat()));
    } else {
      list = null;
      out.push(h("p", { dir: "auto" }, spans.flat()));
    }
  }
  return out;
}

function placeCard(p) {
  return h("div", { class: "place" }, mapDrawing(),
    h("div", { class: "placetext" },
      h("p", { class: "placename", dir: "auto" }, p.name), h("p", { dir: "auto" }, whole(p.address)),
      p.where ? h("p", { class: "where" }, p.where) : null,
      p.url ? anchor(p.url, [icon("out"), "Open in OpenStreetMap"], { class: "map" }, null) : null));
}

function fileCard(f) {
  const link = h("a", { class: "file", href: f.url, download: f.name }, icon("file"),
    h("span", {}, unseen("Download "), h("span", { dir: "auto" }, f.name), h("small", {}, f.size)));
  return f.image ? h("figure", {}, h("img", { src: f.url, alt: f.alt || "", loading: "lazy" }), link) : link;
}

const long = 1500;

// typed draws what a person typed. A very long text is folded: it was sent whole.
function typed(text) {
  if (text.length <= long) return [h("p", { dir: "auto" }, text)];
  const p = h("p", { dir: "auto" }, text.slice(0, long / 2) + "…");
  const more = h("button", { type: "button", class: "more", click: () => { p.textContent = text; more.remove(); } }, "Show all of it");
  return [p, more];
}

// saidBody draws what a person did.
export function saidBody(s) {
  switch (s.kind) {
    case "press":
      return [h("p", { class: "pressed" }, unseen("Picked: "), s.picked)];
    case "form":
      return [h("dl", {}, (s.answers || []).map((a) => h("div", {}, h("dt", {}, a.label), h("dd", { dir: "auto" }, a.value))))];
    case "place":
      return [h("p", { class: "pressed" }, icon("pin"), "Roughly where I am")];
    default:
      return typed(s.text || "");
  }
}

// MessageView draws one entry. chat lends: person, words, press(n, option), submit(n, form, values, view), join(code).
export class MessageView {
  constructor(entry, chat) {
    this.entry = entry;
    this.buttons = [];
    this.form = null;
    const m = entry.message;
    const body = m ? this.message(m, chat) : saidBody(entry.said);
    const when = h("p", { class: "when" },
      m && m.private ? h("span", { class: "private" }, "Only you can see this. ") : null, h("time", { datetime: entry.iso }, entry.time));
    const under = [];
    if (m && m.options) under.push(this.options(m.options, chat));
    this.el = h("div", { class: "msg " + (m ? "theirs" : "mine"), "data-n": entry.n },
      h("div", { class: "bubble" }, unseen((m ? "Handrail" : chat.person.name) + ": "), body), under, when);
  }

  message(m, chat) {
    const out = blocks(m.text, chat.join);
    if (m.place) out.push(placeCard(m.place));
    for (const f of m.files || []) out.push(fileCard(f));
    if (m.form) {
      this.form = new FormView(m.form, chat.words, (values) => chat.submit(this.entry.n, m.form, values, this.form));
      out.push(this.form.root);
    }
    return out;
  }

  options(options, chat) {
    const box = h("div", { class: "options", role: "group", "aria-label": "Answers to pick from" });
    for (const o of options) {
      const style = "option" + (o.style === "main" ? " main" : o.style === "urgent" ? " urgent" : "");
      const link = o.link && anchor(o.link, [o.label, target(o.link)?.href ? icon("out") : null], { class: style }, chat.join);
      const button = link || h("button", { type: "button", class: style, click: () => chat.press(this.entry.n, o) }, o.label);
      if (!link) this.buttons.push({ button, option: o });
      box.append(button);
    }
    return box;
  }

  // asks says whether the entry wants an answer.
  get asks() {
    return this.buttons.length > 0 || this.form !== null;
  }

  // age makes an older question quieter: still there, still to be pressed.
  age(old) {
    this.el.classList.toggle("older", old);
    if (old && this.form && !this.form.el.contains(document.activeElement)) this.form.close(false);
  }

  // picked shows which button was pressed.
  picked(choice) {
    for (const { button, option } of this.buttons) {
      const on = option.choice === choice;
      if (on === button.classList.contains("picked")) continue;
      button.classList.toggle("picked", on);
      button.replaceChildren(...(on ? [icon("tick"), option.label, unseen(" (picked)")] : [option.label]));
    }
  }
}
