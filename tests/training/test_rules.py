"""The rules of everything that training is configured with."""

from __future__ import annotations

import pytest

import graphc.training
from graphc.declare import registry
from graphc.declare.definition import default_value
from graphc.declare.rules import REJECTED

DEFINITIONS = sorted(
    {cls for family in graphc.training.FAMILIES for cls in registry(family).values()},
    key=lambda cls: (cls.family, cls.__name__),
)
ARGUMENTS = [
    pytest.param(argument, id=f"{cls.family} {cls.__name__}.{argument.name}")
    for cls in DEFINITIONS
    for argument in cls.arguments.values()
]


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_samples(argument):
    rule = argument.rule
    for value in rule.valid:
        assert rule.accept(value) is not REJECTED, value
    for value in rule.invalid:
        assert rule.accept(value) is REJECTED, value
    if not argument.is_required:
        kept = default_value(argument)
        assert rule.accept(kept) == kept


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_sentences_go_on_from_needs_to_be(argument):
    sentence = argument.rule.sentence
    assert sentence
    assert not sentence.endswith(".")
    assert "object at" not in sentence


@pytest.mark.parametrize("cls", DEFINITIONS, ids=lambda cls: f"{cls.family} {cls.__name__}")
def test_each_says_what_it_is(cls):
    assert cls.__doc__
    assert cls.__doc__.strip().endswith((".", ")"))
    assert cls.kind_text.startswith(("a ", "an "))


NEEDED = {
    "IoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "PiecewiseConstantDecay": {"boundaries": [100], "values": [0.1, 0.01]},
    "TrainConfig": {"loss": "mse"},
}


@pytest.mark.parametrize("cls", DEFINITIONS, ids=lambda cls: f"{cls.family} {cls.__name__}")
def test_what_is_written_of_a_definition_makes_it_again(cls):
    required = [argument for argument in cls.arguments.values() if argument.is_required]
    samples = {
        argument.name: argument.rule.valid[0] for argument in required if argument.rule.valid
    }
    made = cls(**NEEDED.get(cls.__name__, samples))
    assert cls.from_values(made.changed_values()) == made
