"""The formatter: one layout, and never another meaning."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphc.diagnostics.diagnostic import Sink
from graphc.source import SourceFile
from graphc.syntax import nodes
from graphc.syntax.compare import same_tree
from graphc.syntax.format import WIDTH, format_source, normal_string
from graphc.syntax.literals import decode_string
from graphc.syntax.parse import parse
from graphc.syntax.write import write
from tests.syntax.parsing import parsed, tree_of
from tests.syntax.strategies import EXAMPLES, FILES, for_files, mutated_texts
from tests.syntax.test_literals import STRINGS, is_one_token


def formatted(text: str) -> str:
    """The layout of a text, which must mean the same and be its own layout."""
    file = SourceFile("test.net", text)
    tree = parse(file, Sink())
    result = format_source(file, tree)
    again = tree_of(result)
    assert same_tree(tree, again)
    assert format_source(SourceFile("test.net", result), again) == result
    return result


def body(text: str) -> str:
    """The layout of statements in a model."""
    result = formatted(f"model m {{\n{text}\n}}\n")
    lines = result.split("\n")
    assert (lines[0], lines[-2:]) == ("model m {", ["}", ""])
    return "\n".join(line.removeprefix("    ") for line in lines[1:-2])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path) -> None:
    text = path.read_text(encoding="utf-8")
    result = formatted(text)
    assert result.endswith("}\n")
    assert result.replace(" ", "").count("#") == text.replace(" ", "").count("#")


@for_files
@given(FILES)
def test_generated_files(tree: nodes.File) -> None:
    formatted(write(tree))


@settings(max_examples=200, deadline=None)
@given(mutated_texts())
def test_mutated_files_that_still_parse(text: str) -> None:
    if not parsed(text)[1]:
        formatted(text)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EXAMPLES), st.integers(0, 10_000), st.booleans())
def test_comments_anywhere(path, seed: int, own_line: bool) -> None:
    """A comment put behind any token stays where the line may end there."""
    text = path.read_text(encoding="utf-8")
    places = [i for i, sign in enumerate(text) if sign in " \n,([{)]}"]
    place = places[seed % len(places)] + 1
    comment = "\n# odd\n" if own_line else "  # odd\n"
    changed = text[:place] + comment + text[place:]
    if not parsed(changed)[1]:
        assert formatted(changed).count("# odd") == changed.count("# odd")


def test_what_does_not_parse_has_no_layout() -> None:
    for text in ("model m {", "model m { x = 1; }", "model m { f(a b) }", 'const a = "'):
        file = SourceFile("test.net", text)
        tree = parse(file, Sink())
        with pytest.raises(ValueError, match=r"test\.net needs to be free of syntax errors"):
            format_source(file, tree)


# Blanks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x=1", "x = 1"),
        ("a,b=c ,d", "a, b = c, d"),
        ("x :[3 ,?]=y", "x: [3, ?] = y"),
        ("input x:float32 [ 3]as 'a b'", 'input x: float32[3] as "a b"'),
        ("output a=b,c", "output a = b, c"),
        ("weight w:[ ]=0.0", "weight w: [] = 0.0"),
        ("frozen   weight w : [3]", "frozen weight w: [3]"),
        ("f (a , b=- 1,c = not d)", "f(a, b=-1, c=not d)"),
        ("x [ : , 1 : - 1 , : : 2 , ... ] . shape [ 0 ]", "x[:, 1:-1, ::2, ...].shape[0]"),
        ("y = -a ** -b*c//d@e%f", "y = -a ** -b * c // d @ e % f"),
        ("y = a<b<=c!=d and not e or f not  in g", "y = a < b <= c != d and not e or f not in g"),
        ("y = ( a if b else c )", "y = (a if b else c)"),
        ("y = { 'a' :1, \"b\" : [ ] }", 'y = {"a": 1, "b": []}'),
        ("x->A ( )->B as b->C()", "x -> A() -> B as b -> C()"),
        ("( a , b )->Add( )", "(a, b) -> Add()"),
        ("[a,b]->Add()", "[a, b] -> Add()"),
        ("( query = x , value = y )->A()", "(query=x, value=y) -> A()"),
        ("y = (x , )", "y = (x,)"),
        ("y = x[0 , ]", "y = x[0,]"),
        ("y = ( )", "y = ()"),
        ("output(a, b) -> Add()", "output (a, b) -> Add()"),
        ("output[a, b]", "output [a, b]"),
        ("require(a) == (b)", "require (a) == (b)"),
        ("y = input[0] + output (3) - train . x", "y = input[0] + output(3) - train.x"),
        ("y = f'{ a }b'", "y = f'{ a }b'"),
        ("if(a){b=1}", "if (a) {\n    b = 1\n}"),
        ("for i,j in(a){}", "for i, j in (a) {}"),
        ("if a{}elif b{}else{}", "if a {} elif b {} else {}"),
        ("if a { b = 1 }\n\n  else { c = 1 }", "if a {\n    b = 1\n} else {\n    c = 1\n}"),
    ],
)
def test_blanks(text: str, expected: str) -> None:
    assert body(text) == expected


def test_items() -> None:
    text = (
        "const a=1\nconst b = 2\n\n\nconst c=3\nfrom 'x.net' import a,b as c\n"
        "model m( a,b = 1 ){ output a }\ntrain m{ loss=1\n epochs=2 }\nblock b( ){ }\n# end\n"
    )
    assert formatted(text) == (
        'const a = 1\nconst b = 2\n\nconst c = 3\nfrom "x.net" import a, b as c\n\n'
        "model m(a, b=1) {\n    output a\n}\n\n"
        "train m {\n    loss   = 1\n    epochs = 2\n}\n\nblock b() {}\n\n# end\n"
    )


def test_blank_lines() -> None:
    assert body("\n\na = 1\n\n\n\nb = 2\nc = 3\n\n# d\n\n\n# e\n\n") == (
        "a = 1\n\nb = 2\nc = 3\n\n# d\n\n# e"
    )


def test_the_top_of_a_file() -> None:
    assert formatted("") == ""
    assert formatted("\n\n  # only\n\n\n") == "# only\n"
    assert formatted("# head\n\n\n# of m\nmodel m {}") == "# head\n\n# of m\nmodel m {}\n"
    assert formatted("const a = 1\n# of m\nmodel m {}") == "const a = 1\n\n# of m\nmodel m {}\n"
    assert formatted("\ufeffconst a = 1") == "const a = 1\n"


def test_line_ends_are_kept() -> None:
    text = 'model m {\r\n  x = """a\r\nb"""\r\n}\r\n'
    assert formatted(text) == 'model m {\r\n    x = """a\r\nb"""\r\n}\r\n'
    assert formatted("const a = 1\rconst b = 2") == "const a = 1\nconst b = 2\n"


# Comments


def test_comments_keep_their_places() -> None:
    text = """\
