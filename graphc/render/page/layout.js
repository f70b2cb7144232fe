// Where everything stands: each open group by itself, as one box in the group around it. Along is
// the direction that data flows in (down, or to the right), across the other.

let isAcross = data.isAcross;

const PAD = 18;
const RANK_GAP = 34;

/** An open group's size and the places of its parts, both relative to its corner. */
function layoutOf(group) {
  if (!group.layout) {
    const structure = structureOf(group);
    for (const cell of structure.cells) measure(cell);
    for (const cell of structure.cells) setEnds(cell);
    placeAcross(structure);
    group.layout = placeAlong(group, structure);
  }
  return group.layout;
}

/** Forget the places of a group and of all around it. */
function forget(item) {
  for (let at = item; at; at = at.parent) at.layout = null;
}

function forgetAll() {
  root.layout = null;
  for (const item of items) item.layout = null;
}

function measure(cell) {
  cell.across = 0;
  cell.along = 0;
  if (cell.item) {
    const { width, height } = cell.item.isOpen ? layoutOf(cell.item) : boxOf(cell.item);
    [cell.across, cell.along] = isAcross ? [height, width] : [width, height];
  }
  cell.reach = cell.across / 2;
}

/** Where links begin and end on a cell, from its middle. */
function setEnds(cell) {
  const { item, above, below } = cell;
  if (item && item.isOpen) {
    const { entries, exits } = item.layout;
    for (const segment of above) segment.lowerAt = portAt(entries, segment, cell);
    for (const segment of below) segment.upperAt = portAt(exits, segment, cell);
  } else if (item) {
    spread(above, "lowerAt", middleOf(above), cell.across);
    const outputs = [...new Set(below.map((s) => s.each.link.tensor))].sort(byOutput);
    const room = stepFor(outputs.length - 1, cell.across);
    for (const segment of below) {
      const place = outputs.indexOf(segment.each.link.tensor);
      segment.upperAt = (place - (outputs.length - 1) / 2) * room;
    }
  }
}

const byOutput = (a, b) => Number(a.split(":")[1]) - Number(b.split(":")[1]);

function portAt(ports, segment, cell) {
  const at = ports.get(segment.each.link.tensor);
  return at === undefined ? 0 : at - cell.across / 2;
}

/** What comes the longest way goes into the middle, with what skips at its sides. */
function middleOf(above) {
  const direct = directOf(above, "upper");
  return direct.length === 1 ? above.indexOf(direct[0]) : (above.length - 1) / 2;
}

function spread(segments, end, middle, across) {
  const most = Math.max(middle, segments.length - 1 - middle);
  const step = stepFor(2 * most, across);
  segments.forEach((segment, i) => {
    segment[end] = (i - middle) * step;
  });
}

function stepFor(steps, across) {
  return steps > 0 ? Math.min(18, Math.max(1, across - 20) / steps) : 0;
}

function placeAlong(group, structure) {
  const { cells, ranks, links } = structure;
  const inset = insetOf(group, structure);
  const bands = bandsOf(structure, inset.along);
  const far = Math.min(links.filter(({ isFar }) => isFar).length, 8);
  const span = spanOf(cells, cells.map(({ cross }) => cross));
  const heading = group.record.category ? headingOf(group).width : 0;
  const content = inset.across + span.high - span.low + (far ? 12 + far * 6 : 0) + PAD;
  const across = Math.max(content, isAcross ? 0 : heading);
  const by = inset.across - span.low + Math.floor((across - content) / 2);
  for (const cell of cells) {
    cell.cross += by;
    const band = bands[cell.rank];
    cell.start = Math.round(band.start + (band.end - band.start - cell.along) / 2);
  }
  const along = Math.max(bands.at(-1).end + (structure.exits.size ? 0 : PAD), isAcross ? heading : 0);
  const ports = (found) => new Map([...found].map(([tensor, { cross }]) => [tensor, cross]));
  return {
    width: isAcross ? along : across,
    height: isAcross ? across : along,
    along,
    bands,
    margin: span.high + by + 12,
    far,
    entries: ports(structure.entries),
    exits: ports(structure.exits),
    ranks,
  };
}

/** The room for a group's heading, which is at its top, and around its parts. */
function insetOf(group, structure) {
  if (group === root) return { along: PAD, across: PAD };
  const pad = structure.entries.size ? 0 : PAD;
  return isAcross
    ? { along: pad, across: HEADER + PAD - 4 }
    : { along: HEADER + (pad ? 14 : 0), across: PAD };
}

/** Where each rank begins and ends; more room between them where links go far to the side. */
function bandsOf({ ranks, exits }, start) {
  const bands = [];
  let at = start;
  ranks.forEach((rank, i) => {
    const along = rank.reduce((most, cell) => Math.max(most, cell.along), 0);
    bands.push({ start: at, end: at + along });
    if (i === ranks.length - 1) return;
    let sideways = 0;
    for (const cell of rank) {
      for (const { upper, lower, upperAt, lowerAt } of cell.below) {
        sideways = Math.max(sideways, Math.abs(lower.cross + lowerAt - upper.cross - upperAt));
      }
    }
    const isPort = rank.every(({ item, isBend }) => !item && !isBend);
    const isLast = exits.size > 0 && i === ranks.length - 2;
    const gap = isPort || isLast ? 24 : RANK_GAP + (isAcross ? 12 : 0);
    at += along + gap + Math.min(50, Math.max(0, (sideways - 60) * 0.12));
    at = Math.round(at);
  });
  return bands;
}
