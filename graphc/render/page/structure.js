// The ranks of a group's parts. They depend on the group's links alone, not on what is open, so a
// group is ranked once.

const MOST_BENDS = 60000;

/**
 * A group's cells (parts, ports, and the bends of links that pass ranks by), in ranks, and its links
 * each with the cells on its way. A tensor's links share their bends: they part where they must.
 */
function structureOf(group) {
  if (!group.structure) {
    const structure = new Structure(group);
    orderRanks(structure);
    group.structure = structure;
  }
  return group.structure;
}

class Structure {
  constructor(group) {
    this.cells = [];
    this.ranks = [];
    this.entries = new Map(); // the ports by tensor
    this.exits = new Map();
    this.parts = group.parts.map((item) => this.addCell({ item }));
    this.links = [...group.links.values()]
      .filter(({ from, to }) => from !== to)
      .map((link) => this.addEnds(link));
    this.rankParts();
    this.rankPorts();
    for (const cell of this.cells) this.stand(cell);
    this.bendLinks();
    this.segments = this.joined();
  }

  addCell(fields) {
    const cell = { item: null, isBend: false, rank: 0, at: 0, ...fields, index: this.cells.length };
    this.cells.push(cell);
    return cell;
  }

  addEnds(link) {
    const from = link.from ? this.parts[link.from.place] : this.port(this.entries, link);
    const to = link.to ? this.parts[link.to.place] : this.port(this.exits, link);
    // Against the order of the parts it is laid out the other way round, so that ranks exist.
    const isBack = link.from !== null && link.to !== null && link.from.place > link.to.place;
    return { link, from, to, isBack, isFar: false, path: [] };
  }

  port(ports, link) {
    let cell = ports.get(link.tensor);
    if (!cell) {
      cell = this.addCell({ port: link.tensor });
      ports.set(link.tensor, cell);
    }
    return cell;
  }

  /** Each part as early as what it takes allows, and what takes nothing as late as is of use. */
  rankParts() {
    const incoming = new Map();
    const outgoing = new Map();
    for (const { from, to, isBack } of this.links) {
      const [first, then] = isBack ? [to, from] : [from, to];
      if (!first.item) {
        pushTo(incoming, then, null);
        continue;
      }
      if (!then.item || first === then) continue;
      pushTo(incoming, then, first);
      pushTo(outgoing, first, then);
    }
    for (const cell of this.parts) {
      for (const before of incoming.get(cell) || []) {
        cell.rank = Math.max(cell.rank, before ? before.rank + 1 : 0);
      }
    }
    for (const cell of [...this.parts].reverse()) {
      const after = outgoing.get(cell);
      if (!incoming.has(cell) && after) {
        cell.rank = after.reduce((least, { rank }) => Math.min(least, rank), Infinity) - 1;
      }
    }
    const first = this.parts.reduce((least, { rank }) => Math.min(least, rank), Infinity);
    const base = this.entries.size ? 1 : 0;
    for (const cell of this.parts) cell.rank += base - first;
  }

  rankPorts() {
    const last = this.parts.reduce((most, { rank }) => Math.max(most, rank), 0);
    for (const cell of this.exits.values()) cell.rank = last + 1;
  }

  stand(cell) {
    while (this.ranks.length <= cell.rank) this.ranks.push([]);
    this.ranks[cell.rank].push(cell);
  }

  bendLinks() {
    const most = this.longest();
    const trunks = new Map();
    for (const each of this.links) {
      const [first, then] = each.isBack ? [each.to, each.from] : [each.from, each.to];
      each.path = [first];
      each.isFar = then.rank - first.rank > most;
      if (!each.isFar && first !== then) {
        const key = each.isBack ? each : each.link.tensor;
        if (!trunks.has(key)) trunks.set(key, []);
        const trunk = trunks.get(key);
        for (let rank = first.rank + 1; rank < then.rank; rank += 1) {
          if (!trunk[rank]) {
            trunk[rank] = this.addCell({ isBend: true, rank });
            this.stand(trunk[rank]);
          }
          each.path.push(trunk[rank]);
        }
      }
      each.path.push(then);
    }
  }

  /** How many ranks a link may pass by before it goes along the margin, to bound the bends. */
  longest() {
    const reach = new Map();
    for (const { link, from, to } of this.links) {
      const span = Math.abs(to.rank - from.rank);
      reach.set(link.tensor, Math.max(reach.get(link.tensor) || 0, span));
    }
    const spans = [...reach.values()];
    for (const most of [Infinity, 1000, 100, 30, 8]) {
      const bends = spans.reduce((sum, span) => sum + (span > most ? 0 : span), 0);
      if (bends < MOST_BENDS) return most;
    }
    return 2;
  }

  /** The links between neighbouring ranks, each once. */
  joined() {
    const found = new Map();
    for (const each of this.links) {
      if (each.isFar) continue;
      each.segments = [];
      for (let i = 1; i < each.path.length; i += 1) {
        const [upper, lower] = [each.path[i - 1], each.path[i]];
        // Bends are shared, but each argument of a part has an end of its own.
        const key = lower.isBend ? lower : each;
        let segment = found.get(key);
        if (!segment) {
          segment = { upper, lower, each, upperAt: 0, lowerAt: 0, isCrossed: false };
          found.set(key, segment);
        }
        each.segments.push(segment);
      }
    }
    return [...found.values()];
  }
}
