// A form is sent once: its buttons are disabled after pressing. `<form data-once>`

const buttonsOf = (form) => form.querySelectorAll("button[type=submit]:not([data-wait])");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  // Not before the browser has collected the fields: a disabled button would not be sent.
  setTimeout(() => buttonsOf(form).forEach((button) => (button.disabled = true)));
});

// Back brings the page as it was left.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-once]").forEach((form) => {
    buttonsOf(form).forEach((button) => (button.disabled = false));
  });
});
