from graphc.syntax.document import (
    Break,
    HardBreak,
    IfBroken,
    Nest,
    Suffix,
    group,
    render,
)


def brackets(*items: str, is_broken: bool = False) -> object:
    inner: list[object] = []
    for item in items:
        inner += [",", Break(" ")] if inner else []
        inner.append(item)
    content = Nest((Break(""), *inner, IfBroken(",")))
    return group(("f(", content, Break(""), ")"), is_broken=is_broken)


def test_a_group_that_fits_is_on_one_line() -> None:
    assert render(brackets("a", "b"), 0, 80) == "f(a, b)"


def test_a_group_that_does_not_fit_breaks_at_each_of_its_breaks() -> None:
    assert render(brackets("aaaa", "bbbb"), 0, 10) == "f(\n    aaaa,\n    bbbb,\n)"


def test_a_group_may_be_broken_anyway() -> None:
    assert render(brackets("a", is_broken=True), 0, 80) == "f(\n    a,\n)"


def test_what_follows_must_fit_too() -> None:
    document = (brackets("a"), " + bbbbb")
    assert render(document, 0, 12) == "f(a) + bbbbb"
    assert render(document, 0, 11) == "f(\n    a,\n) + bbbbb"


def test_only_the_last_of_two_groups_breaks_if_that_is_enough() -> None:
    document = (brackets("a"), " + ", brackets("bbbbbbb"))
    assert render(document, 0, 12) == "f(a) + f(\n    bbbbbbb,\n)"


def test_a_hard_break_breaks_the_groups_around_it() -> None:
    document = group(("a", Break(" "), "b", HardBreak(), "c"))
    assert document.is_broken
    assert render(document, 0, 80) == "a\nb\nc"


def test_comments_have_no_width() -> None:
    document = (brackets("a"), Suffix("# " + "x" * 90))
    assert render(document, 0, 20).startswith("f(a)  # xxx")


def test_indentation_is_that_of_the_column_it_begins_at() -> None:
    assert render(brackets("aaaa", "bbbb"), 4, 12) == "f(\n        aaaa,\n        bbbb,\n    )"


def test_texts_of_several_lines() -> None:
    document = (brackets("a"), ' + """x\ny"""', brackets("b"))
    assert render(document, 0, 12) == 'f(a) + """x\ny"""f(b)'
