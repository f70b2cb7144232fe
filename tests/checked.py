"""`graphc check` in this process, and the marks that say what it has to find.

A mark stands at the end of the line of a fault: `#~ E0301`, or `#~ E0301 W0101` for several.
"""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from click.testing import CliRunner

from graphc.cli.main import cli

MARK = re.compile(r"#~((?: [EW]\d{4})+)$")
IMPORT = re.compile(r'^from "([^"]+\.net)" import', re.MULTILINE)

Found = tuple[str, int, str]
"""A file, a line counted from 1, and the code that stands or was found there."""


def command_output(*arguments: str) -> str:
    """All that a command prints, in the current folder."""
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
    assert result.exit_code in (0, 1), result.output
    return result.output


def output(name: str, options: Sequence[str] = ()) -> str:
    """All that `graphc check` prints of a file in the current folder."""
    return command_output("check", name, *options)


def found(name: str, options: Sequence[str] = ()) -> list[Found]:
    """What `graphc check` finds in a file in the current folder."""
    return _found("check", name, *options)


def found_with_weights(name: str) -> list[Found]:
    """What `graphc weights` finds in a file in the current folder, beside weights.npz."""
    return _found("weights", "weights.npz", "--model", name)


def _found(*arguments: str) -> list[Found]:
    document = json.loads(command_output(*arguments, "--format", "json"))
    return sorted(
        (each["file"], each["span"]["start"]["line"], each["code"])
        for each in document["diagnostics"]
    )


def marked(name: str) -> list[Found]:
    """What the marks in a file in the current folder say, and in those that it imports."""
    marks: list[Found] = []
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        path = Path(each)
        if each in seen or not path.is_file():
            continue
        seen.add(each)
        # A file that is not UTF-8 can be at fault too.
        text = path.read_text(encoding="utf-8", errors="replace")
        marks += [(each, line, code) for line, code in marks_in(text)]
        waiting += [os.path.normpath(path.parent / target) for target in IMPORT.findall(text)]
    return sorted(marks)


def marks_in(text: str) -> list[tuple[int, str]]:
    """The line and code of each mark."""
    return [
        (number, code)
        for number, line in enumerate(text.split("\n"), start=1)
        if (mark := MARK.search(line))
        for code in mark[1].split()
    ]
