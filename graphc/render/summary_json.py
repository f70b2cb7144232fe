"""A summary as JSON. Sizes that are not numbers, the batch among them, are null."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from graphc.analysis.parameters import OwnedWeight
from graphc.analysis.summary import LayerRow, Summary
from graphc.ir.dims import Dim
from graphc.ir.types import TensorType


def summary_json(summaries: Iterable[Summary]) -> str:
    """All models of a file, each with its layers in Keras' order."""
    return json.dumps({"models": [_model(summary) for summary in summaries]}, indent=2) + "\n"


def _model(summary: Summary) -> dict[str, Any]:
    parameters = summary.parameters
    return {
        "name": summary.name,
        "type": summary.kind,
        "inputs": [_tensor(name, type) for name, type in summary.inputs],
        "outputs": [_tensor(name, type) for name, type in summary.outputs],
        "layers": [_layer(row) for row in summary.rows],
        "total_params": parameters.total,
        "trainable_params": parameters.trainable,
        "non_trainable_params": parameters.non_trainable,
        "optimizer_params": summary.optimizer_parameters,
        "weight_bytes": parameters.weight_bytes,
        "macs": _plain(summary.macs),
        "flops": _plain(summary.flops),
        "is_complete": summary.is_complete,
    }


def _tensor(name: str, type: TensorType) -> dict[str, Any]:
    return {"name": name, "shape": _shape(type), "symbolic_shape": str(type), "dtype": type.dtype}


def _layer(row: LayerRow) -> dict[str, Any]:
    shapes = [_shape(type) for type in row.outputs]
    line, column = row.span.file.line_and_column(row.span.start)
    layer: dict[str, Any] = {
        "name": row.name,
        "type": row.type,
        "output_shape": shapes[0] if len(shapes) == 1 else shapes or None,
        "params": row.parameters.total,
        "trainable_params": row.parameters.trainable,
        "non_trainable_params": row.parameters.non_trainable,
        "trainable": row.is_trainable,
        "dtype": row.outputs[0].dtype if row.outputs else None,
        "symbolic_shapes": [str(type) for type in row.outputs],
        "macs": _plain(row.macs),
        "flops": _plain(row.flops),
        "weight_bytes": row.parameters.weight_bytes,
        "output_bytes": _plain(row.output_bytes),
        "weights": [_weight(weight) for weight in row.weights],
        "connected_to": list(row.connected_to),
        "calls": row.calls,
        "blocks": [use.name for use in row.blocks],
        "source": {"file": row.span.file.name, "line": line, "column": column},
    }
    if row.children:
        layer["layers"] = [_layer(child) for child in row.children]
    return layer


def _weight(weight: OwnedWeight) -> dict[str, Any]:
    spec = weight.spec
    return {
        "path": weight.path,
        "name": spec.name,
        "shape": list(spec.shape),
        "dtype": spec.dtype,
        "trainable": weight.is_trainable,
        "initializer": None if spec.initializer is None else str(spec.initializer),
    }


def _shape(type: TensorType) -> list[int | None]:
    return [dim if isinstance(dim, int) else None for dim in type.shape]


def _plain(count: Dim) -> int | str:
    """A count, or its formula where it depends on the size of an input."""
    return count if isinstance(count, int) else str(count)
