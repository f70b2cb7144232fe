// The header, the buttons and the legend; and the beginning.

const systemDark = matchMedia("(prefers-color-scheme: dark)");
let isChosen = data.theme !== "auto";

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.getElementById("theme").setAttribute("aria-pressed", String(theme === "dark"));
  if (drawnArea) showMinimap();
}

function setDirection(isRight) {
  const before = atCentre();
  isAcross = isRight;
  document.getElementById("direction").setAttribute("aria-pressed", String(isRight));
  forgetAll();
  makeScene();
  if (before) goHome();
  show(true);
}

function onClick(id, action) {
  const control = document.getElementById(id);
  control.addEventListener("click", () => {
    if (control.getAttribute("aria-disabled") !== "true") action();
  });
}

function writeFacts() {
  const [trainable, others, , macs] = data.totals;
  const facts = [
    [plural(data.layers, "layer"), ""],
    [`${short(plus(trainable, others))} params`, full(plus(trainable, others))],
    [`${short(macs)} MACs`, full(macs)],
  ];
  const spans = facts.map(([text, title]) => {
    const span = make("span", "", bdi(text));
    if (title) span.title = title;
    return span;
  });
  if (!data.isComplete) spans.push(make("span", "incomplete", "incomplete"));
  document.getElementById("facts").append(make("span", "", bdi(shown(data.kind))), ...spans);
}

function writeLegend() {
  const counts = new Map();
  for (const item of items) {
    const { message, category } = item.record;
    pushTo(counts, message === undefined ? category : "fault", item);
  }
  const rows = data.families.map(([family, category]) => {
    const count = make("span", "quiet", full((counts.get(category) || []).length));
    const name = category === "fault" ? "error" : category;
    return make("li", "", make("i", `swatch ${family}`), name, count);
  });
  for (const [change, sign] of data.changes) {
    rows.push(make("li", `changed-row ${change}`, make("b", "sign", sign), change));
  }
  if (callsOf.size) rows.push(make("li", "", make("i", "swatch dashed"), "shared layer"));
  const legend = document.getElementById("legend");
  legend.querySelector("ul").append(...rows);
  legend.open = !isPhone();
}

onClick("open-all", () => setLevel(deepest));
onClick("close-all", () => setLevel(0));
onClick("deeper", () => setLevel(level + 1));
onClick("shallower", () => setLevel(level - 1));
onClick("direction", () => setDirection(!isAcross));
onClick("zoom-in", () => zoomBy(1.25));
onClick("zoom-out", () => zoomBy(0.8));
onClick("fit", fit);
onClick("copy", copySvg);
onClick("download", downloadSvg);
onClick("help", () => document.getElementById("keys").showModal());
onClick("theme", () => {
  isChosen = true;
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
});
systemDark.addEventListener("change", () => {
  if (!isChosen) setTheme(systemDark.matches ? "dark" : "light");
});

setTheme(isChosen ? data.theme : systemDark.matches ? "dark" : "light");
document.getElementById("direction").setAttribute("aria-pressed", String(isAcross));
document.getElementById("levels").hidden = !groups.length;
writeFacts();
writeLegend();
showFound();
setLevel(firstLevel());
goHome();
document.documentElement.dataset.ready = "true";
