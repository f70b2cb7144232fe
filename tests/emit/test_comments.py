"""Comments of a file in its program: where they stand, and all of them."""

from __future__ import annotations

import re

import pytest

from tests.emit.built import check, emitted
from tests.emit.test_samples import ruff

TEXT = """
# Title.

const width = 8  # c1 beside a constant
# c2 above a constant
const depth = 3

# The docstring.
block unit(n) {  # c3 at a head
    input x: [N]  # c4 beside an input
    y = x -> Dense(n) -> relu  # c5 beside two steps
    if n > N {  # c6 at a choice
        y = y -> Dropout(0.5)  # c7 beside one
    } else {
        y = y -> Dense(8)
        # c8 at an end
    }  # c9 behind a choice
    output y  # c10 beside a result
}
sequential plain {
    # c11 above the first
    input [8]
    Dense(8)  # c12 beside a layer
    Dense(8, "relu", kernel_initializer="he_normal")  # c13 beside a layer, too long for its line
    # c14 after the last
}
model net {
    input x: [8]
    for i in range(depth) {
        x = x -> unit(width)  # c15 in a loop
    }
    y = x  # c16 in a pipe
        # c17 alone in a pipe
        -> Dense(8)  # c18 behind a pipe
    y = y
        -> Dense(4)  # c29 beside a stage
        # c30 above a stage
        -> Dense(5) -> relu  # c31 beside two stages
        -> Dense(8)  # c32 beside the last stage
    output y -> plain
}
# c19 above what trains
train net {  # c20 at the head
    # c21 above the first
    loss = mean_squared_error  # c22 beside a name
    epochs = 2  # c23 beside a number
    # c24 above a call
    optimizer = AdamW(
        # c25 in a call
        learning_rate=CosineDecay(6e-4, decay_steps=100_000, alpha=0.25),
        weight_decay=0.1,
    )  # c26 behind a call
    batch_size = 3  # c27 beside a number, far too long to stay on its line and so it moves above it
    # c28 at the end
}
"""


def test_all_are_kept(tmp_path):
    model, program = emitted(TEXT)
    check(model, program)
    found = re.findall(r"# (c\d+) ", program)
    assert sorted(found) == sorted(f"c{number}" for number in range(1, 33))
    (tmp_path / "model.py").write_text(program, encoding="utf-8")
    assert ruff("format", "--check", "--diff", str(tmp_path)) == ""


@pytest.mark.parametrize(
    "line",
    [
        "WIDTH = 8  # c1 beside a constant",
        "# c2 above a constant\nDEPTH = 3",
        '    """The docstring."""\n    # c3 at a head\n',
        "    # c5 beside two steps\n    y = layers.Dense(n, ",
        'y = layers.Dropout(0.5, name=f"{name}.dropout")(y)  # c7 beside one',
        "    return y  # c10 beside a result",
        "            layers.Dense(8),  # c12 beside a layer",
        "            # c13 beside a layer, too long for its line\n            layers.Dense(8, ",
        "            # c14 after the last\n        ],",
        "x = unit(x, WIDTH, name=next(unit_names))  # c15 in a loop",
        "(y)  # c29 beside a stage\n",
        "    # c30 above a stage\n    # c31 beside two stages\n    y = layers.Dense(5, ",
        "(y)  # c32 beside the last stage\n",
        "# c19 above what trains\ndef compile_model(model):",
        "# c25 in a call\n        # c26 behind a call\n        optimizer=keras",
        '# c21 above the first\n        loss="mean_squared_error",  # c22 beside a name\n    )',
        "        y,\n        epochs=2,  # c23 beside a number\n",
        "        batch_size=3,\n        # c28 at the end\n    )",
    ],
)
def test_where_they_stand(line):
    _, program = emitted(TEXT)
    assert line in program


def test_not_those_on_what_is_not_written():
    _, program = emitted("""
    model net {
        input x: [4]
        require params < 1000  # as the board has no more
        unused = 3  # for later
        output x -> Dense(2)
    }
    """)
    assert "#" not in program
