"""The page's text: the same each time, whole, closed to everything outside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files

import pytest

from graphc.render.page import diagram_html
from graphc.render.page.page import SCRIPTS, STYLES
from graphc.render.page.script_text import script_json
from tests.render.page.diagrams import HOSTILE, chain, hostile, of_sample, of_text


def data_of(page: str) -> dict:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(text)


@pytest.mark.parametrize("sample", ["mnist", "gpt2_small"])
def test_is_the_same_each_time(sample: str) -> None:
    assert diagram_html(of_sample(sample)) == diagram_html(of_sample(sample))


def test_names_no_place_outside() -> None:
    page = diagram_html(of_sample("mnist"))
    places = set(re.findall(r"\w+://[^\s\"'<>)]+", page))
    assert places == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(|\bfetch\(|XMLHttpRequest|WebSocket|\beval\(", page)


def test_policy_lets_its_own_script_and_style_run_and_nothing_else() -> None:
    page = diagram_html(of_sample("mnist"))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in html.unescape(policy).split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("script", "style"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"


def test_scripts_make_no_markup_of_text() -> None:
    folder = files("graphc.render.page")
    for name in SCRIPTS:
        script = (folder / f"{name}.js").read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write", script), name


def test_every_script_and_style_is_in_the_page() -> None:
    names = {path.name for path in files("graphc.render.page").iterdir()}
    kept = {name for name in names if name.endswith((".js", ".css"))}
    assert kept == {f"{name}.js" for name in SCRIPTS} | {f"{name}.css" for name in STYLES}


@pytest.mark.parametrize("text", [*HOSTILE, "\udc80"])
def test_json_in_a_script_keeps_text(text: str) -> None:
    written = script_json({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set(written) & set("<>&\u2028\u2029")
    written.encode()


def test_hostile_names_stay_in_the_data() -> None:
    page = diagram_html(hostile())
    assert [part["name"] for part in data_of(page)["parts"]] == list(HOSTILE)
    assert len(re.findall(r"<script", page)) == 2
    assert len(re.findall(r"</script", page)) == 2
    assert "{{" not in page.replace("{{data}}{{script}}", "")


def test_links_to_the_source() -> None:
    page = diagram_html(of_sample("mnist"), href=lambda _, line: f"https://host/{line}")
    assert {line[3] for line in data_of(page)["lines"]} >= {"https://host/6"}


def test_large_numbers_are_text() -> None:
    big = of_text("model big {\n input x: [4000000000]\n y = x -> Dense(4000000000)\n}\n")
    totals = data_of(diagram_html(big))["parts"][1]["totals"]
    assert totals[0] == "16,000,000,004,000,000,000"


def test_a_layer_is_some_hundred_bytes() -> None:
    more = len(diagram_html(of_text(chain(600)))) - len(diagram_html(of_text(chain(100))))
    assert more / 500 < 500
