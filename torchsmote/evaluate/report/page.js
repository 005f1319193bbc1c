"use strict";
(() => {
  const announcer = document.getElementById("announcer");
  const make = (tag, words) => {
    const element = document.createElement(tag);
    element.textContent = words;
    if (tag === "button") element.type = "button";
    return element;
  };

  // "1,234", "−0.02 [−0.05, 0.01]" and "12 %" count by their first number; cells without one come last.
  const number = (words) => {
    const found = parseFloat(words.replace(/\u2212/g, "-").replace(/,(?=\d{3})/g, ""));
    return Number.isNaN(found) ? -Infinity : found;
  };
  const sort = (table, head, place) => {
    const numeric = head.classList.contains("number");
    const [first, second] = numeric ? ["descending", "ascending"] : ["ascending", "descending"];
    const order = head.getAttribute("aria-sort") === first ? second : first;
    const sign = order === "ascending" ? 1 : -1;
    const words = (row) => row.children[place].textContent.trim();
    const compare = numeric
      ? (a, b) => number(words(a)) - number(words(b))
      : (a, b) => words(a).localeCompare(words(b));
    const rows = [...table.tBodies[0].rows].sort((a, b) => sign * compare(a, b));
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      const button = make("button", head.textContent);
      button.addEventListener("click", () => sort(table, head, place));
      head.replaceChildren(button);
    });
  }

  const selected = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand("copy");
  };
  for (const box of document.querySelectorAll(".code")) {
    const code = box.querySelector("code");
    const button = make("button", "Copy");
    button.addEventListener("click", async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        done = selected(code); // no clipboard for pages of a disk in some browsers
      }
      announcer.textContent = button.textContent = done ? "Copied" : "Selected";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    box.insertBefore(button, box.querySelector("pre"));
  }

  for (const choice of document.querySelectorAll(".choice")) {
    const options = [...choice.querySelectorAll(":scope > .option")];
    if (options.length < 2) continue;
    const label = make("label", `${choice.dataset.label}: `);
    label.className = "chooser";
    const select = document.createElement("select");
    for (const option of options) select.append(make("option", option.querySelector("h3").textContent));
    select.selectedIndex = Number(choice.dataset.first);
    const show = () => options.forEach((option, place) => { option.hidden = place !== select.selectedIndex; });
    select.addEventListener("change", show);
    label.append(select);
    choice.prepend(label);
    choice.classList.add("chosen");
    show();
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
})();
