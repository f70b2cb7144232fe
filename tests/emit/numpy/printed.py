"""Any computation as the text of a NumPy program, beside the same compiled."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphc.emit.keras.statements import body_lines
from graphc.emit.numpy.body import Printer
from graphc.emit.numpy.calls import Calls
from graphc.emit.numpy.kernel_text import Library
from graphc.emit.numpy.names import Names
from graphc.emit.numpy.sizes import Sizes
from graphc.emit.numpy.statements import Translator
from graphc.emit.numpy.writers import Operand
from graphc.ir.tensor import Tensor, key
from graphc.ir.types import TensorType
from graphc.runtime.execute import Compiled
from graphc.runtime.kernels.table import SMALL_FLOATS
from tests.emit.numpy.executed import assert_equal
from tests.reference.specialize import specialize
from tests.runtime.programs import all_steps


def printed(results: Sequence[Tensor], leaves: Sequence[Tensor]) -> str:
    """A function `predict(x0, x1, …)` of the leaves that gives a list of the results.

    Raises `NotInNumPy` where there is none.
    """
    types = [type for step in all_steps(results) for type in step.types]
    types += [x.type for step in all_steps(results) for x in step.operands]
    library = Library(has_small_floats=any(type.dtype in SMALL_FLOATS for type in types))
    sizes = Sizes({}, {}, lambda name: name)
    names = [f"x{place}" for place in range(len(leaves))]
    known = {
        key(leaf): Operand(ast.Name(name), leaf.type)
        for leaf, name in zip(leaves, names, strict=True)
    }
    statements, made = Translator(Calls(sizes, library)).translate(results, known)
    library.settle()
    values = [result.array for result in made]
    imported = [line.split()[-1] for line in library.imports]
    taken = {"np", *names, *imported, *(name for _, name in library.pieces)}
    printer = Printer(Names(statements, values, taken), sizes)
    listed = ast.Return(ast.List([printer.named(value) for value in values]))
    lines = [
        "import numpy as np",
        *library.imports,
        *library.texts,
        '@np.errstate(all="ignore")',
        f"def predict({', '.join(names)}):",
        *body_lines([*printer.body(statements), listed], 4),
    ]
    return "\n".join(lines)


def check_printed(
    results: Sequence[Tensor], known: Mapping[Tensor, Any], sizes: Mapping[str, int]
) -> bool:
    """Hold what the text computes to what the compiled program does.

    False for arrays of which neither can: with the number of a row that a table does not have.
    """
    leaves = {x: Tensor(TensorType(array.shape, x.dtype)) for x, array in known.items()}
    made = specialize(results, leaves, sizes)
    try:
        expected = Compiled(list(leaves.values()), made)(*known.values())
    except IndexError:
        return False
    text = printed(made, list(leaves.values()))
    space: dict[str, Any] = {}
    exec(compile(text, "<printed>", "exec"), space)
    got = space["predict"](*known.values())
    for ours, right in zip(got, expected, strict=True):
        assert_equal(np.asarray(ours), np.asarray(right))
    return True
