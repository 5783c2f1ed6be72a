// Asks for the numbers again and again, shows them, and says how old they are; whatever fails is tried again by itself.

import { grow } from "./tree.js";

const EVERY_MS = 2_000, SLOWEST_MS = 30_000, PATIENCE_MS = 10_000, SLOWER = 1.5;
const STALE_S = 10; // from then on it is said loudly

const { dataset } = document.body;
const part = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(document.documentElement.lang);
const LONG = 8, LONGER = 11; // symbols of a large figure that do not fit in its size
const FEW = 5, MANY = 8; // lines of prizes: large ones, or two beside each other

let tag = null, shown = null;
let heard = null; // when this page last heard from the server, by our own clock, and how old the data was then
let ahead = 0; // the server's clock less ours
let pause = EVERY_MS, asking, offline = false;

const said = (key) => dataset[`say${key.replace(/(^|_)(\w)/g, (_all, _line, letter) => letter.toUpperCase())}`];

function say(key, values = {}) {
  return said(key).replace(/\{(\w+)\}/g, (_place, name) => values[name] ?? "–");
}

function span(seconds) {
  if (seconds < 60) return say("seconds", { n: Math.max(0, Math.floor(seconds)) });
  return seconds < 5_400 ? say("minutes", { n: Math.round(seconds / 60) }) : say("hours", { n: Math.round(seconds / 3600) });
}

function put(node, text) {
  if (node.textContent === text) return;
  const first = /^[–\s]*$/.test(node.textContent);
  node.textContent = text;
  node.classList.remove("fresh");
  if (first) return;
  void node.offsetWidth; // begins the animation anew
  node.classList.add("fresh");
}

const counted = (values) => Object.fromEntries(Object.entries(values).map(([name, count]) => [name, number.format(count)]));

function money(cents, currency) {
  const whole = { style: "currency", currency, maximumFractionDigits: 0, minimumFractionDigits: 0, currencyDisplay: "narrowSymbol" };
  return new Intl.NumberFormat(document.documentElement.lang, whole).format(cents / 100);
}

function showFigures(figures) {
  const values = counted(figures);
  for (const node of document.querySelectorAll("[data-figure]")) {
    const name = node.dataset.figure;
    node.closest(".figure").hidden = !(name in figures);
    put(node, values[name] ?? "–");
    const { length } = node.textContent;
    node.classList.toggle("long", length > LONG && length <= LONGER);
    node.classList.toggle("longer", length > LONGER);
    put(document.querySelector(`[data-below="${name}"]`), say(`${name}_below`, values));
  }
}

function prizeLine() {
  const line = document.createElement("li");
  const [name, count, bar] = ["name", "count", "bar"].map((kind) => {
    const node = document.createElement("span");
    node.className = kind;
    return node;
  });
  bar.append(document.createElement("i"), document.createElement("u"));
  bar.lastChild.textContent = "▼";
  bar.setAttribute("aria-hidden", "true");
  line.append(name, count, bar);
  return line;
}

function showPrizes(prizes, more) {
  const list = part("prizes");
  while (list.children.length > prizes.length) list.lastChild.remove();
  while (list.children.length < prizes.length) list.append(prizeLine());
  list.className = prizes.length <= FEW ? "few" : prizes.length > MANY ? "many" : "";
  prizes.forEach((prize, place) => {
    const [name, count, bar] = list.children[place].children;
    name.textContent = prize.title[dataset.lang];
    const small = document.createElement("small");
    small.textContent = ` / ${number.format(prize.stock)}`;
    count.replaceChildren(number.format(prize.left), small);
    bar.firstChild.style.width = `${(100 * prize.left) / Math.max(prize.stock, 1)}%`;
    bar.lastChild.style.left = `${(100 * prize.planned) / Math.max(prize.stock, 1)}%`;
  });
  const notes = prizes.length ? [say("plan"), more ? say("more_prizes", { n: number.format(more) }) : ""] : [say("prizes_none")];
  part("prizes-note").textContent = notes.filter(Boolean).join(" · ");
}

