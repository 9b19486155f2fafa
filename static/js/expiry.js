// Says twice, not each second, how long a code still works: two minutes before, and at the end.
// `[data-expiry="seconds"][data-soon][data-over]`

const SOON = 120;

for (const place of document.querySelectorAll("[data-expiry]")) {
  const left = Number(place.dataset.expiry);
  const say = (words, seconds) => {
    if (seconds > 0) setTimeout(() => (place.textContent = words), seconds * 1000);
  };
  say(place.dataset.soon, left - SOON);
  say(place.dataset.over, left);
}
