// The data as a tree of items, and its edges where each is drawn: in the innermost part that holds
// both ends, and on the way there through ports on the borders of groups.

const data = JSON.parse(document.getElementById("data").textContent);

/** Items in order, groups before what is in them; edges name them by their index. */
const items = [];

/** What holds the parts at the top; always open. */
const root = makeItem({ parts: data.parts }, null);

function makeItem(record, parent) {
  return {
    record,
    parent,
    index: -1,
    depth: parent ? parent.depth + 1 : -1,
    isGroup: Array.isArray(record.parts),
    isOpen: !parent,
    place: parent ? parent.parts.length : 0, // among its parent's parts
    parts: [],
    links: new Map(), // of a group: what is drawn between its parts and ports
    structure: null, // ranks and order of its parts, made when it is first open
    layout: null, // where its parts stand, until something in it opens or closes
  };
}

function addParts(parent) {
  for (const record of parent.record.parts) {
    const item = makeItem(record, parent);
    item.index = items.length;
    items.push(item);
    parent.parts.push(item);
    if (item.isGroup) addParts(item);
  }
}

/** The edges by what each item gives and takes, leaves only. */
const given = new Map();
const taken = new Map();

function pushTo(map, key, value) {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}

/**
 * Something drawn inside a group, from a part or a port (a tensor from outside) to a part or a port.
 * A tensor has one link to each group and port; each argument of a layer has a link of its own.
 */
function addLink(group, from, to, edge) {
  const target = to === null ? "out" : to.isGroup ? `g${to.index}` : `e${edge.index}`;
  const key = `${edge.tensor}>${target}`;
  const found = group.links.get(key);
  if (found) found.edges.push(edge);
  else group.links.set(key, { from, to, tensor: edge.tensor, edges: [edge] });
}

function addEdges() {
  data.edges.forEach(([source, output, target, argument, type, change = ""], index) => {
    const tensor = `${source}:${output}`;
    const edge = { index, source, output, target, argument, type, change, tensor };
    let from = items[source];
    let to = items[target];
    pushTo(given, source, edge);
    pushTo(taken, target, edge);
    // A port stands for the tensor on the border: `null` on the side that is outside.
    while (from.parent !== to.parent) {
      if (from.parent.depth >= to.parent.depth) {
        addLink(from.parent, from, null, edge);
        from = from.parent;
      } else {
        addLink(to.parent, null, to, edge);
        to = to.parent;
      }
    }
    addLink(from.parent, from, to, edge);
  });
}

addParts(root);
addEdges();

/** The calls of each layer that is called more than once. */
const callsOf = new Map();
for (const item of items) {
  if (item.record.calls) pushTo(callsOf, `${item.isGroup}${item.record.layer}`, item);
}

function otherCalls(item) {
  const calls = callsOf.get(`${item.isGroup}${item.record.layer}`) || [];
  return item.record.calls ? calls.filter((other) => other !== item) : [];
}

/** The box that shows an item: itself, or the outermost closed group around it. */
function shownAs(item) {
  let shown = item;
  for (let at = item.parent; at; at = at.parent) if (!at.isOpen) shown = at;
  return shown;
}

/** All items below one, in order. */
function* within(item) {
  for (const part of item.parts) {
    yield part;
    yield* within(part);
  }
}

/** The numbers of the weights of an item. */
function weightsOf(item) {
  const own = item.record.weights;
  if (own || !item.isGroup) return own || [];
  return [...new Set(item.parts.flatMap(weightsOf))];
}

const familyOf = (item) =>
  item.record.message !== undefined
    ? "fault"
    : data.families.find(([, category]) => category === item.record.category)[0];
