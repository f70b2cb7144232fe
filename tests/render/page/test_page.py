"""The page in a browser: what a person does with it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from graphc.analysis.view import view
from graphc.render.page.page_data import Start, page_data
from tests.render.page.conftest import Open
from tests.render.page.diagrams import HOSTILE, chain, hostile, marked, of_sample, of_text

SVG = "{http://www.w3.org/2000/svg}"
SHARED = """
model shared {
    input a: [4]
    input b: [4]
    twice = Dense(4) as twice
    x = [a -> twice, b -> twice] -> Add()
    y = [x, x] -> Add() as both
    output y
}
"""
BLOCKS = """
block inner(units=8) {
    input x: [units]
    y = x -> Dense(units) -> Dense(units)
    output x + y
}
block stage {
    input x: [8]
    y = x
    for i in range(33) {
        y = y -> inner() as f"inner{i}"
    }
    output y
}
model blocks {
    input x: [8]
    y = x
    for i in range(100) {
        y = y -> stage() as f"stage{i}"
    }
    output y
}
"""


def link(file: str, line: int) -> str:
    return f"https://host/{Path(file).name}#L{line}"


def boxes(page: Page, name: str = ""):
    beginning = f'[aria-label^="{name}"]' if name else ""
    return page.locator(f"#scene [data-item]{beginning}")


def test_shows_each_layer_with_its_facts(show: Open) -> None:
    page = show("mnist")
    labels = [box.get_attribute("aria-label") for box in boxes(page).all()]
    assert labels == [
        "image, InputLayer, [B, 784]",
        "dense, Dense, [B, 64], 50,240 parameters",
        "dense_1, Dense, [B, 64], 4,160 parameters",
        "logits, Dense, [B, 10], 650 parameters",
    ]
    assert boxes(page, "dense_1").locator("text").all_text_contents() == [
        "dense_1", "Dense \u00b7 relu", "[B, 64]", "4.16 K",
    ]  # fmt: skip
    expect(page.locator("#facts")).to_have_text("Functional4 layers55.0 K params54.9 K MACs")
    expect(page).to_have_title("mnist_model")


def test_closes_what_does_not_fit_and_opens_it_again(show: Open) -> None:
    page = show("gpt2_small")
    group = boxes(page, "layer3, ")
    expect(group).to_have_attribute("aria-expanded", "false")
    before = group.bounding_box()
    group.click()
    expect(group).to_have_attribute("aria-expanded", "true")
    expect(boxes(page, "layer3.norm1")).to_be_visible()
    after = group.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=1.5), "what is clicked stays where it is"
    group.locator(".name").click()
    expect(boxes(page, "layer3.norm1")).to_have_count(0)


def test_opens_and_closes_by_level(show: Open) -> None:
    page = show("gpt2_small")
    few = boxes(page).count()
    page.get_by_role("button", name="Expand all").click()
    assert boxes(page).count() > 100
    expect(page.locator("#level")).to_have_text("1 / 1")
    page.get_by_role("button", name="One level less").click()
    assert boxes(page).count() == few
    page.get_by_role("button", name="One level more").click()
    page.get_by_role("button", name="Collapse all").click()
    assert boxes(page).count() == few


def test_opens_as_deep_as_asked(show: Open) -> None:
    page = show("gpt2_small", depth=1)
    expect(boxes(page, "layer11.norm1")).to_have_count(1)
    page = show("siamese", depth=0)
    expect(boxes(page, "tower").first).to_have_attribute("aria-expanded", "false")


def test_finds_by_name_type_and_source_line(show: Open) -> None:
    page = show("gpt2_small")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("layer7.mlp1")
    expect(page.locator("#found")).to_have_text("1")
    expect(boxes(page, "layer7, ")).to_have_class(re.compile("found"))
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("1 of 1")
    expect(boxes(page, "layer7.mlp1")).to_be_in_viewport()
    expect(boxes(page, "layer7.mlp1")).to_have_class(re.compile("selected"))
    page.locator("#search").fill("multiheadattention")
    expect(page.locator("#found")).to_have_text("12")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text("2 of 12")
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#found")).to_have_text("1 of 12")
    page.locator("#search").fill("// heads, dropout=")
    expect(page.locator("#found")).to_have_text("12")
    page.locator("#search").fill("nothing like it")
    expect(page.locator("#found")).to_have_text("no match")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")


def test_a_click_shows_the_whole_record(show: Open) -> None:
    page = show("seq2seq_attention", href=link)
    boxes(page, "encoder").click()
    record = page.locator("#record")
    expect(record).to_be_visible()
    text = record.inner_text()
    for shown in (
        "encoder", "LSTM", "recurrent", "return_sequences", "True", "[B, S, 256]", "float32",
        "525,312", "MACs", "524288*S", "encoder/lstm_cell/recurrent_kernel", "[256, 1024]",
        "Orthogonal", "seq2seq_attention.net:",
    ):  # fmt: skip
        assert shown in text, shown
    assert "mask" in text
    expect(record.get_by_role("link")).to_have_attribute("href", re.compile(r"https://host/.*#L\d"))
    page.keyboard.press("Escape")
    expect(record).to_be_hidden()
    expect(boxes(page, "encoder")).to_be_focused()


def test_a_group_has_a_record_with_its_weights(show: Open) -> None:
    page = show("siamese")
    boxes(page, "tower").first.locator(".name").click()
    text = page.locator("#record").inner_text()
    assert "Call 1 of 2 of one layer." in text
    assert "conv2d/kernel" in text
    assert "INSIDE" in text
    assert "[B, 105, 105, 1]" in text
    assert "[B, 64]" in text
    page.get_by_role("button", name="call 2:").click()
    assert "Call 2 of 2" in page.locator("#record").inner_text()


def test_shared_layers_are_marked_and_joined(show: Open) -> None:
    page = show(of_text(SHARED))
    expect(page.get_by_text("shared 1/2")).to_be_visible()
    expect(page.locator(".sharing")).to_have_count(0)
    boxes(page, "twice").first.hover()
    expect(page.locator(".sharing")).to_have_count(1)
    expect(boxes(page, "twice").nth(1)).to_have_class(re.compile(r"\bcall\b"))


def test_a_tensor_used_twice_has_two_lines(show: Open) -> None:
    page = show(of_text(SHARED))
    into = page.locator(".link", has=page.locator("title", has_text="\u2192 both"))
    paths = [link.locator(".line").get_attribute("d") for link in into.all()]
    assert len(paths) == 2
    assert paths[0] != paths[1]
    expect(into.locator(".arrow")).to_have_count(2)


def test_keys(show: Open) -> None:
    page = show("gpt2_small")
    boxes(page, "dropout").focus()
    page.keyboard.press("ArrowDown")
    expect(boxes(page, "layer0")).to_be_focused()
    page.keyboard.press("Enter")
    expect(boxes(page, "layer0, ")).to_have_attribute("aria-expanded", "true")
    expect(boxes(page, "layer0, ")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(boxes(page, "layer0.norm1")).to_be_focused()
    expect(page.locator("#record")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#record h2")).to_have_text("layer0.norm1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#record h2")).to_have_text("layer0.attention")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(boxes(page, "dropout")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("p")
    expect(boxes(page, "layer0, ")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#record")).to_be_hidden()
    size = boxes(page, "layer0, ").bounding_box()
    page.keyboard.press("+")
    larger = boxes(page, "layer0, ").bounding_box()
    assert size is not None
    assert larger is not None
    assert larger["width"] == pytest.approx(size["width"] * 1.25, rel=0.02)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_tab_reaches_every_control_and_the_diagram(show: Open) -> None:
    page = show("gpt2_small")
    names = "el => el.getAttribute('aria-label') || el.id || el.textContent"
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"({names})(document.activeElement)"))
    controls = page.locator("button:visible, input:visible, summary:visible").all()
    for control in controls:
        name = control.evaluate(names)
        assert name.strip()
        assert name in reached
    assert any("InputLayer" in name for name in reached)


def test_moves_and_zooms(show: Open) -> None:
    page = show("resnet50")
    transform = page.locator("#scene")
    first = transform.get_attribute("transform")
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 400)
    second = transform.get_attribute("transform")
    assert second != first
    page.mouse.down()
    page.mouse.move(350, 250, steps=3)
    page.mouse.up()
    third = transform.get_attribute("transform")
    assert third != second
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    assert transform.get_attribute("transform") != third
    expect(page.locator("#record")).to_be_hidden()
    expect(page.locator("#minimap")).to_be_visible()
    page.get_by_role("button", name="Fit to window").click()
    expect(page.locator("#minimap")).to_be_hidden()


def test_on_a_phone(show: Open) -> None:
    page = show("siamese", size=(390, 844), phone=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for control in page.locator("header button:visible, header input").all():
        place = control.bounding_box()
        assert place is not None
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
    boxes(page, "conv2d,").first.tap()
    record = page.locator("#record")
    sheet = record.bounding_box()
    assert sheet is not None
    assert sheet["width"] == 390
    assert sheet["y"] > 300
    chosen = boxes(page, "conv2d,").first.bounding_box()
    assert chosen is not None
    assert chosen["y"] + chosen["height"] <= sheet["y"], "the sheet does not cover what it is of"
    record.get_by_role("button", name="Close").tap()
    expect(record).to_be_hidden()


def test_two_fingers_zoom(show: Open) -> None:
    page = show("mnist", size=(390, 844), phone=True)
    before = boxes(page, "dense,").bounding_box()
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (150, 500))
    fingers("touchStart", (150, 500), (250, 500))
    fingers("touchMove", (120, 500), (280, 500))
    fingers("touchMove", (100, 500), (300, 500))
    fingers("touchEnd")
    after = boxes(page, "dense,").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] * 2, rel=0.1)
    expect(page.locator("#record")).to_be_hidden()


def test_theme(show: Open) -> None:
    page = show("mnist", theme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate(paper) == "rgb(18, 21, 27)"
    page = show("mnist")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(18, 21, 27)")


def test_lays_out_to_the_right(show: Open) -> None:
    page = show("mnist", rankdir="LR")
    first, last = boxes(page, "image").bounding_box(), boxes(page, "logits").bounding_box()
    assert first is not None
    assert last is not None
    assert first["x"] + first["width"] < last["x"]
    page.get_by_role("button", name="Lay out from left to right").click()
    assert boxes(page, "image").bounding_box()["y"] < boxes(page, "logits").bounding_box()["y"]


def test_copies_and_downloads_a_whole_svg(show: Open, tmp_path: Path) -> None:
    page = show("gpt2_small", theme="dark")
    page.get_by_role("button", name="Expand all").click()
    page.get_by_role("button", name="Copy as SVG").click()
    expect(page.locator("#notice")).to_have_text("Copied as SVG")
    text = page.evaluate("navigator.clipboard.readText()")
    tree = ET.fromstring(text)
    words = [element.text for element in tree.iter(f"{SVG}text")]
    assert words.count("attention") == 12
    assert tree.find(f"{SVG}rect").get("fill") == "#12151b"
    assert "var(" not in text
    assert "class=" not in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Download SVG").click()
    assert download.value.suggested_filename == "gpt2_small.svg"
    path = tmp_path / "saved.svg"
    download.value.save_as(path)
    assert path.read_text(encoding="utf-8") == text


def test_hostile_names_are_text(show: Open) -> None:
    diagram = hostile()
    page = show(diagram, title=HOSTILE[0])
    assert page.title() == HOSTILE[0]
    expect(page.locator("h1")).to_have_text(HOSTILE[0])
    assert page.evaluate("document.querySelectorAll('img, script').length") == 2
    for index, text in enumerate(HOSTILE):
        if "\n" not in text and text.isprintable():
            assert boxes(page).nth(index).get_attribute("aria-label").startswith(text)
        boxes(page).nth(index).dispatch_event("click")
        assert page.locator("#record").inner_text()
    page.get_by_role("button", name="Copy as SVG").click()
    expect(page.locator("#notice")).to_have_text("Copied as SVG")
    tree = ET.fromstring(page.evaluate("navigator.clipboard.readText()"))
    words = {element.text for element in tree.iter(f"{SVG}text")}
    assert HOSTILE[1] in words
    assert HOSTILE[5] in words
    assert not list(tree.iter(f"{SVG}script"))
    page.locator("#search").fill("onerror")
    expect(page.locator("#found")).to_have_text("1")


def test_changes_and_faults_are_marked_and_explained(show: Open) -> None:
    page = show(marked())
    signs = page.locator("#scene .sign").all_text_contents()
    assert signs == ["+", "\u2212", "~", "\u2195"]
    legend = page.locator("#legend").inner_text().split()
    for word in ("added", "removed", "changed", "moved", "error", "core", "input"):
        assert word in legend
    expect(page.locator("#facts")).to_contain_text("incomplete")
    fault = page.locator("#scene .fault")
    expect(fault).to_contain_text("Dense needs rank 2 or more, got rank 1")
    boxes(page, "dense_2").click()
    expect(page.locator("#record .changes")).to_contain_text("units: 4 \u2192 8")


def test_ten_thousand_layers_open_closed(show: Open) -> None:
    diagram = of_text(BLOCKS)
    page = show(diagram)
    # Alone on a machine it is 0.6 s; the tests are not alone.
    assert page.evaluate("performance.now()") < 4000
    assert boxes(page).count() == 101
    page.get_by_role("button", name="Expand all").click()
    expect(page.locator("#level")).to_have_text("2 / 2")
    assert boxes(page).count() < 1500, "what is out of sight is not drawn"
    page.keyboard.press("/")
    page.keyboard.type("stage99.inner32.dense_1")
    page.keyboard.press("Enter")
    expect(boxes(page, "stage99.inner32.dense_1")).to_be_in_viewport()


def test_ten_thousand_boxes_at_one_level_do_not_hang(show: Open) -> None:
    page = show(of_text(chain(9_990)))
    assert boxes(page).count() < 1500
    page.keyboard.press("0")
    expect(page.locator("#notice")).to_have_text("9,991 boxes: zoom in to read them")


def test_page_counts_as_the_diagram() -> None:
    data = page_data(of_sample("resnet50"), Start("resnet50"))
    assert data["layers"] == 177
    folded = view(of_sample("resnet50"), fold=True)
    assert page_data(folded, Start("resnet50"))["layers"] == 177
    assert data["totals"][0] + data["totals"][1] == 25_636_712
