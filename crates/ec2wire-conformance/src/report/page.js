// Filters, search, keys, theme and copying. The page is readable without this script.
(function () {
  "use strict";
  var root = document.documentElement;
  var byId = function (id) { return document.getElementById(id); };
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };

  // The theme: the reader's choice, otherwise the system's. A page opened from a file may have no storage.
  var theme = byId("theme");
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var stored = function () { try { return localStorage.getItem("ec2wire-theme"); } catch (e) { return null; } };
  var isDark = function () { return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches; };
  var nameTheme = function () {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", "Switch to the " + theme.textContent.toLowerCase() + " theme");
  };
  var kept = stored();
  if (kept === "dark" || kept === "light") { root.dataset.theme = kept; }
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("ec2wire-theme", root.dataset.theme); } catch (e) { /* not stored */ }
    nameTheme();
  });
  dark.addEventListener("change", nameTheme);
  nameTheme();
  theme.hidden = false;

  var cases = all("details.case").map(function (element) {
    var summary = element.querySelector("summary");
    var text = summary.textContent;
    element.querySelectorAll(".ids").forEach(function (ids) { text += " " + ids.textContent; });
    return { element: element, text: text.toLowerCase() };
  });
  var phases = all("section.phase");
  var filters = byId("filters");
  var search = byId("search");
  var chosen = { verdict: [], level: [], phase: [], cell: [] };

  var apply = function () {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    cases.forEach(function (one) {
      var fits = Object.keys(chosen).every(function (name) {
        return chosen[name].length === 0 || chosen[name].indexOf(one.element.dataset[name]) >= 0;
      }) && words.every(function (word) { return one.text.indexOf(word) >= 0; });
      one.element.hidden = !fits;
      if (fits) { shown += 1; }
    });
    phases.forEach(function (phase) {
      var here = phase.querySelectorAll("details.case:not([hidden])").length;
      phase.hidden = here === 0;
      phase.querySelector("h3 .count").textContent = here;
    });
    byId("shown").textContent = shown === cases.length ? shown : shown + " of " + cases.length;
    byId("nothing").hidden = shown > 0 || cases.length === 0;
  };

  var setButton = function (button, on) {
    var list = chosen[button.dataset.filter];
    var at = list.indexOf(button.dataset.value);
    if (on && at < 0) { list.push(button.dataset.value); }
    if (!on && at >= 0) { list.splice(at, 1); }
    button.setAttribute("aria-pressed", String(on));
  };
  var buttons = all("#filters [data-filter]");
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      setButton(button, button.getAttribute("aria-pressed") !== "true");
      apply();
    });
  });
  // A cell of the matrix is one more filter, which its button shows and takes away.
  var cellButton = byId("cell");
  var setCell = function (name) {
    chosen.cell = name === null ? [] : [name];
    cellButton.textContent = name === null ? "" : name.trim() + " \u00d7";
    cellButton.hidden = name === null;
  };
  var clear = function () {
    setCell(null);
    buttons.forEach(function (button) { setButton(button, false); });
    search.value = "";
    apply();
  };
  byId("reset").addEventListener("click", clear);
  cellButton.addEventListener("click", function () {
    setCell(null);
    apply();
    search.focus();
  });
  all(".matrix a").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) { return; }
      event.preventDefault();
      event.stopPropagation();
      clear();
      setCell(link.dataset.cell);
      apply();
      byId("cases").scrollIntoView();
      var first = document.querySelector("details.case:not([hidden]) > summary");
      if (first) { first.focus({ preventScroll: true }); }
    });
  });
  search.addEventListener("input", apply);
  filters.addEventListener("submit", function (event) { event.preventDefault(); });
  filters.hidden = false;

  // A link to a case opens it, even if the filters hide it.
  var open = function () {
    var id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch (e) { return; }
    var element = id && byId(id);
    if (element && element.matches("details.case")) {
      if (element.hidden) { clear(); }
      element.open = true;
      element.scrollIntoView();
      element.querySelector("summary").focus({ preventScroll: true });
    }
  };
  window.addEventListener("hashchange", open);
  document.addEventListener("click", function (event) {
    // Following the same link twice does not change the address.
    var link = event.target.closest && event.target.closest("a[href^='#case-']");
    if (link && link.getAttribute("href") === location.hash) { open(); }
  });
  open();

  // Keys: / searches, Escape leaves the search, arrows and j/k move between rows, Enter opens a row.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var inField = event.target.matches && event.target.matches("input, textarea, select");
    if (event.key === "/" && !inField) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (event.key === "Escape" && event.target === search) {
      if (search.value) { search.value = ""; apply(); } else { search.blur(); }
      return;
    }
    var down = event.key === "ArrowDown" || (event.key === "j" && !inField);
    var up = event.key === "ArrowUp" || (event.key === "k" && !inField);
    if (!down && !up) { return; }
    var row = event.target.closest && event.target.closest("summary");
    var fromSearch = event.target === search && event.key === "ArrowDown";
    // Outside the rows, the arrows scroll.
    if (!row && !fromSearch && event.key.indexOf("Arrow") === 0) { return; }
    if (inField && !fromSearch) { return; }
    var rows = all("details.finding > summary, details.case:not([hidden]) > summary");
    var next = row
      ? rows[rows.indexOf(row) + (down ? 1 : -1)]
      : document.querySelector("details.case:not([hidden]) > summary");
    if (next) {
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  });

  all(".copy").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var text = button.parentElement.querySelector("pre").textContent;
      navigator.clipboard.writeText(text).then(function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1500);
      }, function () { button.textContent = "Not allowed"; });
    });
  });
})();
