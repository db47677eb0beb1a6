// The page as a whole: the chats side by side or behind tabs, and the story's clock.

import { h } from "./dom.js";
import { Chat } from "./chat.js";
import { Wire, post } from "./wire.js";

const $ = (id) => document.getElementById(id);
const wide = matchMedia("(min-width: 80rem)");
const main = $("chats"), tabs = $("tabs"), notice = $("notice"), moves = $("moves"), opener = $("opener"), sure = $("sure");

let chats = [], current = 0, canMove = false, clockTimer = 0, lastClock = null;

const wire = new Wire({
  state: begin,
  entry(e) {
    chatOf(e.chat)?.add(e);
    // What happens next may have changed with it.
    clearTimeout(clockTimer);
    clockTimer = setTimeout(look, 600);
  },
  clock: showClock,
  reset() {
    for (const c of chats) c.clear();
    chats.forEach((_, i) => unread(i, 0));
  },
  away(is) {
    say(is ? "The server is not answering. What you send is kept here and will be tried again." : "");
  },
  pending(chat, items) {
    chatOf(chat)?.pending(items);
  },
  refused(item, data) {
    chatOf(item.chat)?.refused(item, data);
  },
});

function chatOf(id) {
  return chats.find((c) => c.person.chat === id);
}

function say(text) {
  notice.hidden = !text;
  notice.textContent = text;
}

function begin(state) {
  const on = { join, said: heard };
  chats = state.people.map((p, i) => new Chat(p, i, state.words, wire, on));
  main.replaceChildren(...chats.map((c) => c.el));
  tabs.replaceChildren(...chats.map((c, i) => h("button", {
    type: "button", role: "tab", id: "tab-" + i, class: "tab person" + (i % 5), "aria-controls": c.id, click: () => show(i), keydown: (e) => tabKey(e, i),
  }, h("span", { class: "tabname" }, c.person.name.replace(/^(Dr|Mr|Mrs|Ms|Miss|Mx)\.? /, "")), h("span", { class: "tabrole" }, c.person.role), h("span", { class: "count", hidden: true }))));
  for (const e of state.entries) chatOf(e.chat)?.add(e, true);
  for (const c of chats) {
    c.settle();
    c.pending(wire.queue(c.person.chat));
  }
  main.setAttribute("aria-busy", "false");
  showClock(state.clock);
  layout();
  wide.addEventListener("change", layout);
  offered();
}

// layout gives the chats the roles of tab panels where only one is shown at a time.
function layout() {
  tabs.hidden = wide.matches;
  opener.hidden = wide.matches || !canMove;
  moves.hidden = !canMove || (!wide.matches && opener.getAttribute("aria-expanded") !== "true");
  chats.forEach((c, i) => {
    c.el.hidden = !wide.matches && i !== current;
    if (wide.matches) {
      c.el.removeAttribute("role");
      c.el.setAttribute("aria-labelledby", c.id + "-name");
    } else {
      c.el.setAttribute("role", "tabpanel");
      c.el.setAttribute("aria-labelledby", "tab-" + i);
    }
    const tab = $("tab-" + i);
    tab.setAttribute("aria-selected", String(i === current));
    tab.tabIndex = i === current ? 0 : -1;
    if (!c.el.hidden && c.stuck) c.bottom();
  });
}

function show(i) {
  current = i;
  unread(i, 0);
  layout();
}

function tabKey(e, i) {
  const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: chats.length - 1 }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  const next = (to + chats.length) % chats.length;
  show(next);
  $("tab-" + next).focus();
}

// heard counts what came into a chat that is not shown.
function heard(chat) {
  const i = chats.indexOf(chat);
  if (chat.el.hidden) unread(i, (chat.unread || 0) + 1);
}

function unread(i, n) {
  chats[i].unread = n;
  const tab = $("tab-" + i);
  const count = tab.querySelector(".count");
  count.hidden = n === 0;
  count.textContent = n + " new";
  tab.querySelector(".tabrole").hidden = n > 0;
}

// join opens an enrolment link: on the phone of the one who joins, as a chat network would.
function join(code) {
  const i = chats.findIndex((c) => c.person.joins);
  if (i < 0) return;
  if (!wide.matches) show(i);
  chats[i].post({ text: "/start " + code }, { kind: "text", text: "/start " + code });
  chats[i].box.focus();
}

// offered puts the code of a link that was opened with the page where it can be sent; a link alone sends nothing.
function offered() {
  const m = /^#join=([A-Za-z0-9_-]{1,64})$/.exec(location.hash);
  const i = chats.findIndex((c) => c.person.joins);
  if (!m || i < 0) return;
  history.replaceState(null, "", location.pathname);
  if (!wide.matches) show(i);
  chats[i].box.value = "/start " + m[1];
  chats[i].box.focus();
}

function showClock(clock) {
  const now = $("now");
  if (now.textContent !== clock.text) {
    now.textContent = clock.text;
    now.setAttribute("datetime", clock.iso);
  }
  canMove = clock.moves;
  const next = clock.next;
  lastClock = clock;
  // Not disabled: a button that has the focus would lose it.
  $("next").setAttribute("aria-disabled", String(!next));
  $("next-what").textContent = next ? next.text + ", " + next.what : "nothing planned yet";
  $("next").title = next ? next.text + ", " + next.what : "";
  if (chats.length) {
    opener.hidden = wide.matches || !canMove;
    moves.hidden = !canMove || (!wide.matches && opener.getAttribute("aria-expanded") !== "true");
  }
}

async function look() {
  const answer = await fetch("/api/clock").catch(() => null);
  if (answer?.ok) showClock(await answer.json());
}

// act does one of the buttons of the clock: all of them wait until it is done.
async function act(path, body, words) {
  const buttons = [...moves.querySelectorAll("button")];
  moves.setAttribute("aria-busy", "true");
  buttons.forEach((b) => b.setAttribute("aria-disabled", "true"));
  say(words);
  const answer = await post(path, body).catch(() => null);
  buttons.forEach((b) => b.removeAttribute("aria-disabled"));
  moves.removeAttribute("aria-busy");
  showClock(answer?.ok ? answer.data : lastClock);
  say(answer?.ok ? "" : answer?.data.say || "The server is not answering. Please try that again.");
  if (!answer?.ok) return;
  if (!wide.matches && opener.getAttribute("aria-expanded") === "true") {
    // On a phone the chat is wanted back.
    opener.setAttribute("aria-expanded", "false");
    if (moves.contains(document.activeElement) || document.activeElement === document.body) opener.focus();
    layout();
  }
}

moves.addEventListener("click", (e) => {
  const button = e.target.closest("button[data-move]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  for (const c of chats) c.expect();
  act("/api/clock", { move: button.dataset.move }, "The clock is moving…");
});
opener.addEventListener("click", () => {
  opener.setAttribute("aria-expanded", String(opener.getAttribute("aria-expanded") !== "true"));
  layout();
});
$("again").addEventListener("click", () => { if (!moves.hasAttribute("aria-busy")) sure.showModal(); });
$("sure-no").addEventListener("click", () => sure.close());
$("sure-yes").addEventListener("click", () => {
  sure.close();
  act("/api/reset", {}, "Starting again…");
});
document.querySelector(".skip").addEventListener("click", (e) => {
  e.preventDefault();
  const c = wide.matches ? chats[0] : chats[current];
  (c ? c.box : main).focus();
});
// A tab that was asleep looks at the clock when it is looked at.
document.addEventListener("visibilitychange", () => { if (!document.hidden && chats.length) look(); });

wire.start();
