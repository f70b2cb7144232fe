"""Python's functions on static values."""

from __future__ import annotations

from typing import Any

from graphc.declare.values import kind_text, value_text
from graphc.diagnostics.codes import LIMIT_EXCEEDED, NOT_STATIC, STATIC_ERROR, STATIC_TYPE
from graphc.diagnostics.fault import Fault
from graphc.elaborate.limits import Limits
from graphc.elaborate.static import arithmetic, is_number, is_size, truth
from graphc.elaborate.values import Builtin
from graphc.ir.dims import dim_max, dim_min

_LIMITS = Limits()


def _items(value: Any, name: str) -> Any:
    if isinstance(value, (list, tuple, range, str)):
        if len(value) > _LIMITS.list_items:
            raise Fault(
                LIMIT_EXCEEDED,
                f"`{name}` takes at most {_LIMITS.list_items:,} items, got {len(value):,}",
            )
        return value
    raise Fault(STATIC_TYPE, f"`{name}` needs a list, got {kind_text(value)}")


def _len(value: Any) -> int:
    if isinstance(value, (list, tuple, range, str, dict)):
        return len(value)
    raise Fault(STATIC_TYPE, f"`len` needs a list or a string, got {kind_text(value)}")


def _range(*bounds: Any) -> range:
    if not 1 <= len(bounds) <= 3:
        raise Fault(STATIC_TYPE, f"`range` needs one to three numbers, got {len(bounds)}")
    for bound in bounds:
        if is_size(bound):
            raise Fault(
                NOT_STATIC,
                f"`range` needs numbers known while checking, got {kind_text(bound)}",
            )
        if type(bound) is not int:
            raise Fault(STATIC_TYPE, f"`range` needs whole numbers, got {kind_text(bound)}")
    if len(bounds) == 3 and bounds[2] == 0:
        raise Fault(STATIC_ERROR, "`range` needs a step other than 0")
    made = range(*bounds)
    # Its length, which len() does not give where it is large.
    count = max(0, -((made.start - made.stop) // made.step))
    if count > _LIMITS.list_items:
        raise Fault(
            LIMIT_EXCEEDED, f"`range` has at most {_LIMITS.list_items:,} numbers, got {count:,}"
        )
    return made


def _enumerate(value: Any, start: int = 0) -> list[tuple[int, Any]]:
    return list(enumerate(_items(value, "enumerate"), start))


def _zip(*lists: Any) -> list[tuple[Any, ...]]:
    return list(zip(*[_items(each, "zip") for each in lists], strict=False))


def _reversed(value: Any) -> list[Any]:
    return list(reversed(_items(value, "reversed")))


def _list(value: Any = ()) -> list[Any]:
    return list(_items(value, "list"))


def _extremum(name: str, values: tuple[Any, ...]) -> Any:
    items = _items(values[0], name) if len(values) == 1 else values
    if not items:
        raise Fault(STATIC_ERROR, f"`{name}` needs at least one value")
    result = items[0]
    for item in items:
        if not (is_number(item) or is_size(item)):
            raise Fault(STATIC_TYPE, f"`{name}` needs numbers, got {kind_text(item)}")
        if is_size(item) or is_size(result):
            result = (dim_max if name == "max" else dim_min)(result, item)
        elif (item > result) if name == "max" else (item < result):
            result = item
    return result


def _max(*values: Any) -> Any:
    return _extremum("max", values)


def _min(*values: Any) -> Any:
    return _extremum("min", values)


def _sum(values: Any, start: Any = 0) -> Any:
    total = start
    for item in _items(values, "sum"):
        total = arithmetic("+", total, item, _LIMITS)
    return total


def _int(value: Any = 0) -> Any:
    if is_size(value):
        return value
    try:
        return int(_number(value, "int"))
    except (OverflowError, ValueError):
        raise Fault(STATIC_ERROR, f"`int` needs a finite number, got {value}") from None


def _float(value: Any = 0.0) -> float:
    if value in ("inf", "-inf", "nan"):
        return float(value)
    try:
        return float(_number(value, "float"))
    except OverflowError:
        raise Fault(STATIC_ERROR, "`float` needs a number that fits one") from None


def _round(value: Any, digits: int | None = None) -> Any:
    number = _number(value, "round")
    if not (digits is None or type(digits) is int):
        raise Fault(
            STATIC_TYPE, f"`round` needs a whole number of digits, got {value_text(digits)}"
        )
    try:
        return round(number, digits)
    except (OverflowError, ValueError):
        raise Fault(STATIC_ERROR, f"`round` needs a finite number, got {value}") from None


def _abs(value: Any) -> Any:
    return abs(_number(value, "abs"))


def _str(value: Any) -> str:
    if isinstance(value, (str, int, float)) or value is None:
        return str(value)
    raise Fault(STATIC_TYPE, f"`str` needs a number, got {kind_text(value)}")


def _bool(value: Any) -> bool:
    return bool(_number(value, "bool"))


def _number(value: Any, name: str) -> Any:
    if is_size(value):
        raise Fault(
            NOT_STATIC, f"`{name}` needs a number known while checking, got {kind_text(value)}"
        )
    if not is_number(value):
        raise Fault(STATIC_TYPE, f"`{name}` needs a number, got {kind_text(value)}")
    return value


def _all(values: Any) -> bool:
    return all(map(truth, _items(values, "all")))


def _any(values: Any) -> bool:
    return any(map(truth, _items(values, "any")))


def _sorted(values: Any) -> list[Any]:
    items = list(_items(values, "sorted"))
    if not (all(map(is_number, items)) or all(isinstance(item, str) for item in items)):
        raise Fault(STATIC_TYPE, "`sorted` needs numbers, or strings")
    return sorted(items)


BUILTINS = {
    function.__name__[1:]: Builtin(function.__name__[1:], function)
    for function in (
        _len, _range, _enumerate, _zip, _reversed, _list, _max, _min, _sum, _int, _float, _round,
        _abs, _str, _bool, _all, _any, _sorted,
    )
}  # fmt: skip
"""By name. `max`, `sum`, `abs` and others of a tensor are the `keras.ops` functions."""
