"""Files that are written as training goes on."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from graphc.diagnostics.suggest import did_you_mean
from graphc.runtime.train.meter import Logs
from graphc.runtime.train.watchers.watcher import MonitorWatcher, Run, Watcher
from graphc.training.callbacks import Callback, Monitor
from graphc.writing import naming


class Checkpoints(MonitorWatcher):
    """`ModelCheckpoint`."""

    def __init__(self, callback: Monitor, run: Run) -> None:
        super().__init__(callback, run)
        self.state |= {"best": self.callback.initial_value_threshold, "batches": 0}

    def begin(self, *, is_resumed: bool) -> None:
        """See to it that the file can be named, and written."""
        if not self.callback.save_weights_only and not self.callback.filepath.endswith(".keras"):
            raise self.fault(f"ModelCheckpoint writes .keras files, got {self.callback.filepath}")
        known = [name for name in self.run.quantities if self._is_measured(name)]
        # What other callbacks put into the logs shows once they have.
        for name in set(self.callback.placeholders) - {"learning_rate"}:
            if name not in ("epoch", "batch", *known):
                hint = did_you_mean(name, known)
                raise self.fault(
                    f"ModelCheckpoint cannot name its files after `{name}`, which is no number "
                    f"whenever it saves{'; ' if hint else ''}{hint or ''}"
                )
        self._path(0, 0, dict.fromkeys((*known, "learning_rate"), 0.5))

    def _is_measured(self, name: str) -> bool:
        """Whether a quantity of each epoch is one wherever the model is saved."""
        return self.callback.save_freq == "epoch" or not name.startswith("val_")

    def batch_end(self, epoch: int, batch: int, logs: Callable[[], Logs]) -> None:
        """Save after so many batches."""
        if self.callback.save_freq == "epoch":
            return
        self.state["batches"] += 1
        if self.state["batches"] >= self.callback.save_freq:
            self.state["batches"] = 0
            self._save(epoch, batch, logs())

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Save after the epoch."""
        if self.callback.save_freq == "epoch":
            self._save(epoch, 0, logs)

    def _save(self, epoch: int, batch: int, logs: Logs) -> None:
        if self.callback.save_best_only:
            current = self.watched(logs)
            if current is not None:
                if not self.improves(current, self.state["best"]):
                    return
                self.state["best"] = current
        path = self._path(epoch, batch, logs)
        self.run.save_model(path, weights_only=self.callback.save_weights_only)
        self.say(f"epoch {epoch + 1}: saved {path}")

    def _path(self, epoch: int, batch: int, logs: Logs) -> str:
        path: str = self.callback.filepath
        try:
            return path.format(**{"batch": batch + 1, **logs, "epoch": epoch + 1})
        except KeyError as error:
            cause = f"epoch {epoch + 1} has no `{error.args[0]}`"
        except (ValueError, TypeError):
            cause = "a number in it cannot be written so: `d` is for `epoch` and `batch` alone"
            lists = [
                name
                for name in self.callback.placeholders
                if isinstance(logs.get(name), (list, tuple))
            ]
            if lists:
                cause = f"`{lists[0]}` is a list of numbers"
        raise self.fault(f'ModelCheckpoint cannot name a file after "{path}": {cause}')


class Backup(Watcher):
    """`BackupAndRestore`: a checkpoint in a folder, which goes away when training is done."""

    @property
    def path(self) -> str:
        """The checkpoint."""
        return f"{self.callback.backup_dir}/training.npz"

    def batch_end(self, epoch: int, batch: int, logs: Callable[[], Logs]) -> None:
        """Save after so many batches."""
        every = self.callback.save_freq
        if every != "epoch" and (batch + 1) % every == 0:
            self.run.save_checkpoint(self.path, epoch, batch + 1)

    def epoch_saved(self, epoch: int) -> None:
        """Save after the epoch."""
        if self.callback.save_freq == "epoch":
            self.run.save_checkpoint(self.path, epoch + 1, 0)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.callback.delete_checkpoint:
            Path(self.path).unlink(missing_ok=True)


class Log(Watcher):
    """`CSVLogger`: the size of the file is remembered, so that no epoch is in it twice."""

    def __init__(self, callback: Callback, run: Run) -> None:
        super().__init__(callback, run)
        self.state = {"keys": None, "has_header": False, "size": 0}

    def begin(self, *, is_resumed: bool) -> None:
        """Begin the file, or cut off what an interrupted training wrote after its checkpoint."""
        path = Path(self.callback.filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_resumed and path.exists():
            with path.open("r+b") as file:
                file.truncate(min(self.state["size"], path.stat().st_size))
            return
        if not self.callback.append:
            path.write_text("")
        elif not path.exists():
            path.touch()
        self.state["size"] = path.stat().st_size
        self.state["has_header"] = self.state["size"] > 0

    def epoch_end(self, epoch: int, logs: Logs) -> None:
        """Write a line."""
        state = self.state
        if state["keys"] is None:
            keys = sorted(logs)
            if not any(key.startswith("val_") for key in keys):
                keys += [f"val_{key}" for key in keys]
            state["keys"] = keys
        path = Path(self.callback.filename)
        with naming(path), path.open("a", newline="") as file:
            writer = csv.writer(file, delimiter=self.callback.separator)
            if not state["has_header"]:
                writer.writerow(["epoch", *state["keys"]])
                state["has_header"] = True
            writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in state["keys"])])
        state["size"] = path.stat().st_size


def _cell(value: Any) -> Any:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return f'"[{", ".join(map(str, value))}]"'
    return value
