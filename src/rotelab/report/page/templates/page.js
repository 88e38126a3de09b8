"use strict";
/* Tables are sorted by the button in a column's head: numbers as such, empty cells last. */
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.querySelector("button")?.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending", number = head.classList.contains("n");
    for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map(row => {
      const cell = row.cells[column], text = cell.dataset.by ?? cell.textContent.trim();
      return { row, empty: text === "", key: number ? Number(text.replace(/,/g, "")) : text };
    });
    const order = (a, b) => number ? a.key - b.key : a.key.localeCompare(b.key, "en", { numeric: true });
    rows.sort((a, b) => a.empty - b.empty || (down ? -order(a, b) : order(a, b)));
    body.append(...rows.map(({ row }) => row));
  }));
}

/* Details are printed open. */
addEventListener("beforeprint", () => {
  for (const closed of document.querySelectorAll("details:not([open])")) { closed.open = true; closed.dataset.closed = ""; }
});
addEventListener("afterprint", () => {
  for (const opened of document.querySelectorAll("details[data-closed]")) { opened.open = false; delete opened.dataset.closed; }
});
