import pytest

from graphc.syntax.compare import same_tree
from tests.syntax.parsing import expression_of, tree_of


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("f( a,b )", "f(a, b,)"),
        ("(a)", "a"),
        ("a + (b * c)", "a + b * c"),
        ("'a'", '"a"'),
        ("0x10", "16"),
        ('x -> A(1, name="a")', "x -> A(1) as a"),
        ('A(name="a b", units=3)', 'A(units=3) as "a b"'),
        ("x -> A() as a", 'x -> A() as "a"'),
        ('A(name=f"a{i}")', 'A() as f"a{i}"'),
    ],
)
def test_same(a: str, b: str) -> None:
    assert same_tree(expression_of(a), expression_of(b))
    assert same_tree(expression_of(b), expression_of(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a", "b"),
        ("1", "1.0"),
        ("1", "True"),
        ("a + b * c", "(a + b) * c"),
        ("a < b < c", "(a < b) < c"),
        ("x[0]", "x[0,]"),
        ("x[0:1]", "x[0:1:2]"),
        ("(x,)", "x"),
        ("(x, y)", "[x, y]"),
        ("f(a, b)", "f(b, a)"),
        ("f(a=1)", "f(b=1)"),
        ("x -> A() as a", "x -> A() as b"),
        ('A(name="a")', 'A(name="b")'),
        ('A(name="a")', "A()"),
        ("A(name=a)", "A() as a"),
        ("'a'", "f'a'"),
    ],
)
def test_not_same(a: str, b: str) -> None:
    assert not same_tree(expression_of(a), expression_of(b))


def test_comments_count() -> None:
    assert same_tree(tree_of("# a\nconst x = 1"), tree_of("const x = 1  # a"))
    assert not same_tree(tree_of("# a\nconst x = 1"), tree_of("const x = 1"))
    assert not same_tree(tree_of("# a\nconst x = 1"), tree_of("# b\nconst x = 1"))
