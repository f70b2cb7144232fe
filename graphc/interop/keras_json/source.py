"""Reads what a model was saved in: JSON, a `.keras` archive, or the user's own Python.

Nothing is unpacked to disk, and of an archive nothing is read but its configuration. Sizes are
bounded before anything is read, and depths before anything is walked.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from graphc.diagnostics.codes import IMPORTED_FUNCTION, UNREADABLE_MODEL
from graphc.diagnostics.fault import Fault
from graphc.interop.keras_json.cursor import Cursor

LARGEST_CONFIG_BYTES = 256 * 2**20
DEEPEST = 200
"""How deep objects and lists may stand in each other. Keras' own models stay below 30."""

CONFIG = "config.json"


def is_function(source: str) -> bool:
    """Whether a source names a function of the user's: `package.module:function`."""
    module, colon, function = source.partition(":")
    names = [*module.split("."), function]
    return bool(colon) and all(map(str.isidentifier, names)) and not Path(source).exists()


def read_document(path: Path) -> Cursor:
    """The configuration in a JSON file or an archive. Raises `Fault` where there is none."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise Fault(UNREADABLE_MODEL, f"the file {path} {what}")
        data = _from_archive(path) if zipfile.is_zipfile(path) else _bounded(path)
    except OSError as error:
        raise Fault(UNREADABLE_MODEL, f"the file {path} cannot be read: {error.strerror}") from None
    return parse_document(data, path.name)


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_CONFIG_BYTES:
        raise _too_large(path.name)
    return path.read_bytes()


def _from_archive(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(CONFIG) as file:
            # The size that an archive states of a file can be a lie: what counts is what comes.
            data = file.read(LARGEST_CONFIG_BYTES + 1)
    except KeyError:
        raise Fault(
            UNREADABLE_MODEL, f"the archive {path.name} needs a {CONFIG}, and has none"
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        raise Fault(UNREADABLE_MODEL, f"the archive {path.name} is damaged") from None
    except Exception as error:  # the decompressors raise errors of their own
        if type(error).__module__ not in ("zlib", "lzma", "builtins"):
            raise
        raise Fault(UNREADABLE_MODEL, f"the archive {path.name} is damaged") from None
    if len(data) > LARGEST_CONFIG_BYTES:
        raise _too_large(f"{CONFIG} in {path.name}")
    return data


def _too_large(name: str) -> Fault:
    limit = LARGEST_CONFIG_BYTES // 2**20
    return Fault(UNREADABLE_MODEL, f"the file {name} is larger than {limit} MiB")


def parse_document(data: bytes | str, name: str) -> Cursor:
    """The object that a JSON text stands for. Raises `Fault` where it is none."""
    try:
        value = json.loads(data)
        if isinstance(value, str):  # `json.dump(model.to_json())`, a common slip
            value = json.loads(value)
    except RecursionError:
        raise _too_deep(name) from None
    except (ValueError, MemoryError) as error:
        reason = str(error) if isinstance(error, json.JSONDecodeError) else "it is no text in UTF-8"
        raise Fault(UNREADABLE_MODEL, f"the file {name} is no JSON: {reason}") from None
    if _depth_exceeds(value, DEEPEST):
        raise _too_deep(name)
    if not isinstance(value, dict):
        raise Fault(UNREADABLE_MODEL, f"the file {name} needs to hold one JSON object")
    return Cursor(value)


def _too_deep(name: str) -> Fault:
    return Fault(UNREADABLE_MODEL, f"the file {name} is nested deeper than {DEEPEST} levels")


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            item
            for each in level
            if isinstance(each, (dict, list))
            for item in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return False
    return True


def run_function(source: str) -> Cursor:
    """The configuration of the model that a function of the user's returns: this runs it.

    What it prints is no part of the text that is made, and goes to standard error.
    """
    import importlib

    module_name, _, function_name = source.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")
    with _running(f"{module_name} cannot be imported:"):
        module = importlib.import_module(module_name)
    function = getattr(module, function_name, None)
    if not callable(function):
        raise Fault(IMPORTED_FUNCTION, f"{module_name} has no function `{function_name}`")
    with _running(f"{source} did not return: it raised"):
        model = function()
    to_json = getattr(model, "to_json", None)
    if not callable(to_json):
        got = "None" if model is None else f"a {type(model).__name__}"
        raise Fault(IMPORTED_FUNCTION, f"{source} needs to return a Keras model, got {got}")
    with _running(f"the model of {source} gives no JSON: it raised"):
        text = to_json()
    return parse_document(text, source)


@contextmanager
def _running(complaint: str) -> Iterator[None]:
    """Runs the user's Python: what it raises, and an end that it asks for, is a `Fault`."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's Python raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise Fault(IMPORTED_FUNCTION, f"{complaint} {reason}") from None
