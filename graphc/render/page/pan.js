// Moving and zooming by hand: one pointer moves the scene, two zoom it, and so does the wheel. A press
// that has not moved is a click.

const pointers = new Map();
let hasMoved = false;

stage.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  if (!pointers.size) hasMoved = false;
  pointers.set(event.pointerId, { x: 0, y: 0, fromX: event.clientX, fromY: event.clientY });
  place(event);
});

function place(event) {
  const corner = stage.getBoundingClientRect();
  const pointer = pointers.get(event.pointerId);
  pointer.x = event.clientX - corner.x;
  pointer.y = event.clientY - corner.y;
}

stage.addEventListener("pointermove", (event) => {
  const pointer = pointers.get(event.pointerId);
  if (!pointer) return;
  const before = [...pointers.values()].map(({ x, y }) => ({ x, y }));
  const isFar = Math.hypot(event.clientX - pointer.fromX, event.clientY - pointer.fromY) > 4;
  if (!hasMoved && !isFar && pointers.size === 1) return;
  if (!hasMoved) stage.setPointerCapture(event.pointerId);
  hasMoved = true;
  stage.classList.add("moving");
  place(event);
  const after = [...pointers.values()];
  cancelAnimationFrame(moving);
  const middle = (all) => ({
    x: all.reduce((sum, { x }) => sum + x, 0) / all.length,
    y: all.reduce((sum, { y }) => sum + y, 0) / all.length,
  });
  const [a, b] = [middle(before), middle(after)];
  view.x += b.x - a.x;
  view.y += b.y - a.y;
  if (after.length === 2) {
    const apart = ([p, q]) => Math.max(10, Math.hypot(p.x - q.x, p.y - q.y));
    zoomBy(apart(after) / apart(before), b.x, b.y);
  } else {
    show();
  }
});

for (const kind of ["pointerup", "pointercancel"]) {
  stage.addEventListener(kind, (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) stage.classList.remove("moving");
  });
}

stage.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? stage.clientHeight : 1;
    const corner = stage.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY * unit)) / 160);
      zoomBy(factor, event.clientX - corner.x, event.clientY - corner.y);
      return;
    }
    cancelAnimationFrame(moving);
    const isTurned = event.shiftKey && !event.deltaX;
    view.x -= (isTurned ? event.deltaY : event.deltaX) * unit;
    view.y -= (isTurned ? 0 : event.deltaY) * unit;
    show();
  },
  { passive: false },
);
