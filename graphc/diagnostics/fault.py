"""What shape rules, argument rules and operations say when they cannot go on."""

from __future__ import annotations

from graphc.diagnostics.codes import Code

CALL = "{call}"
"""In a help line: the call at fault, as the source has it."""


class Fault(Exception):
    """A fault that does not know its place yet.

    Rules and operations are written without spans, so a fault travels as an exception from
    where it is found to where the source is known: `elaborate` turns it into a diagnostic.
    `message` goes on from a subject: "needs a rank-4 input, got [B, 784]".
    `arguments` names those that are at fault, so that their own spans can be shown;
    `inputs` likewise the call's tensor arguments, "inputs.1" being one of a list.
    `rank` is the rank that the input should have.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        label: str = "",
        help: str | None = None,
        arguments: tuple[str, ...] = (),
        inputs: tuple[str, ...] = (),
        replacement: str | None = None,
        rank: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.label = label
        self.help = help
        self.arguments = arguments
        self.inputs = inputs
        self.replacement = replacement  # certain text for the first argument at fault
        self.rank = rank
