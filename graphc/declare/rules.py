"""Rules for static arguments. A rule holds its check, its sentence for messages, and samples.

`accept` gives the value as the definition keeps it, or `REJECTED`. `valid` and `invalid` are
sample values, the second just outside the rule: the tests build layers from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from typing import Any

from graphc.declare.number_array import NumberArray, is_array, shape_of
from graphc.declare.values import value_text
from graphc.diagnostics.suggest import did_you_mean, nearest
from graphc.ir.dims import UNKNOWN, SymbolicDim
from graphc.ir.dtypes import DTYPES, POLICIES
from graphc.record import Record


class _Rejected:
    def __repr__(self) -> str:
        return "REJECTED"


REJECTED: Any = _Rejected()


class Rule(Record):
    """A rule that allows anything; the base of the others."""

    @property
    def sentence(self) -> str:
        """What a value has to be: goes after "needs `units` to be"."""
        return "any value"

    def accept(self, value: Any) -> Any:
        """The value as it is kept, or `REJECTED`."""
        return value

    def accept_saved(self, value: Any) -> Any:
        """What a value stands for that Keras saves, and does not take; or `REJECTED`."""
        return REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        """A help line for a rejected value, and the certain replacement if there is one."""
        return None, None

    @property
    def valid(self) -> tuple[Any, ...]:
        """Sample values that the rule allows."""
        return ()

    @property
    def invalid(self) -> tuple[Any, ...]:
        """Sample values just outside."""
        return ()

    def names(self) -> Mapping[str, Any] | None:
        """What bare names may stand for here (`activation=relu`), where they may."""
        return None

    @property
    def names_kind(self) -> str:
        """What those names are names of."""
        return "value"

    def part_at_fault(self, value: Any) -> tuple[tuple[Any, ...], Rule]:
        """Where in a rejected list or dict the fault is, by keys and places, and its rule."""
        return (), self

    def or_none(self) -> Rule:
        """The rule that allows None besides."""
        return Optional(self)


class Optional(Rule):
    """Another rule, or None."""

    rule: Rule

    @property
    def sentence(self) -> str:
        return f"{self.rule.sentence} or None"

    def accept(self, value: Any) -> Any:
        return None if value is None else self.rule.accept(value)

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return self.rule.hint(value)

    def part_at_fault(self, value: Any) -> tuple[tuple[Any, ...], Rule]:
        path, rule = self.rule.part_at_fault(value)
        return path, rule if path else self

    @property
    def valid(self) -> tuple[Any, ...]:
        return (None, *self.rule.valid)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return tuple(value for value in self.rule.invalid if value is not None)

    def names(self) -> Mapping[str, Any] | None:
        return self.rule.names()

    @property
    def names_kind(self) -> str:
        return self.rule.names_kind


class Integer(Rule):
    """A whole number within limits, both included. `symbolic` allows sizes named in the source."""

    at_least: int | None = None
    at_most: int | None = None
    symbolic: bool = False

    @property
    def sentence(self) -> str:
        if self.at_least is None and self.at_most is None:
            return "a whole number"
        if self.at_most is None:
            known = {1: "a positive whole number", 0: "a whole number that is not negative"}
            return known.get(self.at_least or 0, f"a whole number of at least {self.at_least}")
        return f"a whole number from {self.at_least} to {self.at_most}"

    def accept(self, value: Any) -> Any:
        if self.symbolic and (isinstance(value, SymbolicDim) or value is UNKNOWN):
            return value
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            return REJECTED
        too_small = self.at_least is not None and value < self.at_least
        too_large = self.at_most is not None and value > self.at_most
        return REJECTED if too_small or too_large else value

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        if isinstance(value, SymbolicDim) or value is UNKNOWN:
            return "it has to be a number when the file is checked", None
        return None, None

    @property
    def valid(self) -> tuple[Any, ...]:
        low = self.at_least if self.at_least is not None else -2
        high = self.at_most if self.at_most is not None else low + 3
        return tuple(range(low, min(high, low + 3) + 1))

    @property
    def invalid(self) -> tuple[Any, ...]:
        below = () if self.at_least is None else (self.at_least - 1,)
        return (*below, 2.5, "three", None)


def Positive() -> Integer:
    """A whole number of at least 1."""
    return Integer(1)


def NonNegative() -> Integer:
    """A whole number of at least 0."""
    return Integer(0)


class Number(Rule):
    """A real number within limits; `open_low` and `open_high` leave the limit itself out."""

    at_least: float | None = None
    at_most: float | None = None
    open_low: bool = False
    open_high: bool = False

    @property
    def sentence(self) -> str:
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            return "a number"
        if high is None:
            return f"a number {'above' if self.open_low else 'of at least'} {low:g}"
        if low is None:
            return f"a number {'below' if self.open_high else 'of at most'} {high:g}"
        if self.open_high and not self.open_low:
            return f"a number from {low:g} up to, but not, {high:g}"
        between = "strictly between" if self.open_low and self.open_high else "from"
        return f"a number {between} {low:g} {'and' if between != 'from' else 'to'} {high:g}"

    def accept(self, value: Any) -> Any:
        # isnan() itself cannot take whole numbers of any size.
        if type(value) not in (int, float) or (type(value) is float and isnan(value)):
            return REJECTED
        low, high = self.at_least, self.at_most
        if low is not None and (value < low or (self.open_low and value == low)):
            return REJECTED
        if high is not None and (value > high or (self.open_high and value == high)):
            return REJECTED
        return value

    @property
    def valid(self) -> tuple[Any, ...]:
        low = self.at_least if self.at_least is not None else 0.0
        high = self.at_most if self.at_most is not None else low + 1.0
        ends = (() if self.open_low else (low,)) + (() if self.open_high else (high,))
        return (low + (high - low) / 4, *ends)

    @property
    def invalid(self) -> tuple[Any, ...]:
        low = () if self.at_least is None else (self.at_least - 0.5,)
        high = () if self.at_most is None else (self.at_most + 0.5,)
        return (*low, *high, "much")


class Numbers(Number):
    """A number, or nested lists of numbers that are equally long, kept as tuples.

    Keras keeps some as the `arrays` that it was given.
    """

    arrays: bool = False

    @property
    def sentence(self) -> str:
        return "a number, or lists of numbers that are equally long"

    def accept(self, value: Any) -> Any:
        if isinstance(value, NumberArray):
            kept = value if self.arrays else tuple(value)
            return kept if is_array(value) else REJECTED
        if not isinstance(value, (list, tuple, range)):
            return super().accept(value)
        items = tuple(map(self.accept, value))
        is_even = bool(items) and len({shape_of(item) for item in items}) == 1
        return items if is_even and not any(item is REJECTED for item in items) else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return (0.5, [1.0, 2.0], [[1.0], [2.0]])

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("much", [1.0, [2.0]])


def takes_arrays(rule: Rule) -> bool:
    """Whether numbers may be an array's: what is called in an argument is a tensor elsewhere."""
    rule = rule.rule if isinstance(rule, Optional) else rule
    return isinstance(rule, Numbers)


