"""Adds calls to the graph of the model being elaborated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.elaborate.values import BundleValue, TensorValue
from graphc.ir.graph import BlockUse, CallRecord, FaultRecord, LayerUse, ModelGraph, TensorRef
from graphc.ir.types import TensorType
from graphc.source import Span


class GraphBuilder:
    """The graph of one model while its body is executed."""

    def __init__(self, model: ModelGraph) -> None:
        self.model = model
        self.shared: dict[Any, Any] = {}
        """The layer that each model used by its bare name is in this one."""
        self.has_gaps = False
        """Whether a statement on the way did not parse."""
        self._next = 0

    def call(
        self,
        use: LayerUse,
        span: Span,
        path: tuple[BlockUse, ...],
        arguments: Mapping[str, Any],
        outputs: tuple[TensorType, ...] | None,
        *,
        is_single: bool = True,
        by_place: int = 1,
    ) -> int:
        """Add a call of a layer; the id of its node."""
        node = self._next
        self._next += 1
        self.model.add(
            CallRecord(
                node,
                use,
                span,
                path,
                tuple((name, to_refs(value)) for name, value in arguments.items()),
                outputs,
                is_single,
                len(use.calls),
                by_place,
            )
        )
        return node

    def fault(
        self,
        name: str,
        type_name: str,
        message: str,
        span: Span,
        path: tuple[BlockUse, ...],
        arguments: Mapping[str, Any],
    ) -> None:
        """Add a call that an error left out."""
        given = tuple((each, to_refs(_tensors(value))) for each, value in arguments.items())
        record = FaultRecord(self._next, name, type_name, message, span, path, given)
        self._next += 1
        self.model.faults.append(record)


def _tensors(value: Any) -> Any:
    """The tensors in an argument, without what else stands there."""
    if isinstance(value, BundleValue):
        return tuple(_tensors(each) for _, each, _ in value.values)
    if isinstance(value, (list, tuple)):
        return tuple(_tensors(item) for item in value)
    return value if isinstance(value, TensorValue) else None


def to_refs(value: Any) -> Any:
    """An argument with its tensors as references into the graph."""
    if isinstance(value, TensorValue):
        return TensorRef(value.node, value.index)
    if isinstance(value, (list, tuple)):
        return tuple(to_refs(item) for item in value)
    return value


def to_types(value: Any) -> Any:
    """An argument with its tensors as their types."""
    if isinstance(value, TensorValue):
        return value.type
    if isinstance(value, (list, tuple)):
        return tuple(to_types(item) for item in value)
    return value


def holds_tensor(value: Any) -> bool:
    """Whether a tensor stands anywhere in a value."""
    if isinstance(value, (list, tuple)):
        return any(holds_tensor(item) for item in value)
    return isinstance(value, TensorValue)


def first_tensor(value: Any) -> TensorValue | None:
    """The first tensor in a value."""
    if isinstance(value, TensorValue):
        return value
    if isinstance(value, (list, tuple)):
        for item in value:
            found = first_tensor(item)
            if found is not None:
                return found
    return None
