"""What a program ends with on request: weights that it loads, and division between devices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import graphc
from graphc.cli.main import cli

NET = """
block layer(heads=4) {
    input x: [T, D]
    y = x -> LayerNormalization() as norm1
    x = x + ((query=y, value=y) -> MultiHeadAttention(heads, D // heads) as attention)
    y = x -> LayerNormalization() as norm2 -> Dense(4 * D, gelu) as up -> Dense(D) as down
    output x + y
}

model transformer(depth=2) {
    input x: [6, 32]
    for i in range(depth) {
        x = x -> layer() as f"layer{i}"
    }
    output x -> Dense(5) as scores
}

train transformer {
    loss      = mean_squared_error
    optimizer = SGD(0.1)
}
"""

STEP = """
import json, sys
import numpy as np
sys.path.insert(0, ".")
import program
rng = np.random.default_rng(0)
x = rng.normal(size=(8, 6, 32)).astype("float32")
y = rng.normal(size=(8, 6, 5)).astype("float32")

def stepped(model):
    filled = np.random.default_rng(1)
    for variable in model.trainable_variables:
        variable.assign(filled.normal(size=variable.shape, scale=0.1).astype("float32"))
    program.compile_model(model)
    model.train_on_batch(x, y)
    return [np.asarray(variable.value) for variable in model.trainable_variables]

alone = stepped(program.build_model())
program.distribute()
model = program.build_model()
together = stepped(model)
print(json.dumps({
    "far": max(float(abs(a - b).max()) for a, b in zip(alone, together)),
    "divided": sum(not v.value.sharding.is_fully_replicated for v in model.trainable_variables),
}))
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("m.net").write_text(NET)


def emit(*arguments):
    return CliRunner().invoke(cli, ["emit", "m.net", *arguments], catch_exceptions=False)


def python(code):
    environment = {
        "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "PATH": str(Path(sys.executable).parent),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("arguments", "divided"),
    [
        (["--distribute", "data"], 0),
        # Of each layer: queries, keys, values, their biases, the output; up, its bias, down.
        (["--distribute", "model", "--mesh", "batch=2,model=4"], 2 * 10),
    ],
    ids=["data", "model"],
)
def test_a_step_on_eight_devices_is_the_step_on_one(arguments, divided):
    result = emit(*arguments, "-o", "program.py")
    assert result.exit_code == 0, result.output
    found = python(STEP)
    assert found["far"] < 1e-5
    assert found["divided"] == divided


def test_the_program_calls_it_first():
    text = emit("--distribute", "data").stdout
    assert "    distribute()\n    model = build_model()\n" in text


@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".weights.h5"])
def test_weights_are_loaded(ending):
    model = graphc.load("m.net")
    arrays = model.init_weights(seed=3)
    model.save_weights(f"given{ending}", arrays)
    result = emit("--weights", f"given{ending}", "-o", "program.py")
    assert result.exit_code == 0, result.output
    assert Path("program.weights.h5").exists()
    code = """
import json, sys
import numpy as np
sys.path.insert(0, ".")
import program
model = program.load_model()
np.savez("loaded.npz", **{v.path: np.asarray(v.value) for v in model.weights})
print(json.dumps(len(model.weights)))
"""
    assert python(code) == len(arrays)
    with np.load("loaded.npz") as loaded:
        for path, array in arrays.items():
            np.testing.assert_array_equal(loaded[path], array)


def test_weights_that_do_not_fit_write_nothing():
    model = graphc.load("m.net")
    arrays = model.init_weights()
    del arrays["scores/kernel"]
    np.savez("given.npz", **arrays)
    result = emit("--weights", "given.npz", "-o", "program.py")
    assert result.exit_code == 1
    assert "E0802" in result.stderr
    assert "scores/kernel" in result.stderr
    assert not Path("program.py").exists()
    assert not Path("program.weights.h5").exists()


def test_a_missing_folder_is_found_before_weights_are_written(tmp_path):
    model = graphc.load("m.net")
    model.save_weights("given.npz", model.init_weights())
    result = emit("--weights", "given.npz", "-o", "nowhere/program.py")
    assert result.exit_code == 2
    assert "there is no folder nowhere" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given.npz", "m.net"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--distribute", "model"], "need each other"),
        (["--mesh", "batch=2,model=2"], "need each other"),
        (["--distribute", "model", "--mesh", "batch=0,model=2"], "--mesh needs batch=N,model=N"),
        (["--weights", "w.npz"], "--weights needs -o"),
        (["--target", "json", "--distribute", "data"], "are for --target keras"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_usage(arguments, message):
    result = emit(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_nothing_to_divide_says_so():
    result = emit("--distribute", "model", "--mesh", "batch=1,model=7")
    assert result.exit_code == 1
    assert "no two matrices to divide between 7 devices" in result.stderr
