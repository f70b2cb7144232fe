// The order within ranks: few crossings, by sweeping down and up and sorting each rank by where its
// neighbours stand.

function orderRanks(structure) {
  const { ranks, segments, cells } = structure;
  for (const cell of cells) {
    cell.above = [];
    cell.below = [];
  }
  for (const segment of segments) {
    segment.lower.above.push(segment);
    segment.upper.below.push(segment);
  }
  depthFirst(structure);
  number(ranks);
  let best = cells.map(({ at }) => at);
  let fewest = crossings(ranks);
  const sweeps = cells.length < 2000 ? 12 : cells.length < 20000 ? 4 : 2;
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (let i = 1; i < ranks.length; i += 1) {
      sortRank(ranks[isDown ? i : ranks.length - 1 - i], isDown);
    }
    const now = crossings(ranks);
    if (now < fewest) {
      fewest = now;
      best = cells.map(({ at }) => at);
    }
  }
  cells.forEach((cell, index) => {
    cell.at = best[index];
  });
  for (const rank of ranks) rank.sort((a, b) => a.at - b.at);
  measureRuns(ranks);
  for (const cell of cells) {
    cell.above.sort((a, b) => a.upper.at - b.upper.at);
    cell.below.sort((a, b) => a.lower.at - b.lower.at);
  }
}

/** How far each cell's longest way goes on up and down without passing a rank by. */
function measureRuns(ranks) {
  const longest = (cells) =>
    1 + cells.reduce((most, { isBend, run }) => (isBend ? most : Math.max(most, run)), 0);
  for (const [way, side, far] of [["runUp", "above", "upper"], ["runDown", "below", "lower"]]) {
    for (const rank of way === "runUp" ? ranks : [...ranks].reverse()) {
      for (const cell of rank) {
        cell[way] = longest(cell[side].map((s) => ({ isBend: s[far].isBend, run: s[far][way] })));
      }
    }
  }
}

/** Each rank in the order of a walk from what takes nothing. */
function depthFirst({ ranks, cells }) {
  const met = new Set();
  const orders = ranks.map(() => []);
  for (const start of [...cells].sort((a, b) => a.rank - b.rank || a.index - b.index)) {
    const waiting = [start];
    while (waiting.length) {
      const cell = waiting.pop();
      if (met.has(cell)) continue;
      met.add(cell);
      orders[cell.rank].push(cell);
      // Bends come last, so that what skips goes round on the right.
      const next = cell.below.map(({ lower }) => lower);
      next.sort((a, b) => b.isBend - a.isBend || b.index - a.index);
      waiting.push(...next);
    }
  }
  orders.forEach((order, rank) => {
    ranks[rank] = order;
  });
}

function number(ranks) {
  for (const rank of ranks) {
    rank.forEach((cell, at) => {
      cell.at = at;
    });
  }
}

function sortRank(rank, isDown) {
  for (const cell of rank) {
    const others = isDown ? cell.above.map((s) => s.upper) : cell.below.map((s) => s.lower);
    cell.wish = others.length
      ? others.reduce((sum, { at }) => sum + at, 0) / others.length
      : null;
  }
  // What has no neighbours there keeps its place; the others are sorted among themselves.
  const sorted = rank.filter(({ wish }) => wish !== null).sort((a, b) => a.wish - b.wish);
  rank.forEach((cell, at) => {
    if (cell.wish !== null) rank[at] = null;
  });
  for (let at = 0, next = 0; at < rank.length; at += 1) {
    if (rank[at] === null) {
      rank[at] = sorted[next];
      next += 1;
    }
    rank[at].at = at;
  }
}

function crossings(ranks) {
  return ranks.reduce((sum, rank) => sum + crossingsBelow(rank), 0);
}

/** How many links to the next rank cross: inversions, counted with a tree of partial sums. */
function crossingsBelow(rank) {
  const ends = rank.flatMap((cell) => cell.below.map((s) => s.lower.at).sort((a, b) => a - b));
  const size = ends.reduce((most, end) => Math.max(most, end), 0) + 2;
  const sums = new Int32Array(size + 1);
  let count = 0;
  ends.forEach((end, met) => {
    let notAfter = 0;
    for (let i = end + 1; i > 0; i -= i & -i) notAfter += sums[i];
    count += met - notAfter;
    for (let i = end + 1; i <= size; i += i & -i) sums[i] += 1;
  });
  return count;
}
