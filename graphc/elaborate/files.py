"""Reads source files, and finds the ones that they import."""

from __future__ import annotations

import sys
from pathlib import Path

from graphc.diagnostics.codes import (
    IMPORT_NOT_FOUND,
    IMPORT_OUTSIDE_PROJECT,
    LIMIT_EXCEEDED,
    UNREADABLE_FILE,
    Code,
)
from graphc.record import Record
from graphc.source import SourceFile

LONGEST_FILE_BYTES = 64 * 2**20


class Unreadable(Record):
    """Why a file could not be read."""

    code: Code
    message: str


def standard_input() -> SourceFile | Unreadable:
    """The text on standard input, or why there is none."""
    try:
        return SourceFile("<stdin>", sys.stdin.buffer.read(LONGEST_FILE_BYTES).decode("utf-8"))
    except UnicodeDecodeError:
        return Unreadable(UNREADABLE_FILE, "standard input needs to be text in UTF-8")


def read_source(path: Path, name: str) -> SourceFile | Unreadable:
    """A file's text, or why there is none."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            return Unreadable(IMPORT_NOT_FOUND, f"the file {name} {what}")
        if path.stat().st_size > LONGEST_FILE_BYTES:
            limit = LONGEST_FILE_BYTES // 2**20
            return Unreadable(LIMIT_EXCEEDED, f"the file {name} is larger than {limit} MiB")
        return SourceFile(name, path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as error:
        return Unreadable(
            UNREADABLE_FILE,
            f"the file {name} needs to be text in UTF-8, got byte 0x{error.object[error.start]:02x} "
            f"at {error.start}",
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not one of a file"
        return Unreadable(UNREADABLE_FILE, f"the file {name} cannot be read: {reason}")


def neighbours(path: str, target: Path) -> list[str]:
    """The .net files where a file was looked for, as an import would name them."""
    try:
        return [str(Path(path).parent / found.name) for found in target.parent.glob("*.net")]
    except OSError:
        return []


def project_folder(path: Path) -> Path:
    """The nearest folder above a file that holds a project, else the file's own folder."""
    folder = path.resolve().parent
    for candidate in (folder, *folder.parents):
        if (candidate / "pyproject.toml").exists() or (candidate / ".git").exists():
            return candidate
    return folder


def imported_path(path: str, importer: Path, project: Path) -> Path | Unreadable:
    """Where an import points, which has to stay inside the project."""
    if not path or "\0" in path or len(path) > 4096:
        return Unreadable(IMPORT_NOT_FOUND, "an import needs the path of a file")
    if Path(path).is_absolute():
        return Unreadable(
            IMPORT_OUTSIDE_PROJECT, "an import needs a path relative to this file, got a full one"
        )
    try:
        target = (importer.parent / path).resolve()
    except (OSError, RuntimeError):
        return Unreadable(IMPORT_NOT_FOUND, f"the file {path} cannot be found")
    if not target.is_relative_to(project.resolve()):
        return Unreadable(
            IMPORT_OUTSIDE_PROJECT, f"{path} leaves the project's folder, {project.name}/"
        )
    return target
