"""What a file of weights lacks, has too much of, or has of another kind than its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphc.analysis.opaque import opaque_uses
from graphc.analysis.parameters import OwnedWeight
from graphc.diagnostics.codes import (
    AMBIGUOUS_WEIGHT,
    EXTRA_WEIGHT,
    MISSING_WEIGHT,
    UNKNOWN_WEIGHTS,
    WEIGHT_DTYPE_MISMATCH,
    WEIGHT_SHAPE_MISMATCH,
)
from graphc.diagnostics.diagnostic import Diagnostic
from graphc.diagnostics.suggest import nearest
from graphc.interop.weights.entry import OTHER_DTYPE, Entry
from graphc.interop.weights.faults import WeightsError
from graphc.interop.weights.match import Matches
from graphc.interop.weights.quantized import quantized
from graphc.ir.dims import shape_text
from graphc.ir.graph import ModelGraph
from graphc.source import Span

_NAMED = 3


def check_known(model: ModelGraph) -> None:
    """Raise `WeightsError` where a layer of the model does not say what weights it has."""
    unknown = [
        Diagnostic(
            UNKNOWN_WEIGHTS,
            f"{use.layer.subject} `{use.name}` is opaque: its weights are not known",
            use.span,
            help="say what they are: weights={}, if there are none",
        )
        for use in opaque_uses(model)
        if use.layer.has_unknown_weights
    ]
    if unknown:
        raise WeightsError(unknown)


def differences(
    file: str,
    weights: Mapping[str, OwnedWeight],
    matches: Matches,
    spans: Mapping[str, Span],
    whole: Span,
    *,
    cast: bool = False,
) -> list[Diagnostic]:
    """All differences, those of the model's weights in its order.

    `spans` are the places of the weights' layers, `whole` is the model's; `cast` lets dtypes differ.
    Of a file that is quantized only that is said.
    """
    changed = quantized(weights, matches)
    if changed:
        return [_quantized(file, weights, changed, spans)]
    return [
        *_differing(weights, matches, spans, cast=cast),
        *_missing(file, weights, matches, spans),
        *_extra(file, weights, matches, whole),
    ]


def _differing(
    weights: Mapping[str, OwnedWeight], matches: Matches, spans: Mapping[str, Span], *, cast: bool
) -> Iterator[Diagnostic]:
    for key, entry in matches.found.items():
        spec = weights[key].spec
        if spec.shape != entry.shape:
            yield Diagnostic(
                WEIGHT_SHAPE_MISMATCH,
                f"`{key}` needs shape {shape_text(spec.shape)}, "
                f"got {shape_text(entry.shape)}{_by_other_name(key, entry)}",
                spans[key],
                label=f"has `{spec.name}` of shape {shape_text(spec.shape)}",
                help=_shape_help(spec.shape, entry.shape),
            )
        elif spec.dtype != entry.dtype and not (cast and entry.is_readable):
            yield Diagnostic(
                WEIGHT_DTYPE_MISMATCH,
                f"`{key}` needs {spec.dtype}, got {entry.dtype}{_by_other_name(key, entry)}",
                spans[key],
                label=f"has `{spec.name}` in {spec.dtype}",
                help="`graphc weights --cast` converts it" if entry.is_readable else OTHER_DTYPE,
            )


def _quantized(
    file: str,
    weights: Mapping[str, OwnedWeight],
    changed: Mapping[str, str],
    spans: Mapping[str, Span],
) -> Diagnostic:
    key, mode = next(iter(changed.items()))
    spec = weights[key].spec
    others = f", and {len(changed) - 1:,} more" if len(changed) > 1 else ""
    return Diagnostic(
        WEIGHT_DTYPE_MISMATCH,
        f"`{key}` needs {spec.dtype}, and is quantized to {mode} in `{file}`{others}",
        spans[key],
        label=f"has `{spec.name}` in {spec.dtype}",
        help=f'write the weights before model.quantize("{mode}")',
    )


def _by_other_name(key: str, entry: Entry) -> str:
    return "" if key == entry.name else f" (`{entry.name}`)"


def _shape_help(wanted: tuple[int, ...], got: tuple[int, ...]) -> str | None:
    if wanted == got[::-1]:
        return "the file may come from a framework that keeps it transposed"
    if _without_ones(wanted) == _without_ones(got):
        return "the shapes differ in axes of 1 alone"
    return None


def _without_ones(shape: tuple[int, ...]) -> list[int]:
    return [dim for dim in shape if dim != 1]


def _missing(
    file: str, weights: Mapping[str, OwnedWeight], matches: Matches, spans: Mapping[str, Span]
) -> Iterator[Diagnostic]:
    names = [entry.name for entry in matches.extra]
    for key in matches.missing:
        spec = weights[key].spec
        label = f"has `{spec.name}` of shape {shape_text(spec.shape)}"
        alike = _candidates(key, spec.shape, matches.extra)
        if len(alike) > 1:
            shown = ", ".join(f"`{entry.name}`" for entry in alike[:_NAMED])
            yield Diagnostic(
                AMBIGUOUS_WEIGHT,
                f"`{key}` needs one array of `{file}`, got {len(alike)} that it could be: {shown}"
                + (", …" if len(alike) > _NAMED else ""),
                spans[key],
                label=label,
                help="name the layers and models around it as they are named in the file",
            )
            continue
        best = nearest(key, names)
        yield Diagnostic(
            MISSING_WEIGHT,
            f"`{key}` needs {shape_text(spec.shape)} in `{file}`, which has no such weight",
            spans[key],
            label=label,
            help=f"the file has `{best}`, which is left over" if best else None,
        )


def _candidates(key: str, shape: tuple[int, ...], extra: tuple[Entry, ...]) -> list[Entry]:
    """What is left over with the same end of its path, and the same shape."""
    end = key.rsplit("/", 2)[-2:]
    if len(end) < 2:
        return []
    return [e for e in extra if e.name.rsplit("/", 2)[-2:] == end and e.shape == shape]


def _extra(
    file: str, weights: Mapping[str, OwnedWeight], matches: Matches, whole: Span
) -> Iterator[Diagnostic]:
    named: set[str] = set()
    for key in matches.missing:
        alike = _candidates(key, weights[key].spec.shape, matches.extra)
        named.update(entry.name for entry in alike if len(alike) > 1)
    for entry in matches.extra:
        if entry.name in named:
            continue
        best = nearest(entry.name, list(matches.missing))
        shape = shape_text(entry.shape)
        yield Diagnostic(
            EXTRA_WEIGHT,
            f"`{entry.name}` {shape} in `{file}` needs a weight of the model, which has none such",
            whole,
            label="has no such weight",
            help=f"the model's `{best}` is missing" if best else None,
        )
