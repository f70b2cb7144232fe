"""Hostile files: whatever stands where, there is a text or a fault, and never anything else."""

from __future__ import annotations

import copy
import io
import json
import warnings
import zipfile
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import import_document, source
from graphc.interop.keras_json.source import parse_document, read_document
from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.harness import keras

L, Input, Model = keras.layers, keras.Input, keras.Model


def documents() -> list[dict[str, Any]]:
    x = Input((8, 8, 3), name="x")
    y = L.Conv2D(4, 3, padding="same", kernel_initializer="he_normal", name="c")(x)
    inner_input = Input((8, 8, 4))
    inner = Model(inner_input, L.ReLU()(inner_input), name="relu_of")
    z = L.Add()([inner(y), inner(inner(y))])
    z = keras.ops.mean(z[:, 0] * 2.0, axis=1)
    functional = Model(x, {"a": L.Dense(2)(z), "b": L.Dropout(0.5)(z)})
    functional.compile("adam", loss={"a": "mse", "b": keras.losses.Huber()})
    ids = Input((None,), dtype="int32")
    w = L.Embedding(9, 4, mask_zero=True)(ids)
    w = L.Bidirectional(L.LSTM(3, return_sequences=True))(w)
    w = L.TimeDistributed(keras.Sequential([L.Dense(2)]))(w)
    recurrent = Model(ids, L.RNN([L.GRUCell(3), L.LSTMCell(2)])(w))
    chain = keras.Sequential([Input((4,)), *[L.Dense(3, name=f"d{i}") for i in range(9)]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [json.loads(each.to_json()) for each in (functional, recurrent, chain)]


DOCUMENTS = documents()
ODD = [
    None, True, False, 0, 1, -1, 3, 10**30, 0.5, -2.5, float("inf"), float("nan"), "", "relu",
    "a" * 300, "a\"b\n'{x}", "../x", "é\u202e", [], {}, [None], [[]], {"a": 1}, [1, 2, 3],
    {"class_name": "Lambda"}, {"class_name": 3}, {"class_name": "Dense", "config": {}},
    {"class_name": "Functional", "config": {"layers": []}},
    {"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}},
    {"class_name": "Sequential", "config": {"layers": [{}]}},
    {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}},
    {"class_name": "__keras_tensor__", "config": {}},
    {"class_name": "__tensor__", "config": {"value": [[1, [2]]]}},
    {"class_name": "__slice__", "config": {"start": "a"}},
    {"class_name": "DTypePolicy", "config": {"name": "int3"}},
    {"class_name": "function", "config": "os.system", "module": "builtins"},
    {"class_name": "VarianceScaling", "module": "keras.initializers", "config": {"scale": []}},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        found += places(item, (*path, key))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def changed(document: Any, random: Random) -> Any:
    """A document with a value or two replaced, left out, or taken from elsewhere in it."""
    document = copy.deepcopy(document)
    for _ in range(random.choice([1, 1, 2])):
        known = places(document)
        *way, key = random.choice(known)
        parent = at(document, tuple(way))
        kind = random.randint(0, 3)
        if kind == 0:
            del parent[key]
        elif kind == 1:
            parent[key] = copy.deepcopy(at(document, random.choice(known)))
        elif kind == 2 and isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        else:
            parent[key] = copy.deepcopy(random.choice(ODD))
        if not places(document):
            break
    return document


def outcome(document: Any) -> str:
    try:
        text = import_document(parse_document(json.dumps(document), "model.json"))
    except Fault as fault:
        assert fault.code.id.startswith("E"), fault.code
        assert "\n" not in fault.message
        return fault.code.id
    assert check_source(SourceFile("model.net", text)).is_clean, text
    return "text"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["class_name"])
def test_unchanged(document: Any) -> None:
    assert outcome(document) == "text"


@settings(
    derandomize=True, max_examples=400, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(random=st.randoms(use_true_random=False))
def test_changes(random: Random) -> None:
    outcome(changed(random.choice(DOCUMENTS), random))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 8000, 500))
def test_many_changes(first: int) -> None:
    for seed in range(first, first + 500):
        random = Random(seed)
        outcome(changed(random.choice(DOCUMENTS), random))


def test_the_path_of_a_value_is_named() -> None:
    document = copy.deepcopy(DOCUMENTS[0])
    document["config"]["layers"][1]["config"]["filters"] = "many"
    with pytest.raises(Fault) as error:
        import_document(parse_document(json.dumps(document), "model.json"))
    assert error.value.message == (
        'config.layers[1].config.filters needs to be a positive whole number, got "many"'
    )
    assert error.value.code.id == "E0904"


def test_an_output_that_an_input_has_not() -> None:
    document = copy.deepcopy(DOCUMENTS[0])
    (tensor,) = document["config"]["layers"][1]["inbound_nodes"][0]["args"]
    tensor["config"]["keras_history"][2] = 1
    with pytest.raises(Fault, match="`x` has no output 1") as error:
        import_document(parse_document(json.dumps(document), "model.json"))
    assert error.value.code.id == "E0902"


@pytest.mark.slow
def test_control_characters_and_huge_numbers() -> None:
    odd = [
        "a\0b\x1b[31m\r",
        "\ud800",
        [[[[[1]]]]],
        2**63,
        -(2**70),
        1e308,
        "x" * 100_000,
        [0] * 2000,
    ]
    for way in places(DOCUMENTS[0]["config"]["layers"][1]):
        for value in odd:
            document = copy.deepcopy(DOCUMENTS[0])
            at(document["config"]["layers"][1], way[:-1])[way[-1]] = value
            outcome(document)


# Documents


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe", b"[]", b"3", b'"x"', b"{", b"null", b'{"a": 1e999999}', b"{}",
        b'{"class_name": "Functional"}', b'{"config": 3}', b"[" * 100_000,
        b'{"a":' * 150_000, b'{"class_name": ' + b"[" * 500 + b"]" * 500 + b"}",
        b"9" * 10_000, b'{"\\ud800": "\\ud800"}',
    ],
)  # fmt: skip
def test_no_documents(data: bytes) -> None:
    with pytest.raises(Fault):
        import_document(parse_document(data, "model.json"))


