"""What callbacks do while a model is trained."""

from collections.abc import Sequence

from graphc.runtime.train.watchers.averages import Averages
from graphc.runtime.train.watchers.saving import Backup, Checkpoints, Log
from graphc.runtime.train.watchers.stopping import Plateau, Stopping
from graphc.runtime.train.watchers.watcher import Run, Watcher
from graphc.training import callbacks as kinds

WATCHERS: dict[type[kinds.Callback], type[Watcher]] = {
    kinds.EarlyStopping: Stopping,
    kinds.ReduceLROnPlateau: Plateau,
    kinds.ModelCheckpoint: Checkpoints,
    kinds.BackupAndRestore: Backup,
    kinds.CSVLogger: Log,
    kinds.SwapEMAWeights: Averages,
    # The loop asks for it where a loss is no number.
    kinds.TerminateOnNaN: Watcher,
}


def watchers_of(callbacks: Sequence[kinds.Callback], run: Run) -> list[Watcher]:
    """What each of the callbacks does; of those that nothing can be done for, the user is told."""
    made = []
    for callback in callbacks:
        kind = WATCHERS.get(type(callback))
        if kind is None:
            run.say(f"{type(callback).__name__} is left out: it works in Keras only")
        else:
            made.append(kind(callback, run))
    return made


__all__ = ["WATCHERS", "Run", "Watcher", "watchers_of"]
