"""What can be computed from given tensors."""

from __future__ import annotations

from graphc.ir.tensor import Tensor, key, known_from
from graphc.ir.types import TensorType
from graphc.ops.elementary import exp


def test_what_also_needs_others_is_not_known() -> None:
    x, y = Tensor(TensorType((2,), "float32")), Tensor(TensorType((2,), "float32"))
    a = exp(x)
    b = a + y
    c = a * 2
    known = known_from([x], [b, c])
    assert {key(x), key(a), key(c)} <= known
    assert not {key(y), key(b)} & known
