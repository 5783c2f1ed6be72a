// What is inside a text that was said: links to this site, and words that a friend may take up. And made-up numbers.

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）]+/g;
const NUMBER = /^\+86199\d{8}$/;
const HERE = ["localhost", "127.0.0.1", "[::1]"];

/** The address on this site that `text` is, or null. This machine has several names, and one port is one site. */
function ours(text) {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.origin === location.origin) return url;
  const same = HERE.includes(url.hostname) && HERE.includes(location.hostname) && url.port === location.port;
  if (!same || url.protocol !== location.protocol || url.username || url.password) return null;
  return new URL(url.pathname + url.search + url.hash, location.origin);
}

function links(text) {
  return Array.from(text.matchAll(LINK), ({ 0: found, index }) => {
    const address = found.replace(/[.,;:!?)\]]+$/, "");
    return { index, address, url: ours(address) };
  }).filter(({ url }) => url !== null);
}

/** The text as nodes. A link is a link when it leads to this site; every other one stays text. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const { index, address, url } of links(text)) {
    const link = document.createElement("a");
    link.href = url.href;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = address;
    nodes.push(text.slice(from, index), link);
    from = index + address.length;
  }
  return [...nodes, text.slice(from)];
}

/** The word for a friend that the text's link holds, or null. */
export function wordFor(text) {
  for (const { url } of links(text)) {
    const found = /\/[it]\/([0-9A-Z-]{4,20})$/.exec(url.pathname);
    if (found) return found[1];
  }
  return null;
}

/** A mobile number that looks like one of China Telecom's; nobody is called. */
export function madeUpNumber() {
  return `+86199${Array.from(crypto.getRandomValues(new Uint32Array(8)), (value) => value % 10).join("")}`;
}

export function isNumber(text) {
  return typeof text === "string" && NUMBER.test(text);
}

/** +8619912345678 as people write it: 199 1234 5678. */
export function spelt(number) {
  return number.slice(3).replace(/^(\d{3})(\d{4})(\d{4})$/, "$1 $2 $3");
}
