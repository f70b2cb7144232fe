"""Arithmetic on static values, bounded so that no file can make it long."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from graphc.declare.values import kind_text, value_text
from graphc.diagnostics.codes import LIMIT_EXCEEDED, NOT_STATIC, STATIC_ERROR, STATIC_TYPE
from graphc.diagnostics.fault import Fault
from graphc.elaborate.limits import Limits
from graphc.ir.dims import UNKNOWN, SymbolicDim, at_least, compare_equal, examples

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


def is_size(value: Any) -> bool:
    """Whether a value is a size that is not known as a number."""
    return isinstance(value, SymbolicDim) or value is UNKNOWN


def is_number(value: Any) -> bool:
    """Whether a value is a number; truth values count, as in Python."""
    return isinstance(value, (int, float))


def arithmetic(symbol: str, left: Any, right: Any, limits: Limits) -> Any:
    """`left symbol right` for static values. Raises `Fault`."""
    if is_size(left) or is_size(right):
        return _size_arithmetic(symbol, left, right)
    if is_number(left) and is_number(right):
        return _number_arithmetic(symbol, left, right, limits)
    if symbol == "+" and _are_joinable(left, right):
        return _joined(left, right, limits)
    if symbol == "*" and isinstance(left, (list, str)) and type(right) is int:
        return _repeated(left, right, limits)
    if symbol == "*" and isinstance(right, (list, str)) and type(left) is int:
        return _repeated(right, left, limits)
    is_text = symbol == "+" and (isinstance(left, str) or isinstance(right, str))
    raise Fault(
        STATIC_TYPE,
        f"`{symbol}` needs two numbers, got {kind_text(left)} and {kind_text(right)}",
        help='an f-string joins text and numbers: f"layer_{i}"' if is_text else None,
    )


def _are_joinable(left: Any, right: Any) -> bool:
    both_lists = isinstance(left, (list, tuple)) and isinstance(right, (list, tuple))
    return both_lists or (isinstance(left, str) and isinstance(right, str))


def _joined(left: Any, right: Any, limits: Limits) -> Any:
    _check_length(len(left) + len(right), left, limits)
    return left + right if isinstance(left, str) else [*left, *right]


def _repeated(value: Any, times: int, limits: Limits) -> Any:
    _check_length(len(value) * max(times, 0), value, limits)
    return value * times


def _check_length(length: int, value: Any, limits: Limits) -> None:
    limit, noun = (
        (limits.text_length, "characters")
        if isinstance(value, str)
        else (limits.list_items, "items")
    )
    if length > limit:
        raise Fault(LIMIT_EXCEEDED, f"a value has at most {limit:,} {noun}, got {length:,}")


def _number_arithmetic(symbol: str, left: Any, right: Any, limits: Limits) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(symbol, left, right, limits)
    try:
        result = _ARITHMETIC[symbol](left, right)
    except ZeroDivisionError:
        raise Fault(STATIC_ERROR, f"{left} {symbol} {right} divides by zero") from None
    except OverflowError:
        raise Fault(
            STATIC_ERROR, f"{value_text(left)} {symbol} {value_text(right)} is too large"
        ) from None
    if isinstance(result, complex):
        raise Fault(STATIC_ERROR, f"{left} {symbol} {right} is not a real number")
    return result


def _check_bits(symbol: str, left: int, right: int, limits: Limits) -> None:
    bits = max(left.bit_length(), right.bit_length())
    if symbol == "*":
        bits = left.bit_length() + right.bit_length()
    elif symbol == "**" and right > 0:
        bits = left.bit_length() * right if abs(left) > 1 else 1
    if bits > limits.number_bits:
        raise Fault(
            LIMIT_EXCEEDED, f"a number has at most {limits.number_bits:,} bits, got {bits:,}"
        )


def _size_arithmetic(symbol: str, left: Any, right: Any) -> Any:
    for value in (left, right):
        if not (is_size(value) or type(value) is int):
            raise Fault(
                STATIC_TYPE,
                f"`{symbol}` on the size {left if is_size(left) else right} needs a whole number, "
                f"got {kind_text(value)}",
            )
    if symbol == "/":
        raise Fault(
            NOT_STATIC,
            f"{left} / {right} needs `//`, since a size is a whole number",
            help=f"write {left} // {right}",
        )
    if symbol == "**":
        return _power(left, right)
    try:
        return _ARITHMETIC[symbol](left, right)
    except ZeroDivisionError:
        raise Fault(STATIC_ERROR, f"{left} {symbol} {right} divides by zero") from None


def _power(base: Any, exponent: Any) -> Any:
    if type(exponent) is not int or not 0 <= exponent <= 8:
        raise Fault(
            NOT_STATIC, f"`**` on the size {base} needs an exponent from 0 to 8, got {exponent}"
        )
    result: Any = 1
    for _ in range(exponent):
        result = result * base
    return result


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(symbol: str, left: Any, right: Any) -> bool:
    """`left symbol right` for static values. Raises `Fault` where sizes leave it open."""
    if symbol in ("in", "not in"):
        return _is_in(left, right) == (symbol == "in")
    if symbol in ("==", "!="):
        return _equal(left, right) == (symbol == "==")
    if is_size(left) or is_size(right):
        return _size_order(symbol, left, right)
    comparable = (is_number(left) and is_number(right)) or (
        isinstance(left, str) and isinstance(right, str)
    )
    if not comparable:
        raise Fault(
            STATIC_TYPE,
            f"`{symbol}` needs two numbers, got {kind_text(left)} and {kind_text(right)}",
        )
    return _ORDER[symbol](left, right)


def _is_in(item: Any, items: Any) -> bool:
    if isinstance(items, str) and isinstance(item, str):
        return item in items
    if not isinstance(items, (list, tuple, range, dict)):
        raise Fault(STATIC_TYPE, f"`in` needs a list, got {kind_text(items)}")
    if isinstance(items, range):
        return type(item) is int and item in items
    return any(_equal(item, each) for each in items)


def _equal(left: Any, right: Any) -> bool:
    if is_size(left) or is_size(right):
        if not all(is_size(v) or type(v) is int for v in (left, right)):
            return False
        answer = compare_equal(left, right)
        if answer.is_equal is None:
            raise _undecided("==", left, right)
        return answer.is_equal
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


def _size_order(symbol: str, left: Any, right: Any) -> bool:
    for value in (left, right):
        if not (is_size(value) or type(value) is int):
            raise Fault(STATIC_TYPE, f"`{symbol}` on a size needs a number, got {kind_text(value)}")
    difference = left - right if symbol in (">", ">=") else right - left
    answer = at_least(difference, 0 if symbol in ("<=", ">=") else 1)
    if answer is None:
        raise _undecided(symbol, left, right)
    return answer


def _undecided(symbol: str, left: Any, right: Any) -> Fault:
    unknown = left if is_size(left) else right
    found = None
    if left is not UNKNOWN and right is not UNKNOWN:
        found = examples(left, right, operator.eq if symbol == "==" else _ORDER[symbol])
    if found is None:
        return Fault(
            NOT_STATIC,
            f"whether {left} {symbol} {right} depends on the size of an input",
            label=f"{unknown} is not a number here",
            help="give that axis of the input a number, or leave the choice out",
        )
    true, false = (" and ".join(f"{n} = {size}" for n, size in each.items()) for each in found)
    return Fault(
        NOT_STATIC,
        f"{left} {symbol} {right} holds for some sizes of the input and not for others: "
        f"at {true}, and not at {false}",
        label=f"{unknown} is not a number here",
        help="give that axis a number, in the file or with --input, or leave the condition out",
    )


def truth(value: Any) -> bool:
    """Whether a static value counts as true, as in Python."""
    if is_size(value):
        return not _equal(value, 0)
    if value is None or isinstance(value, (bool, int, float, str, list, tuple, dict, range)):
        return bool(value)
    raise Fault(
        NOT_STATIC,
        f"a condition needs a value known while checking, got {kind_text(value)}",
        help="choose between tensors with where(condition, a, b)"
        if kind_text(value) == "a tensor"
        else None,
    )
