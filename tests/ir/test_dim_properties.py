"""Random expressions: whatever the canonical form does, Python's own integers are the judge."""

import copy
import pickle
from functools import reduce

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphc.ir.dims import (
    UNKNOWN,
    at_least,
    bound_condition,
    ceil_div,
    compare_equal,
    dim_max,
    dim_min,
    evaluate,
    lower_bound,
    substitute,
    text,
    unify,
    upper_bound,
    variable,
    variables,
)

unhurried = settings(deadline=None)  # the machine may be busy with other things

NAMES = ("H", "S", "T")
SYMBOLS = {name: variable(name) for name in NAMES}
FUNCTIONS = {
    "max": lambda *options: reduce(dim_max, options),
    "min": lambda *options: reduce(dim_min, options),
}

numbers = st.integers(-9, 9) | st.sampled_from([12, 16, 32, 64, 100])
leaves = st.sampled_from(NAMES) | numbers.map(lambda n: f"({n})")


def _larger(expressions):
    operators = st.sampled_from(["+", "-", "*", "//", "%"])
    return (
        st.builds("({} {} {})".format, expressions, operators, expressions)
        | st.builds("({} // {})".format, expressions, numbers)
        | st.builds("{}({}, {})".format, st.sampled_from(["max", "min"]), expressions, expressions)
        | st.builds("(-{})".format, expressions)
        | st.builds("({} ** {})".format, expressions, st.integers(0, 3))
    )


expressions = st.recursive(leaves, _larger, max_leaves=8)
# What convolutions, pooling and upsampling make of one size.
one_variable = st.recursive(
    st.just("T"),
    lambda inner: (
        st.builds(
            "(({} - {}) // {} + {})".format,
            inner,
            st.integers(-4, 9),
            st.integers(1, 5),
            st.integers(-3, 3),
        )
        | st.builds("({} * {} + {})".format, inner, st.integers(1, 4), st.integers(-4, 4))
        | st.builds("({} - {})".format, inner, inner)
    ),
    max_leaves=4,
)
sizes = st.integers(1, 12) | st.integers(1, 300)
assignments = st.fixed_dictionaries(dict.fromkeys(NAMES, sizes))


def symbolic(source):
    try:
        dim = eval(source, {**SYMBOLS, **FUNCTIONS})
    except ZeroDivisionError:
        assume(False)
    assume(dim is not UNKNOWN)
    return dim


def number(source, sizes):
    try:
        return eval(source, {"__builtins__": {}, "max": max, "min": min}, dict(sizes))
    except ZeroDivisionError:
        assume(False)


@unhurried
@given(expressions, assignments)
def test_the_canonical_form_keeps_the_value(source, sizes):
    expected = number(source, sizes)
    assert evaluate(symbolic(source), sizes) == expected


@unhurried
@given(expressions, assignments)
def test_text_reads_back_in_python(source, sizes):
    dim = symbolic(source)
    expected = number(source, sizes)
    assert number(text(dim), sizes) == expected


@unhurried
@given(expressions)
def test_text_reads_back_as_the_same_dim(source):
    dim = symbolic(source)
    again = symbolic(text(dim))
    # A few equal expressions have two forms, `T - T // 2` and `(T + 1) // 2` for one.
    assert again == dim or compare_equal(again, dim).is_equal


@unhurried
@given(expressions, assignments)
def test_bounds_are_bounds(source, sizes):
    dim = symbolic(source)
    value = number(source, sizes)
    low, high = lower_bound(dim), upper_bound(dim)
    assert low is None or low <= value
    assert high is None or value <= high


@unhurried
@given(expressions, expressions, expressions, assignments)
def test_substitution_is_what_evaluation_sees(source, first, second, sizes):
    first, second = f"max({first}, 1)", f"max({second}, 1)"
    replacements = {"T": symbolic(first), "S": symbolic(second)}
    try:
        dim = substitute(symbolic(source), replacements)
    except ZeroDivisionError:
        assume(False)
    assume(dim is not UNKNOWN)
    inner = {**sizes, "T": number(first, sizes), "S": number(second, sizes)}
    expected = number(source, inner)
    assert evaluate(dim, sizes) == expected