function showTorches(torches) {
  part("torches-panel").hidden = !torches;
  part("prizes-panel").classList.toggle("wide", !torches);
  if (!torches) return;
  put(part("granted"), number.format(torches.granted));
  const waiting = Math.max(torches.granted - torches.lit - torches.out, 0);
  grow(part("tree"), part("torch-key"), { ...torches, waiting }, (key, n) => say(key, { n }), (count) => number.format(count));
}

function showFailures(failures) {
  const told = Object.entries(failures).filter(([, count]) => count).map(([what, count]) => say(`failed_${what}`, { n: number.format(count) }));
  part("failures").textContent = told.length ? told.join(" · ") : say("failures_none");
  part("failures").classList.toggle("some", told.length > 0);
}

function showMoney(found) {
  part("money-panel").hidden = !found;
  if (!found) return;
  for (const name of ["given", "liability"]) {
    part(name).parentElement.hidden = found[name] === null;
    if (found[name] !== null) put(part(name), money(found[name], found.currency));
  }
  part("budget").textContent = found.budget === null ? "" : say("budget", { budget: money(found.budget, found.currency) });
}

function clockTime(at) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: shown.zone }).format(at);
}

function showProof(proof) {
  part("commitment").textContent = `${proof.commitment}…`;
  part("log").textContent = proof.log_head ? say("log", { entries: number.format(proof.log_entries) }) : say("log_none");
  part("log-head").textContent = proof.log_head ? `${proof.log_head}…` : "";
  const ending = proof.log_whole === null ? "unverified" : proof.log_whole ? "whole" : "broken";
  part("whole").textContent = say(ending, { at: proof.verified_at === null ? "" : clockTime(proof.verified_at) });
  part("whole").className = { whole: "good", broken: "broken" }[ending] ?? "";
}

function show(found) {
  shown = found;
  part("title").textContent = found.title[dataset.lang];
  part("state").textContent = say(`state_${found.state}`);
  part("state").className = `state ${found.state}`;
  showFigures(found.figures);
  showPrizes(found.prizes, found.more_prizes);
  showTorches(found.torches);
  put(part("waiting"), number.format(found.outbox.waiting));
  showFailures(found.failures);
  showMoney(found.money);
  showProof(found.proof);
  part("console").removeAttribute("aria-busy");
}

function tick() {
  const age = part("age");
  if (heard === null) return void (age.textContent = [say("age_none"), offline ? say("offline") : ""].filter(Boolean).join(" · "));
  const seconds = heard.age + Math.max(0, (Date.now() - heard.at) / 1000);
  const told = say("age", { age: span(seconds) });
  age.textContent = offline ? `${told} · ${say("offline")}` : told;
  age.classList.toggle("stale", offline || seconds >= STALE_S);
  const now = Date.now() + ahead;
  const zone = document.createElement("small");
  zone.textContent = ` ${shown.zone}`;
  part("clock").replaceChildren(clockTime(now), zone);
  const since = shown.outbox.oldest_at;
  part("oldest").textContent = shown.outbox.waiting && since !== null ? say("oldest", { age: span((now - since) / 1000) }) : say("outbox_empty");
}

async function look() {
  clearTimeout(asking);
  try {
    const headers = tag === null ? {} : { "If-None-Match": tag };
    const asked = Date.now();
    const answer = await fetch(`${dataset.link}/console.json`, { cache: "no-store", headers, signal: AbortSignal.timeout?.(PATIENCE_MS) });
    if (answer.status === 404) return location.reload(); // the link is over: the server says so
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      tag = answer.headers.get("ETag");
    }
    heard = { at: asked, age: Number(answer.headers.get("Age") ?? 0) };
    ahead = Number(answer.headers.get("X-Now")) - asked;
    [pause, offline] = [EVERY_MS, false];
  } catch {
    [pause, offline] = [Math.min(SLOWEST_MS, pause * SLOWER), true];
  }
  tick();
  ask();
}

function ask() {
  clearTimeout(asking);
  asking = setTimeout(look, (document.hidden ? SLOWEST_MS : pause) * (0.8 + 0.4 * Math.random()));
}

function wake() {
  pause = EVERY_MS;
  document.hidden ? ask() : look();
}

document.addEventListener("visibilitychange", wake);
addEventListener("online", wake);
addEventListener("pageshow", (event) => event.persisted && wake());
setInterval(tick, 1_000);
look();
