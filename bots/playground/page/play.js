// The playground: every phone is a person of its own, with a chat for each account; what is said comes by itself.
//
// A message keeps its id until it is answered, so sending it again can never count twice. Texts reach the page through
// textContent only.

import { held, isSecondTap, refill, take as takeCard, watch } from "./hand.js";
import { isNumber, linked, madeUpNumber, spelt, wordFor } from "./said.js";
import { Tour } from "./tour.js";
import { WORDS } from "./words.js";

const POLL_MS = 2000;
const POLL_MOST_MS = 16000;
const PATIENCE_MS = 25000;
const PHONES_MOST = 7;
const HAND = 3;
const DRAWS = 6;
const MAIN = "demo";
const MISSING_MOST = 32;
const SENT_KEPT = 60;
const STORE = "huoju-playground";

const saved = restored();
let language = saved.language ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let account = saved.account ?? MAIN;
let chats = [{ account: MAIN, campaigns: [], title: {}, chips: [], cards: false }];
let front = null;
let player = null;
let desk = null;
let shownDraws = null;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const phones = [];
const labels = [];
const handOvers = [];

const $ = (id) => document.getElementById(id);
const words = () => WORDS[language];
const chatHere = () => chats.find((chat) => chat.account === account) ?? chats[0];
const everyPhone = () => (desk ? [...phones, desk] : phones);
const named = (titles) => titles[language] ?? Object.values(titles).find(Boolean) ?? "";

// What the page remembers

function restored() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    if (Array.isArray(found?.phones) && Array.isArray(found.numbers) && found.numbers.every(isNumber)) return found;
  } catch {
    // nothing usable is stored, or storing is forbidden: begin afresh
  }
  return { numbers: [], phones: [[], []] };
}

function remember() {
  saved.language = language;
  saved.account = account;
  saved.phones = phones.map(sentBy);
  if (desk) saved.desk = { number: desk.id, sent: sentBy(desk) };
  try {
    localStorage.setItem(STORE, JSON.stringify(saved));
  } catch {
    // a full or forbidden store costs the transcript after a reload, nothing else
  }
}

/** What a phone has sent, in all of its chats, as it is remembered. */
function sentBy(phone) {
  const unopened = phone.sent.filter((entry) => !phone.chats.has(entry.account ?? MAIN));
  return unopened.concat([...phone.chats.values()].flatMap((chat) =>
    chat.entries.filter((entry) => entry.id).slice(-SENT_KEPT)
      .map(({ id, text, typed, question, order, state, at, how }) =>
        ({ account: chat.account, id, text, typed, question, order, state, at, how }))));
}

function randomWord(length) {
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  return Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => letters[byte % 32]).join("");
}

// Building blocks

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Run `write` now and whenever the language changes. */
function label(write) {
  labels.push(write);
  write(words());
}

function tongue(text) {
  return /[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en";
}

function clockTime(at) {
  const instant = new Date(at);
  const today = instant.toDateString() === new Date().toDateString();
  const format = today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", format).format(instant);
}

// Phones

/** A phone; the operator's has no chats but one, and is none of the players'. */
function makePhone(id, key, sent, operates = false) {
  const phone = { id, operates, chats: new Map() };
  phone.name = () => (operates ? words().operator : words().names[phones.indexOf(phone)]);
  const title = make("h2", { id: `name-${key}` });
  const under = make("p", operates ? {} : { class: "number" }, operates ? "" : spelt(id));
  phone.logs = make("div", { class: "logs" });
  phone.input = make("input", {
    id: `text-${key}`, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "2000",
    enterkeyhint: "send",
  });
  const inputLabel = make("label", { class: "hidden", for: `text-${key}` });
  const send = make("button", { type: "submit" });
  const form = make("form", { class: "say" }, inputLabel, phone.input, send);
  phone.chips = make("div", { class: "chips", role: "group" });
  phone.node = make("section", { class: operates ? "phone operates" : "phone", "aria-labelledby": `name-${key}` },
    make("header", {}, title, under), phone.logs, phone.chips, form);
  phone.tab = make("button", { type: "button", class: "plain" });
  const tabName = make("span");
  phone.unread = make("span", { class: "hidden" });
  phone.tab.append(tabName, phone.unread);
  phone.draw = () => {
    const say = words();
    title.textContent = tabName.textContent = phone.name();
    if (operates) under.textContent = say.runs;
    inputLabel.textContent = say.message(phone.name());
    phone.input.placeholder = operates ? say.verb : say.placeholder;
    send.textContent = say.send;
    phone.chips.setAttribute("aria-label", say.quick(phone.name()));
    phone.chips.replaceChildren(...chipsOf(phone).map((word) => {
      const chip = make("button", { type: "button", class: "plain", lang: tongue(word) }, word);
      chip.addEventListener("click", () => speak(chatOf(phone), word));
      return chip;
    }));
    for (const chat of phone.chats.values()) chat.draw();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!phone.input.value.trim()) return;
    speak(chatOf(phone), phone.input.value);
    phone.input.value = "";
  });
  phone.tab.addEventListener("click", () => choose(phone));
  for (const happens of ["focusin", "pointerdown"]) phone.node.addEventListener(happens, () => choose(phone));
  phone.sent = sent.filter((entry) =>
    typeof entry?.id === "string" && typeof entry.text === "string" && Number.isFinite(entry.order));
  return phone;
}

