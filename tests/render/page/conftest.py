"""A Chromium for the whole run, and pages in it that know no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from graphc.analysis.diagram import Diagram
from graphc.render.page import diagram_html
from tests.render.page.diagrams import of_sample

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",  # or screenshots depend on the machine's settings
)
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
READY = "html[data-ready]"

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None or not FONT.exists():
        pytest.fail(
            "these tests drive a browser: apt-get install chromium fonts-dejavu-core", pytrace=False
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=QUIET,
            env={**os.environ, "FONTCONFIG_FILE": str(Path(__file__).with_name("fonts.conf"))},
        )
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a sample or a diagram; at the end nothing has gone wrong in any."""
    wrong: list[str] = []
    contexts = []

    def open_page(
        what: str | Diagram,
        *,
        size: tuple[int, int] = (1200, 800),
        phone: bool = False,
        **options: Any,
    ) -> Page:
        diagram = of_sample(what) if isinstance(what, str) else what
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(diagram_html(diagram, **options), encoding="utf-8")
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=phone,
            is_mobile=phone,
            reduced_motion="reduce",  # what is tested is where things end
            offline=True,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(5_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: asked_for(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector(READY, state="attached")
        return page

    def asked_for(url: str) -> None:
        if not url.startswith((tmp_path.as_uri(), "blob:", "data:,")):
            wrong.append(f"request: {url}")

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
