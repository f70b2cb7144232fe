// What stands in a box, and how large that makes it.

const NAME = "600 13";
const SMALL = "400 12";
const TINY = "500 10.5";
const MESSAGE_ROOM = 250;
const INSET = 14; // from the box's left edge, its coloured bar included, to its text
const CHEVRON = 16;
const HEADER = 30; // the height of an open group's heading

/** The lines of a closed box: each a name or number at the left and one at the right. */
function boxOf(item) {
  if (item.box) return item.box;
  const { record } = item;
  const name = fitted(labelOf(item), NAME, 200);
  const type = typeOf(item);
  const left = item.isGroup || record.layers ? plural(record.layers, "layer") : "";
  const shape = fitted(shapesOf(outputsOf(item)), SMALL, 190);
  const params = plus(record.totals[0], record.totals[1]);
  const right = params === 0 ? "" : fitted(short(params), SMALL, 110);
  const under = [shape || left, left && shape ? left : "", right].filter(Boolean);
  const message = record.message === undefined ? [] : wrapped(shown(record.message), SMALL, MESSAGE_ROOM);
  const lead = INSET + (item.isGroup ? CHEVRON : 0);
  const first = widthOf(name, NAME) + (type ? 14 + widthOf(type, SMALL) : 0);
  const second = under.reduce((sum, text) => sum + widthOf(text, SMALL), (under.length - 1) * 14);
  const wide = Math.max(first, second, ...message.map((line) => widthOf(line, SMALL)));
  item.box = {
    name,
    type,
    under: [...under.slice(0, right ? -1 : undefined)],
    right,
    message,
    lead,
    // Steps of width, so that the boxes of a column are alike; marks at the right leave the middle,
    // where lines end, free.
    width: Math.max(record.calls || record.results ? 200 : 140, Math.ceil((lead + wide + 12) / 20) * 20),
    height: (under.length ? 46 : 30) + message.length * 16 + (record.results ? 8 : 0),
  };
  return item.box;
}

/** A part's name, or what it is if it has none. */
function titleOf(item) {
  const { record } = item;
  const kind = shown(record.type || "repeated");
  if (!record.count) return shown(record.name) || kind;
  // What is repeated has the name of its first time, which says too little.
  const isKind = record.category === "block" || record.category === "repeat";
  return `${isKind ? kind : shown(record.name)} \u00d7${record.count}`;
}

/** A group's parts are named after it; inside it that need not be said. */
function labelOf(item) {
  const title = titleOf(item);
  const before = `${shown(item.parent.record.name)}.`;
  const isShorter = item.parent !== root && title.startsWith(before) && title.length > before.length;
  return isShorter ? title.slice(before.length) : title;
}

function typeOf(item) {
  const { record } = item;
  const type = shown(record.type);
  if (!type || titleOf(item).startsWith(`${type} \u00d7`) || type === record.name) return "";
  return fitted(record.activation ? `${type} \u00b7 ${shown(record.activation)}` : type, SMALL, 150);
}

/** The types of what goes into a part: of a group, each tensor from outside once. */
function inputsOf(item) {
  return item.isGroup ? typesAtBorder(item, "from") : item.record.inputs;
}

/** The types of what comes out: of a group, what others take and what the model gives. */
function outputsOf(item) {
  return item.isGroup ? typesAtBorder(item, "to") : item.record.outputs;
}

function typesAtBorder(group, end) {
  const types = new Map();
  for (const link of group.links.values()) {
    if (link[end] === null) types.set(link.tensor, link.edges[0].type);
  }
  for (const { index, record } of end === "to" ? within(group) : []) {
    for (const [output, type] of (record.results ? record.outputs : []).entries()) {
      types.set(`${index}:${output}`, type);
    }
  }
  return [...types.values()].filter((type) => type !== null);
}

/** An open group's heading, on one line. */
function headingOf(item) {
  if (item.heading) return item.heading;
  const { record } = item;
  const name = fitted(labelOf(item), NAME, 240);
  const type = typeOf(item);
  const params = plus(record.totals[0], record.totals[1]);
  const right = params === 0 ? "" : fitted(short(params), SMALL, 110);
  const wide = [name, type, right].filter(Boolean).length - 1;
  item.heading = {
    name,
    type,
    right,
    width:
      12 + CHEVRON + widthOf(name, NAME) + widthOf(type, SMALL) + widthOf(right, SMALL) +
      wide * 12 + 26,
  };
  return item.heading;
}

/** What a screen reader says of a box. */
function spoken(item) {
  const { record } = item;
  const params = plus(record.totals[0], record.totals[1]);
  return [
    titleOf(item),
    shown(record.type),
    shapesOf(outputsOf(item)),
    item.isGroup ? plural(record.layers, "layer") : "",
    params === 0 ? "" : `${full(params)} parameters`,
    record.calls ? `call ${record.call} of ${record.calls} of a shared layer` : "",
    record.change || "",
    record.message === undefined ? "" : `error: ${shown(record.message)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** What the pointer finds over a box. */
function hintOf(item) {
  const [file, line] = data.lines[item.record.line];
  return `${spoken(item).replaceAll(", ", "\n")}\n${shown(file)}:${line}`;
}
