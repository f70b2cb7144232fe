"""The arguments of layers against the installed Keras': names, order, defaults."""

from __future__ import annotations

import inspect

import pytest

from graphc.declare import MISSING, registry
from tests.differential.harness import keras

LAYERS = {
    name: cls
    for name, cls in sorted(registry("layer").items())
    if isinstance(getattr(keras.layers, name, None), type)
}


@pytest.mark.parametrize("name", LAYERS)
def test_positional_arguments(name):
    ours = [a for a in LAYERS[name].arguments.values() if not a.is_keyword_only]
    theirs = positional(getattr(keras.layers, name))
    assert [a.name for a in ours] == [p.name for p in theirs]
    for argument, parameter in zip(ours, theirs, strict=True):
        has_default = parameter.default is not inspect.Parameter.empty
        assert has_default == (argument.default is not MISSING), argument.name
        if has_default:
            accept = argument.rule.accept
            assert accept(argument.default) == accept(parameter.default), argument.name


def positional(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return [p for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
