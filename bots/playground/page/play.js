// The playground: every phone is a person of its own; what is said to it comes by itself.
//
// A message keeps its id until it is answered, so sending it again can never count twice. Texts reach the page through
// textContent only.

import { isNumber, linked, madeUpNumber, spelt } from "./said.js";

const POLL_MS = 2000;
const POLL_MOST_MS = 16000;
const PATIENCE_MS = 25000;
const PHONES_MOST = 8;
const MISSING_MOST = 32;
const SENT_KEPT = 60;
const STORE = "huoju-playground";

const WORDS = {
  en: {
    title: "Huoju playground",
    playground: "playground",
    lead: "Each phone is another person. What you send goes through the live engine.",
    phones: "Phones",
    add: "Add a phone",
    language: "中文",
    draws: "Last draws",
    noDraws: "Nobody has drawn yet. Send a code from a card.",
    noPrize: "no prize",
    odds: (odds) => `odds ${odds}`,
    conversation: (name) => `Conversation of ${name}`,
    message: (name) => `Message from ${name}`,
    quick: (name) => `Quick words for ${name}`,
    placeholder: "A code, or a word",
    send: "Send",
    hint: "Send the code from a card, or one of the words below.",
    said: (name) => `${name}: `,
    engine: "Huoju: ",
    failed: "Not answered.",
    again: "Send again",
    refused: (why) => `Refused: ${why}`,
    signIn: "Signed out. Reload the page to sign in.",
    repeated: "Had arrived before: counted once, same answer.",
    unread: "(new)",
    live: "Live",
    lost: "No connection, trying again",
    choices: "Choices",
    operator: "Operator",
    become: (name) => `Make ${name} an operator`,
    join: "/operator join",
    verbs: ["/help", "/campaign list", "/codes status", "/draws latest", "/campaign pause snack?", "/log"],
    chips: ["points", "gifts", "prizes", "invite", "rules", "help", "中文"],
    names: ["Anna", "Bo", "Chloe", "Dan", "Emma", "Finn", "Grace", "Hugo"],
  },
  zh: {
    title: "火炬演练场",
    playground: "演练场",
    lead: "每部手机是一个人。发出的消息都由真实的引擎处理。",
    phones: "手机",
    add: "添加手机",
    language: "English",
    draws: "最近抽奖",
    noDraws: "还没有人抽奖。请发送卡片上的抽奖码。",
    noPrize: "未中奖",
    odds: (odds) => `概率 ${odds}`,
    conversation: (name) => `${name}的对话`,
    message: (name) => `${name}的消息`,
    quick: (name) => `${name}的快捷词`,
    placeholder: "抽奖码，或一个词",
    send: "发送",
    hint: "发送卡片上的抽奖码，或点下面的词。",
    said: (name) => `${name}：`,
    engine: "火炬：",
    failed: "没有收到答复。",
    again: "重新发送",
    refused: (why) => `被拒绝：${why}`,
    signIn: "登录已失效，请刷新页面重新登录。",
    repeated: "此前已送达：只计一次，答复相同。",
    unread: "（新消息）",
    live: "在线",
    lost: "连接中断，正在重试",
    choices: "选项",
    operator: "操作员",
    become: (name) => `让${name}成为操作员`,
    join: "/成为操作员",
    verbs: ["/帮助", "/查活动", "/查码", "/最近抽奖", "/暂停活动 snack？", "/日志"],
    chips: ["积分", "礼品", "奖品", "邀请", "规则", "帮助", "English"],
    names: ["小安", "小波", "小晨", "小丹", "小娥", "小飞", "小高", "小虎"],
  },
};

const saved = restored();
let language = saved.language ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
let current = 0;
let shownDraws = null;
let operatorsWelcome = false;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const phones = [];
const labels = [];

