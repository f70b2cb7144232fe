"""The base of everything that is declared by its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, dataclass_transform

from graphc.declare.arg import MISSING, Arg, Argument, _Declared
from graphc.declare.number_array import NumberArray
from graphc.declare.registry import Registry
from graphc.declare.rules import REJECTED
from graphc.declare.values import value_text
from graphc.diagnostics.codes import (
    BAD_ARGUMENT,
    MISSING_ARGUMENT,
    REPEATED_ARGUMENT,
    TOO_MANY_ARGUMENTS,
    UNKNOWN_ARGUMENT,
    UNKNOWN_SIZE,
)
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.record import replace

D = TypeVar("D", bound="Definition")

_REGISTRIES: dict[str, Registry[type[Definition]]] = {}


def registry(family: str) -> Registry[type[Definition]]:
    """The public classes of a family ("layer", "initializer", "loss", …) by name."""
    if family not in _REGISTRIES:
        _REGISTRIES[family] = Registry()
    return _REGISTRIES[family]


@dataclass_transform(frozen_default=True, field_specifiers=(Arg,))
class Definition:
    """A frozen configuration. Equal to another of its class with equal arguments.

    Subclasses declare arguments with `Arg` in Keras' order. `abstract=True` keeps a base class
    out of its family's registry; `aliases` are further names that Keras knows it by. A class
    may list in `argument_order` what is given by place, in Keras' order, wherever it is declared:
    what the list leaves out comes after.
    """

    family: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    arguments: ClassVar[dict[str, Argument]] = {}

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        arguments: dict[str, Argument] = {}
        for base in reversed(cls.__mro__[1:]):
            _redeclare(arguments, vars(base).get("_own_arguments", {}))
        own = {}
        for name, declared in list(vars(cls).items()):
            if isinstance(declared, _Declared):
                own[name] = Argument(name, declared.rule, declared.default, declared.kw_only)
                delattr(cls, name)
        cls._own_arguments = own
        _redeclare(arguments, own)
        order = getattr(cls, "argument_order", None)
        if order is not None:
            listed = {name: _by_place(arguments.pop(name)) for name in order}
            arguments = {**listed, **arguments}
        cls.arguments = arguments
        if not abstract:
            for name in (cls.__name__, *vars(cls).get("aliases", ())):
                registry(cls.family).add(name, cls)

    _own_arguments: ClassVar[dict[str, Argument]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = bind(type(self), args, kwargs)
        self._configure({name: convert(type(self), name, value) for name, value in given.items()})

    @classmethod
    def from_values(cls: type[D], values: Mapping[str, Any]) -> D:
        """Make one from converted values; the rest are defaults. Raises `Fault` from `validate`."""
        made = cls.__new__(cls)
        made._configure(values)  # noqa: SLF001 - its own class
        return made

    @classmethod
    def from_saved(cls: type[D], values: Mapping[str, Any]) -> D:
        """Make one of what Keras has saved, which may say more than it takes."""
        return cls.from_values(values)

    def _configure(self, values: Mapping[str, Any]) -> None:
        fields = vars(self)
        for name, argument in self.arguments.items():
            if name in values:
                fields[name] = values[name]
            else:
                fields[name] = default_value(argument)
        self.validate()

    def validate(self) -> None:
        """Check arguments against each other; raises `Fault`."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def all_values(self) -> dict[str, Any]:
        """The converted arguments by name."""
        fields = vars(self)
        return {name: fields[name] for name in self.arguments}

    def changed_values(self) -> dict[str, Any]:
        """The arguments that differ from their defaults: what a person would write."""
        fields = vars(self)
        return {
            name: fields[name]
            for name, argument in self.arguments.items()
            if argument.is_required or not _same(fields[name], default_value(argument))
        }

    @property
    def key(self) -> tuple[Any, ...]:
        """Type and arguments, hashable: equal keys behave the same."""
        fields = vars(self)
        key = fields.get("_key")
        if key is None:
            key = (type(self), *[_hashable(fields[name]) for name in self.arguments])
            fields["_key"] = key
        result: tuple[Any, ...] = key
        return result

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        shown = ", ".join(f"{k}={value_text(v)}" for k, v in self.changed_values().items())
        return f"{type(self).__name__}({shown})"


