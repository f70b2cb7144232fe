// Finding layers by name, type or source line.

const search = document.getElementById("search");
const found = document.getElementById("found");
let at = -1;

function textOf(item) {
  const [file, line, text] = data.lines[item.record.line];
  return [item.record.name, item.record.type, text, `${file}:${line}`].join("\n").toLowerCase();
}

function find() {
  const sought = search.value.trim().toLowerCase();
  matches = sought ? items.filter((item) => textOf(item).includes(sought)) : [];
  at = -1;
  showFound();
  markAll();
}

function showFound() {
  const sought = search.value.trim();
  const count = full(matches.length);
  const place = at < 0 ? count : `${full(at + 1)} of ${count}`;
  found.textContent = !sought ? "" : matches.length ? place : "no match";
  found.classList.toggle("none", Boolean(sought) && !matches.length);
  for (const id of ["previous", "next"]) setOff(id, !matches.length);
}

/** Go to the next match, or the one before. */
function step(by) {
  if (!matches.length) return;
  at = at < 0 && by < 0 ? matches.length - 1 : (at + by + matches.length) % matches.length;
  showFound();
  const item = matches[at];
  openAround(item);
  if (panel.hidden) select(item);
  else openRecord(item);
  reveal(item, true);
}

search.addEventListener("input", find);
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  }
});
document.getElementById("finding").addEventListener("submit", (event) => {
  event.preventDefault();
  step(1);
});
document.getElementById("previous").addEventListener("click", () => step(-1));
