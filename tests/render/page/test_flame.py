"""The page of a profile, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from graphc.render.flame import profile_html
from graphc.runtime.profile import Frame, LayerTime, Profile, StepTime
from tests.render.test_profile_text import MADE

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def page(browser: Browser):
    opened: list[Page] = []

    def show(profile: Profile, **options) -> Page:
        made = browser.new_page(viewport={"width": 1000, "height": 700}, **options)
        made.route("**/*", lambda route: route.abort())
        made.errors = []
        made.on("pageerror", lambda error: made.errors.append(str(error)))
        made.on("console", lambda message: made.errors.append(message.text))
        made.set_content(profile_html(profile))
        opened.append(made)
        return made

    yield show
    for each in opened:
        assert each.errors == []
        each.close()


def bars(page: Page) -> dict[str, tuple[float, float]]:
    """Names with the left edges and the widths of their bars, as parts of the whole."""
    whole = page.locator("#flame").bounding_box()
    found = {}
    for bar in page.locator(".bar").all():
        box = bar.bounding_box()
        name = re.sub(r" \(.*", "", bar.get_attribute("aria-label"))
        found[name] = ((box["x"] - whole["x"]) / whole["width"], box["width"] / whole["width"])
    return found


def test_bars_are_as_wide_as_times(page):
    shown = bars(page(MADE))
    assert shown["net"] == pytest.approx((0, 1), abs=0.01)
    assert shown["stage › conv"] == pytest.approx((0, 0.75), abs=0.01)
    assert shown["stage › conv › add"] == pytest.approx((0.5, 0.25), abs=0.01)
    assert not any("bn" in name for name in shown)


def test_a_click_enlarges_and_escape_goes_back(page):
    shown = page(MADE)
    shown.get_by_role("treeitem", name="stage › conv (Conv2D)").click()
    assert bars(shown)["stage › conv › add"] == pytest.approx((2 / 3, 1 / 3), abs=0.01)
    assert "stage › conv (Conv2D): 3.00 ms · 75.0%" in shown.locator("#told").inner_text()
    shown.keyboard.press("Escape")
    assert bars(shown)["stage › conv › add"][1] == pytest.approx(0.25, abs=0.01)
    assert shown.get_by_role("button", name="Whole model").is_disabled()


def test_keys_walk_from_bar_to_bar(page):
    shown = page(MADE)
    shown.locator(".bar").first.focus()
    for key, name in (("ArrowDown", "stage ("), ("ArrowRight", "head"), ("ArrowUp", "net ("),
                      ("ArrowDown", "stage ("), ("ArrowDown", "stage › conv (")):  # fmt: skip
        shown.keyboard.press(key)
        assert shown.locator("#told").inner_text().startswith(name)
    shown.keyboard.press("Enter")
    assert bars(shown)["stage › conv"][1] == pytest.approx(1, abs=0.01)
    assert shown.locator(".bar[tabindex='0']").count() == 1


def test_light_and_dark(page):
    for scheme in ("light", "dark"):
        shown = page(MADE, color_scheme=scheme)
        assert shown.locator("html").get_attribute("data-theme") == scheme
        shown.get_by_role("button", name="Dark theme").click()
        assert shown.locator("html").get_attribute("data-theme") != scheme


def test_names_are_text(page):
    frame = Frame(HOSTILE, HOSTILE, HOSTILE)
    layer = LayerTime(HOSTILE, (frame,), 0.1, 1, 1, (StepTime("conv", 0.1, 1),))
    shown = page(Profile(HOSTILE, ((HOSTILE, HOSTILE),), (layer,), 0.1, 1))
    assert shown.locator("img").count() == 0
    assert HOSTILE in shown.locator("tbody th").inner_text()
    assert HOSTILE in shown.locator(".bar").nth(1).inner_text()


def test_a_model_that_computes_nothing(page):
    shown = page(Profile("net", (("x", "[2]"),), (), 0.0, 3))
    assert not shown.locator("#chart").is_visible()
    assert "Total" in shown.locator("table").inner_text()
