"""Places equal those that libcst's own, slower PositionProvider gives; comments equal tokenize's."""

from __future__ import annotations

import io
import sys
import sysconfig
import tokenize
from dataclasses import fields
from pathlib import Path
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import CodePosition, MetadataWrapper, PositionProvider

from mldebt.extract.positions import Layout, layout, line_starts

PLACED = (
    cst.BaseExpression,
    cst.BaseStatement,
    cst.BaseSmallStatement,
    cst.BaseSuite,
    cst.BaseElement,
    cst.BaseDictElement,
    cst.BaseSlice,
    cst.MatchPattern,
    cst.Annotation,
    cst.Arg,
    cst.AsName,
    cst.CompFor,
    cst.CompIf,
    cst.Decorator,
    cst.Else,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.Finally,
    cst.From,
    cst.ImportAlias,
    cst.MatchCase,
    cst.MatchKeywordElement,
    cst.MatchMappingElement,
    cst.MatchOrElement,
    cst.MatchSequenceElement,
    cst.MatchStar,
    cst.NameItem,
    cst.Param,
    cst.ParamSpec,
    cst.TypeVar,
    cst.TypeVarTuple,
    cst.WithItem,
)

SNIPPETS = (
    # the file as a whole: ends of lines, header, footer, no last line end
    "",
    "\n",
    "#c",
    "   \n",
    "  # c\n",
    "x",
    "\ufeffx = 1\n",
    "\f\nx\n",
    "x\r\nif a:\r\n\tb\r\n  \r\n",
    "a\r\nb\nc\rd\n",
    "x = '''a\r\nb\rc'''; y\r\n",
    "x = 'é😀' # é😀\ny=1\n",
    "\\\n# c\nx\n",
    # indentation and comments
    "if a:\n  b\n# c",
    "if a:\n  b\n  # c\n # d\nc",
    "if a:\n  b\n\n  # c\\\n\n\n\n",
    "if a:\n\tb\n\tif c:\n\t\t\td\n\t# e\n\n   # f\ng\n",
    "class A:\n  # a\n  def f(self): # b\n\n      # c\n      pass\n  # d\n\n # e\n",
    "f(\n # own\n a, # not\n  # own\n)\n",
    "def f(\n  a, # one\n  # two\n  b=1 # three\n  ): # four\n    pass\n",
    "(\n  # own\n  a\n  # own\n  ) # tail\n",
    "x = [ # a\n  1, # b\n  # c\n  *y # d\n] # e\n",
    "del (a, # c\n b)\n",
    "if x: \\\n # c\n  pass\n",
    "@a \\\n # c\ndef f(): pass\n",
    # a comment behind a continuation has the line to itself
    "x = 1 \\\n  # c\n",
    "x = 1; \\\n# c\n",
    "x = 1; \\\n y # c\n",
    "def f():\n    return \\\n# c\n    raise \\\n # c\n",
    # simple statements
    "pass; break ;continue;\n",
    "a = b = c\na, b = b, a\na.b[c] = d\n",
    "a += b; c //= d; e **= f; g @= h; i >>= j; k <<= l\n",
    "m &= n; o |= p; q ^= r; s %= t; u -= v; w /= x; y *= z\n",
    "x: int\nx: int = 3\nx . y : (int)=3\n",
    "x = (yield)\nx = yield y\nx = yield from z\nyield(a)\n",
    "return\nreturn(a)\nreturn  *a, b\n",
    "raise\nraise A from B\nraise(A)from(B)\n",
    "assert a, b\nassert(a)\nassert a ,b\n",
    "del a\ndel(a)\ndel a, b.c, d[e]\n",
    "global a, b\ndef f():\n  nonlocal a ,b\n",
    "import a.b as c, d\nfrom . import a\nfrom ..b import (c as d, e,)\nfrom .a import *\nfrom a import(b)\n",
    "from .. . a . b import(\n c, # c\n)\n",
    "lazy import a, b as c\nlazy from a import (b, c)\n",
    "type X = int; y = 1\ntype X[T: int = str, *Ts = *tuple[int], **P = []] = int;\ntype Y [ T ] =T\n",
    # compound statements
    "if a: b; c\nelif d: e\nelse: f\n",
    "if a:\n b\n# c\nelif d :\n e\n# f\nelse :\n g\n",
    "while a: b\nelse: c\nwhile(a):\n  b\n",
    "for(a)in(b): c\nfor a, b in c, d:\n  e\n# f\nelse:\n  g\n",
    "for x in *a, b: pass\n",
    "try:\n  a\nexcept:\n  b\n",
    "try: a\nexcept (B, C) as d: e\n# e\nelse: f\nfinally : g\n",
    "try: a\nexcept* (B, C) as d: e\nexcept *E: f\n",
    "with (a as b, c): pass\nwith a as(b), c as (d, e): pass\nwith ( a ) : pass\n",
    "with (\n a as b, # c\n c,\n): pass\n",
    "async def f():\n  async  with a as b: pass\n  async for x in y: await(z)\n  else: pass\n",
    "@a\n# c\n@b . c(d) # d\n\n# e\nasync  def f(): ...\n",
    "class C:\n  @a\n\n  # c\n  @ b # d\n\n  # e\n  class D(E, *F, k=1, **z): pass\n",
    "class A(): pass\nclass A ( B ) : pass\nclass A [T] ( ) : pass\n",
    "class A[T: (int, str), *U, **V](B[T], ): pass\n",
    "def f[T](a: T) -> T: pass\ndef f ( a ) ->(int) : pass\n",
    "def f(a, /, b: int = 1, *c: *T, d, e=2, **k) -> int: pass\n",
    "def f(*, a): pass\ndef f(a, b, /): pass\ndef f(a, / , b, * , c , ): pass\ndef f( * a, ** b ): pass\n",
    "match x:\n  case 1 | (2): pass\n  case -1 + 2j: pass\n  case None: pass\n  # foot\n",
    "match x :\n # a\n case {'a': 1, ** r , }: pass\n case 'a' 'b': c\n",
    "match x :\n case {'b' : [c], d.e: (f)}: pass\n case {}: pass\n# b\n",
    "match(x):\n case A(1, b=2): pass\n case A.B ( c = d , ): pass\n case A(): pass\n case (A(b) ): pass\n",
    "match a, *b:\n case [a, *_]: pass\n case (a,): pass\n case a, * b: pass\n",
    "match x:\n case []: pass\n case (): pass\n",
    "match x:\n case (A.b as c) if c: pass\n case (a | b) as c if(d): pass\n case _ :\n  pass\n",
    # expressions
    "f(a)(b)[c](d).e . f\n",
    "f(* a, ** b, c = d, e=f , )\nf (a) (b,)\nf(x for x in y)\nf( (x) )\n",
    "a[1:2, ::3, *b, ...]\na[b:=1]\na [ 1 : ]\na[:]\na[b:c:d]\na[(b),]\n",
    "((a))\n( ( a ) ,)\n(a,)\na,\n()\n(a . b)\n(1)(2.5)\n('x')\n(a)[(b)]\n",
    "{1, *a}\n{**a, 1: 2}\n[*a, b]\n[]\n{}\n{ ** a , 'b' :c , }\n(*a, b)\n[(*a, b)]\n",
    "[a for b in c if d if e for f in g]\n{a: b for c in d}\n{a for b in c}\n(a for b in c)\n",
    "{ a : b for(c)in d }\n",
    "{**x for x in y}\n[*a for a in b]\n[x async\\\n for x in y]\n",
    "not a\nnot(a)\na not in b\na is   not b\na not  in(b)\nnot not a\n",
    "a@b\na**-b\n~a\n+ a\na and b or not c\na<b<=c!=d==e>f>=g in h is i\na//b%c|d&e^f<<g>>h*i/j+k-l\n",
    "(a # b\n + # c\n b)\n(a.\n  b # d\n  .c())\n",
    "a if b else(c)\n(a)if(b)else c\n(a\n if b # c\n else d)\n(a := b)\n(a:=(b := c))\n",
    "lambda: 0 # c\nlambda *, a, b=1: a\nlambda *a, **b: a\nlambda a, /, b : a\n",
    "lambda a=(b), *c: (d)\nlambda:(yield)\n",
    "f'{a!r:{b}}{c=}{ d = }' u'y'\nf'''{\n a # b\n}x{{}}'''\nf'{f\"{a:>{b}}\"}'\nrf'\\{a}' ''\n",
    "('a' # b\n 'c'\n f'd{e}')\n",
    "t'a{x!r:>{w}}b'\nt'{ y = }'\n",
    "1; 1.5; 1j; 0x_1; ...; None; 'a'; b'a'; r'''a\nb'''\n",
)


