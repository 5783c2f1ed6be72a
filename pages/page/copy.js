// A button that copies the word. Without it the page says the same: a touch on the word selects all of it.

const word = document.getElementById("word");
const button = document.getElementById("copy");
const told = document.getElementById("copied");

async function copy() {
  getSelection().selectAllChildren(word);
  try {
    await navigator.clipboard.writeText(word.textContent);
  } catch {
    if (!document.execCommand("copy")) return; // a page without https has no clipboard; the word stays selected
  }
  told.textContent = button.dataset.copied;
}

button.addEventListener("click", copy);
button.hidden = false;