def test_deep_nesting_of_models() -> None:
    document: Any = DOCUMENTS[2]
    for _ in range(150):
        document = {"class_name": "Sequential", "config": {"name": "s", "layers": [document]}}
    with pytest.raises(Fault):
        import_document(parse_document(json.dumps(document), "model.json"))


def test_a_string_of_json() -> None:
    text = json.dumps(json.dumps(DOCUMENTS[2]))
    assert "Dense(3)" in import_document(parse_document(text, "model.json"))


# Archives


def archive(**files: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "."), data)
    return memory.getvalue()


def written(tmp_path: Any, data: bytes) -> Any:
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    return path


def test_archive(tmp_path: Any) -> None:
    data = archive(config__json=json.dumps(DOCUMENTS[2]).encode())
    assert "Dense(3)" in import_document(read_document(written(tmp_path, data)))


def test_archive_without_configuration(tmp_path: Any) -> None:
    with pytest.raises(Fault, match=r"config\.json"):
        read_document(written(tmp_path, archive(metadata__json=b"{}")))


def test_bomb(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGEST_CONFIG_BYTES", 2**20)
    with pytest.raises(Fault, match="larger than 1 MiB"):
        read_document(written(tmp_path, archive(config__json=b" " * 2**22)))


def test_large_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGEST_CONFIG_BYTES", 2**20)
    with pytest.raises(Fault, match="larger than 1 MiB"):
        read_document(written(tmp_path, b"{" + b" " * 2**21))


@pytest.mark.parametrize("seed", range(60))
def test_damaged_archives(tmp_path: Any, seed: int) -> None:
    random = Random(seed)
    data = bytearray(archive(config__json=json.dumps(DOCUMENTS[2]).encode()))
    for _ in range(random.randint(1, 20)):
        data[random.randrange(len(data))] = random.randrange(256)
    if random.random() < 0.3:
        del data[random.randrange(len(data)) :]
    try:
        import_document(read_document(written(tmp_path, bytes(data))))
    except Fault as fault:
        assert fault.code.id.startswith("E")


def test_nothing_is_unpacked(tmp_path: Any) -> None:
    data = archive(config__json=json.dumps(DOCUMENTS[2]).encode(), **{"../evil": b"x"})
    import_document(read_document(written(tmp_path, data)))
    assert [each.name for each in tmp_path.iterdir()] == ["model.keras"]


def test_code_is_not_run() -> None:
    x = Input((3,))
    document = json.loads(Model(x, L.Lambda(lambda v: v * 2, name="twice")(x)).to_json())
    with pytest.raises(Fault) as error:
        import_document(parse_document(json.dumps(document), "model.json"))
    assert error.value.code.id == "E0903"
    assert "config.layers[1]" in error.value.message
    assert "twice" in error.value.message
