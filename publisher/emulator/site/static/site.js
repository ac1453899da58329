// What the pages can do beyond being read: theme, menu, search key, copying, and following what is published.
// Everything here is a convenience; without it all pages can be reached and read.
"use strict";

const root = document.documentElement;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function remembered(key) {
  try { return sessionStorage.getItem(key); } catch { return null; }
}
function remember(key, value) {
  try { sessionStorage.setItem(key, value); } catch { /* storage is switched off */ }
}

// Theme

find(".theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("pagemill-theme", root.dataset.theme); } catch { /* holds for this page */ }
});

// The menu on narrow screens

const side = find("#side");
const shade = find(".shade");
const opener = find(".open-side");
const closer = find(".close-side");
const narrow = matchMedia("(max-width: 860px)");

function drawer(open) {
  root.classList.toggle("side-open", open);
  opener.setAttribute("aria-expanded", String(open));
  shade.hidden = !open;
  side.inert = narrow.matches && !open;
}
opener.addEventListener("click", () => { drawer(true); closer.focus(); });
closer.addEventListener("click", () => { drawer(false); opener.focus(); });
shade.addEventListener("click", () => drawer(false));
narrow.addEventListener("change", () => drawer(false));
drawer(false);
for (const button of [opener, closer, find(".theme")]) button.hidden = false;

// Keys

addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (slash || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    if (narrow.matches) drawer(true);
    const field = find("#q");
    field.focus();
    field.select();
  } else if (event.key === "Escape") {
    if (event.target.id === "q") event.target.blur();
    if (root.classList.contains("side-open")) { drawer(false); opener.focus(); }
  }
});

// The tree: what the reader opened stays open; branches of a large workspace are fetched when they are opened

function opened() {
  return new Set(JSON.parse(remembered("pagemill-open") || "[]"));
}
function fold(branch, open) {
  branch.classList.toggle("closed", !open);
  find(".fold", branch)?.setAttribute("aria-expanded", String(open));
  if (open && "lazy" in branch.dataset) fill(branch);
}
async function fill(branch) {
  delete branch.dataset.lazy;
  const answer = await fetch(`/tree/${branch.dataset.page}`);
  if (!answer.ok) return;
  const list = find("ul", new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (list.children.length) {
    branch.append(list);
    unfold(list);
  } else {
    find(".fold", branch).remove();
  }
}
function unfold(tree) {
  const open = opened();
  for (const branch of all("li.closed", tree)) if (open.has(branch.dataset.page)) fold(branch, true);
}
find("#tree").addEventListener("click", (event) => {
  const button = event.target.closest(".fold");
  if (!button) return;
  const branch = button.closest("li");
  const open = branch.classList.contains("closed");
  fold(branch, open);
  const known = opened();
  known[open ? "add" : "delete"](branch.dataset.page);
  remember("pagemill-open", JSON.stringify([...known].slice(-500)));
});

// What a page needs after it was drawn

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function prepare(within) {
  for (const button of all(".copy", within)) button.hidden = !navigator.clipboard;
  for (const time of all("time[datetime]", within)) {
    time.title = time.textContent;
    time.textContent = clock.format(new Date(time.dateTime));
  }
  for (const box of all("pre, .table, .records, .equation", within)) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; // so that arrow keys can scroll it
  }
  for (const picture of all("figure.image img", within)) picture.addEventListener("error", broken, { once: true });
}
function broken(event) {
  event.target.closest("figure").classList.add("broken");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(find("code", button.closest("figure")).textContent);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});

// Links to blocks: ids with or without dashes, and blocks inside closed toggles

function reveal(block) {
  for (let outer = block; outer; outer = outer.parentElement?.closest("details")) if (outer.matches("details")) outer.open = true;
}
function follow() {
  const name = location.hash.slice(1);
  const dashed = name.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5").toLowerCase();
  const block = document.getElementById(name) || document.getElementById(dashed);
  if (!block || !block.classList.contains("b")) return;
  reveal(block.parentElement);
  block.scrollIntoView();
  mark(block);
}
function mark(block) {
  block.classList.add("changed");
  setTimeout(() => block.classList.remove("changed"), 2400);
}
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => { for (const toggle of all("main details")) toggle.open = true; });

// Following what is published: fetch this page again, exchange what differs, show where

const blocksOf = (within) => new Map(all(".b[id]", within).map((block) => [block.id, block]));

function bare(block) {
  const copy = block.cloneNode(true);
  for (const inner of all(".b[id]", copy)) inner.remove();
  copy.removeAttribute("open");
  return copy.outerHTML;
}
function differing(before, after) {
  const old = blocksOf(before);
  return [...blocksOf(after).values()].filter((block) => {
    const was = old.get(block.id);
    return !was || (was.outerHTML !== block.outerHTML && bare(was) !== bare(block));
  });
}

let shown = null; // the page as it came from the server, before `prepare` touched it
let busy = false;
let again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  const began = performance.now();
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
    exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* the server is away; the next message comes when it is back */ }
  // A long publish writes many times a second: leave the machine room for it.
  const pause = Math.max(300, 3 * (performance.now() - began));
  setTimeout(() => { busy = false; if (again) { again = false; refresh(); } }, pause);
}

function exchange(fresh) {
  const before = shown;
  shown = fresh.cloneNode(true);
  if (find("#tree", before).innerHTML !== find("#tree", fresh).innerHTML) {
    find("#tree").replaceChildren(...find("#tree", fresh).childNodes);
    unfold(find("#tree"));
  }
  if (find("main", before).innerHTML === find("main", fresh).innerHTML) return;
  const changed = differing(find("main", before), find("main", fresh)).map((block) => block.id);
  const open = new Set(all("main details[id]").filter((toggle) => toggle.open).map((toggle) => toggle.id));
  for (const toggle of all("main details[id]", fresh)) toggle.open = open.has(toggle.id);
  document.title = fresh.title;
  find(".crumbs").replaceWith(find(".crumbs", fresh));
  find(".edited")?.replaceWith(find(".edited", fresh) || "");
  const main = find("main");
  main.replaceChildren(...find("main", fresh).childNodes);
  prepare(document);
  const blocks = changed.map((id) => document.getElementById(id)).filter(Boolean);
  for (const block of blocks.slice(0, 200)) mark(block);
  if (blocks.length) {
    reveal(blocks[0].parentElement);
    blocks[0].scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }
  find("#live").textContent = blocks.length === 1 ? "One block changed." : "This page was updated.";
}

let source = null;
let version = Number(root.dataset.version); // of the workspace when this page was made

function listen() {
  if (source || document.hidden) return; // browsers allow few streams at once: a page out of sight gives up its own
  source = new EventSource("/events");
  source.addEventListener("version", (event) => {
    const now = JSON.parse(event.data).version;
    if (version !== now) refresh();
    version = now;
  });
  source.addEventListener("written", (event) => {
    version = JSON.parse(event.data).version;
    refresh();
  });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) { source?.close(); source = null; } else listen();
});

// Beginning

shown = document.cloneNode(true);
unfold(find("#tree"));
find('.tree [aria-current="page"]')?.scrollIntoView({ block: "nearest" });
prepare(document);
if (location.hash) follow();
listen();
