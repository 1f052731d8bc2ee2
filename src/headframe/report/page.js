"use strict";
// Draws the page's charts when they are first seen, shows one book at a time, and follows the
// reader's light or dark. Charts are JSON with style names for colours; see charts.py.
(() => {
  const root = document.documentElement;
  const config = { responsive: true, displayModeBar: false, displaylogo: false };
  const narrow = window.matchMedia("(max-width: 520px)");
  root.classList.add("js");

  // colours: what the browser makes of var(--name) here and now
  const probe = document.createElement("i");
  probe.hidden = true;
  document.body.append(probe);
  const painted = (value) => {
    if (Array.isArray(value)) return value.map(painted);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v)]));
    }
    if (typeof value !== "string" || !value.startsWith("var(--")) return value;
    probe.style.color = "";
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };

  const draw = (box) => {
    const choices = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const chosen = choices[Number(box.dataset.chosen || 0)];
    const { data, layout } = painted(chosen.figure);
    layout.autosize = true;
    if (narrow.matches) layout.font.size = 11;
    box.classList.toggle("own", Boolean(layout.height));
    Plotly.react(box, data, layout, config);
    box.dataset.drawn = "yes";
  };

  // choosing among the charts of one panel
  for (const button of document.querySelectorAll(".choices button")) {
    button.addEventListener("click", () => {
      const panel = button.closest(".panel");
      for (const other of panel.querySelectorAll(".choices button")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      const box = panel.querySelector(".chart");
      box.dataset.chosen = button.value;
      draw(box);
    });
  }

  // one book at a time
  const books = [...document.querySelectorAll(".book")];
  const links = [...document.querySelectorAll('.top nav a[href^="#"]')];
  const show = () => {
    const wanted = books.find((book) => `#${book.id}` === location.hash) || books[0];
    for (const book of books) book.classList.toggle("shown", book === wanted);
    for (const link of links) {
      const here = link.hash === `#${wanted.id}`;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (here) link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.offsetLeft;
    }
    for (const box of wanted.querySelectorAll(".chart:not([data-drawn])")) draw(box);
  };
  window.addEventListener("hashchange", () => { show(); window.scrollTo(0, 0); });

  // light or dark
  const repaint = () => {
    for (const box of document.querySelectorAll(".chart[data-drawn]")) draw(box);
  };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", repaint);
  narrow.addEventListener("change", repaint);
  document.querySelector(".theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    repaint();
  });

  window.addEventListener("beforeprint", () => {
    for (const box of document.querySelectorAll(".chart:not([data-drawn])")) draw(box);
  });
  show();
})();