def deep(levels: int) -> str:
    return "(" * levels + "a" + ")" * levels + "\n" + "f(" * levels + ")" * levels + "\n"


def mismatches(module: cst.Module) -> list[str]:
    """What differs from PositionProvider, in words."""
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    places = wrapper.resolve(PositionProvider)
    code, found = module.code, layout(module)
    starts = line_starts(code)

    def offset(place: CodePosition) -> int:
        return starts[place.line - 1] + place.column

    wanted = {node: (offset(at.start), offset(at.end)) for node, at in places.items() if node in found.spans}
    lost = [type(node).__name__ for node in places if isinstance(node, PLACED) and node not in found.spans]
    wrong = [
        f"{type(node).__name__} at {span}, not {found.spans[node]}: {code[slice(*span)]!r}"
        for node, span in wanted.items()
        if found.spans[node] != span
    ]
    if len(wanted) != len(found.spans):
        wrong.append("spans of nodes that PositionProvider does not know")
    if found.length != len(code):
        wrong.append(f"length {found.length}, not {len(code)}")
    return lost + wrong


def comments_of(code: str) -> list[tuple[int, str, bool]]:
    """The comments that tokenize sees."""
    starts = line_starts(code)
    found = []
    for token in tokenize.generate_tokens(io.StringIO(code, newline="").readline):
        if token.type == tokenize.COMMENT:
            line = starts[token.start[0] - 1]
            at = line + token.start[1]
            found.append((at, token.string, not code[line:at].strip(" \t\f")))
    return found


