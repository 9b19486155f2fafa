// Two minutes before a session ends, a box offers to stay signed in; what was typed stays too.
// `[data-session-end]` around a box with `[data-seconds]` that is hidden until then.

const SOON = 120;

const place = document.querySelector("[data-session-end]");
let opens;

function look() {
  place.firstElementChild.hidden = Date.now() < opens;
}

function arm() {
  const wait = Math.max(0, Number(place.firstElementChild.dataset.seconds) - SOON) * 1000;
  opens = Date.now() + wait;
  setTimeout(look, wait);
}

place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    place.innerHTML = (await answer.text()).trim();
    arm();
  } catch {
    location.reload(); // too late: the sign-in page says why
  }
});

// The line in the footer is for those who get no box.
document.querySelector("[data-session-time]")?.remove();
// A computer that slept has missed its alarm.
document.addEventListener("visibilitychange", look);
arm();
