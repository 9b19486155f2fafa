// A button that hides what was typed. `[data-hide-answer="Hide"][data-show-answer="Show"]`
// Drawn as dots, not made a password: browsers would offer to remember it.

const supported = CSS.supports("-webkit-text-security", "disc");

for (const field of supported ? document.querySelectorAll("[data-hide-answer]") : []) {
  if (field.querySelector("button")) continue;
  const input = field.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-second";
  button.setAttribute("aria-controls", input.id);

  let hidden = false;
  const show = () => {
    input.style.setProperty("-webkit-text-security", hidden ? "disc" : "none");
    button.textContent = hidden ? field.dataset.showAnswer : field.dataset.hideAnswer;
    const label = field.querySelector("label").textContent.trim();
    button.setAttribute("aria-label", `${button.textContent} ${label}`);
  };
  button.addEventListener("click", () => {
    hidden = !hidden;
    show();
  });

  show();
  input.after(button);
}
