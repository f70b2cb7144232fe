// The whole scene in a corner, with the window's frame on it, where not all is in sight.

const minimap = document.getElementById("minimap");
const MINIMAP = 150;
let minimapOf = null; // the scene that is painted, in a theme
let painted = null;

function paintMinimap() {
  const theme = document.documentElement.dataset.theme;
  const ratio = scene.width / scene.height;
  // Long and narrow scenes are shown wider than they are.
  const width = Math.round(Math.max(36, Math.min(MINIMAP, MINIMAP * ratio)));
  const height = Math.round(Math.max(36, Math.min(MINIMAP, MINIMAP / ratio)));
  minimap.width = width * 2;
  minimap.height = height * 2;
  minimap.style.width = `${width}px`;
  minimap.style.height = `${height}px`;
  painted = document.createElement("canvas");
  painted.width = minimap.width;
  painted.height = minimap.height;
  const paint = painted.getContext("2d");
  const [across, down] = [minimap.width / scene.width, minimap.height / scene.height];
  const colours = new Map();
  for (const { item, x, y, width: w, height: h } of scene.boxes) {
    if (item.isOpen) continue;
    const family = familyOf(item);
    if (!colours.has(family)) colours.set(family, colourOf(family));
    paint.fillStyle = colours.get(family);
    paint.fillRect(x * across, y * down, Math.max(2, w * across), Math.max(1, h * down));
  }
  minimapOf = { scene, theme };
}

function colourOf(family) {
  const probe = document.createElement("i");
  probe.className = family;
  stage.append(probe);
  const colour = getComputedStyle(probe).getPropertyValue("--border");
  probe.remove();
  return colour;
}

function showMinimap() {
  const sight = windowArea(0);
  const isAll =
    sight.x0 <= 0 && sight.y0 <= 0 && sight.x1 >= scene.width && sight.y1 >= scene.height;
  minimap.hidden = isAll || !scene.boxes.length;
  if (minimap.hidden) return;
  const { theme } = document.documentElement.dataset;
  if (!minimapOf || minimapOf.scene !== scene || minimapOf.theme !== theme) paintMinimap();
  const paint = minimap.getContext("2d");
  const [across, down] = [minimap.width / scene.width, minimap.height / scene.height];
  paint.clearRect(0, 0, minimap.width, minimap.height);
  paint.drawImage(painted, 0, 0);
  paint.strokeStyle = getComputedStyle(minimap).getPropertyValue("--accent");
  paint.lineWidth = 3;
  const x = Math.max(1.5, sight.x0 * across);
  const y = Math.max(1.5, sight.y0 * down);
  const w = Math.max(6, Math.min(minimap.width - 1.5, sight.x1 * across) - x);
  const h = Math.max(6, Math.min(minimap.height - 1.5, sight.y1 * down) - y);
  paint.strokeRect(x, y, w, h);
}

function goByMinimap(event) {
  const corner = minimap.getBoundingClientRect();
  cancelAnimationFrame(moving);
  view.x = stage.clientWidth / 2 - ((event.clientX - corner.x) / corner.width) * scene.width * view.zoom;
  view.y = stage.clientHeight / 2 - ((event.clientY - corner.y) / corner.height) * scene.height * view.zoom;
  show();
}

minimap.addEventListener("pointerdown", (event) => {
  minimap.setPointerCapture(event.pointerId);
  goByMinimap(event);
});
minimap.addEventListener("pointermove", (event) => {
  if (event.buttons) goByMinimap(event);
});
