// The cards that a visitor holds: dealt by the server, each to one visitor, and shared by the tabs of one browser.

const STORE = "huoju-playground-hand";
const PATIENCE_MS = 25000;
const TWICE_MS = 450;

/** One at a time over all tabs, where the browser can do that. */
const alone = (work) => (navigator.locks ? navigator.locks.request(STORE, work) : work());

function stored() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE));
    if (found && typeof found === "object") return found;
  } catch {
    // nothing usable is stored, or storing is forbidden
  }
  return {};
}

const hands = {};

/** What is held at `account`, as the other tabs left it. */
export function held(account) {
  const found = stored()[account] ?? hands[account];
  return Array.isArray(found) ? found.filter((code) => typeof code === "string") : [];
}

function keep(account, cards) {
  hands[account] = cards;
  try {
    localStorage.setItem(STORE, JSON.stringify({ ...stored(), [account]: cards }));
  } catch {
    // without a store this tab remembers alone
  }
}

/** Take one card out of the hand; false when it is not in it any more, as another tab has sent it. */
export function take(account, code) {
  const cards = held(account);
  if (!cards.includes(code)) return false;
  keep(account, cards.filter((card) => card !== code));
  return true;
}

/** Let the server fill the hand up; resolves to null when it cannot be reached. */
export function refill(account) {
  return alone(async () => {
    try {
      const response = await fetch("cards", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ account, held: held(account).slice(0, 3) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!response.ok) throw new Error(response.status);
      const { cards } = await response.json();
      keep(account, cards);
      return cards;
    } catch {
      return null;
    }
  });
}

/** Tell `changed` when another tab has changed the hands. */
export function watch(changed) {
  addEventListener("storage", (event) => {
    if (event.key === STORE) changed();
  });
}

/** True for the second tap of a double tap, or of a key held down, which would hit the next card in the same place. */
export function isSecondTap(slot) {
  const now = performance.now();
  const twice = now - (slot.tapped ?? -TWICE_MS) < TWICE_MS;
  slot.tapped = now;
  return twice;
}