const $ = (id) => document.getElementById(id);
const words = () => WORDS[language];

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
  saved.phones = phones.map((phone) =>
    phone.entries.filter((entry) => entry.id).slice(-SENT_KEPT)
      .map(({ id, text, typed, question, order, state, at, how }) =>
        ({ id, text, typed, question, order, state, at, how })));
  try {
    localStorage.setItem(STORE, JSON.stringify(saved));
  } catch {
    // a full or forbidden store costs the transcript after a reload, nothing else
  }
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

function addPhone(sent = []) {
  const number = phones.length;
  const id = saved.numbers[number] ??= madeUpNumber();
  const phone = { number, id, entries: [], texts: new Map(), after: 0, waiting: 0, operates: isOperators(id) };
  const name = () => words().names[number];
  const title = make("h2", { id: `name-${number}` });
  phone.log = make("div", { class: "log", role: "log", "aria-live": "off", tabindex: "0" });
  const hint = make("p", { class: "hint" });
  phone.log.append(hint);
  phone.input = make("input", {
    id: `text-${number}`, autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: "2000",
    enterkeyhint: "send",
  });
  const inputLabel = make("label", { class: "hidden", for: `text-${number}` });
  const send = make("button", { type: "submit" });
  const form = make("form", { class: "say" }, inputLabel, phone.input, send);
  const chips = make("div", { class: "chips", role: "group" });
  phone.become = make("button", { type: "button", class: "plain operator", hidden: "" });
  phone.choices = make("div", { class: "choices", role: "group" });
  phone.node = make("section", { class: "phone", "aria-labelledby": `name-${number}` },
    make("header", {}, title, make("p", {}, spelt(id)), phone.become), phone.log, chips, form);
  phone.tab = make("button", { type: "button", class: "plain" });
  const tabName = make("span");
  phone.unread = make("span", { class: "hidden" });
  phone.tab.append(tabName, phone.unread);

  phone.draw = () => {
    const say = words();
    phone.become.hidden = !(phone.operates || operatorsWelcome);
    phone.become.disabled = phone.operates;
    phone.node.classList.toggle("operates", phone.operates);
    chips.replaceChildren(...(phone.operates ? say.verbs : say.chips).map((word) => {
      const chip = make("button", { type: "button", class: "plain", lang: tongue(word) }, word);
      chip.addEventListener("click", () => speak(phone, word));
      return chip;
    }));
  };
  phone.become.addEventListener("click", () => becomeOperator(phone));
  label((say) => {
    title.textContent = tabName.textContent = name();
    hint.textContent = say.hint;
    inputLabel.textContent = say.message(name());
    phone.input.placeholder = say.placeholder;
    send.textContent = say.send;
    phone.log.setAttribute("aria-label", say.conversation(name()));
    chips.setAttribute("aria-label", say.quick(name()));
    phone.choices.setAttribute("aria-label", say.choices);
    phone.become.textContent = say.operator;
    phone.become.title = phone.operates ? "" : say.become(name());
    phone.draw();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!phone.input.value.trim()) return;
    speak(phone, phone.input.value);
    phone.input.value = "";
  });
  phone.tab.addEventListener("click", () => choose(number));
  phones.push(phone);
  $("phones").append(phone.node);
  $("tabs").append(phone.tab);
  $("add").hidden = phones.length >= PHONES_MOST;
  for (const entry of sent) {
    if (typeof entry?.id === "string" && typeof entry.text === "string" && Number.isFinite(entry.order)) {
      showMine(phone, { ...entry, state: entry.state === "sending" ? "failed" : entry.state });
    }
  }
  return phone;
}

/** Whether the phone with this number says verbs: the page remembers it. */
function isOperators(id) {
  return Array.isArray(saved.operators) && saved.operators.includes(id);
}

/** Fetch a word that makes an operator, and let the phone say it as anybody would. */
async function becomeOperator(phone) {
  phone.become.disabled = true;
  try {
    const response = await fetch("operator", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: words().names[phone.number] }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(response.status);
    const { word } = await response.json();
    phone.operates = true;
    saved.operators = [...(saved.operators ?? []), phone.id];
    speak(phone, `${words().join} ${word}`);
    phone.input.focus();
  } catch {
    // it can be tapped again
  }
  phone.draw();
}

