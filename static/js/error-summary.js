// After a refused form the reader begins at the list of problems. `[data-error-summary]`

document.querySelector("[data-error-summary]")?.focus();
