"""The tutorial's linear regression as a whole process, and what a tape adds to each primitive.

Prints ratios of CPU time: against `import numpy`, against Keras on TensorFlow fitting the same line
(aim: at most 1/25), and against TensorFlow's own tape.

    python tests/benchmarks/linear_regression.py [RUNS]
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import in_turn, median_cpu, peak_megabytes, python

SAMPLE = Path(__file__).parents[2] / "samples" / "linear_regression.py"
KERAS = """
import os
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras, numpy
x = numpy.random.normal(size=(1000, 1)).astype("float32")
y = 3 * x + 2 + numpy.random.normal(size=(1000, 1)).astype("float32")
model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mean_squared_error")
model.fit(x, y, epochs=20, batch_size=1000, verbose=0)
"""
TAPE = """
import tensorflow as tf
x = tf.random.normal(shape=[1000])
y = x * 3.0 + 2.0 + tf.random.normal(shape=[1000])
w, b = tf.Variable(5.0), tf.Variable(0.0)
for epoch in range(20):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - (w * x + b)))
    dw, db = tape.gradient(loss, [w, b])
    w.assign_sub(0.1 * dw)
    b.assign_sub(0.1 * db)
"""
COUNT = 20_000


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # only a first start compiles
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    commands = {
        "import numpy": python("import numpy, numpy.random"),
        "graphc": [sys.executable, str(SAMPLE)],
    }
    results = in_turn(commands, runs)
    for name, usages in results.items():
        print(f"{name:<24}{median_cpu(usages) * 1e3:8.0f} ms CPU {peak_megabytes(usages):6.1f} MB")
    ours = median_cpu(results["graphc"])
    print(f"graphc / import numpy: {ours / median_cpu(results['import numpy']):.2f}")
    if importlib.util.find_spec("tensorflow") is None:
        print("tensorflow is not installed: no ratio")
    else:
        for name, code in (("Keras on TensorFlow", KERAS), ("TensorFlow's tape", TAPE)):
            theirs = median_cpu(in_turn({name: python(code)}, 1)[name])
            print(f"graphc / {name}: 1/{theirs / ours:.0f}")
    overheads()


def overheads() -> None:
    """Microseconds for a product of two small arrays: by NumPy, and by us without and with a tape."""
    import numpy as np

    from graphc.eager import EagerTensor, GradientTape

    array = np.ones(4, "float32")
    x = EagerTensor(array)
    print(f"NumPy                   {_microseconds(lambda: array * array):8.2f} µs a primitive")
    print(f"tensors                 {_microseconds(lambda: x * x):8.2f} µs a primitive")
    with GradientTape() as tape:
        tape.watch(x)
        print(f"tensors under a tape    {_microseconds(lambda: x * x):8.2f} µs a primitive")


def _microseconds(step: Callable[[], Any]) -> float:
    step()
    started = time.process_time()
    for _ in range(COUNT):
        step()
    return (time.process_time() - started) / COUNT * 1e6


if __name__ == "__main__":
    main()
