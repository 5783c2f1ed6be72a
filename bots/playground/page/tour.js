// The tour: a few steps beside the page, which stays usable; skipped or done, it stays away until it is asked for.

const STORE = "huoju-playground-tour";

function stored() {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null;
  }
}

function keep(value) {
  try {
    localStorage.setItem(STORE, value);
  } catch {
    // then it is shown again next time
  }
}

export class Tour {
  /** `show` is told of each step by its name, or of null when there is none. */
  constructor(node, show) {
    Object.assign(this, { node, show, steps: [], at: null, words: null });
    const $ = (name) => node.querySelector(`[data-tour=${name}]`);
    this.parts = Object.fromEntries(["count", "title", "text", "back", "next", "skip"].map((name) => [name, $(name)]));
    this.parts.back.addEventListener("click", () => this.go(this.at - 1));
    this.parts.next.addEventListener("click", () => (this.isLast ? this.end() : this.go(this.at + 1)));
    this.parts.skip.addEventListener("click", () => this.end());
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.end());
  }

  get isLast() {
    return this.at === this.steps.length - 1;
  }

  /** Begin where this browser was; not at all when it has had the tour. */
  begin(steps) {
    this.steps = steps;
    const found = stored();
    if (found === "done") return;
    const at = steps.indexOf(found);
    this.put(at < 0 ? 0 : at);
  }

  /** Take it again. */
  again() {
    this.go(0);
  }

  go(at) {
    this.put(at);
    this.parts.title.focus();
  }

  put(at) {
    this.at = at;
    keep(this.steps[at]);
    this.node.hidden = false;
    this.say();
    this.show(this.steps[at]);
  }

  end() {
    keep("done");
    this.at = null;
    this.node.hidden = true;
    this.show(null);
  }

  say(words = this.words) {
    this.words = words;
    if (this.at === null || !words) return;
    const [title, text] = words.steps[this.steps[this.at]];
    this.parts.count.textContent = words.step(this.at + 1, this.steps.length);
    this.parts.title.textContent = title;
    this.parts.text.textContent = text;
    this.parts.back.textContent = words.back;
    this.parts.back.hidden = this.at === 0;
    this.parts.next.textContent = this.isLast ? words.done : words.next;
    this.parts.skip.textContent = words.skip;
    this.parts.skip.hidden = this.isLast;
  }
}
