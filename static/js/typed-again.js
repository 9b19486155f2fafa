// What can be shown needn't be typed twice. `[data-typed-again]`

for (const field of document.querySelectorAll("[data-typed-again]")) field.remove();
