// Keeps the demo phone up to date and copies codes; without it there is the link "Refresh".

const SECONDS = 3;
const page = document.querySelector("[data-demo-phone]");
const mailbox = document.getElementById("demo-mailbox");

// What the server last sent for each part: a part that didn't change stays untouched, so an
// opened message stays open, and focus and scroll position stay where they are.
const known = new Map();

function remember(part) {
  known.set(part.id, part.outerHTML);
}

function offerCopying(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-demo-copy]")) button.hidden = false;
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.demoCopy);
  const label = button.textContent;
  button.textContent = button.dataset.demoCopied;
  setTimeout(() => (button.textContent = label), 2000);
}

// Returns whether the part is a new one.
function take(part) {
  if (known.get(part.id) === part.outerHTML) return false;
  const current = document.getElementById(part.id);
  remember(part);
  if (current) current.replaceWith(part);
  else mailbox.prepend(part);
  offerCopying(part);
  return !current;
}

async function refresh() {
  if (document.hidden) return;
  const response = await fetch(location.href);
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = [...fresh.querySelectorAll("[data-part]")];
  const arrived = parts.reverse().filter(take); // the oldest first, so that the newest is on top
  if (arrived.length) announce(arrived);
}

function announce(messages) {
  for (const earlier of mailbox.querySelectorAll(".demo-arrived")) {
    earlier.classList.remove("demo-arrived");
  }
  for (const message of messages) message.classList.add("demo-arrived");
  page.querySelector("[data-announce]").textContent = page.dataset.arrived;
}

function refreshQuietly() {
  return refresh().catch(() => {}); // the server is being restarted: the next try will do
}

async function keepFresh() {
  await refreshQuietly();
  setTimeout(keepFresh, SECONDS * 1000);
}

for (const part of page.querySelectorAll("[data-part]")) remember(part);
offerCopying(page);
page.querySelector("[data-demo-live]").hidden = false;
page.addEventListener("click", (event) => {
  const button = event.target.closest("[data-demo-copy]");
  if (button) copy(button);
});
document.addEventListener("visibilitychange", refreshQuietly);
setTimeout(keepFresh, SECONDS * 1000);
