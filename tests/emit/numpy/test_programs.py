"""What programs of NumPy are written like: names, sizes, numbers, and what they cannot say."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import graphc
from graphc.cli.emit_command import TARGETS
from graphc.emit.numpy import numpy_program
from graphc.emit.numpy.faults import NotInNumPy
from graphc.emit.numpy.kernel_text import Library, raw_kernel
from graphc.emit.numpy.literals import number_expression
from graphc.emit.numpy.sizes import solved
from graphc.emit.targets import TARGETS as WRITTEN
from graphc.ir.dims import variable
from graphc.runtime.kernels import KERNELS
from tests.cli.test_commands import run
from tests.emit.numpy.executed import check_program, executed
from tests.emit.test_samples import ruff
from tests.emit.values import drawn_weights


def check(text: str, **arrays) -> str:
    model = graphc.parse(text)
    random = np.random.default_rng(2)
    inputs = {
        name: given
        if isinstance(given, np.ndarray)
        else random.normal(size=given).astype("float32")
        for name, given in arrays.items()
    }
    return check_program(model, drawn_weights(model), inputs)


def test_any_batch_and_any_length():
    text = (
        "model m {\n input x: [T, 3]\n output x -> LSTM(4, return_sequences=True) -> Flatten()\n}"
    )
    model = graphc.parse(text.replace(" -> Flatten()", ""))
    weights = drawn_weights(model)
    space = executed(numpy_program(model.model_graph))
    for shape in ((1, 2, 3), (5, 7, 3), (2, 1, 3)):
        x = np.random.default_rng(0).normal(size=shape).astype("float32")
        np.testing.assert_allclose(
            space["predict"]({"x": x}, weights)["lstm"],
            model.compile(weights)(x),
            rtol=1e-5,
            atol=1e-6,
        )


def test_sizes_follow_from_the_shapes():
    program = check(
        "model m {\n input x: [2*T, 3]\n input y: [T, 3]\n"
        " output concatenate([x, y], axis=1) -> Reshape([3*T*3])\n}",
        x=(2, 8, 3), y=(2, 4, 3),
    )  # fmt: skip
    assert "T = " in program


def test_even_and_odd_sizes():
    program = check(
        """model unet {
            input image: [2 * h, 2 * w + 1, 3]
            skip = image -> Conv2D(4, 3, padding="same")
            x = skip -> MaxPooling2D([2, 1]) -> Conv2D(4, 3, padding="same") -> UpSampling2D([2, 1])
            output [skip, x] -> Concatenate()
        }""",
        image=(2, 6, 5, 3),
    )
    assert "h = image.shape[1] // 2" in program


def test_sizes_that_need_no_name():
    text = "model m {\n input x: [?, 3]\n input y: [?, 3]\n input z: [4, 3]\n output x + y + z\n}"
    check(text, x=(2, 4, 3), y=(2, 4, 3), z=(2, 4, 3))


@pytest.mark.parametrize(
    ("dims", "expected"),
    [
        (["T"], {"T": "a0"}),
        (["3*T + 2"], {"T": "(a0 - 5) // 3 + 1"}),
        (["S + T", "S"], {"S": "a1", "T": "a0 - a1"}),
        (["S * T"], {}),
        (["T // 2"], {}),
        (["T * T"], {}),
        (["10 - T"], {"T": "10 - a0"}),
    ],
)
def test_what_follows_from_sizes(dims, expected):
    names = {each: variable(each) for each in ("S", "T")}
    pairs = [(eval(dim, names), variable(f"a{i}")) for i, dim in enumerate(dims)]
    assert {name: str(dim) for name, dim in solved(pairs).items()} == expected


def test_a_size_that_does_not_follow():
    model = graphc.parse("model m {\n input x: [T * S, 3]\n output x * S\n}")
    with pytest.raises(NotInNumPy, match="a size that does not follow"):
        numpy_program(model.model_graph)


def test_unknown_sizes_of_two_inputs_are_one_where_they_have_to_be():
    check(
        "model m {\n input x: [?, 3]\n input y: [?, 3]\n output x + y\n}", x=(2, 4, 3), y=(2, 4, 3)
    )
    check(
        "model m {\n input x: [?, 3]\n input y: [?, 3]\n output concatenate([x, y], axis=1)\n}",
        x=(2, 4, 3), y=(2, 6, 3),
    )  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "np",
        "inputs",
        "weights",
        "predict",
        "conv",
        "x",
        "B",
        "prod",
        "x_2",
        "prepared",
        "T",
        "array",
    ],
)
def test_names_that_the_program_has_for_something_else(name):
    check(
        f"model m {{\n input {name}: [6, 6, 2]\n"
        f' y = {name} -> Conv2D(3, 3, padding="same") as {name}_ -> BatchNormalization() as pad\n'
        f" z = y -> Conv2D(2, 3) as _reduced -> ReLU() as read\n"
        f" output z -> GlobalMaxPooling2D() as dict\n output mean({name}) + mean(y)\n}}",
        **{name: (2, 6, 6, 2)},
    )


def test_inputs_of_other_sizes_are_an_error():
    text = "model m {\n input x: [T, 4, 3]\n output x -> GlobalAveragePooling2D()\n}"
    predict = executed(numpy_program(graphc.parse(text).model_graph))["predict"]
    assert predict({"x": np.ones((2, 5, 4, 3))}, {})["global_average_pooling2d"].shape == (2, 3)
    for shape in ((2, 5, 5, 3), (2, 5, 4), (2, 5, 4, 3, 1)):
        with pytest.raises(ValueError, match=r"x needs shape \(None, None, 4, 3\), got"):
            predict({"x": np.ones(shape)}, {})


def test_skip_connections_and_shared_values():
    check(
        """model m {
            input x: [8]
            a = x -> Dense(8, relu) as a
            b = a -> Dense(8) as b
            c = a + b
            d = c -> Dense(8, tanh) as d
            output c + d + a + x as total
            output b
            output x * 2 as twice
        }""",
        x=(3, 8),
    )


def test_an_output_that_is_an_input():
    check("model m {\n input x: [3]\n output x\n output x -> Dense(2) as d\n}", x=(2, 3))


def test_loops_within_loops_and_masks():
    check(
        """model m {
            input ids: int32[T]
            y = ids -> Embedding(9, 4, mask_zero=True) -> Bidirectional(GRU(3, return_sequences=True))
            output y -> LSTM(2, go_backwards=True)
            output y -> RNN([LSTMCell(3), GRUCell(2)]) as cells
        }""",
        ids=np.array([[1, 2, 3, 0], [4, 0, 0, 0]], "int32"),
    )


def test_random_numbers_are_those_of_the_first_call():
    model = graphc.parse(
        "model m {\n input x: [3]\n output (x, training=True) -> GaussianNoise(1.0)\n}"
    )
    x = np.ones((4, 3), "float32")
    space = executed(numpy_program(model.model_graph))
    first, again = (space["predict"]({"x": x}, {}) for _ in range(2))
    (name,) = first
    np.testing.assert_array_equal(first[name], again[name])
    np.testing.assert_allclose(first[name], model.compile({})(x), rtol=1e-6)


def test_every_kernel_has_a_text():
    for has_small in (False, True):
        library = Library(has_small_floats=has_small)
        own = {name: raw_kernel(run) for name, run in KERNELS.items() if name not in SAID}
        for found in own.values():
            if found is not None:
                library.need(found[0])
        space: dict = {}
        exec("\n".join([*library.imports, *library.texts]), space)
        assert "dot_general" in space


SAID = ("scan", "cast", "iota", "constant", "bitcast", "dim_size")
"""What is always said in NumPy's own words."""