function choose(number) {
  current = number;
  for (const phone of phones) {
    phone.node.classList.toggle("current", phone.number === number);
    phone.tab.setAttribute("aria-pressed", String(phone.number === number));
  }
  phones[number].tab.classList.remove("unread");
  phones[number].unread.textContent = "";
  toEnd(phones[number]);
}

function isAtEnd({ log }) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function toEnd(phone) {
  phone.log.scrollTop = phone.log.scrollHeight;
}

/** Put an entry where its order says: answers at their sequence number, a message just before its answer. */
function place(phone, entry) {
  const log = phone.log;
  const atEnd = isAtEnd(phone);
  const index = phone.entries.findIndex((other) => other.order > entry.order);
  const next = index < 0 ? null : phone.entries[index];
  phone.entries.splice(index < 0 ? phone.entries.length : index, 0, entry);
  if (!entry.node.isConnected || entry.node.nextSibling !== (next?.node ?? null)) {
    log.insertBefore(entry.node, next?.node ?? null);
  }
  if (!atEnd && !entry.id) return;
  toEnd(phone);
  if (entry.node.offsetHeight > log.clientHeight) log.scrollTop = entry.node.offsetTop - 12; // a long answer from its top
}

// Talking

/** Send `text`; a tapped choice names the question that it stood under. */
function speak(phone, text, tapped = null) {
  phone.choices.remove();
  const order = Math.max(0, ...phone.texts.keys()) + 0.5;
  const typed = tapped === null && text !== phone.scanned;
  const question = tapped?.question ?? null;
  phone.scanned = null;
  const entry = { id: randomWord(20), text, typed, question, order, state: "sending", at: new Date().toISOString() };
  showMine(phone, entry);
  deliver(phone, entry);
}

function showMine(phone, entry) {
  const speaker = make("span", { class: "hidden" });
  entry.foot = make("div");
  entry.node = make("div", {}, make("p", { lang: tongue(entry.text) }, speaker, entry.text), entry.foot);
  entry.draw = () => {
    const say = words();
    speaker.textContent = say.said(say.names[phone.number]);
    entry.node.className = `line mine ${entry.state}`;
    entry.foot.replaceChildren(...foot(phone, entry, say));
  };
  labels.push(entry.draw);
  entry.draw();
  place(phone, entry);
}

function foot(phone, entry, say) {
  if (entry.state === "done" && entry.how === "repeated") return [make("div", { class: "note" }, say.repeated)];
  if (entry.state === "refused") return [make("div", { class: "trouble" }, say.refused(entry.why ?? ""))];
  if (entry.state !== "failed") return [];
  const again = make("button", { type: "button", class: "plain" }, say.again);
  again.addEventListener("click", () => {
    phone.input.focus();
    deliver(phone, entry);
  });
  return [make("div", { class: "trouble" }, say.failed, again)];
}

