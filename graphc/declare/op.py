"""The `keras.ops` functions: one Python function each, under a decorator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, TypeVar

from graphc.declare.arg import MISSING, Argument
from graphc.declare.operands import PARAMETER_RULES, Operand
from graphc.declare.registry import Registry
from graphc.declare.rules import Rule, Text

F = TypeVar("F", bound=Callable[..., Any])


class Op:
    """A function on tensors that the language knows by name.

    Arguments come from the Python signature: an annotation that stands in
    `operands.PARAMETER_RULES` gives the argument its rule.
    """

    category = "operation"
    kind_text = "a tensor function"
    trainable = True

    def __init__(
        self,
        function: Callable[..., Any],
        class_name: str,
        static: Callable[..., Any] | None,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.function = function
        self.name = function.__name__.rstrip("_")
        self.class_name = class_name or camel_case(self.name)
        self.static = static
        self.aliases = aliases
        self.doc = function.__doc__ or ""
        self._arguments: dict[str, Argument] | None = None
        flags = function.__code__.co_flags
        self.takes_any_name = bool(flags & 0x08)
        """Whether the function takes arguments of any name (`rearrange`)."""
        self.variadic = bool(flags & 0x04) or self.takes_any_name
        """Whether the function takes any number of arguments (`einsum`)."""

    @property
    def arguments(self) -> dict[str, Argument]:
        """The arguments in order, a starred one left out."""
        if self._arguments is None:
            self._arguments = _arguments_of(self.function)
        return self._arguments

    @property
    def piped_place(self) -> int:
        """Which argument is piped in: the first, or behind the text that `einsum` begins with."""
        first = next(iter(self.arguments.values()), None)
        return 1 if first is not None and isinstance(first.rule, Text) else 0

    def rule_of(self, name: str) -> Rule:
        """The rule of an argument; one of any number is a tensor or a number."""
        argument = self.arguments.get(name)
        return _OPERAND if argument is None else argument.rule

    @property
    def public_path(self) -> str:
        """Where Keras has it: `keras.ops.relu`, `keras.ops.image.resize`."""
        dotted = next((alias for alias in self.aliases if "." in alias), self.name)
        return dotted if dotted.startswith("keras.") else f"keras.ops.{dotted}"

    @property
    def type_name(self) -> str:
        """The name of Keras' class for the operation."""
        return self.class_name

    def split(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Arguments by name, as those of a Python call: by place where any number may come."""
        if not self.variadic:
            return [], dict(arguments)
        keyword = {n for n, a in self.arguments.items() if a.is_keyword_only}
        if self.takes_any_name:
            keyword.update(name for name in arguments if name not in self.arguments)
        args = [value for name, value in arguments.items() if name not in keyword]
        return args, {n: value for n, value in arguments.items() if n in keyword}

    @property
    def described(self) -> str:
        """What it is, by its name."""
        return f"the function `{self.name}`"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Op({self.name})"


_OPERAND = Operand()

OPS: Registry[Op] = Registry()


def op(
    *aliases: str, class_name: str = "", static: Callable[..., Any] | None = None
) -> Callable[[F], F]:
    """Register a function as the `keras.ops` function of its name.

    An alias with dots says where Keras has it: below `keras.ops` (`image.resize`), or elsewhere
    and under another name (`keras.activations.relu`).

    `class_name` is the one Keras gives the operation (`GetItem`), where it is not the name in
    camel case: it names the node. `static` computes the same on numbers (`math.sqrt`).
    """

    def register(function: F) -> F:
        made = Op(function, class_name, static, aliases)
        for name in (made.name, *aliases):
            OPS.add(name, made)
        return function

    return register


def makes_array(function: Any) -> TypeGuard[Op]:
    """Whether a value is a function that makes NumPy's array, or a tensor, of nested lists."""
    return isinstance(function, Op) and function in (OPS["array"], OPS["convert_to_tensor"])


def camel_case(name: str) -> str:
    """`log_softmax` -> `LogSoftmax`."""
    return "".join(word.capitalize() for word in name.split("_"))


def _arguments_of(function: Callable[..., Any]) -> dict[str, Argument]:
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    keyword = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = function.__defaults__ or ()
    values = dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
    values.update(function.__kwdefaults__ or {})
    hints = function.__annotations__
    return {
        name: Argument(name, _rule_of(hints[name]), values.get(name, MISSING), name in keyword)
        for name in (*positional, *keyword)
    }


def _rule_of(hint: str) -> Rule:
    is_optional = hint.endswith(" | None")
    rule = PARAMETER_RULES[hint.removesuffix(" | None")]
    return rule.or_none() if is_optional else rule
