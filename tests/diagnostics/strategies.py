"""Diagnostics as no one would write them."""

from hypothesis import strategies as st

from graphc.diagnostics.codes import RANK_MISMATCH
from graphc.diagnostics.diagnostic import Diagnostic, Edit, Fix, Label
from graphc.source import SourceFile, Span

CHARACTERS = st.one_of(
    st.sampled_from("ab \t\n\r{}(漢é\u0301\x1b\x00\u202e\u2028"), st.characters()
)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    texts = st.text(CHARACTERS, max_size=40)
    files = [SourceFile(draw(texts), draw(texts)), SourceFile("b.net", draw(texts))]

    def span() -> Span:
        file = draw(st.sampled_from(files))
        start = draw(st.integers(0, len(file.text)))
        return Span(file, start, draw(st.integers(start, len(file.text))))

    others = tuple(Label(span(), draw(texts)) for _ in range(draw(st.integers(0, 4))))
    edits = tuple(Edit(span(), draw(texts)) for _ in range(draw(st.integers(0, 3))))
    fix = Fix(draw(texts), edits) if edits else None
    help = draw(st.none() | texts)
    return Diagnostic(RANK_MISMATCH, draw(texts), span(), draw(texts), others, help, fix)
