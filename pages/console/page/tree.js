// The relay as a tree that grows: a tier for each leg, on each as many torches as fit that look like the counts.

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 400, HIGH = 360, FOOT = 348, MOST_ON_A_TIER = 13;
const MIDDLE = (WIDE - 100) / 2;
const FLAME = "M0-11C2-6 7-3 7 3C7 8 3.500 10 0 10C-3.500 10-7 8-7 3C-7-1-2-4 0-11z";
const RING = "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6z";
const SHAPES = { lit: FLAME, waiting: RING, out: "M0-4.500L4.500 0L0 4.500L-4.500 0z" };

let before = "";

function made(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

// Few are drawn one by one; of many, each tier has its part of what fits on the largest one.
function places(count, largest) {
  if (largest <= MOST_ON_A_TIER || count <= 1) return count;
  return Math.max(Math.min(count, 2), Math.round(MOST_ON_A_TIER * Math.sqrt(count / largest)));
}

// Which of all that are drawn burn, wait or are out: as many as their parts of all, spread evenly over the tree.
function states(shown, { lit, waiting, granted }) {
  const part = (count) => Math.round((shown * count) / Math.max(granted, 1));
  const burning = lit ? Math.max(part(lit), 1) : 0;
  const order = Array.from({ length: shown }, (_none, at) => at).sort((a, b) => ((a * 0.618034) % 1) - ((b * 0.618034) % 1));
  const found = [];
  order.forEach((at, rank) => (found[at] = rank < burning ? "lit" : rank < burning + part(waiting) ? "waiting" : "out"));
  return found;
}

function tiers({ legs }) {
  const [step, largest] = [Math.min(64, (FOOT - 50) / Math.max(legs.length, 1)), Math.max(...legs, 1)];
  return legs.map((count, leg) => {
    const [y, shown] = [FOOT - 44 - leg * step, places(count, largest)];
    const reach = Math.min(WIDE - 140, shown * 22 + 8);
    const xs = Array.from({ length: shown }, (_none, at) => MIDDLE + (shown === 1 ? 0 : reach * (at / (shown - 1) - 0.5)));
    return { y, xs, count };
  });
}

export function grow(tree, key, torches, say, written) {
  const told = JSON.stringify(torches);
  if (told === before) return;
  const old = new Set([...tree.querySelectorAll("[data-at]")].map((node) => node.dataset.at));
  const all = tiers(torches);
  const parts = [made("path", { class: "branch", "stroke-width": 5 + Math.log10(torches.granted + 1), d: `M${MIDDLE} ${HIGH}V${FOOT - 26}` })];
  const flames = [];
  const drawn = states(all.reduce((sum, { xs }) => sum + xs.length, 0), torches);
  all.forEach(({ y, xs, count }, leg) => {
    const under = leg ? all[leg - 1] : { y: FOOT - 20, xs: [MIDDLE] };
    xs.forEach((x, at) => {
      const state = drawn.shift();
      const from = under.xs[xs.length === 1 ? Math.floor(under.xs.length / 2) : Math.round((at * (under.xs.length - 1)) / (xs.length - 1))];
      const middle = (under.y + y) / 2;
      parts.push(made("path", { class: "branch", "stroke-width": Math.max(1.5, 4.5 - leg), d: `M${from} ${under.y - 4}C${from} ${middle} ${x} ${middle} ${x} ${y + 8}` }));
      const spot = made("g", { transform: `translate(${x} ${y})`, "data-at": `${leg}.${at}` });
      const flame = made("path", { class: state, d: SHAPES[state] });
      if (before && !old.has(`${leg}.${at}`)) flame.classList.add("grown");
      spot.append(flame);
      flames.push(spot);
    });
    const last = leg === all.length - 1 && leg === 7;
    flames.push(made("text", { x: WIDE, y: y + 4, "text-anchor": "end" }, `${say(last ? "leg_last" : "leg", leg + 1)} · ${written(count)}`));
  });
  tree.replaceChildren(...parts, ...flames);
  key.replaceChildren(
    ...["lit", "waiting", "out"].map((state) => {
      const line = document.createElement("li");
      const sign = made("svg", { viewBox: "-12 -12 24 24", "aria-hidden": "true" });
      sign.append(made("path", { class: state, d: SHAPES[state] }));
      const count = document.createElement("b");
      count.textContent = written(torches[state]);
      line.append(sign, count, say(state));
      return line;
    }),
  );
  before = told;
}
