"""What the page looks like, against pictures that a person has looked at.

Pictures are compared as a grid of means over squares of 8 pixels, with 1 for the way from black to
white. All text is in one font (fonts.conf), but other versions of Chromium may draw its edges another
way, which changes squares a little; a colour, a box or a line that is missing or elsewhere changes
whole squares a lot. Measured: other hinting changes nothing; text at whole pixels gives a mean of
0.0012 and 0.16 % of squares off by more than 0.1, where it makes no box wider; one box less of the ten
in the largest picture gives 0.0021 and 0.8 %.
"""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.render.page.conftest import Open
from tests.render.page.diagrams import marked, of_sample

KEPT = Path(__file__).parent / "screenshots"
MOST_MEAN = 0.0018
MOST_SQUARES = 0.005
SQUARE = 8
OFF = 0.1

# The browser that made the pictures also reads them: no library for PNG is needed.
MEANS = """async ([url, square]) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const [across, down] = [Math.floor(width / square), Math.floor(height / square)];
  const sums = new Float64Array(across * down * 3);
  for (let y = 0; y < down * square; y += 1) {
    for (let x = 0; x < across * square; x += 1) {
      const at = (Math.floor(y / square) * across + Math.floor(x / square)) * 3;
      for (let c = 0; c < 3; c += 1) sums[at + c] += data[(y * width + x) * 4 + c];
    }
  }
  return [down, across, Array.from(sums, (sum) => sum / (square * square * 255))];
}"""


def grid(page: Page, png: bytes) -> np.ndarray:
    url = "data:image/png;base64," + base64.b64encode(png).decode()
    down, across, values = page.evaluate(MEANS, [url, SQUARE])
    return np.array(values).reshape(down, across, 3)


def differences(page: Page, a: bytes, b: bytes) -> tuple[float, float]:
    """The mean difference, and the share of squares that are off."""
    one, other = grid(page, a), grid(page, b)
    assert one.shape == other.shape
    off = np.abs(one - other).max(axis=2)
    return float(off.mean()), float((off > OFF).mean())


@pytest.fixture
def blank(browser: Browser) -> Page:
    page = browser.new_page()
    yield page
    page.close()


def desktop(show: Open) -> Page:
    page = show("seq2seq_attention", size=(960, 640), theme="light")
    page.locator('[aria-label^="attention,"]').click()
    page.mouse.move(480, 2)
    return page


def phone(show: Open) -> Page:
    return show("autoencoder_models", size=(390, 700), phone=True, theme="dark")


def changes(show: Open) -> Page:
    return show(marked(), size=(640, 560), theme="light")


@pytest.mark.parametrize("view", [desktop, phone, changes], ids=lambda view: view.__name__)
def test_looks_as_kept(
    view: object, show: Open, blank: Page, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    png = view(show).screenshot(animations="disabled", caret="hide")  # type: ignore[operator]
    kept = KEPT / f"{view.__name__}.png"  # type: ignore[attr-defined]
    if pytestconfig.getoption("--bless"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(png)
    seen = tmp_path / kept.name
    seen.write_bytes(png)
    mean, squares = differences(blank, png, kept.read_bytes())
    assert mean < MOST_MEAN, f"{seen} is not {kept}"
    assert squares < MOST_SQUARES, f"{seen} is not {kept}"


def test_comparing_sees_what_has_changed(show: Open, blank: Page) -> None:
    sample = of_sample("seq2seq_attention")
    size = (960, 640)
    whole = show(sample, size=size, theme="light").screenshot()
    dark = show(sample, size=size, theme="dark").screenshot()
    page = show(sample, size=size, theme="light")
    page.evaluate("document.querySelector('[aria-label^=\"attention,\"]').remove()")
    less = page.screenshot()
    assert differences(blank, whole, whole) == (0, 0)
    for other in (dark, less):
        mean, squares = differences(blank, whole, other)
        assert mean > MOST_MEAN or squares > MOST_SQUARES