function addPhone(sent = []) {
  const number = phones.length;
  const id = saved.numbers[number] ??= madeUpNumber();
  const phone = makePhone(id, String(number), sent);
  phones.push(phone);
  showPhone(phone, desk);
  $("add").hidden = phones.length >= PHONES_MOST;
  return phone;
}

/** The phone that runs everything; the page makes it an owner by a word that it fetches, and it says as anybody would. */
function addDesk() {
  const { number = madeUpNumber(), sent = [] } = isNumber(saved.desk?.number) ? saved.desk : {};
  desk = makePhone(number, "operator", Array.isArray(sent) ? sent : [], true);
  showPhone(desk, null);
  remember();
}

function showPhone(phone, before) {
  $("phones").insertBefore(phone.node, before?.node ?? null);
  $("tabs").insertBefore(phone.tab, before?.tab ?? null);
  for (const chat of chats) openChat(phone, chat.account);
  phone.draw();
}

function chipsOf(phone) {
  const say = words();
  const chat = chatHere();
  if (phone.operates) return say.verbs(chat.campaigns[0] ?? "").map((word) => word.replace(/\s+([？?]?)$/, "$1"));
  return chat.chips.length ? [...chat.chips.map((chip) => chip[language]), say.otherLanguage] : [];
}

/** The chat of a phone that is seen. */
function chatOf(phone) {
  return phone.chats.get(phone.operates ? MAIN : account) ?? phone.chats.get(MAIN);
}

function openChat(phone, at) {
  if (phone.chats.has(at) || (phone.operates && at !== MAIN)) return;
  const chat = { phone, account: at, entries: [], texts: new Map(), after: 0, waiting: 0, heard: false };
  chat.log = make("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0" });
  const hint = make("p", { class: "hint" });
  chat.log.append(hint);
  chat.choices = make("div", { class: "choices", role: "group" });
  chat.draw = () => {
    const say = words();
    const withCards = chats.find((one) => one.account === at)?.cards;
    hint.textContent = phone.operates ? say.hintOperator : withCards ? say.hint : say.hintWithoutCards;
    chat.log.setAttribute("aria-label", say.conversation(phone.name()));
    chat.choices.setAttribute("aria-label", say.choices);
    chat.log.hidden = chat !== chatOf(phone);
  };
  phone.chats.set(at, chat);
  phone.logs.append(chat.log);
  chat.draw();
  for (const { account: where = MAIN, ...entry } of phone.sent) {
    if (where === at) showMine(chat, { ...entry, state: entry.state === "sending" ? "failed" : entry.state });
  }
}

/** Fetch a word that makes an operator, and let the operator's phone say it. */
async function becomeOperator() {
  if (desk.joins) return;
  desk.joins = true;
  try {
    const response = await fetch("operator", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: words().operator }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(response.status);
    const { word } = await response.json();
    speak(chatOf(desk), `${words().join} ${word}`);
  } catch {
    desk.joins = false; // the next news try again
  }
}

/** Bring a phone in front; of the players' that one sends the cards. */
function choose(phone) {
  if (front === phone) return;
  front = phone;
  if (!phone.operates) player = phone;
  for (const each of everyPhone()) {
    each.node.classList.toggle("current", each === phone);
    each.tab.setAttribute("aria-pressed", String(each === phone));
  }
  seen(phone);
  toEnd(chatOf(phone));
  drawHand();
}

function seen(phone) {
  phone.tab.classList.remove("unread");
  phone.unread.textContent = "";
}