def _redeclare(arguments: dict[str, Argument], own: Mapping[str, Argument]) -> None:
    """Add a class' own arguments to those of its bases.

    An argument keeps the place of its first declaration, unless it becomes positional only now:
    then its place is where the class that made it so declares it.
    """
    for name, argument in own.items():
        if name in arguments and arguments[name].is_keyword_only > argument.is_keyword_only:
            del arguments[name]
        arguments[name] = argument


def _by_place(argument: Argument) -> Argument:
    return replace(argument, is_keyword_only=False) if argument.is_keyword_only else argument


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _hashable(value: Any) -> Any:
    """A value as a key: 1, 1.0 and True stay apart."""
    if isinstance(value, NumberArray):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, dict):
        return tuple((k, _hashable(v)) for k, v in value.items())
    if isinstance(value, (bool, float)):
        return (type(value), value)
    return value


_DEFAULTS: dict[int, Any] = {}


def default_value(argument: Argument) -> Any:
    """An argument's default, as its rule converts it."""
    if argument.default is MISSING:
        raise missing_argument(argument.name)
    found = _DEFAULTS.get(id(argument), MISSING)
    if found is MISSING:
        found = argument.rule.accept(argument.default)
        assert found is not REJECTED, f"the default of {argument.name} breaks its own rule"
        _DEFAULTS[id(argument)] = found
    return found


def missing_argument(*names: str) -> Fault:
    """The fault of required arguments that a call does not give."""
    listed = " and ".join(f"`{name}`" for name in names)
    has = "has" if len(names) == 1 else "have"
    return Fault(MISSING_ARGUMENT, f"needs {listed}, which {has} no default")


def bind(cls: type[Definition], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Positional and keyword values by argument name; raises `Fault`."""
    positional = positional_names(cls)
    if len(args) > len(positional):
        raise Fault(
            TOO_MANY_ARGUMENTS,
            f"takes {len(positional)} positional arguments, got {len(args)}",
        )
    values = dict(zip(positional, args, strict=False))
    for name, value in kwargs.items():
        if name not in cls.arguments:
            raise Fault(UNKNOWN_ARGUMENT, f"has no argument `{name}`", arguments=(name,))
        if name in values:
            raise Fault(REPEATED_ARGUMENT, f"got `{name}` twice", arguments=(name,))
        values[name] = value
    missing = [n for n, a in cls.arguments.items() if a.is_required and n not in values]
    if missing:
        raise missing_argument(*missing)
    return values


def positional_names(cls: type[Definition]) -> list[str]:
    """The arguments that may be given by place, in order."""
    return [name for name, argument in cls.arguments.items() if not argument.is_keyword_only]


def convert(cls: type[Definition], name: str, value: Any) -> Any:
    """A value as its argument's rule converts it; a fault where it does not allow it."""
    rule = cls.arguments[name].rule
    converted = rule.accept(value)
    if converted is REJECTED:
        raise bad_argument(name, rule, value)
    return converted


def bad_argument(name: str, rule: Any, value: Any) -> Fault:
    """The fault of a value that an argument's rule does not allow."""
    if isinstance(value, SymbolicDim) or value is UNKNOWN:
        return Fault(
            UNKNOWN_SIZE,
            f"needs `{name}` to be {rule.sentence}, got the size {value}, which is not known",
            label="known only when the model runs",
            help="give that axis of the input a number",
            arguments=(name,),
        )
    hint, replacement = rule.hint(value)
    return Fault(
        BAD_ARGUMENT,
        f"needs `{name}` to be {rule.sentence}, got {value_text(value)}",
        label=f"not {rule.sentence}" if len(rule.sentence) < 60 else "",
        help=hint,
        arguments=(name,),
        replacement=replacement,
    )
