// Sets the theme before the first paint. It stands alone, since the page's
// Content-Security-Policy allows no inline script. The rest is in src/ui/theme.ts.
(function () {
  var choice = "system";
  var density = "normal";
  try {
    choice = localStorage.getItem("theme") || choice;
    density = localStorage.getItem("density") || density;
  } catch {
    // storage is off: the system's choice
  }
  var dark = choice === "dark" || (choice === "system" && !matchMedia("(prefers-color-scheme: light)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.dataset.density = density;
})();
