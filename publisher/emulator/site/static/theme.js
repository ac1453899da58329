// Before anything is drawn: the reader's choice of light or dark, and that scripts run at all.
"use strict";
document.documentElement.classList.add("scripted");
try {
  const chosen = localStorage.getItem("pagemill-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is switched off: the system's choice holds.
}
