"""Symbolic sizes: what the type checker computes shapes with.

A `Dim` is a plain int where the size is known, which is nearly always; a `SymbolicDim`, an
expression over variables such as ``(H - 3) // 2 + 1``; or `UNKNOWN`, written ``?``. Arithmetic is
Python's, on ints untouched. Each expression has a canonical form, in which equal expressions are
nearly always the same, and a size that turns out constant is an int again.

The modules, in their order: `dim_polynomial` (the form), `dim_bounds`, `dim_division`,
`dim_text`, `dim_arithmetic` (the type), `dim_solve`, `dim_conditions`, `dim_samples`,
`dim_compare`, `dim_unify`. Everything outside imports from here.
"""

from graphc.ir.dim_arithmetic import (
    BATCH,
    BATCH_NAME,
    UNKNOWN,
    Dim,
    SymbolicDim,
    ceil_div,
    dim_max,
    dim_min,
    evaluate,
    linear_in,
    lower_bound,
    product,
    shape_text,
    substitute,
    text,
    upper_bound,
    variable,
    variables,
)
from graphc.ir.dim_compare import (
    Comparison,
    Witness,
    at_least,
    bound_condition,
    compare_equal,
    equality_condition,
    examples,
)
from graphc.ir.dim_unify import unify

__all__ = [
    "BATCH",
    "BATCH_NAME",
    "UNKNOWN",
    "Comparison",
    "Dim",
    "SymbolicDim",
    "Witness",
    "at_least",
    "bound_condition",
    "ceil_div",
    "compare_equal",
    "dim_max",
    "dim_min",
    "equality_condition",
    "evaluate",
    "examples",
    "linear_in",
    "lower_bound",
    "product",
    "shape_text",
    "substitute",
    "text",
    "unify",
    "upper_bound",
    "variable",
    "variables",
]
