// Counts down by the server's clock, and shows at once what has become of the torch. Without it the page says the same.

const BURNING_DOWN_MS = 5_000, AT_EASE_MS = 10_000, QUIET_MS = 60_000, FAILING_MS = 120_000, PATIENCE_MS = 15_000;
const JUMP_MS = 1_500; // a clock that moved by more: the phone slept, or somebody set it
const DAY_S = 86_400;

const torch = document.getElementById("torch");
const news = document.getElementById("news");
const part = (id) => document.getElementById(id);
const patience = () => AbortSignal.timeout?.(PATIENCE_MS);
const isUnlit = () => part("flame").dataset.state === "unlit";

let ahead = 0; // the server's clock less ours, which counts from when the page was opened, whatever the phone's says
let doubt = Infinity; // the journey of the answer that told; the shorter, the surer
let apart = Date.now() - performance.now();
let ticking, asking, failed, unchanged;

function learn(theirs, asked, answered) {
  if (answered - asked >= doubt) return;
  doubt = answered - asked;
  ahead = theirs - (asked + answered) / 2;
}

function written(seconds, ofDays) {
  const two = (count) => String(count).padStart(2, "0");
  const [days, hours, minutes] = [Math.floor(seconds / DAY_S), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const last = two(seconds % 60);
  if (days) return `${days}${ofDays}${two(hours)}:${two(minutes)}:${last}`;
  return hours ? `${hours}:${two(minutes)}:${last}` : `${minutes}:${last}`;
}

function tick() {
  clearTimeout(ticking);
  if (Math.abs(Date.now() - performance.now() - apart) > JUMP_MS) return wake();
  const clock = part("clock");
  if (!clock) return;
  const [granted, ends] = [Number(clock.dataset.granted), Number(clock.dataset.ends)];
  const left = Math.max(0, ends - performance.now() - ahead);
  const seconds = Math.ceil(left / 1000);
  clock.textContent = written(seconds, clock.dataset.days);
  clock.classList.toggle("long", seconds >= 3600);
  clock.hidden = false;
  part("ring").setAttribute("stroke-dashoffset", Math.min(100, 100 - (100 * left) / (ends - granted)).toFixed(2));
  if (seconds === 60) news.textContent = clock.dataset.minute;
  if (left > 0) ticking = setTimeout(tick, left % 1000 || 1000);
  else ask(200 + 800 * Math.random());
}

async function renew() {
  const answer = await fetch(location.href, { cache: "no-store", signal: patience() });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("torch");
  if (fresh?.dataset.open !== torch.dataset.open) return location.reload();
  const was = part("flame").dataset.state;
  const held = document.activeElement?.id;
  for (const old of document.querySelectorAll("[data-live]")) old.replaceWith(page.getElementById(old.id));
  torch.dataset.version = fresh.dataset.version;
  const is = part("flame").dataset.state;
  if (is !== was) news.textContent = part("state").textContent;
  part("flame").classList.toggle("fresh", is === "lit" && is !== was);
  if (held) part(held)?.focus({ preventScroll: true });
  tick();
}

async function look() {
  const asked = performance.now();
  let pause = isUnlit() ? BURNING_DOWN_MS : Math.min(QUIET_MS, AT_EASE_MS * 1.2 ** unchanged);
  try {
    const answer = await fetch(`${torch.dataset.at}/state`, { cache: "no-store", signal: patience() });
    const answered = performance.now();
    if (answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const { now, version } = await answer.json();
    learn(now, asked, answered);
    unchanged += 1;
    if (version !== torch.dataset.version) {
      await renew();
      unchanged = 0;
    }
    failed = 0;
  } catch {
    failed += 1;
    pause = Math.min(FAILING_MS, pause * 2 ** failed);
  }
  ask(pause * (0.85 + 0.3 * Math.random()));
}

function ask(after) {
  clearTimeout(asking);
  if (!document.hidden) asking = setTimeout(look, after);
}

function wake() {
  [failed, unchanged, doubt, apart] = [0, 0, Infinity, Date.now() - performance.now()];
  clearTimeout(asking);
  if (!document.hidden) look().then(tick);
}

const [opened] = performance.getEntriesByType("navigation");
learn(Number(torch.dataset.now), opened?.requestStart ?? 0, opened?.responseStart ?? performance.now());
[failed, unchanged] = [0, 0];
document.addEventListener("visibilitychange", wake);
addEventListener("pageshow", (event) => event.persisted && wake());
tick();
ask(BURNING_DOWN_MS);
