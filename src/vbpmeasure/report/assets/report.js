// Pages, theme and sorting. Without this script the report is one long page with all of its content.
(() => {
  "use strict";
  const root = document.documentElement;
  const pages = [...document.querySelectorAll(".page")];
  const links = [...document.querySelectorAll("nav a")];
  const main = document.getElementById("main");
  const everything = document.getElementById("everything");
  const narrow = matchMedia("(max-width: 60rem)");
  document.querySelector(".tools").hidden = false;

  // One page at a time, chosen by the address, so that links, bookmarks and the back button work.
  function show(focus) {
    const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const page = (wanted && wanted.closest(".page")) || pages[0];
    const all = everything.getAttribute("aria-pressed") === "true";
    root.classList.toggle("paged", !all);
    for (const one of pages) one.hidden = !all && one !== page;
    for (const link of links) {
      if (link.getAttribute("href") === "#" + page.id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (let at = wanted; at && at !== main; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (narrow.matches) document.querySelector(".measures").open = false;
    if (!focus) return;
    main.focus({ preventScroll: true });
    if (wanted && wanted !== page) wanted.scrollIntoView();
    else scrollTo(0, 0);
  }
  addEventListener("hashchange", () => show(true));
  everything.addEventListener("click", () => {
    everything.setAttribute("aria-pressed", String(everything.getAttribute("aria-pressed") !== "true"));
    show(true);
  });

  const theme = document.getElementById("theme");
  const themes = ["system", "light", "dark"];
  let chosen = 0;
  theme.addEventListener("click", () => {
    chosen = (chosen + 1) % themes.length;
    if (chosen) root.dataset.theme = themes[chosen];
    else delete root.dataset.theme;
    theme.textContent = "Theme: " + themes[chosen];
  });

  // A column sorts by its numbers where it has any, else by its words; what has no number comes last both ways.
  function key(row, column) {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replace(/,/g, "").replace("\u2212", "-"));
    return { text, number: Number.isNaN(number) ? null : number };
  }
  function sort(table, head, column) {
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, key: key(row, column) }));
    const numbers = head.classList.contains("n") && rows.some((one) => one.key.number !== null);
    rows.sort((a, b) => {
      if (!numbers) return (up ? 1 : -1) * a.key.text.localeCompare(b.key.text);
      if (a.key.number === null || b.key.number === null) return (a.key.number === null) - (b.key.number === null);
      return (up ? 1 : -1) * (a.key.number - b.key.number);
    });
    table.tBodies[0].append(...rows.map((one) => one.row));
  }
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, head, column));
    });
  }

  // Paper cannot be clicked: what is folded opens for printing, and folds again.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  show(false);
  // The browser jumps to the place in the address before the other pages are folded away.
  addEventListener("load", () => { if (location.hash) show(true); });
})();
