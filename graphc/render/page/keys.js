// Clicks on boxes, and everything from the keyboard.

function itemAt(event) {
  const element = event.target.closest("[data-item]");
  if (element) return items[element.dataset.item];
  if (!isCoarse) return null;
  const corner = stage.getBoundingClientRect();
  const x = (event.clientX - corner.x - view.x) / view.zoom;
  const y = (event.clientY - corner.y - view.y) / view.zoom;
  const box = scene.boxes.find(
    (b) => !b.item.isOpen && x >= b.x && x <= b.x + b.width && y >= b.y && y <= b.y + b.height,
  );
  return box ? box.item : null;
}

const isPhone = () => stage.clientWidth < 700;

stage.addEventListener("click", (event) => {
  if (hasMoved) return;
  const item = itemAt(event);
  if (!item) {
    select(null);
    closeRecord();
    return;
  }
  if (item.isGroup) toggle(item);
  // A sheet over half of a phone's screen would hide what has just been opened.
  if (!item.isGroup || !panel.hidden || !isPhone()) openRecord(item);
  else select(item);
  if (!item.isGroup) reveal(item);
  focusItem(item);
});

stage.addEventListener("pointerover", (event) => {
  const element = event.target.closest("[data-item]");
  const item = element ? items[element.dataset.item] : null;
  const isShared = (item && item.record.calls) || (hovered && hovered.record.calls);
  hovered = item;
  if (isShared) markAll();
});

/** Give a box the focus, without scrolling the page. */
function focusItem(item) {
  const element = drawn.get(item);
  if (element) element.focus({ preventScroll: true });
}

function go(item) {
  if (!item) return;
  if (panel.hidden) select(item);
  else openRecord(item);
  reveal(item);
  if (!drawn.has(item)) show();
  focusItem(item);
}

const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/** Along the connections: the nearest of what an item gives to or takes from. */
function along(item, isAfter) {
  const here = middle(scene.at.get(item));
  const side = isAcross ? 1 : 0;
  const others = neighbours(item, isAfter).map((other) => scene.at.get(other));
  const near = (box) => Math.abs(middle(box)[side] - here[side]);
  const far = (box) => Math.abs(middle(box)[1 - side] - here[1 - side]);
  others.sort((a, b) => near(a) - near(b) || far(a) - far(b));
  if (others.length) return others[0].item;
  if (isAfter) return item.isOpen ? item.parts[0] : null;
  return item.parent === root ? null : item.parent;
}

/** The nearest box beside one. */
function beside(item, sign) {
  const box = scene.at.get(item);
  const side = isAcross ? 1 : 0;
  const here = middle(box);
  const overlaps = (other) =>
    side === 0
      ? other.y < box.y + box.height && other.y + other.height > box.y
      : other.x < box.x + box.width && other.x + other.width > box.x;
  const others = scene.boxes.filter(
    (other) => !other.item.isOpen && overlaps(other) && sign * (middle(other)[side] - here[side]) > 1,
  );
  others.sort((a, b) => Math.abs(middle(a)[side] - here[side]) - Math.abs(middle(b)[side] - here[side]));
  return others.length ? others[0].item : null;
}

const TURNED = {
  ArrowRight: "ArrowDown",
  ArrowLeft: "ArrowUp",
  ArrowDown: "ArrowRight",
  ArrowUp: "ArrowLeft",
};

function onArrow(item, key) {
  const meant = isAcross ? TURNED[key] : key;
  if (meant === "ArrowDown") go(along(item, true));
  else if (meant === "ArrowUp") go(along(item, false));
  else go(beside(item, meant === "ArrowRight" ? 1 : -1));
}

/** The keys on a box; says whether it was one of them. */
function onItemKey(item, key) {
  if (key.startsWith("Arrow")) onArrow(item, key);
  else if (key === "Enter" && item.isGroup) {
    toggle(item);
    go(item);
  } else if (key === "Enter" || key === " ") {
    openRecord(item);
    reveal(item);
    focusItem(item);
  } else if (key === "p" || key === "P") {
    if (item.parent !== root) go(item.parent);
  } else return false;
  return true;
}

const PAGE_KEYS = {
  "/": () => search.select(),
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(0.8),
  0: fit,
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("keys").open) return;
  if (key === "Escape") {
    if (target === search && search.value) {
      search.value = "";
      find();
    } else closeRecord();
    return;
  }
  if (target === search) return;
  const element = target.closest("#stage [data-item]");
  const isDone = element ? onItemKey(items[element.dataset.item], key) : false;
  if (!isDone && !PAGE_KEYS[key]) return;
  if (!isDone) PAGE_KEYS[key]();
  event.preventDefault();
});

// What gets the focus by Tab is what is selected.
stage.addEventListener("focusin", (event) => {
  const element = event.target.closest("[data-item]");
  if (element && element.matches(":focus-visible")) reveal(items[element.dataset.item]);
});
