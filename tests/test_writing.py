"""Files are written whole or not at all, and are on the disk when they are there."""

from __future__ import annotations

import errno
import os
import re
import stat
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
