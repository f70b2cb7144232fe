"""The fenced programs of a page, and the commands shown after them.

A fence ```` ```net ```` is a program; what follows on its line are options of `graphc check`. It is
saved as example.net, or, where its first line is `# file: NAME`, under that name, and stays there
for the fences after it. A fence ```` ```weights ```` lists the arrays of a file, weights.npz, which
are zeros, or a number that stands after them; programs below it are held against that. ```` ```data ```` is the same for data.npz, and ```` ```csv ```` is data.csv as it stands. A fence ```` ```json ```` is saved as model.json, and one
```` ```python ```` that begins with `# file: NAME` under that name. A fence ```` ```console ```` shows commands, each
with its output.
"""

import json
import re
from pathlib import Path

import numpy as np

FENCE = re.compile(
    r"^```(net|weights|data|csv|json|python|console)(?: ([^\n]*))?\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
FILE = re.compile(r"# file: (\S+)\n")


class Fence:
    """One fence of a page, with the programs that stand above it."""

    def __init__(self, page: Path, match: re.Match[str], above: tuple["Fence", ...]) -> None:
        self.page = page
        self.kind = match[1]
        self.options = match[2] or ""
        self.text = match[3]
        self.line = match.string.count("\n", 0, match.start()) + 1
        self.span = match.span(3)
        self.above = above
        named = FILE.match(self.text)
        self.file = named[1] if named else "example.net"

    def save(self, folder: Path) -> None:
        """Write the program into a folder, with the files above that it may import."""
        for fence in (*self.above, self):
            if fence.kind in ("weights", "data"):
                np.savez(folder / f"{fence.kind}.npz", **fence.arrays)
            elif fence.kind == "json":
                (folder / "model.json").write_text(fence.text, encoding="utf-8")
            elif fence.kind == "csv":
                (folder / "data.csv").write_text(fence.text, encoding="utf-8")
            elif fence.kind == "net" or (fence.kind == "python" and FILE.match(fence.text)):
                path = folder / fence.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(fence.text, encoding="utf-8")

    @property
    def has_weights(self) -> bool:
        """Whether there is a file of weights to hold the program against."""
        return any(fence.kind == "weights" for fence in self.above)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of a fence of weights: `dense/kernel float32 [8, 4]`, or with ` = 1.5` after."""
        found = {}
        for line in self.text.splitlines():
            array, _, value = line.partition(" = ")
            name, dtype, shape = array.split(maxsplit=2)
            found[name] = np.full(json.loads(shape), float(value or 0), dtype)
        return found

    @property
    def sessions(self) -> list[tuple[str, str]]:
        """The commands of a console fence, each with its output."""
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.MULTILINE)[1:]
        return list(zip(parts[::2], parts[1::2], strict=True))

    def __repr__(self) -> str:
        return f"{self.page.name}:{self.line}"


def fences(page: Path) -> list[Fence]:
    """The fences of a page, in order."""
    found: list[Fence] = []
    for match in FENCE.finditer(page.read_text(encoding="utf-8")):
        found.append(Fence(page, match, tuple(found)))
    return found
