// A button that opens when its time has come. `<button disabled data-wait="seconds">`

for (const button of document.querySelectorAll("[data-wait]")) {
  setTimeout(() => {
    button.disabled = false;
    document.getElementById(button.getAttribute("aria-describedby"))?.remove();
    button.removeAttribute("aria-describedby");
    button.removeAttribute("data-wait");
  }, Number(button.dataset.wait) * 1000);
}