@unhurried
@given(expressions, expressions, expressions)
def test_the_laws_of_sums_and_products_hold_in_the_form(first, second, third):
    a, b, c = symbolic(first), symbolic(second), symbolic(third)
    total, factor = a * (b + c), a * b + a * c
    assume(UNKNOWN not in (total, factor))
    assert total == factor
    assert hash(total) == hash(factor)
    assert (a + b) + c == a + (b + c)
    assert a - b == -(b - a)
    assert a - a == 0


@unhurried
@given(expressions)
def test_a_dim_is_what_it_was_after_copying(source):
    dim = symbolic(source)
    assert copy.deepcopy(dim) == dim
    assert pickle.loads(pickle.dumps(dim)) == dim
    assert substitute(dim, {name: variable(name) for name in variables(dim)}) == dim


@unhurried
@given(expressions, expressions, assignments)
def test_comparison_agrees_with_numbers(first, second, sizes):
    a, b = symbolic(first), symbolic(second)
    try:
        same = evaluate(a, sizes) == evaluate(b, sizes)
    except ZeroDivisionError:
        assume(False)
    found = compare_equal(a, b)
    assert found.is_equal is None or found.is_equal is same
    if found.is_equal is not True and found.witness is not None:
        assert evaluate(a, found.witness.sizes) == found.witness.first
        assert evaluate(b, found.witness.sizes) == found.witness.second
        assert found.witness.first != found.witness.second


@unhurried
@given(one_variable, one_variable, sizes)
def test_the_condition_of_equality_holds_exactly_where_they_are_equal(first, second, size):
    a, b = symbolic(first), symbolic(second)
    found = compare_equal(a, b)
    if found.condition is not None:
        assert number(found.condition, {"T": size}) == (
            evaluate(a, {"T": size}) == evaluate(b, {"T": size})
        )


@unhurried
@given(expressions, st.integers(-3, 9), assignments)
def test_at_least_agrees_with_numbers(source, least, sizes):
    dim = symbolic(source)
    value = number(source, sizes)
    holds = value >= least
    assert at_least(dim, least) in (None, holds)
    condition = bound_condition(dim, least)
    if condition is not None:
        try:
            assert number(condition, sizes) == holds
        except ZeroDivisionError:
            assume(False)


@unhurried
@given(one_variable, st.integers(-3, 9), sizes)
def test_the_condition_of_a_bound_holds_exactly_where_it_does(source, least, size):
    dim = symbolic(source)
    holds = evaluate(dim, {"T": size}) >= least
    assert at_least(dim, least) in (None, holds)
    condition = bound_condition(dim, least)
    assert condition is None or number(condition, {"T": size}) == holds


@unhurried
@given(st.integers(1, 9), st.integers(-9, 9), expressions)
def test_unify_solves_a_linear_pattern(factor, offset, source):
    solution = symbolic(source)
    pattern = factor * variable("C") + offset
    actual = factor * solution + offset
    assume(actual is not UNKNOWN)
    bindings = {}
    outcome = unify(pattern, actual, bindings, {"C"})
    if at_least(solution, 1) is False:
        assert outcome is False
        assert bindings == {}
    else:
        assert outcome is True
        assert bindings == {"C": solution}


@unhurried
@given(one_variable, sizes)
def test_unify_finds_a_number_or_leaves_it_open(source, size):
    pattern = symbolic(source)
    assume(variables(pattern))
    actual = evaluate(pattern, {"T": size})
    bindings = {}
    outcome = unify(pattern, actual, bindings, {"T"})
    assert outcome is not False
    assert bindings == ({"T": size} if outcome else {})


@pytest.mark.parametrize("divisor", [2, 3, 4, 7])
@unhurried
@given(expressions, assignments)
def test_rounding_up(divisor, source, sizes):
    expected = -(-number(source, sizes) // divisor)
    assert evaluate(ceil_div(symbolic(source), divisor), sizes) == expected
