"""Layers of classes that the language does not have, kept as opaque ones: what is recorded stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import graphc
from graphc.cli.main import cli
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json import Unknown, import_document
from graphc.interop.keras_json.source import parse_document
from graphc.ir.dims import BATCH
from graphc.ir.types import TensorType
from graphc.model import check_source
from graphc.source import SourceFile
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import facts, keras_facts
from tests.differential.harness import keras

L, ops, Input, Model = keras.layers, keras.ops, keras.Input, keras.Model


@keras.saving.register_keras_serializable("mine")
class Two(L.Layer):
    """Two outputs, of different dtypes, and a weight."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], self.units))

    def call(self, x, scale=1.0, other=None):
        return ops.matmul(x, self.w) * scale, ops.cast(x[:, 0], "int32")

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("mine")
class Dense(L.Layer):
    """Called as one of Keras is, and another."""

    def call(self, x):
        return x[:, :2]


@keras.saving.register_keras_serializable("mine")
class Sparse(keras.regularizers.Regularizer):
    def __call__(self, x):
        return ops.sum(ops.abs(x))

    def get_config(self):
        return {}


@keras.saving.register_keras_serializable("mine")
def swoosh(x):
    return x * ops.sigmoid(x)


@pytest.fixture(autouse=True)
def _counts():
    with session():
        yield


def twice(**config: Any) -> Any:
    return L.Lambda(lambda x: x * 2, **config)


def document_of(model: Any) -> Any:
    return parse_document(model.to_json(), "model.json")


def kept(model: Any, unknown: Unknown | None = None, *, has_weights: bool = False) -> str:
    """The text for a model, whose layers have the names and shapes that they have in Keras."""
    text = import_document(document_of(model), unknown=unknown or Unknown())
    report = check_source(SourceFile("model.net", text))
    assert [each for each in report.diagnostics if each.is_error] == []
    assert report.main is not None
    rows, theirs = (
        [(row.name, row.type, row.shapes) for row in made.rows]
        for made in (facts(report.main), keras_facts(model))
    )
    assert rows == theirs
    assert (report.main.count_params() == model.count_params()) != has_weights
    return text


def test_in_a_sequential():
    layers = [twice(name="a"), L.Dropout(0.5), L.Dense(3), twice(name="b"), L.ReLU(), L.Dense(2)]
    text = kept(keras.Sequential([Input((4,)), *layers], name="net"))
    assert 'Opaque("Lambda", [4], weights={}) as a' in text  # found through the Dropout
    assert 'Opaque("Lambda", [3], weights={}) as b' in text


def test_several_outputs():
    x = Input((4,), name="x")
    a, b = Two(3, name="two")(x, scale=2.0, other=x)
    y = L.Concatenate()([a, L.Reshape((1,))(b)])
    text = kept(Model(x, L.Dense(2)(y)), has_weights=True)
    assert 'Opaque("mine>Two", [[3], []], output_dtype=["float32", "int32"])' in text
    assert "[x, x]" in text


def test_outputs_that_nothing_takes():
    x = Input((4,), name="x")
    _, b = Two(3, name="two")(x)
    text = kept_without_shapes(Model(x, L.Reshape((1,))(b)))
    assert 'Opaque("mine>Two", [], output_dtype="int32")' in text


def kept_without_shapes(model: Any) -> str:
    text = import_document(document_of(model), unknown=Unknown())
    assert not [e for e in check_source(SourceFile("m.net", text)).diagnostics if e.is_error]
    return text


def test_a_class_with_a_name_of_keras():
    x = Input((4,))
    text = kept(Model(x, L.Dense(2)(Dense()(x))))
    assert '-> Opaque("mine>Dense", [2])' in text
    with pytest.raises(Fault, match="called `dense`, is a layer mine>Dense"):
        import_document(document_of(Model(x, Dense(name="dense")(x))))


def test_in_a_wrapper():
    x = Input((5, 4))
    text = kept(Model(x, L.Flatten()(L.TimeDistributed(twice())(x))))
    assert 'TimeDistributed(Opaque("Lambda", [4], weights={}))' in text


def test_in_nested_models():
    x, y = Input((4,), name="x"), Input((4,), name="y")
    inner = Model(x, twice()(x), name="inner")
    row = keras.Sequential([Input((4,)), L.Dense(3), twice(name="last")], name="row")
    text = kept(Model(y, L.Dense(1)(L.Concatenate()([inner(y), row(inner(y))])), name="net"))
    assert text.count('Opaque("Lambda", [4], weights={})') == 1
    assert 'Opaque("Lambda", [3], weights={}) as last' in text


def test_shapes_that_are_not_recorded():
    x = Input((4,))
    model = Model(x, twice(name="end")(x))
    with pytest.raises(Fault, match="no shape is recorded of it") as caught:
        kept(model)
    assert '--shape "end=[…]"' in str(caught.value.help)
    shape = {("end", 0): TensorType((BATCH, 4), "float32")}
    assert '[4], weights={}) as "end"' in kept(model, Unknown(shape)).replace("as end", 'as "end"')


def test_functions_as_arguments():
    """The layer of Keras is opaque, with the weights that it has."""
    x = Input((4,))
    text = kept(Model(x, L.Dense(2)(L.Dense(3, activation=swoosh, name="first")(x))))
    assert 'Opaque("Dense", [3], weights={"kernel": [4, 3], "bias": [3]}) as first' in text
    with pytest.raises(Fault, match="is a function mine>swoosh"):
        import_document(document_of(Model(x, L.Dense(3, activation=swoosh, name="first")(x))))