def test_texts_of_kernels_are_as_ruff_has_them(tmp_path):
    for has_small in (False, True):
        library = Library(has_small_floats=has_small)
        for name, each in KERNELS.items():
            if name not in SAID and (found := raw_kernel(each)) is not None:
                library.need(found[0])
        text = "\n\n\n".join(["import numpy as np", *library.texts]) + "\n"
        (tmp_path / f"kernels_{has_small}.py").write_text(text)
    assert not ruff("format", "--check", str(tmp_path))


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.1, "float32", "0.1"), (2.0, "float32", "2"), (-0.0, "float32", "-0.0"),
        (float("-inf"), "float32", "-np.inf"), (1e39, "float32", None), (1e5, "float16", None),
        (300, "uint8", None), (-1, "uint8", None), (2**31, "int32", None), (7, "int32", "7"),
        (1, "bool", "True"), (1j, "complex64", None), (0.5, "int32", None),
    ],
)  # fmt: skip
def test_numbers(value, dtype, text):
    made = number_expression(value, dtype)
    assert (made if made is None else ast.unparse(made)) == text


def test_defaults_of_kernels_are_left_alone():
    program = check(
        """model m {
            input x: [T, 4, 2]
            y = pad(x, [[0, 0], [T, 0], [0, 0], [0, 0]], constant_values=1)
            output y -> Conv2D(2, 3, padding="same")
            output x -> Conv2D(2, 3, padding="same", dilation_rate=2) as wide
        }""",
        x=(2, 5, 4, 2),
    )
    assert "value=1" in program
    assert "def pad(x, widths, mode, value=0):" in program


