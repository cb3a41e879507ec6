// What cannot wait for the console: the theme, so that the page does not flash, and the questions
// that the page will ask first, so that their answers are here when it does.
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

  // The addresses must be those that `api` asks for, letter by letter; else they are asked for
  // twice.
  const first = { attacks: ["", "/heatmaps"], sessions: [""] };
  const [, section, id] = /^\/([a-z]+)\/([0-9a-f]+)$/.exec(location.pathname) ?? [];
  const asked = (first[section] ?? []).map((part) => `${section}/${id}${part}`);
  for (const route of ["me", ...asked]) {
    const link = document.createElement("link");
    Object.assign(link, {
      rel: "preload",
      as: "fetch",
      crossOrigin: "anonymous",
      href: `/api/v1/${route}`,
    });
    document.head.append(link);
  }
})();