def odd(kind: type[cst.CSTNode]) -> Any:
    """A kind of node that libcst does not have."""
    return type("Odd", (kind,), {})


def library_files() -> list[Path]:
    """Some forty files of the standard library, none of them long."""
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return [path for path in files if 3_000 < path.stat().st_size < 10_000][:45]


@pytest.mark.parametrize("text", SNIPPETS)
def test_places_equal_those_of_position_provider(text: str) -> None:
    module = cst.parse_module(text)
    assert mismatches(module) == []


@pytest.mark.parametrize("text", SNIPPETS)
def test_comments_equal_those_of_tokenize(text: str) -> None:
    if sys.version_info < (3, 12) and "f'" in text:
        pytest.skip("tokenize does not look into f-strings before Python 3.12")
    module = cst.parse_module(text)
    assert layout(module).comments == comments_of(module.code)


@pytest.mark.parametrize("text", SNIPPETS)
def test_what_is_left_to_libcst_takes_the_room_it_is_written_in(text: str) -> None:
    bare = cst.parse_module(text).visit(_Bare())
    assert mismatches(bare) == []


def test_empty_bodies_take_the_room_of_pass() -> None:
    block = cst.FunctionDef(cst.Name("f"), cst.Parameters(), cst.IndentedBlock([]))
    line = cst.SimpleStatementLine([])
    suite = cst.Else(cst.SimpleStatementSuite([]))
    loop = cst.While(cst.Name("a"), cst.IndentedBlock([block, line]), suite)
    assert mismatches(cst.Module([loop, block])) == []
    assert mismatches(cst.Module([loop, block], has_trailing_newline=False)) == []


def test_a_module_without_anything_has_its_line_end_alone() -> None:
    assert mismatches(cst.Module([], default_newline="\r\n")) == []
    assert mismatches(cst.Module([], has_trailing_newline=False)) == []


def test_a_last_line_end_of_another_width_is_taken_off() -> None:
    line = cst.EmptyLine(newline=cst.Newline("\r\n"))
    module = cst.Module([], footer=[line, line], has_trailing_newline=False)
    assert layout(module).length == len(module.code) == 2


def test_the_standard_library() -> None:
    files = nodes = 0
    for path in library_files():
        try:
            module = cst.parse_module(path.read_bytes())
        except (cst.ParserSyntaxError, UnicodeDecodeError):
            continue
        found = layout(module)
        assert mismatches(module) == [], path.name
        assert found.comments == comments_of(module.code), path.name
        files, nodes = files + 1, nodes + len(found.spans)
    assert files >= 30
    assert nodes > 20_000


def test_definitions_begin_at_their_keyword() -> None:
    text = "@a\n# b\n@c\nasync  def f(): pass\nclass C:\n  @d\n  def g(self): pass\n"
    module = cst.parse_module(text)
    found: Layout = layout(module)
    words = [text[at:].split("(")[0].split(":")[0] for at in sorted(found.keywords.values())]
    assert words == ["async  def f", "class C", "def g"]
    assert all(found.spans[node][0] == at for node, at in found.keywords.items())


def test_deep_nesting_takes_few_frames() -> None:
    module = cst.parse_module(deep(100))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_frames_in_use() + 400)
    try:
        found = layout(module)
    finally:
        sys.setrecursionlimit(limit)
    assert found.length == len(module.code)


@pytest.mark.parametrize(
    "node",
    [
        cst.Expr(cst.Call(odd(cst.Name)("a"))),
        odd(cst.Pass)(),
        cst.Expr(cst.BinaryOperation(cst.Name("a"), odd(cst.Add)(), cst.Name("b"))),
        cst.Expr(cst.Call(cst.Name("a"), whitespace_before_args=odd(cst.SimpleWhitespace)(" "))),
    ],
)
def test_an_unknown_kind_of_node_is_an_error_that_names_it(node: cst.BaseSmallStatement) -> None:
    with pytest.raises(TypeError, match="Odd"):
        layout(cst.Module([cst.SimpleStatementLine([node])]))


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("", (0,)),
        ("a", (0,)),
        ("a\n", (0, 2)),
        ("a\r\nb\rc\n\rd", (0, 3, 5, 7, 8)),
        ("a\x0bb\x0cc\x1cd\x85e\u2028f\ng", (0, 12)),
    ],
)
def test_only_three_line_ends_count(text: str, starts: tuple[int, ...]) -> None:
    assert line_starts(text) == starts


def _frames_in_use() -> int:
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


class _Bare(cst.CSTTransformer):
    """Takes out all that libcst can fill in."""

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
        absent = cst.MaybeSentinel.DEFAULT
        optional = [field.name for field in fields(updated_node) if field.default is absent]
        if isinstance(updated_node, (cst.IndentedBlock, cst.Match)):
            updated_node = updated_node.with_changes(indent=None)
        return updated_node.with_changes(**dict.fromkeys(optional, absent))
