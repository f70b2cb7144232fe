// The scene as SVG elements. What is far outside the window is not drawn, and what is too small to
// be read is drawn as plain rectangles, many in one path.

const SVG = "http://www.w3.org/2000/svg";
const MOST_BOXES = 1500;

function svg(tag, attributes, parent) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.append(element);
  return element;
}

function words(parent, x, y, kind, text, anchor) {
  const attributes = { x, y, class: kind };
  if (anchor) attributes["text-anchor"] = anchor;
  svg("text", attributes, parent).textContent = text;
}

/** The layers of a drawing, from the back. */
function makeLayers(parent) {
  const layers = {};
  for (const name of ["frames", "lines", "lit", "headings", "boxes", "calls"]) {
    layers[name] = svg("g", { class: name }, parent);
  }
  return layers;
}

/** Draw what meets an area; gives the elements of boxes by item. */
function drawScene(layers, area, isCoarse) {
  for (const layer of Object.values(layers)) layer.replaceChildren();
  const drawn = new Map();
  const boxes = scene.boxes.filter((box) => meets(edgesOf(box), area));
  const lines = scene.lines.filter((line) => meets(line.bounds, area));
  for (const box of boxes) if (box.item.isOpen) drawFrame(layers.frames, box);
  if (isCoarse) {
    drawCoarsely(layers, boxes, lines);
    return drawn;
  }
  for (const line of lines) drawLine(layers.lines, line);
  for (const box of boxes) {
    const element = box.item.isOpen ? drawHeading(layers.headings, box) : drawBox(layers.boxes, box);
    drawn.set(box.item, element);
  }
  return drawn;
}

function drawCoarsely(layers, boxes, lines) {
  const d = lines.map(({ line }) => line).join("");
  if (lines.length < 20000) svg("path", { d, class: "line" }, layers.lines);
  const families = new Map();
  for (const { item, x, y, width, height } of boxes) {
    if (!item.isOpen) pushTo(families, familyOf(item), `M${x} ${y}h${width}v${height}h${-width}Z`);
  }
  for (const [family, rectangles] of families) {
    svg("path", { d: rectangles.join(""), class: `coarse ${family}` }, layers.boxes);
  }
}

function drawFrame(parent, { item, x, y, width, height }) {
  const { category, change } = item.record;
  const kind = `frame ${familyOf(item)} ${category} ${change || ""}`;
  svg("rect", { x, y, width, height, rx: 10, class: kind }, parent);
}

function drawLine(parent, { each, line, arrow }) {
  const { link } = each;
  // A line is marked if all that it stands for has changed in one way.
  const [change, ...others] = new Set(link.edges.map((edge) => edge.change));
  const mark = change && !others.length ? ` marked ${change}` : "";
  const element = svg("g", { class: `link${mark}` }, parent);
  svg("title", {}, element).textContent = link.edges.map(edgeText).slice(0, 8).join("\n");
  svg("path", { d: line, class: "reach" }, element);
  svg("path", { d: line, class: "line" }, element);
  if (arrow) svg("path", { d: arrow, class: "arrow" }, element);
}

function edgeText({ source, target, argument, type }) {
  const ends = `${shown(items[source].record.name)} \u2192 ${shown(items[target].record.name)}`;
  return `${ends}${argument ? ` (${shown(argument)})` : ""}${type === null ? "" : `: ${shapeOf(type)}`}`;
}

function button(parent, item, kind, x, y) {
  const element = svg(
    "g",
    {
      class: `${kind} ${familyOf(item)} ${item.record.change || ""}`,
      transform: `translate(${x} ${y})`,
      role: "button",
      tabindex: -1,
      "aria-label": spoken(item),
      "data-item": item.index,
    },
    parent,
  );
  if (item.isGroup) element.setAttribute("aria-expanded", String(item.isOpen));
  svg("title", {}, element).textContent = hintOf(item);
  return element;
}

function drawHeading(parent, { item, x, y, width }) {
  const { name, type, right } = headingOf(item);
  const element = button(parent, item, "heading", x, y);
  const corner = `A10 10 0 0 1 ${width - 0.5} 10.5`;
  const top = `M0.5 ${HEADER}V10.5A10 10 0 0 1 10.5 0.5H${width - 10.5}${corner}V${HEADER}Z`;
  svg("path", { d: top, class: "card" }, element);
  svg("path", { d: "M13 13l4 4l4 -4", class: "chevron" }, element);
  words(element, 12 + CHEVRON, 19.5, "name", name);
  words(element, 12 + CHEVRON + widthOf(name, NAME) + 10, 19.5, "type", type);
  words(element, width - 14, 19.5, "type", right, "end");
  drawMarks(element, item, width, HEADER);
  return element;
}

function drawBox(parent, { item, x, y, width, height }) {
  const { name, type, under, right, message, lead } = boxOf(item);
  const element = button(parent, item, item.isGroup || item.record.layers ? "box closed" : "box", x, y);
  if (item.record.count) {
    svg("rect", { x: 4.5, y: 4.5, width: width - 1, height: height - 1, rx: 7, class: "under" }, element);
  }
  svg("rect", { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 7, class: "card" }, element);
  const bar = `M5 0.5V${height - 0.5}H7.5A7 7 0 0 1 0.5 ${height - 7.5}V7.5A7 7 0 0 1 7.5 0.5Z`;
  svg("path", { d: bar, class: "bar" }, element);
  if (item.isGroup) svg("path", { d: "M14 11l4 4l-4 4", class: "chevron" }, element);
  words(element, lead, 19.5, "name", name);
  if (type) words(element, width - 10, 19.5, "type", type, "end");
  let at = lead;
  for (const text of under) {
    words(element, at, 37, "fact", text);
    at += widthOf(text, SMALL) + 14;
  }
  if (right) words(element, width - 10, 37, "fact count", right, "end");
  message.forEach((text, i) => {
    words(element, lead, (under.length ? 53 : 37) + i * 16, "message", text);
  });
  drawMarks(element, item, width, height);
  return element;
}

/** On the border: that a layer is shared, what has changed, which outputs of the model it gives. */
function drawMarks(element, item, width, height) {
  const { calls, call, change, results } = item.record;
  if (calls) chip(element, width - 8, -3, `shared ${call}/${calls}`, "shared");
  if (change) {
    const [, sign] = data.changes.find(([name]) => name === change);
    svg("circle", { cx: 3, cy: 3, r: 8.5, class: "change" }, element);
    words(element, 3, 7.5, "sign", sign, "middle");
  }
  if (results) {
    const names = results.map(shown).join(", ");
    chip(element, width - 8, height, fitted(`output ${names}`, TINY, width - 40), "result");
  }
}

function chip(parent, right, middle, text, kind) {
  const width = Math.round(widthOf(text, TINY)) + 12;
  const element = svg("g", { class: `chip ${kind}` }, parent);
  svg("rect", { x: right - width, y: middle - 8, width, height: 16, rx: 8 }, element);
  words(element, right - width / 2, middle + 3.8, "small", text, "middle");
}
