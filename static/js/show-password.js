// A button that shows what was typed. `[data-show-password="Show"][data-hide-password="Hide"]`

for (const field of document.querySelectorAll("[data-show-password]")) {
  const input = field.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-second";
  button.setAttribute("aria-controls", input.id);

  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? field.dataset.hidePassword : field.dataset.showPassword;
    const label = field.querySelector("label").textContent.trim();
    button.setAttribute("aria-label", `${button.textContent} ${label}`);
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers offer to remember, and never to complete as text, what is sent as a password.
  input.form?.addEventListener("submit", () => show(false));

  show(false);
  input.after(button);
}
