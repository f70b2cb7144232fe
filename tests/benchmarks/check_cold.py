"""A cold `graphc check samples/resnet50.net` against bare imports, and against Keras.

Prints the ratios of CPU time as whole processes, and peak memory. Aims: at most 1.3 times
`import networkx, lark`, 45 MB, and 1/20 of Keras on TensorFlow building the same model.

    python tests/benchmarks/check_cold.py [RUNS]
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from measure import in_turn, median_cpu, peak_megabytes, python

SAMPLE = Path(__file__).parents[2] / "samples" / "resnet50.net"
KERAS = """
import os
os.environ["KERAS_BACKEND"] = "{backend}"
import keras
keras.applications.ResNet50(weights=None)
"""


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    commands = {
        "import networkx, lark": python("import networkx, lark"),
        "graphc check": [sys.executable, "-m", "graphc", "check", str(SAMPLE)],
    }
    results = in_turn(commands, runs)
    ours, floor = results["graphc check"], results["import networkx, lark"]
    for name, usages in results.items():
        print(f"{name:<24}{median_cpu(usages) * 1e3:8.0f} ms CPU {peak_megabytes(usages):6.1f} MB")
    print(f"graphc check / imports: {median_cpu(ours) / median_cpu(floor):.2f} (aim 1.3)")
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None:
            print(f"{backend} is not installed: no ratio")
            continue
        keras = in_turn({"keras": python(KERAS.format(backend=backend))}, 1)["keras"]
        print(f"graphc check / Keras on {backend}: 1/{median_cpu(keras) / median_cpu(ours):.0f}")


if __name__ == "__main__":
    main()
