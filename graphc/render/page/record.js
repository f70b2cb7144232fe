// The panel with all that is known of one layer or group.

const panel = document.getElementById("record");

/** An element with text or other elements in it; text is only ever text. */
function make(tag, kind, ...inside) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...inside);
  return element;
}

function openRecord(item) {
  select(item);
  const { record } = item;
  panel.replaceChildren(
    recordHead(item),
    ...(record.message === undefined ? [] : [make("p", "message fault", shown(record.message))]),
    ...changesOf(record),
    make("div", "sections", ...sectionsOf(item)),
  );
  panel.hidden = false;
  panel.scrollTop = 0;
  panel.setAttribute("aria-label", `Record of ${titleOf(item)}`);
  document.body.classList.add("with-record");
}

function closeRecord() {
  const isInside = panel.contains(document.activeElement);
  panel.hidden = true;
  document.body.classList.remove("with-record");
  if (isInside && selected) focusItem(shownAs(selected));
}

function recordHead(item) {
  const close = make("button", "plain close", "\u00d7");
  close.type = "button";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", closeRecord);
  const swatch = make("i", `swatch ${familyOf(item)}`);
  const kind = make("p", "kind", swatch, bdi(shown(item.record.type || "repeated")));
  const category = make("span", "quiet", item.record.category);
  if (item.record.category !== "fault") kind.append(category);
  return make("div", "head", make("h2", "", bdi(titleOf(item))), kind, close);
}

const bdi = (text) => make("bdi", "", text);

function changesOf({ change, changes }) {
  if (!change) return [];
  const [, sign] = data.changes.find(([name]) => name === change);
  const list = make("ul", "", ...changes.map((line) => make("li", "", shown(line))));
  return [make("div", `changes ${change}`, make("b", "", `${sign} ${change}`), list)];
}

function sectionsOf(item) {
  const { record } = item;
  return [
    section("Configuration", table((record.config || []).map((pair) => pair.map(shown)))),
    section("Input", typeTable(inputsOf(item))),
    section("Output", typeTable(outputsOf(item))),
    section("Results", names(record.results)),
    section("Size and cost", costTable(item)),
    section("Weights", weightTable(weightsOf(item))),
    section("Calls", callList(item)),
    section("Inside", insideList(item)),
    section("Source", sourceOf(record)),
  ].filter(Boolean);
}

function section(title, content) {
  return content && make("section", "", make("h3", "", title), content);
}

function table(rows, kind = "pairs") {
  if (!rows.length) return null;
  const made = rows.map(([head, ...cells]) => {
    const first = make("th", "", bdi(head));
    first.scope = "row";
    return make("tr", "", first, ...cells.map((cell) => make("td", "", bdi(cell))));
  });
  return make("table", kind, make("tbody", "", ...made));
}

function typeTable(types) {
  if (!types.length) return null;
  return table(
    types.map((type) => {
      const [shape, dtype, mask] = data.types[type];
      return [shape, mask === null ? dtype : `${dtype}, mask ${mask}`];
    }),
    "types",
  );
}

function names(results) {
  return results ? make("p", "", ...results.map((name) => make("code", "", shown(name)))) : null;
}

function costTable({ record }) {
  if (record.category === "fault") return null; // nothing is known of it
  const [trainable, others, weightBytes, macs, flops, outputBytes] = record.totals;
  const rows = [["Parameters", full(plus(trainable, others))]];
  if (others !== 0) rows.push(["\u2003trainable", full(trainable)], ["\u2003not trainable", full(others)]);
  if (record.isTrainable === false) rows.push(["Trainable", "no"]);
  if (weightBytes !== 0) rows.push(["Weight bytes", bytes(weightBytes)]);
  rows.push(["MACs", full(macs)], ["FLOPs", full(flops)], ["Output bytes", bytes(outputBytes)]);
  if (record.layers) rows.push(["Layers", full(record.layers)]);
  if (record.count) rows.push(["Repeated", `${record.count} times`]);
  return table(rows, "pairs numbers");
}

const FEW_WEIGHTS = 40;

function weightTable(weights) {
  if (!weights.length) return null;
  const rows = weights.slice(0, FEW_WEIGHTS).map((place) => {
    const [path, shape, dtype, isTrainable, initializer] = data.weights[place];
    const facts = [shape, dtype, isTrainable ? "" : "not trainable", initializer || ""];
    return make(
      "li",
      "",
      make("code", "", bdi(shown(path))),
      make("span", "quiet", facts.filter(Boolean).map(shown).join(" \u00b7 ")),
    );
  });
  const more = weights.length - FEW_WEIGHTS;
  if (more > 0) rows.push(make("li", "quiet", `and ${full(more)} more`));
  return make("ul", "weights", ...rows);
}

/** A button that goes to an item, opening what is closed around it. */
function goButton(item, text) {
  const go = make("button", "link", bdi(text));
  go.type = "button";
  go.addEventListener("click", () => visit(item));
  return go;
}

function visit(item) {
  openAround(item);
  openRecord(item);
  reveal(item, true);
}

function callList(item) {
  const { call, calls } = item.record;
  if (!calls) return null;
  const others = otherCalls(item).map((other) =>
    make("li", "", goButton(other, `call ${other.record.call}: line ${data.lines[other.record.line][1]}`)),
  );
  return make("div", "", make("p", "", `Call ${call} of ${calls} of one layer.`), make("ul", "", ...others));
}

const FEW_PARTS = 60;

function insideList(item) {
  if (!item.isGroup) return null;
  const parts = item.parts.slice(0, FEW_PARTS).map((part) => {
    const type = make("span", "quiet", shown(part.record.type));
    return make("li", "", goButton(part, titleOf(part)), " ", type);
  });
  const more = item.parts.length - FEW_PARTS;
  if (more > 0) parts.push(make("li", "quiet", `and ${full(more)} more`));
  return make("ul", "parts", ...parts);
}

function sourceOf({ line }) {
  const [file, number, text, href] = data.lines[line];
  const where = `${shown(file)}:${number}`;
  let place = make("span", "", bdi(where));
  if (href) {
    place = make("a", "", bdi(where));
    place.href = href;
    place.rel = "noreferrer";
  }
  return make("div", "", make("p", "", place), make("pre", "", make("code", "", bdi(shown(text)))));
}
