// The page works without this file: it adds the buttons that copy, and shows results
// without loading the page again.
"use strict";

const form = document.getElementById("search");
const result = document.getElementById("result");
const status = document.getElementById("status");
let request = new AbortController();

function showButtons() {
  for (const button of document.querySelectorAll("button.copy")) button.hidden = false;
}

// copySelected copies what is selected: navigator.clipboard is missing on pages that
// are served without TLS.
function copySelected(code) {
  const selection = getSelection();
  selection.selectAllChildren(code);
  const copied = document.execCommand("copy");
  selection.removeAllRanges();
  return copied;
}

async function copy(button) {
  let copied = true;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    copied = copySelected(button.parentElement.querySelector("code"));
  }
  status.textContent = copied ? "Copied " + button.dataset.copy : "The browser did not allow to copy.";
  if (!copied) return;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

// show replaces the result by that of another address.
async function show(address, isNew) {
  request.abort();
  request = new AbortController();
  result.setAttribute("aria-busy", "true");
  status.textContent = "Asking the registry…";
  try {
    const response = await fetch(address, { signal: request.signal });
    const type = response.headers.get("Content-Type") ?? "";
    if (!type.startsWith("text/html")) throw new Error((await response.json()).error);
    replace(new DOMParser().parseFromString(await response.text(), "text/html"));
    if (isNew) history.pushState(null, "", address);
    status.textContent = document.title;
  } catch (problem) {
    if (problem.name === "AbortError") return;
    result.replaceChildren();
    status.textContent = "The service did not answer: " + problem.message;
  }
  result.removeAttribute("aria-busy");
}

function replace(page) {
  document.title = page.title;
  result.replaceChildren(...page.getElementById("result").children);
  const options = page.getElementById("platform").children;
  form.elements.platform.replaceChildren(...options);
  form.elements.image.value = page.getElementById("image").value;
  showButtons();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = new URLSearchParams(new FormData(form));
  if (!values.get("platform")) values.delete("platform");
  show("/?" + values, true);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copy(button);
});

addEventListener("popstate", () => show(location.href, false));
showButtons();
