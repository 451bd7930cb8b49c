"""Names, arguments and what each formula carries, against the table of the contract."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest
import sympy as sp
from members import ALL, IDS, MODULES, arguments, member, values

from bntheory.formula import DOMAINS, Formula
from bntheory.notation import BY_NAME, SYMBOLS

#: The contract's functions and their arguments, in its order.
CONTRACT = {
    "I1": ("gamma", "R"),
    "I2": ("gamma", "R"),
    "I3": ("gamma", "R"),
    "online_error": ("gamma", "R"),
    "bn_rates": ("gamma", "R", "L", "eta", "zeta"),
    "wn_rates": ("gamma", "R", "L", "eta"),
    "sgd_rates": ("R", "L", "eta"),
    "bn_fixed_point": ("zeta",),
    "bn_eta_max": ("zeta",),
    "bn_eta_eff": ("eta", "zeta", "L0"),
    "bn_lambda_gamma": ("eta", "zeta"),
    "bn_lambda_R": ("eta", "zeta", "L0"),
    "wn_eta_max": (),
    "wn_eta_eff": ("eta", "L0"),
    "sgd_eta_max": (),
    "sgd_eta_eff": ("eta",),
}
ELEMENTARY = [name for name, args in CONTRACT.items() if "zeta" in args and name != "bn_rates"]
#: How many quantities come back, where it is not one.
COUNTS = {"bn_rates": 3, "wn_rates": 3, "sgd_rates": 2, "bn_rates_aligned": 3,
          "sgd_rates_aligned": 2, "bn_jacobian_aligned": 9, "sgd_jacobian_aligned": 4}
INSIDE = {"gamma": 0.8, "R": 0.3, "L": 1.2, "L0": 0.9, "eta": 0.4, "zeta": 0.2,
          "misalignment": 0.6, "slope": 0.25}
each = pytest.mark.parametrize(("module", "name"), ALL, ids=IDS)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("name", CONTRACT)
def test_the_table_of_the_contract(module: str, name: str) -> None:
    if module == "erf" and name in ELEMENTARY:  # gamma0 is not elementary in zeta there
        assert not hasattr(MODULES[module], name)
        assert name not in MODULES[module].__all__
        return
    extra = ("slope",) if module == "leaky_relu" else ()
    assert tuple(arguments(member(module, name))) == (*CONTRACT[name], *extra)
    assert name in MODULES[module].__all__


@pytest.mark.parametrize("module", MODULES)
def test_nothing_public_beside_the_list(module: str) -> None:
    here = MODULES[module]
    formulas = [name for name, value in vars(here).items() if isinstance(value, Formula)]
    assert formulas == list(here.__all__)
    assert all(getattr(here, name).__name__ == name for name in formulas)
    beyond = [name for name in here.__all__ if name not in CONTRACT]
    assert all(name.endswith("_aligned") for name in beyond)


@pytest.mark.parametrize("module", MODULES)
def test_aligned_functions_take_the_misalignment_for_the_overlap(module: str) -> None:
    for name in MODULES[module].__all__:
        if name.endswith("_aligned"):
            namesake = name.removesuffix("_aligned").replace("jacobian", "rates")
            in_R = arguments(member(module, namesake))
            expected = ["misalignment" if argument == "R" else argument for argument in in_R]
            assert arguments(member(module, name)) == expected


@each
def test_signature(module: str, name: str) -> None:
    parameters = inspect.signature(member(module, name)).parameters.values()
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty for p in parameters)
    assert all(p.name in DOMAINS and p.name in BY_NAME for p in parameters)


@each
def test_docstring(module: str, name: str) -> None:
    function = member(module, name)
    text = inspect.getdoc(function) or ""
    summary = text.splitlines()[0]
    assert summary.endswith(".") and len(summary) < 90
    for heading in ("Returns\n-------", "Notes\n-----"):
        assert heading in text
    assert "of the broadcast shape; nan outside the domain" in text
    assert function.source in text
    for argument in arguments(function):
        described = text.split(f"\n{argument} : float or array\n")[1].splitlines()[0].strip()
        meaning = BY_NAME[argument].meaning
        assert described.startswith(f"{meaning[0].upper()}{meaning[1:]}; ")


@each
def test_the_docstring_tells_the_domain_that_the_function_has(module: str, name: str) -> None:
    function = member(module, name)
    text = inspect.getdoc(function) or ""
    for argument in arguments(function):
        low, high, left_open = DOMAINS[argument]
        stated = text.split(f"\n{argument} : float or array\n")[1].splitlines()[0].rsplit(";", 1)[1]
        left = f"{low:g} {'<' if left_open else '<='} " if low > -float("inf") else ""
        right = f" <= {high:g}" if high < float("inf") else ""
        assert stated.strip() == f"{left}{argument}{right}.", argument


@each
def test_source(module: str, name: str) -> None:
    source = member(module, name).source
    assert source.startswith("Luo et al. 2019, ")
    assert any(place in source for place in ("Eq. (1", "Sec. 3", "Table 1", "Prop. "))


@each
def test_expression(module: str, name: str) -> None:
    """Its free symbols are arguments, and the arguments that are missing do not matter."""
    function = member(module, name)
    expr = function.expr
    symbols = {symbol.name for entry in leaves(expr) for symbol in sp.sympify(entry).free_symbols}
    names = arguments(function)
    assert symbols <= set(names)
    assert all(SYMBOLS[symbol].name == symbol for symbol in symbols)
    assert len(leaves(expr)) == COUNTS.get(name, 1)
    unused = [argument for argument in names if argument not in symbols]
    here = {argument: INSIDE[argument] for argument in names}
    for argument in unused:
        there = here | {argument: 0.9 * here[argument]}
        assert (values(function(**here)) == values(function(**there))).all()
    assert function.expr is expr  # read once


def leaves(expr: Any) -> list[Any]:
    """Return the entries of nested tuples."""
    if isinstance(expr, (tuple, sp.Tuple)):
        return [leaf for entry in expr for leaf in leaves(entry)]
    return [expr]


@each
def test_arguments_do_not_enter_only_where_the_theory_says_so(module: str, name: str) -> None:
    """An argument of the contract that the expression lacks is one that the paper lacks, too."""
    function = member(module, name)
    symbols = {s.name for entry in leaves(function.expr) for s in sp.sympify(entry).free_symbols}
    missing = set(arguments(function)) - symbols
    assert missing <= ({"slope"} if name in ("wn_eta_eff", "sgd_eta_eff") else set())


@each
def test_latex(module: str, name: str) -> None:
    function = member(module, name)
    latex = function.latex
    assert latex == function.latex and isinstance(latex, str)
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert all(word not in latex for word in ("misalignment", "slope", "gamma0", "asin("))
    assert function._repr_latex_() == f"$\\displaystyle {latex}$"
    for symbol in set(arguments(function)) & {"gamma", "eta", "zeta"}:
        used = any(sp.sympify(e).has(SYMBOLS[symbol]) for e in leaves(function.expr))
        assert (rf"\{symbol}" in latex) == used


@each
def test_pickle_copy_and_repr(module: str, name: str) -> None:
    function = member(module, name)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(function, protocol)) is function
    assert copy.copy(function) is function
    assert copy.deepcopy([function])[0] is function
    signature = f"({', '.join(arguments(function))})"
    assert repr(function) == f"<formula {name}{signature}: {function.source}>"
    assert function.__module__ == f"bntheory.formulas.{module}"
    assert function.__qualname__ == function.__name__ == name


@each
def test_every_backend_has_the_same_signature(module: str, name: str) -> None:
    function = member(module, name)
    for version in (function.torch, function.mp, function.math):
        assert list(inspect.signature(version).parameters) == arguments(function)
        assert pickle.loads(pickle.dumps(version)) is version


@each
def test_calls_with_keywords_and_with_too_few_or_too_many_arguments(module: str, name: str) -> None:
    function = member(module, name)
    here = {argument: INSIDE[argument] for argument in arguments(function)}
    by_position = values(function(*here.values()))
    assert (values(function(**dict(reversed(here.items())))) == by_position).all()
    if here:
        first, *rest = here
        mixed = function(here[first], **{argument: here[argument] for argument in rest})
        assert (values(mixed) == by_position).all()
        with pytest.raises(TypeError, match="missing"):
            function(*list(here.values())[1:])
    with pytest.raises(TypeError, match="too many"):
        function(*here.values(), 1.0)
    with pytest.raises(TypeError, match="unexpected keyword"):
        function(**here, other=1.0)
