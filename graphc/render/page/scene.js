// All that is shown now, with its place on the page: boxes (closed or open) and lines.

let scene = { boxes: [], lines: [], width: 0, height: 0, at: new Map() };

function makeScene() {
  const { width, height } = layoutOf(root);
  scene = { boxes: [], lines: [], width, height, at: new Map() };
  addGroup(root, [0, 0]);
}

function addGroup(group, corner) {
  const { parts, links } = structureOf(group);
  for (const each of links) {
    scene.lines.push({ each, ...routeOf(group, each, corner) });
  }
  for (const cell of parts) {
    const [x, y] = placed(corner, [cell.cross - cell.across / 2, cell.start]);
    const [width, height] = isAcross ? [cell.along, cell.across] : [cell.across, cell.along];
    const box = { item: cell.item, x, y, width, height };
    scene.boxes.push(box);
    scene.at.set(cell.item, box);
    if (cell.item.isOpen) addGroup(cell.item, [x, y]);
  }
}

const meets = (a, b) => a.x0 <= b.x1 && a.x1 >= b.x0 && a.y0 <= b.y1 && a.y1 >= b.y0;

const edgesOf = (box) => ({
  x0: box.x - 12,
  y0: box.y - 12,
  x1: box.x + box.width + 12,
  y1: box.y + box.height + 12,
});

/** The lines that end at a box or begin there, or in it if it is an open group. */
function linesOf(item) {
  return scene.lines.filter(({ each }) => each.link.from === item || each.link.to === item);
}

/** The boxes that an item's box gives to or takes from. */
function neighbours(item, isAfter) {
  const inside = item.isGroup && !item.isOpen ? [...within(item)] : [item];
  const edges = inside.flatMap(({ index }) => (isAfter ? given : taken).get(index) || []);
  const others = edges.map(({ source, target }) => shownAs(items[isAfter ? target : source]));
  return [...new Set(others)].filter((other) => other !== item);
}
