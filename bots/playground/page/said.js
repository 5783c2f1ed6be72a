// What is inside a text that was said: links to this site. And the phones' made-up numbers.

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）]+/g;
const NUMBER = /^\+86199\d{8}$/;

/** The text as nodes. A link is a link when it leads to this site; every other one stays text. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const address = found.replace(/[.,;:!?)\]]+$/, "");
    if (!URL.canParse(address) || new URL(address).origin !== location.origin) continue;
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = address;
    nodes.push(text.slice(from, index), link);
    from = index + address.length;
  }
  return [...nodes, text.slice(from)];
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