class Flag(Rule):
    """True or False."""

    @property
    def sentence(self) -> str:
        return "True or False"

    def accept(self, value: Any) -> Any:
        return value if type(value) is bool else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return (f"write {bool(value)}", str(bool(value))) if value in (0, 1) else (None, None)

    @property
    def valid(self) -> tuple[Any, ...]:
        return (True, False)


class Text(Rule):
    """A string."""

    @property
    def sentence(self) -> str:
        return "a string"

    def accept(self, value: Any) -> Any:
        return value if isinstance(value, str) else REJECTED

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (3,)


class OneOf(Rule):
    """One of a few values, mostly strings."""

    values: tuple[Any, ...]
    ignore_case: bool = False

    @property
    def sentence(self) -> str:
        shown = [value_text(value) for value in self.values]
        return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" or {shown[-1]}"

    def accept(self, value: Any) -> Any:
        if self.ignore_case and isinstance(value, str):
            value = value.lower()
        found = [v for v in self.values if type(v) is type(value) and v == value]
        return found[0] if found else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        texts = [v for v in self.values if isinstance(v, str)]
        best = nearest(value, texts) if isinstance(value, str) else None
        return (f"did you mean {value_text(best)}?", value_text(best)) if best else (None, None)

    def names(self) -> Mapping[str, Any] | None:
        return None

    @property
    def valid(self) -> tuple[Any, ...]:
        return self.values

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("nothing like it", -7)