if a {# one
# two
b = 1   #three
    # four
}# five
# six
else {  # seven
}
x = y # eight
      # nine
  -> A()#ten
      # eleven
-> B( # twelve
  1, # thirteen
  # fourteen
  2 # fifteen
  # sixteen
) # seventeen
# eighteen"""
    assert (
        body(text)
        == """\
if a {  # one
    # two
    b = 1  #three
    # four
}  # five
# six
else {  # seven
}
x = y  # eight
    # nine
    -> A()  #ten
    # eleven
    -> B(
        # twelve
        1,  # thirteen
        # fourteen
        2,  # fifteen
        # sixteen
    )  # seventeen
# eighteen"""
    )


def test_comments_inside_operations() -> None:
    assert body("x = (a + # one\n  # two\n b)") == (
        "x = (\n    a\n    +  # one\n    # two\n    b\n)"
    )
    assert body("f( # one\n)") == "f(\n    # one\n)"
    assert body("f(a # one\n, b)") == "f(\n    a,  # one\n    b,\n)"


def test_comments_do_not_count_for_the_width() -> None:
    text = "x = f(a, b)  # " + "long " * 30
    assert body(text) == text.rstrip()


# Lines


ARGUMENT = "aaaaaaaaaaaaaaaaaaaaaaa"


