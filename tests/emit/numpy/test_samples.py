"""The samples as programs of NumPy: what they compute, and how they are written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphc
from graphc.emit.numpy import numpy_program
from tests.emit.numpy.executed import check_program, computed
from tests.emit.test_samples import ruff
from tests.emit.values import drawn_inputs, drawn_weights
from tests.samples.rows import SAMPLES

TOO_LARGE = ("llama2_7b",)
FILES = [path for path in sorted(SAMPLES.glob("*.net")) if path.stem not in TOO_LARGE]
FAST = (
    "autoencoder", "autoencoder_models", "linear_regression", "linear_regression_fit", "mnist",
    "siamese", "stepwise_cnn",
)  # fmt: skip
GOLDEN = Path(__file__).parent / "golden"
KEPT = ("siamese", "seq2seq_attention", "stepwise_cnn")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[] if path.stem in FAST else pytest.mark.slow)
        for path in FILES
    ],
)
def test_computes_what_the_compiled_model_does(path):
    model = graphc.load(path)
    check_program(
        model, drawn_weights(model), dict(zip(model.inputs, drawn_inputs(model), strict=True))
    )


@pytest.mark.parametrize("name", KEPT)
def test_reads_as_before(name, pytestconfig):
    program = numpy_program(graphc.load(SAMPLES / f"{name}.net").model_graph, f"{name}.npz")
    kept = GOLDEN / f"{name}.py"
    if pytestconfig.getoption("--bless"):
        kept.write_text(program, encoding="utf-8")
    assert program == kept.read_text(encoding="utf-8"), "run pytest --bless to keep the new text"


def test_ruff_has_nothing_to_say(tmp_path):
    for path in FILES:
        if path.stem in (*FAST, *KEPT, "lstm_classifier", "resnet50", "unet"):
            program = numpy_program(graphc.load(path).model_graph, "w.npz")
            (tmp_path / path.name).with_suffix(".py").write_text(program, encoding="utf-8")
    assert not ruff("format", "--check", str(tmp_path))
    assert not ruff("check", str(tmp_path))


def test_as_a_script_of_its_own(tmp_path):
    """No graphc, and nothing but NumPy: the interpreter looks for modules nowhere else."""
    model = graphc.load(SAMPLES / "stepwise_cnn.net")
    weights, inputs = drawn_weights(model), drawn_inputs(model)
    (tmp_path / "m.py").write_text(model.emit("numpy", weights="m.npz"), encoding="utf-8")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "numpy").symlink_to(Path(np.__file__).parent)
    libraries = Path(np.__file__).parent.parent / "numpy.libs"
    (tmp_path / "alone" / "numpy.libs").symlink_to(libraries)
    np.savez(tmp_path / "m.npz", **weights)
    np.save(tmp_path / "x.npy", inputs[0])
    np.savez(tmp_path / "x.npz", whatever=inputs[0])
    (expected,) = computed(model, weights, dict(zip(model.inputs, inputs, strict=True))).values()
    for data in ("x.npy", "x.npz"):
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _ALONE, "m.py", "--input", data, "-o", "y.npz"],
            cwd=tmp_path, check=True,
        )  # fmt: skip
        with np.load(tmp_path / "y.npz") as found:
            (got,) = found.values()
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("data", "weights", "message"),
    [
        ("none.npz", "w.npz", "FileNotFoundError: .*none.npz"),
        ("few.npz", "w.npz", "ValueError: there is no input ids"),
        ("parts.npz", "w.npz", "ValueError: ids needs whole numbers, got float64"),
        ("words.npz", "w.npz", "IndexError: index 5 is out of bounds"),
        ("good.npz", "good.npz", "KeyError: "),
    ],
)
def test_files_that_do_not_fit(data, weights, message, tmp_path, monkeypatch):
    """A line, not a traceback, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    model = graphc.parse("""
model m {
    input x: [3]
    input ids: int32[3]
    output y = x + (ids -> Embedding(5, 1) -> Flatten())
}
""")
    ones = np.ones((2, 3))
    np.savez("w.npz", **model.init_weights())
    np.savez("good.npz", x=ones, ids=ones.astype(int))
    np.savez("few.npz", x=ones)
    np.savez("parts.npz", x=ones, ids=ones)
    np.savez("words.npz", x=ones, ids=5 * ones.astype(int))
    space: dict[str, object] = {"__name__": "m"}
    exec(model.emit("numpy"), space)
    monkeypatch.setattr(sys, "argv", ["m.py", "--input", data, "--weights", weights, "-o", "y.npz"])
    with pytest.raises(SystemExit, match=f"this cannot be computed: {message}"):
        space["main"]()
    assert not Path("y.npz").exists()


_ALONE = """
import runpy, sys
sys.path.append("alone")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