class Sizes(Rule):
    """`count` whole numbers, or one that stands for all: kept as a tuple."""

    count: int
    at_least: int = 1

    @property
    def sentence(self) -> str:
        one = Integer(self.at_least).sentence
        return one if self.count == 1 else f"{one} or a list of {self.count}"

    def accept(self, value: Any) -> Any:
        item = Integer(self.at_least)
        if isinstance(value, (tuple, list)):
            items = tuple(item.accept(v) for v in value)
            return items if len(items) == self.count and REJECTED not in items else REJECTED
        accepted = item.accept(value)
        return REJECTED if accepted is REJECTED else (accepted,) * self.count

    @property
    def valid(self) -> tuple[Any, ...]:
        low = self.at_least
        return (low, low + 1, tuple(range(low, low + self.count)))

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (self.at_least - 1, (1,) * (self.count + 1), "wide")


class Each(Rule):
    """A list whose items follow a rule; `count` says how many, where that is fixed.

    `or_one` allows a single item and keeps it as it is. `no_tuple` says that Keras takes a list
    there, and a tuple not.
    """

    rule: Rule
    count: int | None = None
    or_one: bool = False
    no_tuple: bool = False

    @property
    def sentence(self) -> str:
        item = self.rule.sentence
        listed = f"a list of {self.count}" if self.count else "a list"
        return f"{item} or {listed}" if self.or_one else f"{listed}, each {item}"

    def accept(self, value: Any) -> Any:
        if isinstance(value, range):
            value = tuple(value)
        if not isinstance(value, (tuple, list)):
            return self.rule.accept(value) if self.or_one else REJECTED
        items = tuple(self.rule.accept(item) for item in value)
        is_short = self.count is not None and len(items) != self.count
        return REJECTED if is_short or any(item is REJECTED for item in items) else items

    @property
    def valid(self) -> tuple[Any, ...]:
        return (self.rule.valid[: self.count],)


class DType(Rule):
    """The name of a dtype, or of a mixed-precision policy where a layer takes one."""

    policies: bool = False

    @property
    def sentence(self) -> str:
        return 'the name of a dtype, such as "float32"'

    def accept(self, value: Any) -> Any:
        known = isinstance(value, str) and (
            value in DTYPES or (self.policies and value in POLICIES)
        )
        return value if known else REJECTED

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        return (did_you_mean(value, DTYPES) if isinstance(value, str) else None), None

    def names(self) -> Mapping[str, Any] | None:
        return {name: name for name in DTYPES}

    @property
    def names_kind(self) -> str:
        return "dtype"

    @property
    def valid(self) -> tuple[Any, ...]:
        return ("float32", "float16")

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("float31",)


class OnlyNone(Rule):
    """None alone: an argument of Keras that means nothing here, with the reason."""

    reason: str

    @property
    def sentence(self) -> str:
        return f"None: {self.reason}"

    def accept(self, value: Any) -> Any:
        return None if value is None else REJECTED

    @property
    def valid(self) -> tuple[Any, ...]:
        return (None,)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (1, "much")


class Named(Rule):
    """A member of a registry by name, made with its defaults, or an instance of it.

    `lookup` gives the registry when it is first asked for; a member is a class or a function.
    """

    noun: str
    lookup: Callable[[], Mapping[str, Any]]
    convert: Callable[[Any], Any]

    @property
    def sentence(self) -> str:
        return f"the name of {_article(self.noun)} {self.noun}"

    def accept(self, value: Any) -> Any:
        return self.convert(value)

    def hint(self, value: Any) -> tuple[str | None, str | None]:
        if not isinstance(value, str):
            return None, None
        best = nearest(value, list(self.lookup()))
        return (f"did you mean {value_text(best)}?", value_text(best)) if best else (None, None)

    def names(self) -> Mapping[str, Any] | None:
        return self.lookup()

    @property
    def names_kind(self) -> str:
        return self.noun

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("no_such_name",)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
