// Where cells stand across their ranks, after Brandes and Köpf (2001), "Fast and simple horizontal
// coordinate assignment", with the ends of links off the middles of boxes as in Rüegg and others
// (2016): four layouts, each aligned to one side, and for each cell the mean of the middle two.

/** Set each cell's `cross`; cells have `reach` on both sides and segments know where they end. */
function placeAcross({ cells, ranks, segments }) {
  markCrossed(ranks, segments);
  const runs = [];
  for (const isUp of [false, true]) {
    for (const isRight of [false, true]) runs.push(aligned(cells, ranks, isUp, isRight));
  }
  const spans = runs.map((run) => spanOf(cells, run.cross));
  const narrowest = spans.reduce((best, span) => (span.high - span.low < best.high - best.low ? span : best));
  runs.forEach((run, i) => {
    run.by = run.isRight ? narrowest.high - spans[i].high : narrowest.low - spans[i].low;
  });
  for (const cell of cells) {
    const four = runs.map((run) => run.cross[cell.index] + run.by).sort((a, b) => a - b);
    cell.cross = Math.round((four[1] + four[2]) / 2);
  }
}

function spanOf(cells, cross) {
  let [low, high] = [Infinity, -Infinity];
  for (const { index, reach } of cells) {
    low = Math.min(low, cross[index] - reach);
    high = Math.max(high, cross[index] + reach);
  }
  return { low, high };
}

const isInner = ({ upper, lower }) => upper.isBend && lower.isBend;

/** Mark the segments that cross the straight part of a long link: that stays straight. */
function markCrossed(ranks, segments) {
  for (const segment of segments) segment.isCrossed = false;
  for (let rank = 1; rank < ranks.length; rank += 1) {
    const cells = ranks[rank];
    let low = 0;
    let from = 0;
    cells.forEach((cell, at) => {
      const inner = cell.isBend ? cell.above.find(isInner) : undefined;
      if (!inner && at < cells.length - 1) return;
      const high = inner ? inner.upper.at : ranks[rank - 1].length - 1;
      for (; from <= at; from += 1) {
        for (const segment of cells[from].above) {
          const { upper } = segment;
          if (!isInner(segment) && (upper.at < low || upper.at > high)) segment.isCrossed = true;
        }
      }
      low = high;
    });
  }
}

/**
 * Of a cell's segments on one side, those that skip no rank; among them those of the longest way, so
 * that a short branch is what goes aside.
 */
function directOf(segments, far) {
  const way = far === "upper" ? "runUp" : "runDown";
  const direct = segments.filter((segment) => !segment[far].isBend);
  const most = direct.reduce((run, segment) => Math.max(run, segment[far][way]), 0);
  return direct.filter((segment) => segment[far][way] === most);
}

/** The segments that a cell would like to be straight: the middle ones of those, one for each cell. */
function wished(segments, far, isRight) {
  const direct = directOf(segments, far);
  const ends = new Map((direct.length ? direct : segments).map((s) => [s[far], s]));
  const among = [...ends.values()];
  const middle = (among.length - 1) / 2;
  const pair = [Math.floor(middle), Math.ceil(middle)];
  if (isRight) pair.reverse();
  return pair.map((i) => among[i]);
}

const mean = (segments, end) => segments.reduce((sum, s) => sum + s[end], 0) / segments.length;

function aligned(cells, ranks, isUp, isRight) {
  const first = cells.map((_, i) => i); // the first cell of each one's block
  const next = cells.map((_, i) => i);
  const shift = new Float64Array(cells.length);
  const [side, other] = isUp ? ["below", "upper"] : ["above", "lower"];
  const far = isUp ? "lower" : "upper";
  for (const rank of isUp ? [...ranks].reverse() : ranks) {
    let last = isRight ? Infinity : -1;
    for (const cell of isRight ? [...rank].reverse() : rank) {
      const v = cell.index;
      if (!cell[side].length) continue;
      for (const segment of wished(cell[side], far, isRight)) {
        const end = segment[far];
        const isFree = isRight ? end.at < last : end.at > last;
        if (next[v] !== v || segment.isCrossed || !isFree) continue;
        const back = isUp ? end.above : end.below;
        const preferred = directOf(back, other);
        // What skips gives way to what does not.
        if (preferred.length && !preferred.some((each) => each[other] === cell)) continue;
        const u = end.index;
        const both = back.filter((each) => each[other] === cell);
        next[u] = v;
        first[v] = first[u];
        next[v] = first[v];
        shift[v] = shift[u] + mean(both, `${far}At`) - mean(both, `${other}At`);
        last = end.at;
      }
    }
  }
  const block = compacted(cells, ranks, first, shift, isRight);
  const cross = cells.map((_, i) => block[first[i]] + shift[i]);
  return { cross, isRight };
}

const GAP = 28; // between boxes
const LINE_GAP = 14; // where a line passes by

function gapBetween(a, b) {
  return a.item && b.item ? GAP : a.item || b.item ? 20 : LINE_GAP;
}

/** Where each block goes: as far to one side as the others let it, then back where there is room. */
function compacted(cells, ranks, first, shift, isRight) {
  const after = new Map();
  const before = new Map();
  const blocks = [...new Set(first)];
  for (const rank of ranks) {
    for (let at = 1; at < rank.length; at += 1) {
      const [a, b] = [rank[at - 1], rank[at]];
      const room = shift[a.index] + a.reach + gapBetween(a, b) + b.reach - shift[b.index];
      const [near, far] = [first[a.index], first[b.index]];
      pushTo(after, near, [far, room]);
      pushTo(before, far, [near, room]);
    }
  }
  const [ahead, behind, sign] = isRight ? [before, after, -1] : [after, before, 1];
  const order = inOrder(blocks, ahead, behind);
  const where = new Float64Array(cells.length);
  for (const block of order) {
    for (const [other, room] of behind.get(block) || []) {
      where[block] = Math.max(where[block], where[other] + room);
    }
  }
  for (const block of order.reverse()) {
    const limits = (ahead.get(block) || []).map(([other, room]) => where[other] - room);
    if (limits.length) where[block] = Math.max(where[block], limits.reduce((a, b) => Math.min(a, b)));
  }
  return where.map((value) => sign * value);
}

function inOrder(blocks, ahead, behind) {
  const missing = new Map(blocks.map((block) => [block, (behind.get(block) || []).length]));
  const order = blocks.filter((block) => !missing.get(block));
  for (let i = 0; i < order.length; i += 1) {
    for (const [other] of ahead.get(order[i]) || []) {
      missing.set(other, missing.get(other) - 1);
      if (!missing.get(other)) order.push(other);
    }
  }
  return order;
}
