"""A cold `graphc render samples/resnet50.net` against Keras building and plotting the same model.

Prints the ratio of CPU time as whole processes, children included, and peak memory. Aim: five times
faster. Keras' `plot_model` needs pydot and Graphviz' `dot` on the PATH.

    python tests/benchmarks/render_cold.py [RUNS]
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

from measure import in_turn, median_cpu, peak_megabytes, python

SAMPLE = Path(__file__).parents[2] / "samples" / "resnet50.net"
KERAS = """
import os
os.environ["KERAS_BACKEND"] = "{backend}"
import keras
model = keras.applications.ResNet50(weights=None)
keras.utils.plot_model(model, {path!r}, show_shapes=True, show_layer_names=True)
"""


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    lacking = [name for name in ("pydot",) if importlib.util.find_spec(name) is None]
    if lacking or shutil.which("dot") is None:
        raise SystemExit("plot_model needs `pip install pydot` and Graphviz' `dot`")
    with tempfile.TemporaryDirectory() as folder:
        picture = str(Path(folder) / "r.png")
        ours = [sys.executable, "-m", "graphc", "render", str(SAMPLE), "-o", picture]
        commands = {"graphc render": ours, "graphc render --fold": [*ours, "--fold"]}
        for backend in ("tensorflow", "jax"):
            if importlib.util.find_spec(backend) is None:
                print(f"{backend} is not installed: no ratio")
                continue
            commands[f"Keras on {backend}"] = python(KERAS.format(backend=backend, path=picture))
        results = in_turn(commands, runs)
    for name, usages in results.items():
        print(f"{name:<24}{median_cpu(usages):8.2f} s CPU {peak_megabytes(usages):7.1f} MB")
    base = median_cpu(results["graphc render"])
    for name, usages in results.items():
        if name.startswith("Keras"):
            print(f"{name} / graphc render: {median_cpu(usages) / base:.1f} (aim 5)")


if __name__ == "__main__":
    main()
