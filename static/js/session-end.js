// Two minutes before a session ends, a box offers to stay signed in; what was typed stays too.
// `[data-session-end="seconds"][data-until="14:35"][data-may-stay]` around a box that is hidden.

const SOON = 120;

const place = document.querySelector("[data-session-end]");
const box = place.firstElementChild;
const button = box.querySelector("button");
let opens;

function look() {
  box.hidden = Date.now() < opens;
}

function arm(seconds, until, mayStay) {
  const wait = Math.max(0, seconds - SOON) * 1000;
  box.querySelectorAll("time").forEach((time) => (time.textContent = until));
  box.querySelector("[data-if-unused]").hidden = button.hidden = !mayStay;
  box.querySelector("[data-in-any-case]").hidden = mayStay;
  opens = Date.now() + wait;
  look();
  setTimeout(look, wait);
}

button.addEventListener("click", async (event) => {
  event.preventDefault();
  try {
    const body = new URLSearchParams(new FormData(button.form));
    const answer = await fetch(button.formAction, { method: "POST", body, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    const end = await answer.json();
    arm(end.seconds, end.until, end.may_stay);
  } catch {
    location.reload(); // too late: the sign-in page says why
  }
});

// The line in the footer is for those who get no box.
document.querySelector("[data-session-time]")?.remove();
// A computer that slept has missed its alarm.
document.addEventListener("visibilitychange", look);
arm(Number(place.dataset.sessionEnd), place.dataset.until, "mayStay" in place.dataset);