function isAtEnd({ log }) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function toEnd({ log }) {
  log.scrollTop = log.scrollHeight;
}

/** Put an entry where its order says: answers at their sequence number, a message just before its answer. */
function place(chat, entry) {
  const log = chat.log;
  const atEnd = isAtEnd(chat);
  const index = chat.entries.findIndex((other) => other.order > entry.order);
  const next = index < 0 ? null : chat.entries[index];
  chat.entries.splice(index < 0 ? chat.entries.length : index, 0, entry);
  if (!entry.node.isConnected || entry.node.nextSibling !== (next?.node ?? null)) {
    log.insertBefore(entry.node, next?.node ?? null);
  }
  if (!atEnd && !entry.id) return;
  toSee(chat, entry.node);
}

/** Scroll to the newest entry: to its end, or to the top of one that is longer than what is seen. */
function toSee(chat, node) {
  toEnd(chat);
  if (node.offsetHeight > chat.log.clientHeight) chat.log.scrollTop = node.offsetTop - 12;
}

// Talking

/** Send `text`; a tapped choice names the question that it stood under. */
function speak(chat, text, tapped = null) {
  chat.choices.remove();
  const order = Math.max(0, ...chat.texts.keys()) + 0.5;
  const typed = tapped === null && text !== chat.phone.scanned;
  const question = tapped?.question ?? null;
  chat.phone.scanned = null;
  const entry = { id: randomWord(20), text, typed, question, order, state: "sending", at: new Date().toISOString() };
  showMine(chat, entry);
  deliver(chat, entry);
  for (const write of handOvers) write(words());
}

function showMine(chat, entry) {
  const speaker = make("span", { class: "hidden" });
  entry.foot = make("div");
  entry.node = make("div", {}, make("p", { lang: tongue(entry.text) }, speaker, entry.text), entry.foot);
  entry.draw = () => {
    const say = words();
    speaker.textContent = say.said(chat.phone.name());
    entry.node.className = `line mine ${entry.state}`;
    entry.foot.replaceChildren(...foot(chat, entry, say));
  };
  labels.push(entry.draw);
  entry.draw();
  place(chat, entry);
}

function foot(chat, entry, say) {
  if (entry.state === "done" && entry.how === "repeated") return [make("div", { class: "note" }, say.repeated)];
  if (entry.state === "refused") return [make("div", { class: "trouble" }, say.refused(entry.why ?? ""))];
  if (entry.state !== "failed") return [];
  const again = make("button", { type: "button", class: "plain" }, say.again);
  again.addEventListener("click", () => {
    chat.phone.input.focus();
    deliver(chat, entry);
  });
  return [make("div", { class: "trouble" }, say.failed, again)];
}

async function deliver(chat, entry) {
  entry.state = "sending";
  entry.draw();
  remember();
  chat.phone.node.classList.toggle("waiting", ++chat.phone.waiting > 0);
  const { id, text, typed = true, question = null } = entry;
  const { phone, account: at } = chat;
  const outcome = await post({ phone: phone.id, account: at, id, text, typed, question, language });
  chat.phone.node.classList.toggle("waiting", --chat.phone.waiting > 0);
  Object.assign(entry, outcome.entry);
  if (outcome.sequence?.length) {
    chat.entries.splice(chat.entries.indexOf(entry), 1);
    entry.order = outcome.sequence[0] - 0.5;
    place(chat, entry);
  }
  const atEnd = isAtEnd(chat);
  entry.draw();
  if (atEnd) toEnd(chat);
  const now = new Date().toISOString();
  outcome.texts?.forEach((said, part) => hear(chat, {
    sequence: outcome.sequence[part], text: said, at: now, choices: outcome.choices[part],
    picture: outcome.pictures[part],
  }));
  remember();
  if (phone.operates) lookAround(); // what was said may have changed what is played
}

