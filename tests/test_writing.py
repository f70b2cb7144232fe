"""Files are written whole or not at all, and are on the disk when they are there."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from graphc.writing import Content, write_file


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the system, in order."""
    made: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        status = os.fstat(handle)
        is_folder = stat.S_ISDIR(status.st_mode)
        made.append("sync folder" if is_folder else f"sync {status.st_size} bytes")
        fsync(handle)

    def replaced(self: Path, target: Any) -> Path:
        made.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    return made


@pytest.mark.parametrize("content", ["text", b"text", lambda file: file.write(b"text")])
def test_the_content_is_on_the_disk_before_the_name(
    tmp_path: Path, calls: list[str], content: Content
) -> None:
    path = tmp_path / "file"
    path.write_text("what was there before")
    write_file(path, content)
    assert path.read_text() == "text"
    assert calls == ["sync 4 bytes", "replace", "sync folder"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_the_file_as_it_was(tmp_path: Path, calls: list[str]) -> None:
    def content(file: Any) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        write_file(path, content)
    assert path.read_text() == "before"
    assert calls == []
    assert list(tmp_path.iterdir()) == [path]


def test_errors_name_the_file(tmp_path: Path) -> None:
    def content(file: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for path in (tmp_path / "full", tmp_path):
        with pytest.raises(OSError, match=re.escape(str(path))) as raised:
            write_file(path, content)
        assert raised.value.filename == str(path)


def test_a_folder_that_cannot_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    write_file(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text() == "text"


KILLED = """
import os, signal, sys
from pathlib import Path
from graphc.writing import write_file

def half(file):
    file.write(b"half")
    file.flush()
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    print("writing", flush=True)
    sys.stdin.read()

write_file(Path(sys.argv[1]), half)
"""


def of_an_hour_ago(folder: Path) -> list[Path]:
    """The temporary files in a folder, which look as if they were old."""
    found = list(folder.glob(".*"))
    for each in found:
        os.utime(each, (time.time() - 3600,) * 2)
    return found


def test_what_a_killed_process_left_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    subprocess.run([sys.executable, "-c", KILLED, str(path), "kill"], check=False)
    (left,) = tmp_path.iterdir()
    assert left.read_bytes() == b"half"
    write_file(path, b"whole")
    assert left.exists()  # it is new: somebody may be about to lock it
    of_an_hour_ago(tmp_path)
    others = [".w.npz.previous", ".w.npz.12345678.bak", ".v.npz.abcdefgh.part"]
    for name in others:
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (0, 0))
    write_file(path, b"again")
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, "w.npz"])


def test_what_another_process_is_writing_stays(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    command = [sys.executable, "-c", KILLED, str(path), "wait"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        (begun,) = of_an_hour_ago(tmp_path)
        write_file(path, b"ours")
        assert begun.exists()
        writer.communicate("")
        assert writer.returncode == 0
    assert path.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [path]