def test_what_is_of_training_is_left_out():
    x = Input((4,))
    left_out: list[str] = []
    model = Model(x, L.Dense(2, kernel_regularizer=Sparse(), name="head")(x))
    text = import_document(document_of(model), unknown=Unknown(), left_out=left_out)
    assert "-> Dense(2) as head" in text
    assert ["kernel_regularizer, of `head`" in each for each in left_out] == [True]


def test_that_the_input_of_a_sequential_may_be_left_out_is_left_out():
    model = keras.Sequential([Input((4,), optional=True, name="x"), L.Dense(2)])
    left_out: list[str] = []
    import_document(document_of(model), left_out=left_out)
    assert ["config.optional, of `x`" in each for each in left_out] == [True]


def test_losses_and_metrics_are_left_out():
    mine = {
        "module": "builtins", "class_name": "function", "config": "mine>my_loss",
        "registered_name": "function",
    }  # fmt: skip
    document = json.loads(keras.Sequential([Input((4,)), L.Dense(2)]).to_json())

    def compiled(**config: Any) -> Any:
        return parse_document(json.dumps({**document, "compile_config": config}), "model.json")

    left_out: list[str] = []
    text = import_document(
        compiled(loss="mse", metrics=["mae", mine]), unknown=Unknown(), left_out=left_out
    )
    assert "loss = mse" in text
    assert "metrics" not in text
    assert ["compile_config.metrics" in each for each in left_out] == [True]
    assert "train" not in import_document(compiled(loss=mine), unknown=Unknown())
    with pytest.raises(Fault) as caught:
        import_document(compiled(loss=mine))
    assert "--no-train" in str(caught.value.help)


def test_masks_that_an_opaque_layer_takes():
    ids = Input((7,))
    x = twice()(L.Embedding(10, 4, mask_zero=True)(ids))
    assert "!=" not in kept(Model(ids, L.LSTM(3)(x)))


def test_one_layer_of_two_shapes():
    layer, a, b = twice(name="l"), Input((8, 3)), Input((6, 3))
    x, y = L.GlobalMaxPooling1D()(layer(a)), L.GlobalMaxPooling1D()(layer(b))
    text = kept_without_shapes(Model([a, b], L.Add()([x, y])))
    assert 'Opaque("Lambda", [None, 3], weights={})' in text


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    mark = tmp_path / "mark"
    x = Input((4,))
    path = str(mark)
    layer = L.Lambda(lambda x: (Path(path).touch(), x)[1], name="evil")
    y = layer(x)
    mark.unlink()  # Keras itself has run it
    Path("model.json").write_text(Model(x, L.Dense(2)(y), name="net").to_json())
    result = CliRunner().invoke(cli, ["import", "model.json", "--allow-unknown", "-o", "m.net"])
    assert result.exit_code == 0, result.output
    assert 'Opaque("Lambda", [4], weights={}) as evil' in Path("m.net").read_text()
    for command in ("check", "summary"):
        assert CliRunner().invoke(cli, [command, "m.net"]).exit_code == 0
    for target in ("keras", "json"):
        result = CliRunner().invoke(cli, ["emit", "m.net", "--target", target])
        assert result.exit_code == 1
        assert "error[E0907]: Lambda `evil` is opaque" in result.output
    assert not mark.exists()


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    x = Input((4,))
    Path("model.json").write_text(Model(x, Two(3, name="two")(x), name="net").to_json())
    refused = CliRunner().invoke(cli, ["import", "model.json"])
    assert refused.exit_code == 1
    assert "--allow-unknown" in refused.output
    lacking = CliRunner().invoke(cli, ["import", "model.json", "--allow-unknown"])
    assert lacking.exit_code == 1
    shapes = ["--shape", "two=[3]", "--shape", "two[1]=int32[]"]
    made = CliRunner().invoke(
        cli, ["import", "model.json", "--allow-unknown", *shapes, "-o", "m.net"]
    )
    assert made.exit_code == 0, made.output
    assert graphc.load("m.net").summary().rows[-1].type == "Two"
    for wrong in (["--shape", "two=3", "--allow-unknown"], ["--shape", "two=[3]"]):
        assert CliRunner().invoke(cli, ["import", "model.json", *wrong]).exit_code == 2


def test_weights_stay_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Summaries say so, and files of weights are not guessed at."""
    monkeypatch.chdir(tmp_path)
    Path("m.net").write_text(
        "model net {\n    input x: [4]\n"
        '    output x -> Opaque("mine>Gate", [4]) as gate -> Dense(2)\n}\n'
    )
    model = graphc.load("m.net")
    assert str(model.summary().macs) == "?"
    keras.Sequential([Input((4,)), L.Dense(2)]).save_weights("w.weights.h5")
    result = CliRunner().invoke(cli, ["weights", "w.weights.h5", "--model", "m.net"])
    assert result.exit_code == 1
    assert "error[E0807]: Gate `gate` is opaque" in result.output


def test_weight_statements_come_back(tmp_path: Path):
    source = (
        "model line {\n    input x: [4]\n    weight w: [4] = 5.0\n"
        "    frozen weight table: int32[4, 3] = zeros\n"
        "    weight q: [4, 3] = RandomNormal(stddev=0.02)\n    output w * x, x @ (q + table)\n}\n"
    )
    model = graphc.parse(source)
    text = import_document(parse_document(json.dumps(model.keras_json()), "model.json"))
    assert "frozen weight table: int32[4, 3] = zeros" in text
    assert graphc.parse(text).diff(model).findings == ()
