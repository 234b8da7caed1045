// Sets theme and density before the first paint: loaded in <head>, blocking, as a
// file because the page allows no inline script. Keys and values: src/ui/theme.ts.
(function () {
  var root = document.documentElement;
  var read = function (key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  var choice = read("limiquantix.theme");
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = choice === "dark" || choice === "light" ? choice : dark ? "dark" : "light";
  root.dataset.density = read("limiquantix.density") === "compact" ? "compact" : "normal";
})();
