"""Repeated layers as loops: texts that a person would keep, of the same models as flat ones."""

from __future__ import annotations

import json
import re
import time
import warnings
from pathlib import Path
from random import Random

import pytest

from graphc.interop.keras_json.file import FileBuilder
from graphc.interop.keras_json.folding import shortened
from graphc.interop.keras_json.importing import (
    _checked,
    _is_same,
    _marked,
    import_document,
    text_of,
)
from graphc.interop.keras_json.parse_network import parse_network
from graphc.interop.keras_json.source import parse_document
from tests.differential.graphs.keras_side import session
from tests.differential.harness import keras
from tests.emit.built import emitted, run
from tests.interop.keras_json.compare import check_import

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


@pytest.fixture(autouse=True)
def _counts():
    with session(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def lines(text):
    return [line.strip() for line in text.splitlines()]


def conv(filters, name, **arguments):
    return L.Conv2D(filters, 3, padding="same", name=name, **arguments)


def examples():
    """The examples of folding in the documentation."""
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    fences = re.findall(r"^```net\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [each for each in fences if "for " in each]


@pytest.mark.parametrize("text", examples())
def test_examples_are_what_is_written(text):
    _, program = emitted(text)
    model = run(program)
    assert import_document(parse_document(model.to_json(), "model.json")) == text


def test_layers_that_some_turns_lack():
    x = y = Input((32, 32, 3))
    for i, filters in enumerate([16, 32, 32, 64, 64, 64]):
        y = conv(filters, f"b{i}_conv")(y)
        y = L.BatchNormalization(name=f"b{i}_bn")(y)
        y = L.ReLU(name=f"b{i}_relu")(y)
        if i not in (0, 3):
            y = L.Dropout(0.1 * i, name=f"b{i}_drop")(y)
        y = L.Conv2D(filters, 1, name=f"b{i}_mix")(y)
    found = lines(check_import(Model(x, y)))
    assert "if rate != None {" in found
    assert any(line.endswith('-> Dropout(rate) as f"b{i}_drop"') for line in found)


def test_condition_by_what_is_there_already():
    x = y = Input((64, 64, 8))
    for i, strides in enumerate([1, 2, 1, 1, 2, 1]):
        z = L.Conv2D(8, 3, strides=strides, padding="same", name=f"b{i}_a")(y)
        z = L.BatchNormalization(name=f"b{i}_bn")(z)
        z = L.ReLU(name=f"b{i}_relu")(z)
        y = L.Conv2D(8, 1, strides=2, name=f"b{i}_around")(y) if strides == 2 else y
        y = L.Add(name=f"b{i}_out")([z, y])
    found = lines(check_import(Model(x, y)))
    assert "if strides == 2 {" in found


def test_stages_of_blocks():
    x = y = Input((64, 64, 16))
    for i, (depth, filters, first) in enumerate([(3, 16, 1), (4, 32, 2), (2, 64, 2)]):
        for block in range(1, depth + 1):
            strides = first if block == 1 else 1
            z = L.Conv2D(filters, 3, strides, padding="same", name=f"s{i}_b{block}_conv")(y)
            z = L.BatchNormalization(name=f"s{i}_b{block}_bn")(z)
            if block == 1:
                y = L.Conv2D(filters, 1, strides, name=f"s{i}_b{block}_around")(y)
            y = L.Add(name=f"s{i}_b{block}_add")([y, z])
    found = lines(check_import(Model(x, y)))
    assert "for j in range(1, depth + 1) {" in found
    assert "if j == 1 {" in found
    assert len(found) < 25


def test_transformer_with_automatic_names():
    ids = Input((16,), dtype="int32", name="ids")
    x = L.Embedding(100, 32)(ids)
    for _ in range(4):
        y = L.LayerNormalization()(x)
        x = x + L.MultiHeadAttention(4, 8)(y, y, use_causal_mask=True)
        y = L.Dense(64, activation="gelu")(L.LayerNormalization()(x))
        x = x + L.Dense(32)(y)
    found = lines(check_import(Model(ids, L.Dense(100)(x))))
    assert "for i in range(4) {" in found
    assert not any(" as " in line for line in found)


def test_cells_that_take_the_two_before_come_one_after_the_other():
    x = Input((8, 8, 4))
    before, y = x, x
    for i in range(4):
        p = conv(4, f"p{i}")(before)
        h = conv(4, f"h{i}")(y)
        left = L.Add(name=f"left{i}")([L.ReLU(name=f"relu{i}")(h), p])
        right = L.Add(name=f"right{i}")([h, p])
        before, y = y, L.Concatenate(name=f"cell{i}")([p, left, right])
    text = import_document(parse_document(Model(x, y).to_json(), "model.json"), fold=False)
    found = [text.index(f" as {name}{i}\n") for i in range(4) for name in ("p", "h", "cell")]
    assert found == sorted(found)


def test_branches_are_in_the_order_of_their_automatic_names():
    x = y = Input((8, 8, 4))
    for _ in range(4):
        around = L.Conv2D(4, 1)(y)
        z = L.ReLU()(L.Conv2D(4, 3, padding="same")(y))
        y = L.Add()([z, around])
    found = lines(check_import(Model(x, y)))
    assert not any(" as " in line for line in found)
    assert "for i in range(4) {" in found


def test_sequential():
    model = keras.Sequential([Input((64, 64, 3))], name="net")
    for i, filters in enumerate([8, 16, 32, 64, 128]):
        model.add(conv(filters, f"b{i}_conv"))
        model.add(L.BatchNormalization(name=f"b{i}_bn"))
        model.add(L.ReLU(name=f"b{i}_relu"))
        if i > 1:
            model.add(L.MaxPooling2D(name=f"b{i}_pool"))
    found = lines(check_import(model))
    assert any(line.startswith("if ") and "1" in line for line in found)


def random_model(seed):
    """Turns of layers, of which each has some, that take each other's results and earlier ones."""
    random = Random(seed)
    x = y = Input((8, 8, 4))
    earlier = L.Conv2D(4, 1)(x)
    pattern = [random.choice("cbrdasekmp") for _ in range(random.randint(4, 9))]
    lacks = {random.randrange(len(pattern)) for _ in range(random.randint(0, 3))}
    is_named = random.random() < 0.7
    for turn in range(random.randint(3, 8)):
        start = kept = y
        for place, kind in enumerate(pattern):
            if place in lacks and random.random() < 0.5:
                continue
            name = f"t{turn}_{kind}{place}" if is_named else None
            if kind == "c":
                y = L.Conv2D(4, random.choice([1, 3]), padding="same", name=name)(y)
            elif kind == "b":
                y = L.BatchNormalization(name=name)(y)
            elif kind == "r":
                y = L.ReLU(name=name)(y)
            elif kind == "d":
                y = L.Dropout(random.choice([0.1, 0.2]), name=name)(y)
            elif kind == "a":
                y = L.Add(name=name)([y, start])
            elif kind == "s":
                y = L.Subtract(name=name)([kept, y])
            elif kind == "e":
                y = L.Multiply(name=name)([y, earlier])
            elif kind == "k":
                kept = y
            elif kind == "m":
                y = y * 2.0
            else:
                earlier, y = y, L.Activation("tanh", name=name)(y)
    return Model(x, L.Flatten()(y))


def check_folding(model):
    """Blocks and loops that are made are right: no text has to be thrown away."""
    document = parse_document(model.to_json(), "model.json")
    file = FileBuilder(document)
    file.add(parse_network(document))
    items = [_marked(item, file.layer_names) for item in file.items]
    program = _checked((), text_of(items))
    ways = shortened(items, file.taken)
    for way in ways:
        text = text_of(list(way.items))
        assert _is_same(program, (), text), text
    return ways


@pytest.mark.parametrize("seed", range(12))
def test_random_turns(seed):
    check_folding(random_model(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 400))
def test_more_random_turns(seed):
    check_folding(random_model(seed))


class Module:
    """Some layers with branches and joins, with sizes and names of its own in each use."""

    def __init__(self, random, kinds):
        self.random = random
        self.steps = []
        for number in range(random.randint(2, 9)):
            kind = random.choice(kinds)
            taken = [random.randint(max(-1, number - 3), number - 1) for _ in range(2)]
            self.steps.append((kind, taken[0] if random.random() < 0.4 else number - 1, taken[1]))
        self.pattern = random.choice(
            ["", "t{n}_{k}{i}", "{k}{i}_t{n}", "{k}{i}_{w}{n}_x", "{n}-{w}:{k}{i}"]
        )
        self.varies = random.random() < 0.8

    def __call__(self, x, other, number):
        random = self.random if self.varies else Random(1)
        word = random.choice(["left", "right", "mid_1"])
        values = {-1: x}
        for i, (kind, first, second) in enumerate(self.steps):
            name = self.pattern.format(n=number, k=kind, i=i, w=word) or None
            y = values[first]
            if kind == "c":
                y = L.Conv2D(4, random.choice([1, 3]), padding="same", name=name)(y)
            elif kind == "b":
                y = L.BatchNormalization(momentum=random.choice([0.9, 0.99]), name=name)(y)
            elif kind == "r":
                y = L.ReLU(name=name)(y)
            elif kind == "d":
                y = L.Dropout(random.choice([0.1, 0.2, 0.3]), name=name)(y)
            elif kind == "a":
                y = L.Add(name=name)([y, values[second]])
            elif kind == "m":
                y = y * random.choice([2.0, 3.0]) + values[second]
            elif kind == "s":
                y = L.Subtract(name=name)([other, y])
            else:
                y = L.Activation(random.choice(["tanh", "gelu"]), name=name)(y)
            values[i] = y
        return y


def modular_model(seed, kinds="ccbrdamsl"):
    """Modules of a few kinds, again and again, one after the other or side by side."""
    random = Random(seed)
    x = y = before = Input((8, 8, 4))
    modules = [Module(random, kinds) for _ in range(random.randint(1, 3))]
    for number in range(random.randint(4, 14)):
        module = random.choice(modules)
        z = module(y, before, number)
        if random.random() < 0.2:
            z = L.Concatenate()([z, y])
            z = L.Conv2D(4, 1)(z)
        before, y = (y, z) if random.random() < 0.5 else (before, z)
    return Model(x, L.Flatten()(y))


def skipping_model(seed):
    """Modules whose results are taken again: all at once, or one by one in either order."""
    random = Random(seed)
    x = y = Input((8, 8, 4))
    module, other = Module(random, "ccbrdamsl"), Module(random, "ccbrdamsl")
    count = random.randint(3, 7)
    skips = []
    for number in range(count):
        z = module(y, y, number)
        skips.append(z)
        y = L.MaxPooling2D(1)(z) if random.random() < 0.8 else L.Add()([z, y])
    if random.random() < 0.6:
        order = skips[::-1] if random.random() < 0.7 else list(skips)
        for number, skip in enumerate(order, count):
            y = L.Concatenate()([y, skip] if random.random() < 0.9 else [skip, y])
            y = L.Conv2D(4, 1)(y)
            y = other(y, y, number)
    if random.random() < 0.6:
        taken = skips[random.randint(0, 1) :] + [y] * random.randint(0, 1)
        y = L.Concatenate()(taken)
    return Model(x, [y, *skips[: random.randint(0, 2)]])


@pytest.mark.parametrize("seed", range(4))
def test_programs_of_random_modules(seed):
    with session():
        model = modular_model(seed, "ccbrdasl")
    text = import_document(parse_document(model.to_json(), "model.json"))
    with session():
        built = run(emitted(text)[1])
    assert json.loads(built.to_json())["config"] == json.loads(model.to_json())["config"]


@pytest.mark.parametrize("seed", range(4))
def test_random_skips(seed):
    check_folding(skipping_model(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 200))
def test_more_random_skips(seed):
    check_folding(skipping_model(seed))


@pytest.mark.parametrize("seed", range(6))
def test_random_modules(seed):
    check_folding(modular_model(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 400))
def test_more_random_modules(seed):
    check_folding(modular_model(seed))


def test_same_text_every_time():
    data = random_model(3).to_json()
    texts = {import_document(parse_document(data, "model.json")) for _ in range(2)}
    assert len(texts) == 1


def chain(count, random):
    """A model of layers one after the other, as data: Keras' own recursion ends before."""
    x = y = Input((8,))
    layers = [L.Dense(8), L.ReLU(), L.Dropout(0.5)]
    for layer in layers:
        y = layer(y)
    config = json.loads(Model(x, y).to_json())
    first, *kinds = config["config"]["layers"]
    entries = [first]
    for number in range(count):
        entry = json.loads(json.dumps(random.choice(kinds)))
        entry["name"] = entry["config"]["name"] = f"layer_{number}"
        (tensor,) = entry["inbound_nodes"][0]["args"]
        tensor["config"]["keras_history"] = [entries[-1]["name"], 0, 0]
        entries.append(entry)
    config["config"]["layers"] = entries
    config["config"]["output_layers"] = [entries[-1]["name"], 0, 0]
    return json.dumps(config)


@pytest.mark.slow
def test_many_layers_that_are_all_different():
    document = parse_document(chain(2000, Random(1)), "model.json")
    start = time.process_time()
    import_document(document)
    assert time.process_time() - start < 60
