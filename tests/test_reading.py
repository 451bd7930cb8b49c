"""Text is read, and never run: activations and printed relations, in bounded time and memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from time import process_time

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

import bntheory
from bntheory import cli
from bntheory.activations import UnknownActivation, X, find
from bntheory.notation import SYMBOLS, read
from bntheory.paper import STATEMENTS
from bntheory.reading import Reader, Unreadable

ROOT = Path(bntheory.__file__).parents[1]
COMPARISONS = ("Eq", "Ge", "Gt", "Le", "Lt")
RELATIONS = [relation for statement in STATEMENTS for relation in statement.relations]

#: Each would do something if it were run, or take very long, or has to be refused as it is.
PYTHON = [
    "__import__('pathlib').Path('RAN').touch()",
    "x.__class__.__mro__[-1].__subclasses__()",
    "().__class__", "x.real", "x.subs", "x[0]", "(x, x)[0]", "getattr(x, 'real')",
    "eval('x')", "exec('x')", "open('RAN', 'w')", "print(x)", "globals()", "type(x)", "vars()",
    "(lambda: x)()", "lambda x: x", "[x for x in (1,)]", "{x}", "{x: x}", "{**x}", "[*x]",
    "(x := 3)", "x if x else 0", "x and x", "not x", "~x", "x @ x", "x % 2", "x // 2", "x << 2",
    "x is x", "x in x", "1 < x < 2", "f'{x}'", "'x'", "'x' * 9", "b'x'", "...", "None", "1j*x",
    "await x", "(yield x)", "exp(*x)", "exp(**x)", "exp(x, evaluate=False)", "exp()", "exp(exp)",
    "exp", "exp(x)(x)", "Symbol('x', cls=x)", "sympify('x')", "S('x')", "Lambda(x, x)",
    "x; x", "x\nx", "x\\\nx", "x#", "import os", "x = 1", "del x", "@x", "x\0", "\ud800", "",
]  # fmt: skip
LONG = [
    "9**9**9**9", "x*9**9**9", "factorial(10**9)", "2**(10**9)*x", "(10**12)**20*x",
    "((9**20)**20)**20*x", "exp(10**9)*x", "x + sinh(-1e9)", "exp(exp(exp(9)))*x",
    "sin(exp(exp(20)))*x", "exp(1e12*log(2))*x", "1e999*x", "1e-999*x", "9" * 400 + "*x",
    "9" * 5000, "x" * 10**6, "(" * 10**6, "-" * 10**6 + "x", "x+" * 10**6 + "x", "\0" * 10**6,
    "-" * 400 + "x", "exp(" * 60 + "x" + ")" * 60,
    "(((1/(x**2 + 2))**20)**20)**20", "exp(-1e9*log(x**2 + 2))",
]  # fmt: skip


def activation(text: str) -> None:
    """Read an activation, or be refused in one line; whatever else happens is wrong."""
    try:
        found = find(text)
        assert found.expr.free_symbols <= {X, *found.parameters}
        found.derivative(X)
    except UnknownActivation as refusal:
        assert len(str(refusal).splitlines()) == 1 and len(str(refusal)) < 350


def relation(text: str) -> None:
    """Read a printed relation, or be refused in one line."""
    try:
        found = read(text)
        assert isinstance(found, sp.Basic)
        assert found.free_symbols <= set(filter(_is_symbol, SYMBOLS.values()))
    except Unreadable as refusal:
        assert len(str(refusal).splitlines()) == 1 and len(str(refusal)) < 150


def _is_symbol(symbol: object) -> bool:
    return isinstance(symbol, sp.Basic)


# -- what is no mathematics ----------------------------------------------------------------------


@pytest.mark.parametrize("text", PYTHON)
def test_python_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownActivation):
        find(f"x + ({text})")
    with pytest.raises(Unreadable):
        read(f"x + ({text})")
    assert not list(tmp_path.iterdir())


def test_what_takes_long_is_refused_at_once_and_in_little_memory() -> None:
    """In a process that has neither time nor memory."""
    code = (
        "import json, sys\n"
        "from bntheory.activations import UnknownActivation, find\n"
        "from bntheory.notation import read\n"
        "from bntheory.reading import Unreadable\n"
        "for text in json.load(sys.stdin):\n"
        "    for reads in (find, read):\n"
        "        try:\n            reads(text)\n"
        "        except (UnknownActivation, Unreadable):\n            continue\n"
        "        assert reads is read, text[:60]\n"
    )

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(LONG), text=True, capture_output=True,
        preexec_fn=limits, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("text", [LONG[0], PYTHON[0], "x" * 10**5, "\udcff", "٣*x", "x\u2028+"])
def test_the_command_refuses_it_in_one_line(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["derive", "eq13", "--activation", text]) in (0, cli.WRONG)
    out, err = capsys.readouterr()
    assert out or (len(err.splitlines()) == 1 and len(err) < 400)


# -- anything at all -----------------------------------------------------------------------------

LEAVES = ["x", "x", "x", "2", "0", "0.5", "pi", "1e9", "1e12", "1e-12", "3", "7", "20", "E", "y"]
CALLS = (
    "exp log sqrt sin cos tan sinh cosh tanh asin atan erf erfc abs sign heaviside relu sigmoid "
    "softplus foo"
).split()
JUNK = st.one_of(st.sampled_from(PYTHON), st.text(max_size=4))
expressions = st.recursive(
    st.one_of(st.sampled_from(LEAVES), JUNK),
    lambda inner: st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+ - * / ** ^".split()), inner),
        st.builds("-{}".format, inner),
        st.builds("{}({})".format, st.sampled_from(CALLS), inner),
        st.builds("{}({},{})".format, st.sampled_from(["max", "min"]), inner, inner),
    ),
    max_leaves=25,
)


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """Return a printed relation with parts replaced by parts of others, or by anything."""
    text = draw(st.sampled_from(RELATIONS))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 8)))
        other = draw(st.sampled_from(RELATIONS))
        cut = draw(st.integers(0, len(other) - 1))
        put = draw(st.one_of(JUNK, expressions, st.just(other[cut : cut + 12])))
        text = text[:start] + put + text[end:]
    return text


@settings(max_examples=6 * settings().max_examples)
@given(st.one_of(st.text(max_size=60), expressions))
@example("x**-1**20**20")
@example("exp(" * 20 + "x" + ")" * 20)
@example("((x+1)**20+1)**20*abs(x)")
@example("max(" * 7 + "sin(x)" + ",tanh(x))" * 7)
@example("sqrt(" * 20 + "abs(x)+1" + ")" * 20)
@example("\ud800")
# what once was another error, or did not come to an end
@example("heaviside((erf(atan(-1))/sqrt(-1)))")
@example("min(asin((x-1)),(cosh(max(asin((0.1-1e9)),erf((-1-3))))*0))")
@example("tanh(min(sigmoid(exp(1e12))**0.1,x))")
@example("softplus(exp(abs(1e12)))")
@example("sigmoid((E*cosh((cosh(E)**19/20))))")
@example("sigmoid(-(sinh(-1e9)+2))")
@example("erfc((exp(erf((erf(x**2)**(0+3))))**cosh(erfc(((E+2)+sinh(1e9))))))")
@example("tan(tanh(log(asin(sinh(3)))))")
@example("sigmoid(erf(((999999999999-1/3)*log(2))))")
@example("(erfc(exp((relu(pi)-(log(999999999999)*999999999999))))/abs(sinh(abs(exp(2)))))")
@example("-\U000738a6" * 60)
def test_activations(text: str) -> None:
    started = process_time()
    activation(text)
    assert process_time() - started < 5


@settings(max_examples=6 * settings().max_examples)
@given(st.one_of(spoiled(), expressions))
@example("I2, Gt(I2, 0)")
@example("Piecewise(R)")
@example("Derivative(2)")
@example("Integral(R, R, 3)")
@example("I1(R)")
@example("e20E" * 60)
@example("(sqrt(sqrt(7))**(999999999)**(9999999999+(19/20-x)))")
@example("((((((x**2/0.5)**tan(x**2))**((1e9**x)**cos(x)))*x)/(E**sinh((1e9**(x+1e9)))))**x)")
def test_relations(text: str) -> None:
    started = process_time()
    relation(text)
    assert process_time() - started < 5


@pytest.mark.parametrize("text", RELATIONS)
def test_what_is_printed_is_what_sympy_reads(text: str) -> None:
    """SymPy's own parser runs what it reads, but the print can be trusted."""
    kinds = {name: partial(getattr(sp, name), evaluate=False) for name in COMPARISONS}
    assert read(text) == sp.sympify(text, locals={**SYMBOLS, **kinds})


def test_a_text_may_be_as_long_as_is_said() -> None:
    room = Reader.length - len("x*1")
    assert find("x*1" + " " * room).expr == X
    with pytest.raises(UnknownActivation, match="more than 500 characters"):
        find("x*1" + " " * (room + 1))


def test_a_symbol_that_the_notation_does_not_have() -> None:
    found = read("Eq(eta, Symbol('H', positive=True, integer=True)**2)")
    assert found.rhs == sp.Symbol("H", positive=True, integer=True) ** 2
    assert read("Symbol('H')") == sp.Symbol("H")


@pytest.mark.parametrize(
    "text",
    [
        "Symbol()", "Symbol(H)", "Symbol('')", "Symbol('a b')", "Symbol('H', 'K')", "Symbol(1)",
        f"Symbol('{'H' * 41}')", "Symbol('H', positive=False)", "Symbol('H', positive=1)",
        "Symbol('H', cls=True)", "Symbol('H', **eta)", "Symbol(*'H')", "Symbol('H', positive=eta)",
    ],
)  # fmt: skip
def test_which_is_written_in_one_way(text: str) -> None:
    with pytest.raises(Unreadable, match="a symbol is written"):
        read(text)