def test_brackets_break_as_ruff_breaks_them() -> None:
    short = ", ".join([ARGUMENT] * 3)
    assert body(f"some_name = some_function({short}, b)") == (
        f"some_name = some_function(\n    {short}, b\n)"
    )
    assert body(f"x = f({', '.join([ARGUMENT] * 5)})") == (
        "x = f(\n" + f"    {ARGUMENT},\n" * 5 + ")"
    )


def test_trailing_commas_keep_brackets_broken() -> None:
    assert body("x = f(a,)") == "x = f(\n    a,\n)"
    assert body("x = [\n1, 2,]") == "x = [\n    1,\n    2,\n]"
    assert body("x = [\n1,\n 2]") == "x = [1, 2]"


def test_no_comma_is_added_that_makes_a_tuple() -> None:
    value = " + ".join([ARGUMENT] * 5)
    assert body(f"x = ({value})") == "x = (\n    " + value.replace(" + ", "\n    + ") + "\n)"
    assert body(f"x = y[{value}]").endswith(f"+ {ARGUMENT}\n]")


def test_pipes_stay_broken_where_the_author_broke_them() -> None:
    text = "y = x -> A() -> B()\n    -> C()\n    -> D() -> E()"
    assert body(text) == text
    assert body("output x\n  -> A()") == "output x\n    -> A()"


def test_long_lines_of_pipes_break_before_each_arrow() -> None:
    stage = f"Dense({ARGUMENT}, {ARGUMENT})"
    assert body(f"y = x -> {stage} -> {stage}") == f"y = x\n    -> {stage}\n    -> {stage}"
    assert body(f"y = x -> A() -> B()\n -> {stage} -> {stage}") == (
        f"y = x -> A() -> B()\n    -> {stage}\n    -> {stage}"
    )


def test_long_stages_break_inside_their_brackets() -> None:
    arguments = [f"{ARGUMENT}={n}" for n in range(5)]
    assert body(f"y = x -> Dense({', '.join(arguments)})") == (
        "y = x\n    -> Dense(\n" + "".join(f"        {a},\n" for a in arguments) + "    )"
    )


def test_lines_keep_to_the_width() -> None:
    text = f"y = f({ARGUMENT}, [{ARGUMENT}, {ARGUMENT}], k={{1: {ARGUMENT}, 2: {ARGUMENT}}})"
    assert all(len(line) <= WIDTH for line in body(f"if a {{\n if b {{\n {text} }}}}").split("\n"))


def test_heads_break_too() -> None:
    parameters = [f"{ARGUMENT}{n}=1" for n in range(5)]
    assert formatted(f"block b({', '.join(parameters)}) {{ output x }}").startswith(
        "block b(\n" + "".join(f"    {p},\n" for p in parameters) + ") {\n    output x\n}"
    )


