// Applies the theme that was chosen in this browser before anything is painted, so that the
// page does not flash. Without a choice the system's theme counts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("botscope.theme");
  } catch {
    // Storage may be forbidden; then the system's theme counts.
  }
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
})();
