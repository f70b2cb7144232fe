"""Serialised Keras models as .net files.

The stages: `source` reads a document, `parse_network` makes records of it, `body` writes flat
statements for them, `names` finds the names that need not be written, `folding` makes loops of
what repeats, `finish` gives it the form that people write, and `importing` has it checked.
"""

from __future__ import annotations

from pathlib import Path

from graphc.interop.keras_json.importing import import_document
from graphc.interop.keras_json.source import is_function, read_document, run_function
from graphc.interop.keras_json.unknown import Unknown

__all__ = ["Unknown", "import_document", "import_model"]


def import_model(
    source: str,
    *,
    fold: bool = True,
    train: bool = True,
    unknown: Unknown | None = None,
    left_out: list[str] | None = None,
) -> str:
    """The text of a .net file for a JSON file, an archive, or `package.module:function`.

    The last runs the user's own Python. `unknown` says that layers of unknown classes are kept;
    `left_out` collects what is in the model and not in the text, in words. Raises `Fault` where a
    model cannot be read or expressed.
    """
    document = run_function(source) if is_function(source) else read_document(Path(source))
    return import_document(document, fold=fold, train=train, unknown=unknown, left_out=left_out)
