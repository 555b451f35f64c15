// What the pages do beyond HTML: clocks that count, a few keys, copying. Everything works without it.
"use strict";

const words = JSON.parse(document.body.dataset.words || "{}");

// Clocks: <span class="clock" data-due="ISO moment">; the words come from the server in the reader's language.
function said(minutes) {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  const pattern = days >= 7 ? words.weeks : days ? words.days : hours ? words.hours : words.minutes;
  return pattern.replace("{d}", days).replace("{h}", hours).replace("{m}", rest);
}

function tick() {
  for (const clock of document.querySelectorAll(".clock[data-due]")) {
    const left = (Date.parse(clock.dataset.due) - Date.now()) / 60000;
    const late = left < 0;
    clock.dataset.state = late ? "late" : left < 60 ? "soon" : "due";
    const text = clock.querySelector(".clock-left");
    const next = (late ? words.late : words.due).replace("{left}", said(Math.floor(Math.abs(left))));
    if (text && text.textContent !== next) text.textContent = next;
  }
}
if (words.due) {
  tick();
  setInterval(tick, 10000);
  document.addEventListener("htmx:afterSwap", tick);
}

// Keys: "/" searches, "?" lists the keys, "g" and a letter goes somewhere ([data-key] on a link of the rail).
let going = 0;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    document.querySelectorAll(".rail-more details[open]").forEach((open) => open.removeAttribute("open"));
    if (typing) typing.blur();
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const box = [...document.querySelectorAll("input[data-search]")].find((input) => input.offsetParent !== null);
    event.preventDefault();
    if (box) box.focus();
    else if (document.body.dataset.search) location.href = document.body.dataset.search;
  } else if (event.key === "?" && document.body.dataset.keys) {
    location.href = document.body.dataset.keys;
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < 1500) {
    going = 0;
    const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (link) location.href = link.href;
  }
});

// Copying: <button data-copy="text">; the button says that it is done.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  if (button.dataset.done) button.textContent = button.dataset.done;
});

// Choosing a value that applies at once: <select data-submit>.
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
});

// What was typed outlives a lapsed session: kept when a form is sent, given back when signing in led to the same page.
const kept = `kept:${document.body.dataset.me}:${location.pathname}`;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest("main") || form.querySelector("[type=password], [type=file]")) return;
  const typed = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  sessionStorage.setItem(kept, JSON.stringify(typed));
});
const signedInAgain = document.referrer.startsWith(`${location.origin}/account/`);
if (document.querySelector("nav.rail")) {
  if (signedInAgain) giveBack(JSON.parse(sessionStorage.getItem(kept) || "[]"));
  sessionStorage.removeItem(kept);
}
function giveBack(typed) {
  let found = false;
  for (const [name, value] of typed) {
    for (const field of document.querySelectorAll(`main form [name="${CSS.escape(name)}"]`)) {
      if (field.type === "hidden" || field.tagName === "BUTTON") continue;
      found = true;
      reveal(field);
      if (field.type === "checkbox" || field.type === "radio") field.checked ||= field.value === value;
      else field.value = value;
    }
  }
  if (found) note(words.kept, "message");
}

// A link to a field opens the fold, and turns to the tab, that hides it.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const there = link && document.getElementById(link.hash.slice(1));
  if (there) reveal(there);
});
function reveal(field) {
  field.closest("details")?.setAttribute("open", "");
  const part = field.closest(".tabbed > div");
  if (part) document.getElementById(part.previousElementSibling.htmlFor).checked = true;
}

// Printing: <button data-print>.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// What an HTMX request could not do is said where messages stand, not swallowed.
document.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.getResponseHeader("X-Said")));
document.addEventListener("htmx:sendError", () => say(null));
function say(text) {
  note(text ? decodeURIComponent(text) : words.offline, "message error");
}
function note(text, kind) {
  const place = document.getElementById("messages");
  if (!place) return;
  const message = document.createElement("p");
  message.className = kind;
  message.setAttribute("role", "alert");
  message.textContent = text;
  place.replaceChildren(message);
}

// A file that is too large is told before it is sent: <input type="file" data-max-bytes data-too-large>.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("input[type=file][data-max-bytes]")) return;
  const large = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
  input.setCustomValidity(large ? input.dataset.tooLarge : "");
  input.reportValidity();
});