async function deliver(phone, entry) {
  entry.state = "sending";
  entry.draw();
  remember();
  phone.node.classList.toggle("waiting", ++phone.waiting > 0);
  const { id, text, typed = true, question = null } = entry;
  const outcome = await post({ phone: phone.id, id, text, typed, question });
  phone.node.classList.toggle("waiting", --phone.waiting > 0);
  Object.assign(entry, outcome.entry);
  if (outcome.sequence?.length) {
    phone.entries.splice(phone.entries.indexOf(entry), 1);
    entry.order = outcome.sequence[0] - 0.5;
    place(phone, entry);
  }
  const atEnd = isAtEnd(phone);
  entry.draw();
  if (atEnd) toEnd(phone);
  const at = new Date().toISOString();
  outcome.texts?.forEach((said, part) => hear(phone, outcome.sequence[part], said, at, outcome.choices[part]));
  remember();
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
function hear(phone, sequence, text, at, choices) {
  if (phone.texts.has(sequence)) return;
  phone.texts.set(sequence, text);
  const speaker = make("span", { class: "hidden" });
  const time = make("time", { datetime: at });
  const bubble = make("p", { lang: tongue(text) }, speaker, ...linked(text));
  const node = make("div", { class: "line theirs" }, bubble, time);
  label((say) => {
    speaker.textContent = say.engine;
    time.textContent = clockTime(at);
  });
  if (sequence === Math.max(...phone.texts.keys())) offer(phone, choices, node);
  place(phone, { order: sequence, node });
  if (phone.heard && !still.matches) {
    bubble.animate({ opacity: [0.2, 1], transform: ["translateY(6px)", "none"] }, { duration: 350, easing: "ease-out" });
  }
  if (phone.heard && phone.number !== current) {
    phone.tab.classList.add("unread");
    phone.unread.textContent = words().unread;
  }
}

/** What may be chosen below the newest text can be tapped; the text before it has no buttons any more. */
function offer(phone, choices, node) {
  phone.choices.remove();
  phone.choices.replaceChildren(...choices.map((choice) => {
    const button = make("button", { type: "button", class: "plain", lang: tongue(choice.label) }, choice.label);
    button.addEventListener("click", () => {
      if (button.matches(":focus-visible")) phone.input.focus(); // the buttons are about to go
      speak(phone, choice.says, choice);
    });
    return button;
  }));
  if (choices.length) node.append(phone.choices);
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
    const query = phones.map((phone) => `phone=${encodeURIComponent(`${phone.id}:${position(phone)}`)}`).join("&");
    const response = await fetch(`news?${query}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status === 403) return link("signIn");
    if (!response.ok) throw new Error(response.status);
    take(await response.json());
    pause = POLL_MS;
    link("live");
  } catch {
    pause = Math.min(pause * 2, POLL_MOST_MS);
    link("lost");
  }
  timer = setTimeout(poll, pause);
}

function take(news) {
  if (operatorsWelcome !== news.operators) {
    operatorsWelcome = news.operators;
    for (const phone of phones) phone.draw();
  }
  for (const phone of phones) {
    const said = news.phones[phone.id];
    if (!said) continue;
    for (const { sequence, text, at, choices } of said) {
      hear(phone, sequence, text, at, choices);
      phone.after = Math.max(phone.after, sequence);
    }
    if (!phone.heard) {
      phone.heard = true;
      phone.log.setAttribute("aria-live", "polite");
      toEnd(phone);
    }
  }
  showDraws(news.draws);
}

function showDraws(draws) {
  const told = language + JSON.stringify(draws);
  if (told === shownDraws) return;
  shownDraws = told;
  const say = words();
  const title = (titles) => titles[language] ?? Object.values(titles)[0];
  $("no-draws").hidden = draws.length > 0;
  $("draws").replaceChildren(...draws.map((draw) => make("li", draw.prize ? { class: "won" } : {},
    make("strong", {}, draw.prize ? title(draw.prize) : say.noPrize),
    make("span", {}, say.odds(draw.odds)),
    make("small", {}, make("time", { datetime: draw.at }, clockTime(draw.at)), ` · ${title(draw.campaign)}`))));
  showDraws.last = draws;
}

let linkWord = "live";

function link(word) {
  linkWord = word;
  if ($("link").textContent !== words()[word]) $("link").textContent = words()[word];
  $("link").classList.toggle("live", word === "live");
}

// The page

function speakLanguage(chosen) {
  language = chosen;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const write of labels) write(words());
  if (showDraws.last) showDraws(showDraws.last);
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
  choose(1);
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
for (const sent of saved.phones.slice(0, PHONES_MOST)) addPhone(Array.isArray(sent) ? sent : []);
while (phones.length < 2) addPhone();
choose(0);
speakLanguage(language);
remember();
takeGivenWord();

$("language").addEventListener("click", () => {
  speakLanguage(language === "zh" ? "en" : "zh");
  remember();
});
$("add").addEventListener("click", () => {
  const phone = addPhone();
  choose(phone.number);
  remember();
  phone.input.focus();
  if (timer !== null) poll();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && timer === null) poll();
});
poll();
