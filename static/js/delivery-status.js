// Asks every 3 seconds what became of a message; says so only when it changes. Once the answer came
// by telephone, the page goes on by itself: `form[data-goes-on]` is sent.
// `[data-delivery-status="address of the fragment"]`

const EVERY = 3000;

const goOn = () => document.querySelector("form[data-goes-on]")?.requestSubmit();

for (const place of document.querySelectorAll("[data-delivery-status]")) {
  const text = place.querySelector("[role=status]");
  const spare = place.querySelector("[data-without-script]");
  let latest = text.innerHTML.trim();

  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.deliveryStatus, { cache: "no-store", redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      const fragment = (await answer.text()).trim();
      if (fragment !== latest) text.innerHTML = latest = fragment;
      if (text.querySelector("[data-answered]")) return goOn();
      if (text.querySelector("[data-final]")) return;
    } catch {
      // Nobody can say right now: the link takes over, and the next try may do.
      if (spare) spare.hidden = false;
    }
    setTimeout(ask, EVERY);
  };
  if (spare) spare.hidden = true;
  setTimeout(ask, EVERY);
}