# Words and strings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x -> Dense(3, name="a")', "x -> Dense(3) as a"),
        ('x -> Dense(name="a", units=3)', "x -> Dense(units=3) as a"),
        ('x -> ReLU(name="a")', "x -> ReLU() as a"),
        ('x -> ReLU(name="a b")', 'x -> ReLU() as "a b"'),
        ("x -> ReLU(name='if')", 'x -> ReLU() as "if"'),
        ("x -> ReLU(name='input')", 'x -> ReLU() as "input"'),
        ('x -> ReLU(name=f"a{i}") -> B()', 'x -> ReLU() as f"a{i}" -> B()'),
        ('tower = Dense(64, name="tower")', "tower = Dense(64) as tower"),
        ('x = (y -> A(name="a")) + 1', "x = (y -> A() as a) + 1"),
        ('x -> (A(name="a"))', "x -> (A() as a)"),
        ('y = A(1, name="a", b=2,)', "y = A(\n    1,\n    b=2,\n) as a"),
        (
            'x -> A(1, # one\n name="a" # two\n)',
            "x\n    -> A(\n        1,  # one\n        # two\n    ) as a",
        ),
        # Where it would mean something else, or nothing, the argument stays.
        ('x -> A(name="a") as b', 'x -> A(name="a") as b'),
        ('x = A(name="a") + 1', 'x = A(name="a") + 1'),
        ('x -> f(A(name="a"))', 'x -> f(A(name="a"))'),
        ('x -> A(name="")', 'x -> A(name="")'),
        ("x -> A(name=y)", "x -> A(name=y)"),
        ('x -> A(name="a", name="b")', 'x -> A(name="a", name="b")'),
        ('A(name="a")', 'A(name="a")'),
    ],
)
def test_names_of_layers(text: str, expected: str) -> None:
    assert body(text) == expected


def test_names_of_layers_in_a_sequential() -> None:
    text = 'sequential s { A(name="a")\n if b { B(1, name="b") } }'
    assert formatted(text) == (
        "sequential s {\n    A() as a\n    if b {\n        B(1) as b\n    }\n}\n"
    )


def test_a_block_may_have_a_parameter_called_name() -> None:
    text = 'block b(name) {\n    output name\n}\n\nmodel m {\n    output x -> b(name="a")\n}\n'
    assert formatted(text) == text


@given(STRINGS)
def test_strings_keep_their_values(text: str) -> None:
    if text[-1:] in ("'", '"') and isinstance(decode_string(text), str) and is_one_token_safe(text):
        assert decode_string(normal_string(text)) == decode_string(text)
        assert normal_string(normal_string(text)) == normal_string(text)


def is_one_token_safe(text: str) -> bool:
    import tokenize

    try:
        return is_one_token(text)
    except (tokenize.TokenError, SyntaxError):
        return False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a'", '"a"'),
        ("'a\"b'", "'a\"b'"),
        (r"'it\'s'", '"it\'s"'),
        (r"'a\\'", r'"a\\"'),
        ("u'a'", '"a"'),
        ("R'a\\d'", 'r"a\\d"'),
        ("'''a\nb'''", '"""a\nb"""'),
        ("''", '""'),
        ("'''a\"'''", "'''a\"'''"),
    ],
)
def test_quotes(text: str, expected: str) -> None:
    assert normal_string(text) == expected


def test_a_call_given_by_name_is_indented_once() -> None:
    long = ", ".join(f"name_{i}={i}" for i in range(8))
    text = f"model m {{\n    output x -> Wrapper(first, second=Inner({long}))\n}}\n"
    tree = parse(SourceFile("t.net", text), Sink())
    assert format_source(SourceFile("t.net", text), tree) == (
        "model m {\n"
        "    output x\n"
        "        -> Wrapper(\n"
        "            first,\n"
        "            second=Inner(\n"
        f"                {long}\n"
        "            ),\n"
        "        )\n"
        "}\n"
    )


@pytest.mark.parametrize("item", ["12", "-0.25", "1e-3"])
def test_many_numbers_fill_their_lines(item: str) -> None:
    lines = formatted(f"const numbers = [{', '.join([item] * 60)}]\n").splitlines()
    assert (lines[0], lines[-1]) == ("const numbers = [", "]")
    assert all(line.endswith(f"{item},") for line in lines[1:-1])
    assert all(len(line) <= WIDTH for line in lines)
    assert all(len(line) + len(f" {item},") > WIDTH for line in lines[1:-2])


def test_numbers_that_are_few_or_commented_have_lines_of_their_own() -> None:
    few = formatted(f"const numbers = [{', '.join(['0.123456789'] * 15)}]\n")
    assert len(few.splitlines()) == 17
    commented = formatted(f"const numbers = [1, # one\n{', '.join(['2'] * 20)}]\n")
    assert len(commented.splitlines()) == 23
