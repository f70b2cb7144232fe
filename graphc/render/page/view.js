// The window onto the scene: panning, zooming, and drawing anew what comes into sight.

const stage = document.getElementById("stage");
const canvas = document.getElementById("scene");
const layers = makeLayers(canvas);
const isStill = matchMedia("(prefers-reduced-motion: reduce)");
const LEAST_ZOOM = 0.001;
const MOST_ZOOM = 4;

const view = { x: 0, y: 0, zoom: 1 }; // where the scene's corner is in the window
let drawnArea = null;
let drawn = new Map();
let isCoarse = false;
let moving = 0; // the animation under way

function windowArea(margin) {
  const { clientWidth, clientHeight } = stage;
  return {
    x0: (-view.x - margin * clientWidth) / view.zoom,
    y0: (-view.y - margin * clientHeight) / view.zoom,
    x1: (-view.x + (1 + margin) * clientWidth) / view.zoom,
    y1: (-view.y + (1 + margin) * clientHeight) / view.zoom,
  };
}

/** Show the scene as the view says; drawn anew if it has changed or something comes into sight. */
function show(isNew = false) {
  holdInSight();
  canvas.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.zoom})`);
  const sight = windowArea(0);
  const isInside =
    drawnArea && sight.x0 >= drawnArea.x0 && sight.y0 >= drawnArea.y0 &&
    sight.x1 <= drawnArea.x1 && sight.y1 <= drawnArea.y1;
  if (isNew || !isInside || isCoarse !== wouldBeCoarse(drawnArea)) redraw();
  showMinimap();
}

const everything = () => ({ x0: -1e9, y0: -1e9, x1: 1e9, y1: 1e9 });

function wouldBeCoarse(area) {
  if (scene.boxes.length <= MOST_BOXES) return false;
  let count = 0;
  for (const box of scene.boxes) if (meets(edgesOf(box), area)) count += 1;
  return count > MOST_BOXES;
}

function redraw() {
  const focused = document.activeElement && document.activeElement.closest("[data-item]");
  drawnArea = scene.boxes.length <= MOST_BOXES ? everything() : windowArea(1);
  isCoarse = wouldBeCoarse(drawnArea);
  drawn = drawScene(layers, drawnArea, isCoarse);
  markAll();
  if (focused) focusItem(shownAs(items[focused.dataset.item]));
  say(isCoarse ? `${full(scene.boxes.length)} boxes: zoom in to read them` : "");
}

/** A part of the scene stays in the window. */
function holdInSight() {
  const { clientWidth, clientHeight } = stage;
  const room = 80;
  const width = scene.width * view.zoom;
  const height = scene.height * view.zoom;
  view.x = Math.max(Math.min(view.x, clientWidth - room), room - width);
  view.y = Math.max(Math.min(view.y, clientHeight - room), room - height);
}

function zoomBy(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  cancelAnimationFrame(moving);
  const zoom = Math.max(LEAST_ZOOM, Math.min(MOST_ZOOM, view.zoom * factor));
  view.x = x - ((x - view.x) * zoom) / view.zoom;
  view.y = y - ((y - view.y) * zoom) / view.zoom;
  view.zoom = zoom;
  show();
}

/** The zoom at which all of the scene is in the window. */
function fitZoom() {
  const { clientWidth, clientHeight } = stage;
  const zoom = Math.min((clientWidth - 16) / scene.width, (clientHeight - 16) / scene.height, 1.15);
  return Math.max(LEAST_ZOOM, zoom);
}

function fit() {
  cancelAnimationFrame(moving);
  view.zoom = fitZoom();
  view.x = (stage.clientWidth - scene.width * view.zoom) / 2;
  view.y = (stage.clientHeight - scene.height * view.zoom) / 2;
  show();
}

/** All of the scene if it can be read then, else its beginning. */
function goHome() {
  fit();
  if (view.zoom >= 0.75 || !scene.boxes.length) return;
  const [size, room] = isAcross
    ? [scene.height, stage.clientHeight]
    : [scene.width, stage.clientWidth];
  view.zoom = Math.max(0.7, Math.min(1, (room - 16) / size));
  // Where half of the boxes are on either side: on the longest way, if there is one.
  const half = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const x = half(scene.boxes.map((box) => box.x + box.width / 2));
  const y = half(scene.boxes.map((box) => box.y + box.height / 2));
  const isWide = size * view.zoom > room;
  view.x = isAcross ? 8 : stage.clientWidth / 2 - (isWide ? x : scene.width / 2) * view.zoom;
  view.y = isAcross ? stage.clientHeight / 2 - (isWide ? y : scene.height / 2) * view.zoom : 8;
  show();
}

function moveTo(x, y, zoom = view.zoom) {
  cancelAnimationFrame(moving);
  const from = { ...view };
  const began = performance.now();
  const long = isStill.matches ? 0 : 180;
  const step = (now) => {
    const part = long ? Math.min(1, Math.max(0, now - began) / long) : 1;
    const eased = 1 - (1 - part) ** 3;
    view.x = from.x + (x - from.x) * eased;
    view.y = from.y + (y - from.y) * eased;
    view.zoom = from.zoom + (zoom - from.zoom) * eased;
    show();
    if (part < 1) moving = requestAnimationFrame(step);
  };
  step(began);
}

/** Bring a box into the part of the window that nothing covers. */
function reveal(item, isCentred = false) {
  const box = scene.at.get(item);
  if (!box) return;
  const { right, bottom } = covered();
  const [width, height] = [stage.clientWidth - right, stage.clientHeight - bottom];
  const zoom = isCentred ? Math.min(1.2, Math.max(view.zoom, 0.75)) : view.zoom;
  const tall = item.isOpen ? HEADER : box.height;
  const [w, h] = [box.width * zoom, tall * zoom];
  const [x, y] = [box.x * zoom + view.x, box.y * zoom + view.y];
  const isIn = zoom === view.zoom && x >= 8 && y >= 8 && x + w <= width - 8 && y + h <= height - 8;
  if (isIn) return;
  if (isCentred || w > width || h > height) {
    moveTo(width / 2 - box.x * zoom - w / 2, height / 2 - box.y * zoom - h / 2, zoom);
    return;
  }
  const toX = x < 24 ? 24 - x : Math.min(0, width - 24 - x - w);
  const toY = y < 24 ? 24 - y : Math.min(0, height - 24 - y - h);
  moveTo(view.x + toX, view.y + toY);
}

/** How much of the window the record covers. */
function covered() {
  const panel = document.getElementById("record");
  if (panel.hidden) return { right: 0, bottom: 0 };
  const isSheet = panel.offsetWidth > stage.clientWidth * 0.8;
  return isSheet
    ? { right: 0, bottom: panel.offsetHeight }
    : { right: panel.offsetWidth + 12, bottom: 0 };
}

new ResizeObserver(() => {
  if (drawnArea) show();
}).observe(stage);
