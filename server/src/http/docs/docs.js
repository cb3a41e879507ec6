// Takes the page's theme from the console's choice before anything is painted, then hands the
// page to Swagger UI. Without scripts the page stays as the server wrote it.
(() => {
  const root = document.documentElement;
  root.classList.add("docs-scripted");

  let theme = null;
  try {
    theme = localStorage.getItem("botscope.theme");
  } catch {
    // Storage may be forbidden; then the system's theme counts.
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const dark = theme === "dark" || (theme !== "light" && system.matches);
    root.classList.toggle("dark-mode", dark);
  };
  apply();
  system.addEventListener("change", apply);

  addEventListener("DOMContentLoaded", () => {
    if (typeof SwaggerUIBundle === "undefined") {
      root.classList.remove("docs-scripted");
      return;
    }
    SwaggerUIBundle({
      url: "/api/v1/openapi.json",
      dom_id: "#swagger-ui",
      presets: [SwaggerUIBundle.presets.apis],
      layout: "BaseLayout",
      deepLinking: true,
      docExpansion: "list",
      defaultModelsExpandDepth: 0,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      validatorUrl: null,
    });
  });
})();
