"""What happens between the epochs of training: `keras.callbacks`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import Any, ClassVar

from graphc.declare.arg import Arg
from graphc.declare.definition import Definition
from graphc.declare.named import named
from graphc.declare.rules import (
    REJECTED,
    Each,
    Flag,
    NonNegative,
    Number,
    OneOf,
    Positive,
    Rule,
    Text,
)
from graphc.declare.values import value_text
from graphc.diagnostics.codes import CONFLICTING_ARGUMENTS
from graphc.diagnostics.fault import Fault


class ProjectPath(Rule):
    """A path below the folder that training runs in: files from others write nowhere else."""

    @property
    def sentence(self) -> str:
        return "a relative path that does not lead out of the folder"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip():
            return REJECTED
        windows = PureWindowsPath(value)
        is_absolute = PurePosixPath(value).is_absolute() or bool(windows.drive or windows.root)
        leads_out = ".." in windows.parts or value.startswith("~") or "\0" in value
        return REJECTED if is_absolute or leads_out or "://" in value else value

    @property
    def valid(self) -> tuple[Any, ...]:
        return ("run.keras", "runs/first.weights.h5")

    @property
    def invalid(self) -> tuple[Any, ...]:
        return ("", "/etc/passwd", "../out.keras", "C:\\out.keras", "s3://bucket/x", 3)


class Frequency(Rule):
    """Every epoch, or every so many batches."""

    words: tuple[str, ...] = ("epoch",)

    @property
    def sentence(self) -> str:
        words = ", ".join(value_text(word) for word in self.words)
        return f"{words}, or a positive whole number of batches"

    def accept(self, value: Any) -> Any:
        return value if value in self.words else Positive().accept(value)

    @property
    def valid(self) -> tuple[Any, ...]:
        return (*self.words, 100)

    @property
    def invalid(self) -> tuple[Any, ...]:
        return (0, "often", None)


SAVING = Frequency()
_SPEC = re.compile(r"0?\d{0,2}(\.\d{1,2})?[dfeg%]?")
"""How a number in the name of a file may be written: no more than a few digits."""
VERBOSE = OneOf((0, 1, 2, True, False))


class Callback(Definition, abstract=True):
    """The base of callbacks."""

    family = "callback"
    kind_text = "a callback"
    argument_order: ClassVar[tuple[str, ...] | None] = None


class Monitor(Callback, abstract=True):
    """A callback that watches the loss or a metric."""

    # Without annotations: to mypy, a base's arguments come first.
    monitor = Arg(Text(), default="val_loss")
    mode = Arg(OneOf(("auto", "min", "max")), default="auto")
    verbose = Arg(VERBOSE, default=0)


class EarlyStopping(Monitor):
    """Stop when what is watched has not improved for `patience` epochs."""

    argument_order = ("monitor", "min_delta", "patience", "verbose", "mode")
    min_delta: float = Arg(Number(), default=0)
    patience: int = Arg(NonNegative(), default=0)
    baseline: float | None = Arg(Number().or_none(), default=None)
    restore_best_weights: bool = Arg(Flag(), default=False)
    start_from_epoch: int = Arg(NonNegative(), default=0)


class ReduceLROnPlateau(Monitor):
    """Multiply the learning rate by `factor` when what is watched has stopped improving."""

    argument_order = ("monitor", "factor", "patience", "verbose", "mode")
    factor: float = Arg(Number(0, 1, open_low=True, open_high=True), default=0.1)
    patience: int = Arg(NonNegative(), default=10)
    min_delta: float = Arg(Number(), default=1e-4)
    cooldown: int = Arg(NonNegative(), default=0)
    min_lr: float = Arg(Number(0), default=0.0)


class ModelCheckpoint(Monitor):
    """Save the model, or its weights, as training goes on."""

    argument_order = (
        *("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode"),
        *("save_freq", "initial_value_threshold"),
    )
    filepath: str = Arg(ProjectPath())
    save_best_only: bool = Arg(Flag(), default=False)
    save_weights_only: bool = Arg(Flag(), default=False)
    save_freq: str | int = Arg(SAVING, default="epoch")
    initial_value_threshold: float | None = Arg(Number().or_none(), default=None)

    def validate(self) -> None:
        """What is saved shows in the name of the file."""
        endings = (".weights.h5",) if self.save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            what = "weights" if self.save_weights_only else "models"
            raise Fault(
                CONFLICTING_ARGUMENTS,
                f'needs `filepath` to end in "{endings[0]}" to save {what}, got "{self.filepath}"',
                arguments=("filepath", "save_weights_only"),
            )
        try:
            fields = list(self._fields())
        except ValueError:
            fields = [("", "", None)]
        for name, spec, conversion in fields:
            is_plain = name and not set(name) & set(".[]{}") and not conversion
            if not is_plain or not _SPEC.fullmatch(spec):
                raise Fault(
                    CONFLICTING_ARGUMENTS,
                    "needs what stands in braces in `filepath` to be numbers by name, such as "
                    f'"{{epoch:02d}}" and "{{val_loss:.2f}}", got "{self.filepath}"',
                    arguments=("filepath",),
                )

    def _fields(self) -> Iterator[tuple[str, str, str | None]]:
        for _, name, spec, conversion in Formatter().parse(self.filepath):
            if name is not None:
                yield name, spec or "", conversion

    @property
    def placeholders(self) -> list[str]:
        """The numbers that the name of the file is made of."""
        return [name for name, _, _ in self._fields()]


class BackupAndRestore(Callback):
    """Go on where an interrupted training stopped."""

    backup_dir: str = Arg(ProjectPath())
    save_freq: str | int = Arg(SAVING, default="epoch")
    double_checkpoint: bool = Arg(Flag(), default=False)
    delete_checkpoint: bool = Arg(Flag(), default=True)


class CSVLogger(Callback):
    """Write a line for each epoch to a file."""

    filename: str = Arg(ProjectPath())
    separator: str = Arg(Text(), default=",")
    append: bool = Arg(Flag(), default=False)


class TensorBoard(Callback):
    """Write what TensorBoard shows."""

    log_dir: str = Arg(ProjectPath(), default="logs")
    histogram_freq: int = Arg(NonNegative(), default=0)
    write_graph: bool = Arg(Flag(), default=True)
    write_images: bool = Arg(Flag(), default=False)
    write_steps_per_second: bool = Arg(Flag(), default=False)
    update_freq: str | int = Arg(Frequency(("epoch", "batch")), default="epoch")
    profile_batch: int | tuple[int, ...] = Arg(Each(NonNegative(), 2, or_one=True), default=0)
    embeddings_freq: int = Arg(NonNegative(), default=0)
    embeddings_metadata: str | None = Arg(ProjectPath().or_none(), default=None)


class TerminateOnNaN(Callback):
    """Stop when the loss is not a number any more."""

    raise_error: bool = Arg(Flag(), default=False)


class SwapEMAWeights(Callback):
    """Evaluate with the moving average of the weights; the optimizer needs `use_ema=True`."""

    swap_on_epoch: bool = Arg(Flag(), default=False)


CALLBACK = named("callback")
"""The rule for one callback."""
