"""What a model of the zoo goes through: in, checked, out again, drawn, its weights read."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import numpy as np
from click.testing import CliRunner
from keras.src.backend.common import global_state

from graphc.cli.main import cli
from graphc.model import load
from tests.differential.graphs.keras_side import session
from tests.differential.graphs.rows import facts, keras_facts
from tests.differential.harness import keras
from tests.interop.keras_json.compare import compare
from tests.interop.zoo.configuration import configuration, differences
from tests.interop.zoo.entry import Entry

random = np.random.default_rng(5)


def check_animal(entry: Entry, folder: Path) -> None:
    """All that is to hold of a model."""
    check_rows(entry, folder)
    with plain_session():
        model = entry.build()
        give_values(model)
    source = folder / "model.json"
    source.write_text(model.to_json())
    for net, options in ((folder / "folded.net", ()), (folder / "flat.net", ("--no-fold",))):
        run("import", str(source), "-o", str(net), *options)
        run("check", str(net))
        check_program(model, net)
        check_json(model, net)
    check_drawings(folder / "folded.net")
    check_weights(model, folder / "folded.net")


def check_rows(entry: Entry, folder: Path) -> None:
    """The rows of the summary are Keras' own."""
    with session(), values_of_optimizers():
        theirs = entry.build()
    source, net = folder / "rows.json", folder / "rows.net"
    source.write_text(theirs.to_json())
    for options in ((), ("--no-fold",)):
        run("import", str(source), "-o", str(net), *options)
        compare(net.read_text(), facts(load(net)), keras_facts(theirs))


def check_program(model: Any, net: Path) -> None:
    """The emitted program builds the same model, which computes the same."""
    program = net.with_suffix(".py")
    run("emit", str(net), "-o", str(program))
    with plain_session():
        space: dict[str, Any] = {"__name__": "emitted"}
        exec(compile(program.read_text(), str(program), "exec"), space)
        built = space["build_model"]()
    check_alike(built, model, program.read_text())
    give_values(built)
    values = [np.asarray(each) for each in model.weights]
    assert [tuple(each.shape) for each in built.weights] == [each.shape for each in values]
    for variable, value in zip(built.weights, values, strict=True):
        variable._value = jax.numpy.asarray(value, variable.dtype)
    given = inputs_of(model)
    for one, other in zip(outputs(built, given), outputs(model, given), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5, err_msg=program.read_text())


def check_json(model: Any, net: Path) -> None:
    """The emitted configuration builds what the model's own does."""
    target = net.with_suffix(".json")
    run("emit", str(net), "--target", "json", "-o", str(target))
    check_alike(rebuilt(target.read_text()), rebuilt(model.to_json()), target.read_text()[:2000])


def rebuilt(text: str) -> Any:
    """What Keras builds of a configuration: a Sequential forgets there that it is frozen."""
    with plain_session():
        return keras.models.model_from_json(
            json.dumps({**json.loads(text), "compile_config": None})
        )


def check_alike(ours: Any, theirs: Any, source: str) -> None:
    """Two models have equal configurations."""
    found = list(differences(configuration(ours), configuration(theirs), "model"))
    assert not found, "\n".join([*found[:20], source])


def check_drawings(net: Path) -> None:
    """It can be drawn."""
    for ending in ("txt", "svg", "html"):
        picture = net.with_suffix("." + ending)
        run("render", str(net), "-o", str(picture))
        assert picture.stat().st_size > 100


def check_weights(model: Any, net: Path) -> None:
    """The archive that Keras saves holds the weights of the model that was imported."""
    archive = net.with_suffix(".keras")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(archive)
    run("weights", str(archive), "--model", str(net))
    found = load(net).load_weights(archive)
    for (key, one), other in zip(found.items(), model.weights, strict=True):
        np.testing.assert_array_equal(one, np.asarray(other), err_msg=key)
    again = net.with_name("again.net")
    run("import", str(archive), "-o", str(again))


def run(*arguments: str) -> str:
    """A command that is to succeed."""
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, f"graphc {' '.join(arguments)}\n{result.output}"
    return result.output


@contextmanager
def plain_session() -> Iterator[None]:
    """Keras as in a new process, with weights that get no values: they take most of the time."""
    keras.utils.clear_session(free_memory=False)
    with warnings.catch_warnings(), keras.StatelessScope(initialize_variables=False):
        warnings.simplefilter("ignore")
        with values_of_optimizers():
            yield
    global_state.set_global_attribute("uninitialized_variables", [])


@contextmanager
def values_of_optimizers() -> Iterator[None]:
    """Variables that are made of values, as those of optimizers are, get them in any scope."""
    make = keras.Variable.__init__

    def make_anywhere(variable: Any, initializer: Any, *args: Any, **options: Any) -> None:
        scope = global_state.get_global_attribute("stateless_scope")
        if not callable(initializer):
            global_state.set_global_attribute("stateless_scope", None)
        try:
            make(variable, initializer, *args, **options)
        finally:
            global_state.set_global_attribute("stateless_scope", scope)

    with mock.patch.object(keras.Variable, "__init__", make_anywhere):
        yield


def give_values(model: Any) -> None:
    """Give the variables of a model values."""
    for variable in model.variables:
        shape, dtype = variable.shape, keras.backend.standardize_dtype(variable.dtype)
        if "float" in dtype:
            value = random.normal(size=shape, scale=0.3)
            value = abs(value) + 0.1 if "variance" in variable.name else value
        else:
            value = random.integers(1, 9, size=shape)
        variable._value = jax.numpy.asarray(value, variable.dtype)
    global_state.set_global_attribute("uninitialized_variables", [])


def inputs_of(model: Any) -> Any:
    """Arrays for the inputs of a model, by name; unknown sizes are 16.

    What may be looked up in a table is whole, also where it is given as fractions.
    """
    arrays = []
    are_whole = any(isinstance(each, keras.layers.Embedding) for each in model._flatten_layers())
    for each in model.inputs:
        shape = [2, *(16 if dim is None else dim for dim in each.shape[1:])]
        shape[0] = each.shape[0] or 2
        if "float" in each.dtype and not are_whole:
            array = random.normal(size=shape)
        else:
            array = random.integers(0, 2 if each.dtype == "bool" else 3, shape)
        arrays.append(jax.numpy.asarray(array, each.dtype))
    return arrays


def outputs(model: Any, given: list[Any]) -> list[np.ndarray]:
    """What a model makes of arrays, in a fixed order."""
    if isinstance(model, keras.Sequential):
        made = model(given[0], training=False)
    else:
        packed = keras.tree.pack_sequence_as(model._inputs_struct, given)
        made = model(packed, training=False)
    return [np.asarray(each) for each in keras.tree.flatten(made)]
