// A button that copies the text of another element. `[data-copy="its id"][data-label][data-done]`

for (const place of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-second";
  button.textContent = place.dataset.label;
  const said = document.createElement("span");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");

  button.addEventListener("click", async () => {
    const text = document.getElementById(place.dataset.copy).textContent.replace(/\s+/g, "");
    await navigator.clipboard.writeText(text);
    button.textContent = said.textContent = place.dataset.done;
  });
  if (navigator.clipboard) place.append(button, said);
}
