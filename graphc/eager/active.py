"""The tapes that are recording, in each thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphc.eager.tape import GradientTape


class Active(threading.local):
    """The tapes of this thread, the innermost last."""

    def __init__(self) -> None:
        self.tapes: list[GradientTape] = []


ACTIVE = Active()
