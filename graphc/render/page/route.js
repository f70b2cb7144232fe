// The ways of links inside a group: straight beside boxes, curved in the gaps between ranks, so that
// no line crosses a box.

const ARROW = 7;

/**
 * A link's way as SVG path data, whole and without what another link draws; its arrow head; and the box
 * around what is drawn.
 */
function routeOf(group, each, corner) {
  const points = each.isFar ? marginPoints(group, each) : pathPoints(group, each);
  const [target, isAtEnd] = each.isBack ? [each.path[0], false] : [each.path.at(-1), true];
  const hasArrow = target.item !== null && !target.item.isOpen;
  const tip = points[isAtEnd ? points.length - 1 : 0];
  let arrow = null;
  if (hasArrow) {
    arrow = arrowAt(placed(corner, tip), isAtEnd ? 1 : -1);
    tip[1] += isAtEnd ? 1 - ARROW : ARROW - 1;
    const before = points.at(-2);
    if (isAtEnd) before[1] = Math.min(before[1], tip[1]); // a curve ends where the head begins
  }
  const whole = written(corner, points, 0);
  const begin = ownBeginning(each);
  const line = begin ? written(corner, points, begin) : whole;
  return { line, whole, arrow, bounds: boundsOf(corner, points.slice(begin)) };
}

/** The first point after what another link of the same tensor draws already. */
function ownBeginning({ isFar, segments, link }) {
  const first = isFar ? 0 : segments.findIndex(({ each }) => each.link === link);
  return first > 0 ? 2 * first + 1 : 0;
}

/** A point given across and along, on the page. */
function placed([x, y], [across, along]) {
  return isAcross ? [x + along, y + across] : [x + across, y + along];
}

/** Points across and along; each pair of an odd and the next one is a gap between ranks. */
function pathPoints(group, { path, segments }) {
  const { bands, along } = layoutOf(group);
  const points = [];
  const [first, last] = [path[0], path.at(-1)];
  const startAt = first.cross + (segments.length ? segments[0].upperAt : 0);
  points.push([startAt, first.item ? first.start + first.along : 0]);
  segments.forEach((segment) => {
    const { upper, lower } = segment;
    points.push([upper.cross + segment.upperAt, bands[upper.rank].end]);
    points.push([lower.cross + segment.lowerAt, bands[lower.rank].start]);
  });
  const endAt = last.cross + (segments.length ? segments.at(-1).lowerAt : 0);
  points.push([endAt, last.item ? last.start : along]);
  return points;
}

/** Down a lane beside the group's parts, reached and left in gaps. */
function marginPoints(group, each) {
  const { bands, margin, far, along } = layoutOf(group);
  const [first, last] = [each.path[0], each.path.at(-1)];
  const lane = margin + (first.index % Math.max(1, far)) * 6;
  return [
    [first.cross, first.item ? first.start + first.along : 0],
    [first.cross, bands[first.rank].end],
    [lane, bands[first.rank].end + RANK_GAP / 2],
    [lane, bands[last.rank].start - RANK_GAP / 2],
    [last.cross, bands[last.rank].start],
    [last.cross, last.item ? last.start : along],
  ];
}

function written(corner, points, begin) {
  const text = [];
  points.forEach(([across, along], i) => {
    if (i < begin) return;
    const here = placed(corner, [across, along]);
    if (i === begin) {
      text.push(`M${here[0]} ${here[1]}`);
      return;
    }
    const [beforeAcross, beforeAlong] = points[i - 1];
    const isGap = i % 2 === 0;
    if (!isGap || beforeAcross === across) {
      if (beforeAcross !== across || beforeAlong !== along) text.push(`L${here[0]} ${here[1]}`);
      return;
    }
    const bow = (along - beforeAlong) * 0.55;
    const a = placed(corner, [beforeAcross, beforeAlong + bow]);
    const b = placed(corner, [across, along - bow]);
    text.push(`C${a[0]} ${a[1]} ${b[0]} ${b[1]} ${here[0]} ${here[1]}`);
  });
  return text.join("");
}

function arrowAt([x, y], sign) {
  const back = -ARROW * sign;
  return isAcross
    ? `M${x} ${y}L${x + back} ${y - 4}L${x + back} ${y + 4}Z`
    : `M${x} ${y}L${x - 4} ${y + back}L${x + 4} ${y + back}Z`;
}

function boundsOf(corner, points) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const point of points) {
    const [x, y] = placed(corner, point);
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  return { x0: x0 - 4, y0: y0 - 4, x1: x1 + 4, y1: y1 + 4 };
}
