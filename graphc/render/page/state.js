// What is open, selected, found and under the pointer.

const ENOUGH = 60; // boxes that a page opens with
const groups = items.filter(({ isGroup }) => isGroup);
const deepest = groups.reduce((most, { depth }) => Math.max(most, depth + 1), 0);

let level = 0;
let selected = null;
let hovered = null;
let matches = [];

/** How many boxes there are with this many levels open. */
function boxesAt(depth) {
  const count = (item) =>
    item.isGroup && item.depth < depth ? item.parts.reduce((sum, p) => sum + count(p), 0) : 1;
  return root.parts.reduce((sum, part) => sum + count(part), 0);
}

/** The levels asked for, or as many as give no more boxes than can be taken in. */
function firstLevel() {
  if (data.depth !== null) return data.depth;
  let depth = 0;
  while (depth < deepest && boxesAt(depth + 1) <= ENOUGH) depth += 1;
  return depth;
}

function setLevel(depth) {
  const before = atCentre();
  level = Math.max(0, Math.min(deepest, depth));
  for (const group of groups) group.isOpen = group.depth < level;
  forgetAll();
  makeScene();
  showLevel();
  keepPlace(before);
}

function showLevel() {
  document.getElementById("level").textContent = `${level} / ${deepest}`;
  setOff("close-all", level === 0 && !groups.some(({ isOpen }) => isOpen));
  setOff("shallower", level === 0);
  setOff("deeper", level === deepest);
  setOff("open-all", groups.every(({ isOpen }) => isOpen));
}

function setOff(id, isOff) {
  const control = document.getElementById(id);
  // Not `disabled`: a control that is focused keeps the focus.
  control.setAttribute("aria-disabled", String(isOff));
}

/** The selected box, or the one nearest to the window's middle, and where it is. */
function atCentre() {
  const [x, y] = [stage.clientWidth / 2, stage.clientHeight / 2];
  const away = (box) =>
    Math.abs(box.x * view.zoom + view.x - x) + Math.abs(box.y * view.zoom + view.y - y);
  const chosen = selected && scene.at.get(shownAs(selected));
  const all = scene.boxes.filter(({ item }) => !item.isOpen);
  const box = chosen || all.reduce((a, b) => (a && away(a) <= away(b) ? a : b), null);
  return box && { item: box.item, x: box.x * view.zoom + view.x, y: box.y * view.zoom + view.y };
}

/** Show the new scene with an item where it was. */
function keepPlace(before) {
  const box = before && scene.at.get(shownAs(before.item));
  if (!box) {
    goHome();
    return;
  }
  cancelAnimationFrame(moving);
  view.x = before.x - box.x * view.zoom;
  view.y = before.y - box.y * view.zoom;
  show(true);
}

function toggle(item) {
  const box = scene.at.get(item);
  const before = { item, x: box.x * view.zoom + view.x, y: box.y * view.zoom + view.y };
  item.isOpen = !item.isOpen;
  forget(item);
  makeScene();
  showLevel();
  keepPlace(before);
}

/** Open all that is closed around an item. */
function openAround(item) {
  let isChanged = false;
  for (let at = item.parent; at; at = at.parent) {
    isChanged ||= !at.isOpen;
    at.isOpen = true;
  }
  if (!isChanged) return;
  forget(item.parent);
  makeScene();
  showLevel();
  show(true);
}

function select(item) {
  selected = item;
  markAll();
}

/** The classes of what is selected, connected to it, found, or another call of the same layer. */
function markAll() {
  const found = new Set(matches.map(shownAs));
  const chosen = selected && shownAs(selected);
  const calls = new Set();
  for (const item of [selected, hovered]) {
    if (item) for (const other of otherCalls(item)) calls.add(shownAs(other));
  }
  const lit = chosen ? linesOf(chosen) : [];
  for (const [item, element] of drawn) {
    element.classList.toggle("selected", item === chosen);
    element.classList.toggle("found", found.has(item));
    element.classList.toggle("call", calls.has(item));
    element.setAttribute("tabindex", item === (chosen || scene.boxes[0].item) ? "0" : "-1");
  }
  layers.lit.replaceChildren();
  for (const { whole, arrow } of isCoarse ? [] : lit) {
    svg("path", { d: whole, class: "line" }, layers.lit);
    if (arrow) svg("path", { d: arrow, class: "arrow" }, layers.lit);
  }
  drawCalls();
}

/** Dashed lines from a call of a shared layer to the others. */
function drawCalls() {
  layers.calls.replaceChildren();
  const item = hovered && hovered.record.calls ? hovered : selected;
  const from = item && scene.at.get(shownAs(item));
  if (!from || isCoarse) return;
  for (const other of new Set(otherCalls(item).map(shownAs))) {
    const to = scene.at.get(other);
    if (to !== from) svg("path", { d: callPath(from, to), class: "sharing" }, layers.calls);
  }
}

function callPath(a, b) {
  // From the sides that face each other, or round the right of boxes above each other.
  const [left, right] = a.x <= b.x ? [a, b] : [b, a];
  const [y, z] = [left.y + Math.min(23, left.height / 2), right.y + Math.min(23, right.height / 2)];
  const isApart = left.x + left.width < right.x;
  const x = left.x + left.width;
  const end = isApart ? right.x : right.x + right.width;
  const bow = isApart ? Math.max(24, (end - x) / 2) : 48;
  return `M${x} ${y}C${x + bow} ${y} ${isApart ? end - bow : end + bow} ${z} ${end} ${z}`;
}

let saying = 0;

function say(text, isBrief = false) {
  clearTimeout(saying);
  document.getElementById("notice").textContent = text;
  if (isBrief) saying = setTimeout(() => say(""), 2500);
}
