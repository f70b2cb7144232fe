"""Emitted programs as their users run them: trained, saved, configured; and hostile files."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import graphc
from graphc.cli.main import cli
from graphc.emit.keras.program import NotEmitted
from graphc.emit.keras.spelling import RESERVED, comment, docstring_lines, identifier, string
from graphc.model import check_source
from graphc.source import SourceFile
from tests.emit.built import check, emitted, emitted_file, keras, run
from tests.emit.computed import check_values
from tests.emit.test_samples import ruff
from tests.samples.rows import SAMPLES

# Of Keras and JAX with each other.
ignored = pytest.mark.filterwarnings("ignore::DeprecationWarning")

WEIGHTS = """
block scaled() {
    input x: [N]
    weight gain: [N] = ones
    frozen weight bias: [N] = 0.5
    output x * gain + bias
}
model net {
    input x: [4]
    weight table: [3, 4] = RandomNormal(stddev=0.5)
    y = x -> scaled() -> scaled()
    output y @ transpose(table)
}
"""


def test_trains_as_the_tutorial_does(tmp_path):
    random = np.random.default_rng(0)
    np.savez(
        tmp_path / "data.npz",
        x_train=random.normal(size=(200, 784)).astype("float32"),
        y_train=random.integers(0, 10, 200),
        x_test=random.normal(size=(50, 784)).astype("float32"),
        y_test=random.integers(0, 10, 50),
    )
    program = tmp_path / "mnist.py"
    with pytest.raises(SystemExit) as ended:
        cli(["emit", str(SAMPLES / "mnist.net"), "-o", str(program)])
    assert ended.value.code == 0
    done = subprocess.run(
        [sys.executable, str(program), "data.npz"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": "jax"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Epoch 2/2" in done.stdout
    assert "val_loss: [" in done.stdout
    assert "55,050" in done.stdout


@ignored
def test_linear_regression_learns_the_line():
    _, program = emitted_file(SAMPLES / "linear_regression.net")
    space = {"__name__": "emitted"}
    model = run(program, space=space)
    random = np.random.default_rng(1)
    x = random.normal(size=1000).astype("float32")
    y = 3 * x + 2 + random.normal(size=1000).astype("float32")
    space["compile_model"](model)
    history = space["train"](model, x, y)
    assert len(history.history["loss"]) == 20
    w, b = (float(each) for each in model.get_weights())
    assert abs(w - 3) < 0.2
    assert abs(b - 2) < 0.2


@ignored
def test_weights_are_saved_and_loaded(tmp_path):
    model, program = emitted(WEIGHTS)
    built = run(program)
    assert built.count_params() == model.count_params() == 3 * 4 + 2 * 8
    assert sum(w.shape[0] for w in built.non_trainable_weights) == 8
    x = np.ones((2, 4), "float32")
    built.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    np.testing.assert_allclose(loaded(x), built(x))
    table = built.get_layer("table").get_weights()[0]
    np.testing.assert_allclose(built(x), (x * 1 + 0.5 + 0.5) @ table.T, rtol=1e-5)


@ignored
def test_open_sizes_are_saved_and_loaded(tmp_path):
    _, program = emitted("""
    model net {
        input ids: int32[T]
        place = arange(T) -> Embedding(50, 4)
        output (ids -> Embedding(9, 4)) + place
    }
    """)
    built = run(program)
    ids = np.array([[1, 2, 3], [3, 2, 1]])
    built.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    np.testing.assert_allclose(loaded(ids), built(ids))


OPEN_SIZES = """
block flip() {
    input x: [H, W, C]
    output x -> Reshape([W, H, C])
}
model net {
    input x: [H, W, 6]
    y = x -> Reshape([H, 2 * W, 3]) -> Reshape([2 * W, -1, 3]) -> Reshape([-1, 3])
    z = reshape(x, [x.shape[0], W * 3, H, 2])
    output y, z, x -> flip() -> flip(), (x -> Reshape([3 * W, H, 2]) as last) -> relu
}
"""


@ignored
@pytest.mark.parametrize("flat", [False, True])
def test_several_open_sizes_in_one_shape(flat, tmp_path):
    model, program = emitted(OPEN_SIZES, flat=flat)
    check(model, program)
    keras.utils.clear_session(free_memory=False)
    built = run(program)
    built.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    names = [each.name for each in built.layers]
    assert {"reshape", "reshape_1", "reshape_2", "flip.reshape", "last"} < set(names)
    for height, width in ((2, 5), (4, 3)):
        x = np.random.default_rng(0).normal(size=(3, height, width, 6)).astype("float32")
        for each in (built, loaded):
            y, z, flipped, last = (np.asarray(output) for output in each(x))
            np.testing.assert_array_equal(y, x.reshape(3, -1, 3))
            np.testing.assert_array_equal(z, x.reshape(3, 3 * width, height, 2))
            np.testing.assert_array_equal(flipped, x)
            np.testing.assert_array_equal(last, np.maximum(z, 0))


@ignored
@pytest.mark.parametrize("flat", [False, True])
def test_open_sizes_of_one_layer_called_twice(flat, tmp_path):
    model, program = emitted(
        """
        model net {
            input x: [H, W, 6]
            input z: [H, W, 6]
            turn = Reshape([W, H, 6]) as turn
            output (x -> turn) - (z -> turn) -> Dense(2), z -> relu -> turn
        }
        """,
        flat=flat,
    )
    check(model, program)
    assert program.count('Reshape(name="turn")') == 1
    keras.utils.clear_session(free_memory=False)
    built = run(program)
    built.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras")
    x, z = np.random.default_rng(0).normal(size=(2, 3, 2, 5, 6)).astype("float32")
    for each in (built, loaded):
        _, turned = each([x, z])
        np.testing.assert_array_equal(turned, np.maximum(z, 0).reshape(3, 5, 2, 6))
        assert len(each.get_layer("turn")._inbound_nodes) == 3


def test_not_where_the_calls_have_their_sizes_in_different_places():
    text = """
    model net {
        input x: [H, W, 6]
        input z: [W, H, 6]
        turn = Reshape([W, H, 6]) as turn
        output x -> turn, z -> turn
    }
    """
    with pytest.raises(NotEmitted, match="turn finds its sizes in other places at each call"):
        emitted(text)


@pytest.mark.parametrize("flat", [False, True])
def test_settings_and_shapes_of_the_command_line(flat):
    model, program = emitted_file(
        SAMPLES / "unet.net", flat=flat, settings={"classes": 5, "filters": 4},
        inputs={"image": "[32, 64, 1]"},
    )  # fmt: skip
    built = check(model, program)
    assert built.output_shape == (None, 32, 64, 5)


HOSTILE = '''
# """ + __import__("os").system("true") + """ \\ \\N{DASH}
const keras = 3
block layers(ops, class_=1) {
    input x
    y = x -> Dense(ops) as """a"\\n'b\\\\"""
    output y -> Dense(class_) as f"{ops}\\"{{x}}"
}
model self(print=4) {
    input lambda_: [8] as "in\\"put"
    np = lambda_ -> layers(keras, class_=print)
    # """; import os
    väl_ue = np -> relu
    output väl_ue -> Dense(2) as "\\u202e__import__('os')"
}
'''


@pytest.mark.parametrize("flat", [False, True])
def test_hostile_names_and_strings(flat, tmp_path):
    model, program = emitted(HOSTILE, flat=flat)
    assert "import os" not in program.replace('# """; import os', "")
    check(model, program)
    (tmp_path / "model.py").write_text(program, encoding="utf-8")
    assert ruff("format", "--check", "--diff", str(tmp_path)) == ""


@pytest.mark.parametrize("text", ['"', "'", "\\", "\n", "\0", "\u2028", '"""', "a\"b'c", "\ud800"])
def test_strings(text):
    assert eval(string(text)) == text
    assert "\n" not in comment(f"# {text}")
    source = '"""' + "\n".join(docstring_lines(f"{text}.")) + '\n"""'
    compile(source.encode("utf-8", "replace").decode(), "doc", "exec")


@pytest.mark.parametrize("name", ["class", "print", "keras", "2x", "a b", "é", "ﬁ", "", "__x", "…"])
def test_identifiers(name):
    made = identifier(name)
    assert made.isidentifier()
    assert made not in RESERVED
    assert identifier(name, {made}) != made


def test_a_file_with_errors_gives_nothing(tmp_path, capsys):
    net = tmp_path / "wrong.net"
    net.write_text("model m {\n    input x: [8]\n    output x -> Conv2D(3, 3)\n}\n")
    with pytest.raises(SystemExit) as ended:
        cli(["emit", str(net), "-o", str(tmp_path / "model.py")])
    assert ended.value.code == 1
    assert "E0301" in capsys.readouterr().err
    assert not (tmp_path / "model.py").exists()


def test_prints_to_standard_output(capfdbinary):
    with pytest.raises(SystemExit) as ended:
        cli(["emit", str(SAMPLES / "mnist.net"), "-o", "-"])
    assert ended.value.code == 0
    assert b"def build_mnist_model():" in capfdbinary.readouterr().out


TWO_MODELS = """
model small(units=3) {
    input x: [8]
    output x -> Dense(units)
}
model large {
    input x: [8]
    output x -> Dense(100) -> Dense(5)
}
"""


def test_models_emit_themselves(tmp_path, capfdbinary):
    """In Python what the command writes, of any model of a file, configured or not."""
    model = graphc.parse(TWO_MODELS, model="small", settings={"units": 4})
    check(model, model.emit())
    check(model, model.emit("keras", flat=True))
    assert "units" not in model.emit(flat=True)
    report = check_source(SourceFile("two.net", TWO_MODELS))
    for each in report.models:
        check(each, each.emit())
    with pytest.raises(SystemExit):
        cli(["emit", str(SAMPLES / "siamese.net")])
    text = graphc.load(SAMPLES / "siamese.net").emit()
    assert capfdbinary.readouterr().out.decode() == text


def test_what_emit_takes():
    model = graphc.parse(TWO_MODELS)
    built = keras.models.model_from_json(model.emit("json"))
    assert built.count_params() == model.count_params()
    assert 'load_weights(pathlib.Path(__file__).with_name("w.weights.h5"))' in model.emit(
        weights="w.weights.h5"
    )
    assert "DataParallel" in model.emit(distribute="data")
    assert "LayoutMap" in model.emit(distribute="model", mesh=(2, 4))
    with pytest.raises(ValueError, match="no target 'kera'; did you mean"):
        model.emit("kera")
    with pytest.raises(ValueError, match="with a mesh"):
        model.emit(distribute="model")
    with pytest.raises(ValueError, match="json takes no options"):
        model.emit("json", flat=True)


def test_what_has_no_direct_translation_is_written_out():
    model, program = emitted("""
    block unit(width) {
        input x
        output x -> Dense(width)
    }
    model net {
        input x: [8]
        shared = unit(8)
        output x -> shared -> shared
    }
    """)
    assert "# Written out call by call: the block unit is configured before" in program
    check(model, program)


def test_initializer_that_keras_makes_of_no_name():
    model, program = emitted(
        "model net {\n    input x: [4]\n    output x -> Dense(2, bias_initializer=constant)\n}\n"
    )
    dense = check(model, program).get_layer("dense")
    assert isinstance(dense.bias_initializer, keras.initializers.Constant)


PRODUCTS = """
model net {
    input x: [W, H, 3]
    y = x * 2
    output y -> Reshape([H, W * 3])
}
"""


@pytest.mark.parametrize("flat", [False, True])
def test_open_sizes_of_what_keras_takes_for_sparse(flat, tmp_path):
    """On JAX Keras cannot trace what `x * 2` goes into; a small layer says what it gives."""
    model, program = emitted(PRODUCTS, flat=flat)
    check(model, program)
    assert "def compute_output_spec(self, x):" in program
    check_values(model, program, tmp_path)


# A layer that looks at a block's input for a size depends on it in Keras, and not in the file.
TIED_IN_A_BLOCK = """
block placed() {
    input y: [T, 3]
    z = arange(T) -> cast("float32") -> sin -> cos -> expand_dims(-1)
    output y + z
}
model net {
    input x: [T, 4]
    a = x -> Dense(3) -> ReLU()
    b = x -> Dense(3) -> placed()
    output [a, b] -> Concatenate()
}
"""
TIED_AND_DEEP = TIED_IN_A_BLOCK.replace(
    'cast("float32") -> sin -> cos -> expand_dims(-1)', "Embedding(9, 3) -> Dense(3) -> Dense(3)"
)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("text", [TIED_IN_A_BLOCK, TIED_AND_DEEP], ids=["functions", "layers"])
def test_sizes_do_not_change_the_order_of_layers(text, flat, tmp_path):
    """Files of weights go by it: `a` and `b` have weights of the same shapes."""
    model, program = emitted(text, flat=flat)
    check(model, program)
    check_values(model, program, tmp_path)


def test_small_layers_have_the_names_of_constants(tmp_path):
    model, program = emitted("""
        const width = 6
        const wide = 6.0
        model net {
            input x: [T, 6]
            weight c: [1, 6] = ones
            y = x + broadcast_to(c, [x.shape[0], T, width])
            output y + broadcast_to(c, [x.shape[0], T, wide / 1])
        }
    """)
    assert "ops.shape(like)[1], WIDTH))" in program
    assert "ops.shape(like)[1], 6))" in program, "6.0 is no size in Keras"
    check(model, program)
    check_values(model, program, tmp_path)


@pytest.mark.parametrize(
    ("shape", "target", "bound"),
    [
        ("H, W, C", "H, W, g, C // g", "    H, W, C = x.shape[1:]\n"),
        ("H, W, C", "W, H * 8", "    H, W = x.shape[1:3]\n"),
        ("H, W, C", "H, C, 4", "    H = x.shape[1]\n    C = x.shape[3]\n"),
        ("..., W, C", "6, W, C", "    W, C = x.shape[-2:]\n"),
    ],
)
def test_sizes_of_a_block_are_bound_together(shape, target, bound, tmp_path):
    model, program = emitted(f"""
        block split(g) {{
            input x: [{shape}]
            output x -> Reshape([{target}])
        }}
        model net {{
            input x: [6, 4, 8]
            output x -> split(2)
        }}
    """)
    assert bound in program
    check(model, program)
    check_values(model, program, tmp_path)


@ignored
def test_short_names_by_the_place_of_outputs():
    _, program = emitted("""
    model net {
        input x: [4]
        output kind = x -> Dense(3, softmax), amount = x -> Dense(1)
    }

    train net {
        loss      = {"kind": crossentropy, "amount": mse}
        optimizer = adam
        metrics   = {"kind": [acc, "accuracy"], "amount": []}
    }
    """)
    assert 'loss=["crossentropy", keras.losses.MeanSquaredError()]' in program
    assert 'metrics=[["acc", "accuracy"], []]' in program
    space = {"__name__": "emitted"}
    model = run(program, space=space)
    space["compile_model"](model)
    targets = [np.eye(3, dtype="float32"), np.ones((3, 1))]
    history = space["train"](model, np.ones((3, 4)), targets)
    assert {"dense_acc", "dense_accuracy"} <= history.history.keys()


@ignored
def test_blocks_whose_users_are_written_out_have_no_functions():
    model, program = emitted("""
    block inner() {
        input x
        output x -> Dense(4)
    }

    block outer(part=inner) {
        input x
        output x -> inner() -> part()
    }

    model net {
        input x: [4]
        output x -> outer() -> inner()
    }
    """)
    assert "# Written out call by call" in program
    assert "def inner" not in program
    check(model, program)
