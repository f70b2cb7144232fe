"""Where things stand, in all samples: no box on another, no line through a box."""

from __future__ import annotations

import pytest

from tests.render.page.conftest import Open
from tests.render.page.diagrams import SAMPLES

# Points along each line against each box that is closed, in the drawing's own units. A line's ends
# are on borders; it may touch boxes, and boxes of one rank stand at least some units apart.
FAULTS = """() => {
  const boxes = [...document.querySelectorAll('#scene .box')].map((element) => {
    const [x, y] = element.getAttribute('transform').match(/-?[\\d.]+/g).map(Number);
    const { width, height } = element.querySelector('.card').getBBox();
    return { name: element.getAttribute('aria-label'), x, y, x1: x + width + 1, y1: y + height + 1 };
  });
  const faults = [];
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => {
    if (a.x < b.x1 && b.x < a.x1 && a.y < b.y1 && b.y < a.y1) faults.push(`${a.name} on ${b.name}`);
  }));
  const frames = [...document.querySelectorAll('#scene .frame')].map((frame) => frame.getBBox());
  for (const frame of frames) {
    for (const box of boxes) {
      const isApart = box.x1 <= frame.x || box.y1 <= frame.y ||
        box.x >= frame.x + frame.width || box.y >= frame.y + frame.height;
      const isIn = box.x > frame.x && box.y > frame.y &&
        box.x1 < frame.x + frame.width && box.y1 < frame.y + frame.height;
      if (!isApart && !isIn) faults.push(`${box.name} across a frame`);
    }
  }
  for (const link of document.querySelectorAll('#scene .link')) {
    const line = link.querySelector('.line');
    const long = line.getTotalLength();
    const bounds = line.getBBox();
    const near = boxes.filter((b) => b.x < bounds.x + bounds.width && b.x1 > bounds.x &&
      b.y < bounds.y + bounds.height && b.y1 > bounds.y);
    const steps = near.length ? Math.ceil(long / 6) : 0;
    for (let i = 0; i < steps; i += 1) {
      const { x, y } = line.getPointAtLength((long * i) / steps);
      const hit = near.find((b) => x > b.x + 2 && x < b.x1 - 2 && y > b.y + 2 && y < b.y1 - 2);
      if (hit) {
        faults.push(`${link.querySelector('title').textContent} through ${hit.name}`);
        break;
      }
    }
  }
  return faults;
}"""

BRANCHING = [
    "autoencoder_models", "gpt2_small", "resnet50",
    "seq2seq_attention", "siamese", "unet", "vit_b16",
]  # fmt: skip


def test_the_samples_exist() -> None:
    assert set(BRANCHING) <= {path.stem for path in SAMPLES.glob("*.net")}


@pytest.mark.parametrize("sample", BRANCHING)
def test_lines_go_round_boxes(sample: str, show: Open) -> None:
    page = show(sample)
    page.evaluate("document.getElementById('open-all').click()")
    assert page.evaluate(FAULTS) == []
    page.evaluate("document.getElementById('direction').click()")
    assert page.evaluate(FAULTS) == []
