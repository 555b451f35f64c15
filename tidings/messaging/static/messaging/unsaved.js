// What is typed is kept while it is typed: <form data-keep="address">. Without it the form works as before.
"use strict";

const AFTER = 1000; // typing has stopped for a moment
const AT_LATEST = 15000; // somebody who never stops
const AGAIN = 15000;
const form = document.querySelector("form[data-keep]");
const place = document.getElementById("kept");
let timer = 0;
let since = 0; // when what is not kept yet was typed first; 0: all is kept
let sending = null;
let left = false;
let out = false; // signed out, when it was sent last

if (form && place) {
  form.addEventListener("input", typed);
  form.addEventListener("submit", async (event) => {
    if (out) { // they may have signed in again since: then the form needs the new token
      const pressed = event.submitter;
      event.preventDefault();
      await renewed().catch(() => "");
      out = false;
      form.requestSubmit(pressed);
      return;
    }
    left = true;
    clearTimeout(timer);
    sending?.abort();
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) left = false; });
  window.addEventListener("pagehide", () => { if (since && !left) post(true).catch(() => {}); });
  window.addEventListener("online", typedBefore);
  // A lapsed session leads to no other page while something here is not kept: it is said, and one signs in beside it.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401) event.preventDefault();
  });
  document.addEventListener("visibilitychange", typedBefore);
  const given = [...form.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  if (given || "unsaved" in form.dataset) typed();
}

function typed() {
  since ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(keep, Math.max(0, Math.min(AFTER, since + AT_LATEST - Date.now())));
}

function typedBefore() {
  if (since && !left && document.visibilityState === "visible") typed();
}

async function keep() {
  if (left || sending || !since) return;
  const began = since;
  since = 0;
  let missed = "";
  try {
    let answer = await post(false);
    const me = answer.status === 403 ? await renewed() : "me";
    if (answer.status === 403 && me === "me") answer = await post(false);
    out = answer.status === 401 || me === "nobody";
    if (answer.ok) tell(await answer.json());
    else missed = out ? place.dataset.signedOut : refusal(answer);
  } catch {
    missed = place.dataset.offline;
  }
  sending = null;
  if (left || !(missed || since)) return;
  since ||= began;
  if (missed) say(missed, "");
  timer = setTimeout(keep, missed ? AGAIN : AFTER);
}

function post(last) {
  sending = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  const headers = { "HX-Request": "true" }; // a lapsed session is answered with 401, not with the page to sign in
  return fetch(form.dataset.keep, { method: "POST", body, headers, keepalive: last, signal: sending.signal });
}

function refusal(answer) {
  return decodeURIComponent(answer.headers.get("X-Said") || "") || place.dataset.offline;
}

// Who signed in again, in another tab, has another token: the same person's goes into this page. Says who is signed in now.
async function renewed() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("main [name=csrfmiddlewaretoken]");
  if (!page.body.dataset.me) return "nobody";
  if (!token || page.body.dataset.me !== document.body.dataset.me) return "somebody else";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token.value;
  document.body.setAttribute("hx-headers", page.body.getAttribute("hx-headers"));
  return "me";
}

function tell(answer) {
  say(answer.said, answer.newer);
}

function say(text, newer) {
  const [kept, warning] = place.children;
  kept.textContent = text;
  warning.textContent = newer;
}
