"""The division of weights that graphc derives, run by Keras on eight virtual devices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import graphc
from graphc.analysis.layout_rules import layout_rules
from graphc.analysis.parameters import weights_of
from graphc.analysis.sharding import model_parallel

TRANSFORMER = """
model transformer {
    input x: [6, 32]
    for i in range(2) {
        y = x -> LayerNormalization() as f"norm{i}"
        x = [x, (query=y, value=y) -> MultiHeadAttention(4, 8) as f"attention{i}"] -> Add() as f"add{i}"
        y = x -> LayerNormalization() as f"again{i}"
            -> Dense(128, gelu) as f"up{i}" -> Dense(32) as f"down{i}"
        x = [x, y] -> Add() as f"sum{i}"
    }
    output x -> LayerNormalization() as last
}
"""


def test_a_step_on_eight_devices_is_the_step_on_one():
    graph = graphc.parse(TRANSFORMER).model_graph
    sharding = model_parallel(graph, 4)
    rules = layout_rules(sharding, [weight.path for weight in weights_of(graph)])
    assert len(rules) == 10
    script = Path(__file__).with_name("sharded_step.py")
    argument = json.dumps([[rule.pattern, rule.axes] for rule in rules])
    done = subprocess.run(
        [sys.executable, str(script), argument], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["far"] < 1e-5
    assert found["divided"] == len(sharding.weights) == 20
    # Two for each layer of the transformer, as graphc says.
    assert found["all_reduces"] == sharding.all_reduces == 4
