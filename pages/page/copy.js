// Buttons that copy what stands beside them, or hand the page's address on. Without it the page says the same:
// a touch on the word selects all of it.

const root = document.documentElement;

function select(node) {
  getSelection().selectAllChildren(node);
  return document.execCommand("copy"); // a page without https has no clipboard; what was selected stays so
}

async function copy(text, node) {
  if (node) getSelection().selectAllChildren(node);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (node) return select(node);
    const kept = document.body.appendChild(document.createElement("p"));
    kept.textContent = text;
    const done = select(kept);
    kept.remove();
    return done;
  }
}

function tell(button) {
  const told = document.getElementById(button.getAttribute("aria-controls"));
  told.textContent = "";
  requestAnimationFrame(() => { told.textContent = button.dataset.copied; }); // said again when it is done again
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const link = () => new URL(button.dataset.link, location.href).href;
  if (button?.id === "share") {
    await navigator.share({ title: document.title, text: button.dataset.text, url: link() }).catch(() => {}); // thought better of
  } else if (button?.id === "copy-link") {
    if (await copy(link())) tell(button);
  } else if (button?.id === "copy") {
    const word = document.getElementById("word");
    if (await copy(word.textContent, word)) tell(button);
  }
});

root.classList.add("scripted");
if (navigator.share) root.classList.add("shares");