def test_half_precision():
    check(
        """model m {
            input x: [6, 6, 2]
            y = x -> Conv2D(3, 3, dtype="float16") -> BatchNormalization(dtype="float16")
            output y -> GlobalAveragePooling2D(dtype="float16") -> Dense(2, softmax, dtype="float16")
        }""",
        x=(2, 6, 6, 2),
    )


def test_the_targets_of_the_command_are_those_there_are():
    assert set(TARGETS) == set(WRITTEN)


# The command


NET = "model m {\n input x: [4]\n output x -> Dense(2) as y\n}\n"


def test_the_command_writes_weights_beside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.net").write_text(NET)
    model = graphc.load("m.net")
    weights = drawn_weights(model)
    model.save_weights("w.safetensors", weights)
    arguments = ["--target", "numpy", "--weights", "w.safetensors", "-o", "p.py"]
    result = run("emit", "m.net", *arguments)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == "wrote p.weights.npz\nwrote p.py\n"
    with np.load("p.weights.npz") as stored:
        x = np.ones((3, 4), "float32")
        got = executed((tmp_path / "p.py").read_text())["predict"]({"x": x}, dict(stored))
    np.testing.assert_allclose(got["y"], model.compile(weights)(x), rtol=1e-6)
    assert '.with_name("p.weights.npz")' in (tmp_path / "p.py").read_text()


def test_what_the_command_says_where_there_is_no_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.net").write_text(NET.replace("Dense(2)", 'Dense(2, dtype="bfloat16")'))
    result = run("emit", "m.net", "--target", "numpy")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no such NumPy program: it computes in bfloat16" in result.stderr
    (tmp_path / "o.net").write_text('model m {\n input x: [4]\n output x -> Opaque("L", [2])\n}\n')
    result = run("emit", "o.net", "--target", "numpy")
    assert result.exit_code == 1
    assert "is opaque" in result.stderr
    assert run("emit", "m.net", "--target", "numpy", "--flat").exit_code == 2
    assert run("emit", "m.net", "--target", "json", "--weights", "w.npz", "-o", "p").exit_code == 2


def test_the_program_of_the_page():
    page = (Path(__file__).parents[3] / "docs" / "emit.md").read_text(encoding="utf-8")
    part = page.partition("## NumPy programs")[2]
    net, shown = (part.partition(f"```{kind}\n")[2].partition("```")[0] for kind in ("net", "py"))
    assert shown in numpy_program(graphc.parse(net).model_graph)


@pytest.mark.parametrize(
    ("inputs", "shapes", "message"),
    [
        (
            ("[T, 8]", "[T, 4]"),
            ((2, 5, 8), (2, 7, 4)),
            r"b needs shape \[B, T, 4\], got \(2, 7, 4\); a has \(2, 5, 8\)",
        ),
        (
            ("[T, 8]", "[T, 4]"),
            ((2, 5, 8), (3, 5, 4)),
            r"b needs shape \[B, T, 4\], got \(3, 5, 4\); a has \(2, 5, 8\)",
        ),
        (
            ("[T, 8]", "[2*T + 1, 4]"),
            ((2, 5, 8), (2, 12, 4)),
            r"b needs shape \[B, 2\*T \+ 1, 4\], got \(2, 12, 4\); a has \(2, 5, 8\)",
        ),
        (
            ("[T, T]", "[?, 4]"),
            ((2, 5, 6), (2, 7, 4)),
            r"a needs shape \[B, T, T\], got \(2, 5, 6\); b has \(2, 7, 4\)",
        ),
    ],
)
def test_sizes_that_inputs_share(
    inputs: tuple[str, str], shapes: tuple[tuple[int, ...], tuple[int, ...]], message: str
) -> None:
    first, second = inputs
    model = graphc.parse(f"""
    model net {{
        input a: {first}
        input b: {second}
        total = sum(a, axis=[1, 2]) + sum(b, axis=[1, 2])
        output total
    }}
    """)
    space = executed(numpy_program(model.model_graph))
    a, b = map(np.ones, shapes)
    with pytest.raises(ValueError, match=message):
        space["predict"]({"a": a, "b": b}, {})


def test_sizes_that_are_in_one_place_are_not_compared() -> None:
    model = graphc.parse("""
    model net {
        input x: [T, 4]
        output x -> Dense(2)
    }
    """)
    assert "agree" not in numpy_program(model.model_graph)


def test_a_size_that_is_no_multiple() -> None:
    model = graphc.parse("""
    model net {
        input x: [2*T, 4]
        output x -> Dense(2) as out
    }
    """)
    space = executed(numpy_program(model.model_graph))
    with pytest.raises(ValueError, match=r"x needs shape \[B, 2\*T, 4\], got \(3, 5, 4\)"):
        space["predict"]({"x": np.ones((3, 5, 4))}, {})