async function post(message) {
  try {
    const response = await fetch("say", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.json();
    if (response.ok) return { ...answer, entry: { state: "done", how: answer.how } };
    const mayPass = response.status === 429 || response.status >= 500;
    return { entry: { state: mayPass ? "failed" : "refused", why: answer.error } };
  } catch {
    return { entry: { state: "failed" } };
  }
}

/** Show what the engine said, once, however often it is told. */
function hear(chat, { sequence, text, at, choices, picture }) {
  if (chat.texts.has(sequence)) return;
  chat.texts.set(sequence, text);
  const { phone } = chat;
  const speaker = make("span", { class: "hidden" });
  const time = make("time", { datetime: at });
  const bubble = make("p", { lang: tongue(text) }, speaker, ...linked(text));
  const node = make("div", { class: "line theirs" }, ...pictured(chat, picture), bubble, time);
  label((say) => {
    speaker.textContent = say.engine;
    time.textContent = clockTime(at);
  });
  offerWord(chat, text, node);
  if (sequence === Math.max(...chat.texts.keys())) offer(chat, choices, node);
  place(chat, { order: sequence, node });
  if (chat.heard && !still.matches) {
    bubble.animate({ opacity: [0.2, 1], transform: ["translateY(6px)", "none"] }, { duration: 350, easing: "ease-out" });
  }
  if (chat.heard && phone !== front) {
    phone.tab.classList.add("unread");
    phone.unread.textContent = words().unread;
  }
  if (chat.heard && !phone.operates && chat.account !== account) markGame(chat.account, true);
}

/** A picture of this installation, above the text that it belongs to. */
function pictured(chat, path) {
  if (!path?.startsWith("/")) return [];
  const image = make("img", { src: `..${path}`, alt: "" });
  const kind = ["chart", "qr", "badge"].find((each) => path.includes(`/${each}`)) ?? "picture";
  label((say) => { image.alt = say[kind]; });
  image.addEventListener("load", () => {
    const last = chat.log.lastElementChild;
    if (last?.contains(image)) toSee(chat, last);
    else if (isAtEnd(chat)) toEnd(chat);
  });
  image.addEventListener("error", () => image.remove());
  return [image];
}

/** Under a friend's word: a button that lets another phone take it up, as if its link had been opened there. */
function offerWord(chat, text, node) {
  const word = chat.phone.operates ? null : wordFor(text);
  if (word === null) return;
  const button = make("button", { type: "button", class: "plain hand-over" });
  const draw = (say) => {
    const friend = friendOf(chat);
    button.textContent = friend ? say.handOver(friend.name()) : say.handOver(say.names[phones.length]);
  };
  handOvers.push(draw);
  draw(words());
  button.addEventListener("click", () => {
    const friend = friendOf(chat) ?? addPhone();
    const focused = button.matches(":focus-visible");
    choose(friend);
    if (focused) friend.input.focus();
    friend.scanned = word;
    speak(friend.chats.get(chat.account), word);
  });
  node.append(button);
}

/** Who is told of a word: the first who has said nothing in that chat; null where a new phone is needed. */
function friendOf({ phone, account: at }) {
  const start = phones.indexOf(phone);
  const others = [...phones.slice(start + 1), ...phones.slice(0, start)];
  const fresh = others.find((other) => !other.chats.get(at)?.entries.length);
  return fresh ?? (phones.length < PHONES_MOST ? null : others[0]);
}

/** What may be chosen below the newest text can be tapped; the text before it has no buttons any more. */
function offer(chat, choices, node) {
  chat.choices.remove();
  chat.choices.replaceChildren(...choices.map((choice) => {
    const button = make("button", { type: "button", class: "plain", lang: tongue(choice.label) }, choice.label);
    button.addEventListener("click", () => {
      if (button.matches(":focus-visible")) chat.phone.input.focus(); // the buttons are about to go
      speak(chat, choice.says, choice);
    });
    return button;
  }));
  if (choices.length) node.append(chat.choices);
}

// What is played

/** Ask which chats there are; a phone of the operator's may have changed that. */
async function lookAround() {
  try {
    const response = await fetch("chats", { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) return false;
    const offered = await response.json();
    if (!offered.chats.length) return false;
    chats = offered.chats;
    if (offered.operators && !desk) addDesk();
  } catch {
    return false;
  }
  if (!chats.some((chat) => chat.account === account)) account = MAIN;
  for (const phone of everyPhone()) {
    for (const chat of chats) openChat(phone, chat.account);
  }
  for (const write of handOvers) write(words());
  drawGames();
  play(account);
  return true;
}

/** Show what is played at an account in every player's phone. */
function play(chosen) {
  account = chosen;
  markGame(account, false);
  for (const button of $("games").children) {
    button.setAttribute("aria-pressed", String(button.dataset.account === account));
  }
  for (const phone of everyPhone()) {
    phone.draw();
    toEnd(chatOf(phone));
  }
  fillHand.used = false;
  drawHand();
  fillHand();
}

function drawGames() {
  const told = JSON.stringify([language, chats]);
  if (told === drawGames.told) return;
  drawGames.told = told;
  $("games").hidden = chats.length < 2;
  $("games").setAttribute("aria-label", words().games);
  $("games").replaceChildren(...chats.map((chat) => {
    const title = named(chat.title);
    const button = make("button", { type: "button", "data-account": chat.account, lang: tongue(title) },
      title, make("span", { class: "hidden" }));
    button.setAttribute("aria-pressed", String(chat.account === account));
    button.addEventListener("click", () => {
      play(chat.account);
      remember();
    });
    return button;
  }));
}

/** Mark that something was said in a chat that is not seen. */
function markGame(at, unread) {
  const button = [...$("games").children].find((one) => one.dataset.account === at);
  if (!button) return;
  button.classList.toggle("unread", unread);
  button.lastElementChild.textContent = unread ? words().unread : "";
}

// Cards

const slots = [];

/** Show the hand; a card keeps its place, and with it the focus, when the one before it was sent. */
function drawHand() {
  const say = words();
  const dealt = chatHere().cards;
  $("cards").hidden = !dealt;
  if (!dealt || !player) return;
  while (slots.length < HAND) slots.push(makeSlot());
  const cards = held(account);
  const left = cards.filter((code) => !slots.some((slot) => slot.code === code));
  for (const slot of slots) {
    if (!cards.includes(slot.code)) {
      slot.code = left.shift() ?? null;
      if (slot.code && !still.matches) {
        slot.node.animate({ opacity: [0, 1], transform: ["translateY(-8px) rotate(-2deg)", "none"] },
          { duration: 300, easing: "ease-out" });
      }
    }
    slot.node.replaceChildren(...(slot.code ?? "").split("-").map((group) => make("span", {}, group)));
    slot.node.setAttribute("aria-disabled", String(slot.code === null));
    slot.node.setAttribute("aria-label", slot.code ? say.card(slot.code, player.name()) : "…");
    slot.node.hidden = slot.code === null && fillHand.used;
  }
  const none = fillHand.used && cards.length === 0;
  $("cards-hint").textContent = none ? say.noCards : say.cardsHint(player.name());
}

function makeSlot() {
  const slot = { code: null, node: make("button", { type: "button", class: "card" }) };
  slot.node.addEventListener("click", () => {
    if (isSecondTap(slot) || slot.code === null) return;
    const code = slot.code;
    if (takeCard(account, code)) {
      choose(player);
      speak(chatOf(player), code);
    }
    drawHand();
    fillHand();
  });
  $("hand").append(slot.node);
  return slot;
}

/** Let missing cards be dealt. */
async function fillHand() {
  const at = account;
  if (!chatHere().cards) return;
  const cards = await refill(at);
  if (at !== account) return;
  fillHand.missing = cards === null;
  fillHand.used = cards !== null && cards.length < HAND;
  drawHand();
}

// News

let pause = POLL_MS;
let timer = null;

/** Up to where the phone has heard everything, and the newest of what is missing before: an answer may overtake it. */
function position({ after, texts }) {
  const numbers = [after];
  for (let number = after - 1; number > 0 && numbers.length <= MISSING_MOST; number--) {
    if (!texts.has(number)) numbers.push(number);
  }
  return numbers.join(",");
}

async function poll() {
  clearTimeout(timer);
  timer = null;
  if (document.hidden) return;
  try {
    const asked = everyPhone().flatMap((phone) => [...phone.chats.values()]);
    const query = asked.map((chat) =>
      `${chat.account}=${encodeURIComponent(`${chat.phone.id}:${position(chat)}`)}`).join("&");
    const response = await fetch(`news?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 403) return link("signIn");
    if (!response.ok) throw new Error(response.status);
    take(await response.json());
    pause = POLL_MS;
    if (linkWord === "lost") lookAround(); // it may have been started anew
    else if (fillHand.missing) fillHand();
    link("live");
  } catch {
    pause = Math.min(pause * 2, POLL_MOST_MS);
    link("lost");
  }
  timer = setTimeout(poll, pause);
}

function take(news) {
  for (const phone of everyPhone()) {
    for (const chat of phone.chats.values()) {
      const said = news.phones[chat.account]?.[phone.id];
      if (said) arrive(chat, said);
    }
  }
  showDraws(news.draws);
  if (desk && chatOf(desk).heard && !chatOf(desk).texts.size) becomeOperator();
}

function arrive(chat, said) {
  if (!chat.heard && !said.length && !chat.texts.size) forget(chat);
  for (const text of said) {
    hear(chat, text);
    chat.after = Math.max(chat.after, text.sequence);
  }
  if (chat.heard) return;
  chat.heard = true;
  chat.log.setAttribute("aria-live", "polite");
  toEnd(chat);
}

/** What was answered in a database that is not there any more is not shown beside what is said in the new one. */
function forget(chat) {
  const gone = chat.entries.filter((entry) => entry.state === "done");
  if (!gone.length) return;
  for (const entry of gone) entry.node.remove();
  chat.entries = chat.entries.filter((entry) => entry.state !== "done");
  remember();
}

function showDraws(draws) {
  const told = language + JSON.stringify(draws);
  if (told === shownDraws) return;
  shownDraws = told;
  const say = words();
  $("no-draws").hidden = draws.length > 0;
  $("draws").replaceChildren(...draws.slice(0, DRAWS).map((draw) => make("li", draw.prize ? { class: "won" } : {},
    make("strong", {}, draw.prize ? named(draw.prize) : say.noPrize),
    make("span", {}, say.odds(draw.odds)),
    make("small", {}, make("time", { datetime: draw.at }, clockTime(draw.at)), ` · ${named(draw.campaign)}`))));
  showDraws.last = draws;
}

let linkWord = null;

function link(word) {
  linkWord = word;
  const told = word === null ? "" : words()[word];
  if ($("link").textContent !== told) $("link").textContent = told;
  $("link").classList.toggle("live", word === "live");
}

// The page

function speakLanguage(chosen) {
  language = chosen;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const write of labels) write(words());
  drawGames();
  for (const phone of everyPhone()) phone.draw();
  for (const write of handOvers) write(words());
  if (showDraws.last) showDraws(showDraws.last);
  drawHand();
  tour.say(words());
  link(linkWord);
}

/**
 * A page hands a word over as ?say=, or as ?scan= when it is sent like a scan or a tapped link, so that nobody typed it.
 * It waits in the second phone's field, and a reload does not bring it back.
 */
function takeGivenWord() {
  const address = new URL(location.href);
  const how = ["scan", "say"].find((name) => address.searchParams.has(name));
  if (how === undefined) return;
  const word = address.searchParams.get(how).slice(0, phones[1].input.maxLength);
  address.searchParams.delete(how);
  history.replaceState(null, "", address);
  choose(phones[1]);
  phones[1].input.value = word;
  if (how === "scan") phones[1].scanned = word;
  phones[1].input.focus();
}

label((say) => {
  document.title = say.title;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = say[node.dataset.word];
  $("switch").setAttribute("aria-label", say.phones);
  $("language").textContent = say.language;
  $("language").lang = language === "zh" ? "en" : "zh-CN";
});
const tour = new Tour($("tour"), (step) => {
  for (const node of document.querySelectorAll(".shown")) node.classList.remove("shown");
  if (step === null) return;
  if (step === "operator") choose(desk);
  else if (front !== player) choose(player);
  shownAt(step).classList.add("shown");
});

/** What a step of the tour is about. */
function shownAt(step) {
  if (step === "chips" || step === "friend") return player.chips;
  if (step === "phones") return matchMedia("(max-width: 46rem)").matches ? $("tabs") : player.node;
  return step === "operator" ? desk.node : $(step);
}

function stepsOfTour() {
  const there = { cards: chats.some((chat) => chat.cards), games: chats.length > 1, operator: desk !== null };
  return Object.keys(words().steps).filter((step) => there[step] ?? true);
}

for (const sent of saved.phones.slice(0, PHONES_MOST)) addPhone(Array.isArray(sent) ? sent : []);
while (phones.length < 2) addPhone();
choose(phones[0]);
speakLanguage(language);
remember();
takeGivenWord();

$("language").addEventListener("click", () => {
  speakLanguage(language === "zh" ? "en" : "zh");
  remember();
});
$("add").addEventListener("click", () => {
  const phone = addPhone();
  choose(phone);
  remember();
  phone.input.focus();
  if (timer !== null) poll();
});
$("again").addEventListener("click", () => {
  tour.steps = stepsOfTour();
  tour.again();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && timer === null) poll();
});
watch(drawHand);
lookAround().then(() => {
  tour.begin(stepsOfTour());
  poll();
});
