"""The keys of train blocks: the arguments of Keras' `compile` and `fit`.

Data and everything that comes with it (`x`, `y`, `validation_data`, `sample_weight`) is given on
the command line, never in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.places import Path, Places
from graphc.declare.rules import (
    REJECTED,
    Each,
    Flag,
    Integer,
    NonNegative,
    Number,
    OneOf,
    Positive,
    Rule,
)
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS, LOSS_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.diagnostics.suggest import did_you_mean
from graphc.training.callbacks import CALLBACK, ReduceLROnPlateau, SwapEMAWeights
from graphc.training.loss import LOSS
from graphc.training.metric import METRIC
from graphc.training.optimizer import OPTIMIZER

_ONE_EACH = ("loss", "loss_weights")
"""The keys under which a list never is of one output alone."""


class PerOutput(Rule):
    """One value for all outputs, a list with one for each, or a dict by the outputs' names.

    `several` says that each output may have a list of them; then a list alone is of one output's.
    """

    rule: Rule
    noun: str
    several: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.noun}, a list of them, or a dict of them by output"

    def accept(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            items = {name: self._of_output(item) for name, item in value.items()}
            is_right = all(isinstance(name, str) for name in items) and bool(items)
            return items if is_right and REJECTED not in items.values() else REJECTED
        if isinstance(value, (list, tuple)):
            listed = tuple(self._of_output(item) for item in value)
            return listed if REJECTED not in listed and (listed or self.several) else REJECTED
        accepted = self.rule.accept(value)
        return (accepted,) if self.several and accepted is not REJECTED else accepted

    def _of_output(self, value: Any) -> Any:
        if self.several and isinstance(value, (list, tuple)):
            listed = tuple(self.rule.accept(item) for item in value)
            return REJECTED if REJECTED in listed else listed
        if isinstance(value, (list, tuple)) and len(value) == 1:
            return self.rule.accept(value[0])  # Keras takes the one of a list for it
        return None if value is None else self.rule.accept(value)

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        path, _ = self.part_at_fault(value)
        for key in path:
            value = value[key]
        help, replacement = self.rule.hint(value)
        return help, None if path else replacement

    def part_at_fault(self, value: Any) -> tuple[tuple[Any, ...], Rule]:
        for key, item in _items(value):
            if self._of_output(item) is REJECTED:
                if not self.several or not isinstance(item, (list, tuple)):
                    return (key,), self.rule
                place = next(i for i, each in _items(item) if self.rule.accept(each) is REJECTED)
                return (key, place), self.rule
        return (), self

    def names(self) -> Mapping[str, Any] | None:
        return self.rule.names()

    @property
    def names_kind(self) -> str:
        return self.rule.names_kind


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    """The items of a dict or list, with their keys or places."""
    if isinstance(value, Mapping):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else ()


class Callbacks(Rule):
    """A callback, or a list of them: kept as a list."""

    @property
    def sentence(self) -> str:
        return "a list of callbacks, such as [EarlyStopping(patience=3)]"

    def accept(self, value: Any) -> Any:
        listed = value if isinstance(value, (list, tuple)) else (value,)
        accepted = tuple(CALLBACK.accept(item) for item in listed)
        return REJECTED if REJECTED in accepted else accepted

    def part_at_fault(self, value: Any) -> tuple[tuple[Any, ...], Rule]:
        wrong = [key for key, item in _items(value) if CALLBACK.accept(item) is REJECTED]
        return ((wrong[0],), CALLBACK) if wrong else ((), self)

    def names(self) -> Mapping[str, Any] | None:
        return CALLBACK.names()

    @property
    def names_kind(self) -> str:
        return CALLBACK.names_kind

    @property
    def valid(self) -> tuple[Any, ...]:
        return ((), SwapEMAWeights(), (SwapEMAWeights(),))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("early", (3,))


class ClassWeights(Rule):
    """A weight for each class, by its number."""

    @property
    def sentence(self) -> str:
        return "a dict of weights by class number, such as {0: 1.0, 1: 5.0}"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, Mapping) or not value:
            return REJECTED
        weight = Number(0)
        is_right = all(
            type(name) is int and name >= 0 and weight.accept(item) is not REJECTED
            for name, item in value.items()
        )
        return dict(value) if is_right else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return ({0: 1.0, 1: 5.0},)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ({}, {"cat": 1.0}, {0: -1.0}, 2)


class TrainConfig(Definition):
    """How a model is trained."""

    family = "train"
    kind_text = "a training"

    loss: Any = Arg(PerOutput(LOSS, "a loss").or_none())
    """None leaves the penalties of layers, as in Keras; it has to be said."""
    optimizer: Any = Arg(OPTIMIZER, default="rmsprop")
    loss_weights: Any = Arg(PerOutput(Number(), "a number").or_none(), default=None)
    metrics: Any = Arg(PerOutput(METRIC, "a metric", several=True).or_none(), default=None)
    weighted_metrics: Any = Arg(PerOutput(METRIC, "a metric", several=True).or_none(), default=None)
    run_eagerly: bool = Arg(Flag(), default=False)
    steps_per_execution: int = Arg(Positive(), default=1)
    jit_compile: bool | str = Arg(OneOf(("auto", True, False)), default="auto")
    auto_scale_loss: bool = Arg(Flag(), default=True)
    batch_size: int | None = Arg(Positive().or_none(), default=None)
    epochs: int = Arg(Positive(), default=1)
    verbose: str | int = Arg(OneOf(("auto", 0, 1, 2)), default="auto")
    callbacks: tuple[Any, ...] | None = Arg(Callbacks().or_none(), default=None)
    validation_split: float = Arg(Number(0, 1, open_high=True), default=0.0)
    shuffle: bool = Arg(Flag(), default=True)
    class_weight: dict[int, float] | None = Arg(ClassWeights().or_none(), default=None)
    initial_epoch: int = Arg(NonNegative(), default=0)
    steps_per_epoch: int | None = Arg(Positive().or_none(), default=None)
    validation_steps: int | None = Arg(Positive().or_none(), default=None)
    validation_batch_size: int | None = Arg(Positive().or_none(), default=None)
    validation_freq: int | tuple[int, ...] = Arg(Each(Integer(1), or_one=True), default=1)

    places: ClassVar[Places] = Places()
    """Where the source has the values of keys: of no part in what is equal."""

    @classmethod
    def placed(cls, values: Mapping[str, Any], places: Places) -> TrainConfig:
        """Make one from converted values that stand at these places of the source."""
        made = cls.from_values(values)
        vars(made)["places"] = places
        return made

    def changed(self, values: Mapping[str, Any]) -> TrainConfig:
        """The same with other values for some keys, which have no place in the source then."""
        return self.placed({**self.all_values(), **values}, self.places.without(values))

    def path(self, key: str, outputs: Sequence[str], output: int, number: int) -> Path:
        """Where `for_outputs` finds what it gives at this number for an output of these names."""
        value = getattr(self, key)
        if isinstance(value, Mapping):
            return (key, outputs[output], number)
        return (key, output, number) if len(outputs) > 1 else (key, number)

    def validate(self) -> None:
        """Check what is right alone and wrong together."""
        if self.initial_epoch >= self.epochs:
            raise _conflict(
                f"needs `initial_epoch` below `epochs`, got {self.initial_epoch} and {self.epochs}",
                "initial_epoch",
                "epochs",
            )
        if self.jit_compile is True and self.run_eagerly:
            raise _conflict(
                "needs `jit_compile` or `run_eagerly` to be False, got both True",
                "jit_compile",
                "run_eagerly",
            )
        self._check_weights()
        swaps = any(isinstance(callback, SwapEMAWeights) for callback in self.callbacks or ())
        if swaps and not _keeps_average(self.optimizer):
            raise _conflict(
                "needs an optimizer with use_ema=True for SwapEMAWeights",
                "optimizer",
                "callbacks",
            )

        lowers = any(isinstance(callback, ReduceLROnPlateau) for callback in self.callbacks or ())
        if lowers and _is_scheduled(self.optimizer):
            raise _conflict(
                "needs a number as the learning rate for ReduceLROnPlateau, got a schedule",
                "optimizer",
                "callbacks",
            )

    def validates(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, ends with a validation, where there is data for one."""
        every = self.validation_freq
        return (epoch + 1) % every == 0 if isinstance(every, int) else epoch + 1 in every

    def _check_weights(self) -> None:
        """Losses and their weights come in the same form."""
        loss, weights = self.loss, self.loss_weights
        if loss is None or weights is None:
            return
        if _form(loss) == _form(weights) and _keys(loss) == _keys(weights):
            return
        if _form(loss) == "one" and _form(weights) == "list" and len(weights) == 1:
            return
        raise _conflict(
            f"needs `loss_weights` of the form of `loss`, got {_shown(weights)} for {_shown(loss)}",
            "loss_weights",
            "loss",
        )

    def check_form(self, key: str, model: str, outputs: Sequence[str]) -> None:
        """Raise `Fault` where a dict or a list under a key is not one of these outputs.

        Its `arguments` are the output that there is not.
        """
        value = getattr(self, key)
        if isinstance(value, Mapping):
            for name in value:
                if name not in outputs:
                    listed = ", ".join(f"`{each}`" for each in outputs)
                    raise Fault(
                        LOSS_MISMATCH,
                        f"{model} has no output `{name}`; it has {listed}",
                        help=did_you_mean(name, list(outputs)),
                        arguments=(name,),
                    )
        is_each = isinstance(value, tuple) and (key in _ONE_EACH or len(outputs) > 1)
        if is_each and value and len(value) != len(outputs):
            raise Fault(
                LOSS_MISMATCH,
                f"`{key}` needs one for each of the {len(outputs)} outputs of {model}, "
                f"got {len(value)}",
                help=None if key in _ONE_EACH else "a dict says which output they are of",
            )

    def for_outputs(self, key: str, outputs: Sequence[str]) -> list[tuple[Any, ...]]:
        """What `loss`, `metrics` or `weighted_metrics` say of each output of these names.

        As in Keras, with several outputs a list has an entry for each of them.
        """
        value = getattr(self, key)
        if isinstance(value, Mapping):
            return [_listed(value.get(name)) for name in outputs]
        if isinstance(value, tuple) and value and len(outputs) > 1:
            return [_listed(item) for item in value]
        return [_listed(value)] * len(outputs)


def _listed(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if not isinstance(value, tuple):
        return (value,)
    return tuple(metric for item in value for metric in _listed(item))


def _form(value: Any) -> str:
    if isinstance(value, Mapping):
        return "dict"
    return "list" if isinstance(value, tuple) else "one"


def _keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return set(value)
    return len(value) if isinstance(value, tuple) else 1


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a dict of " + ", ".join(f"`{name}`" for name in value)
    return f"a list of {len(value)}" if isinstance(value, tuple) else "a single one"


def _keeps_average(optimizer: Any) -> bool:
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return bool(inner.use_ema)


def _is_scheduled(optimizer: Any) -> bool:
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return isinstance(getattr(inner, "learning_rate", None), Definition)


def _conflict(message: str, *arguments: str) -> Fault:
    return Fault(CONFLICTING_ARGUMENTS, message, arguments=arguments)
