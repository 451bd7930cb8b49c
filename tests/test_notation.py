"""The notation: names, domains, reading back, and the few functions that do something."""

from __future__ import annotations

import pickle

import pytest
import sympy as sp

from bntheory.notation import BY_NAME, QUANTITIES, SYMBOLS, Quantity

u, h, M, a, w, x = (SYMBOLS[name] for name in ("u", "h", "M", "a", "w", "x"))
FUNCTIONS = [name for name, symbol in SYMBOLS.items() if isinstance(symbol, type)]


def test_names_are_unique_identifiers() -> None:
    names = [quantity.name for quantity in QUANTITIES]
    assert len(names) == len(set(names)) == len(SYMBOLS) == len(BY_NAME)
    assert all(name.isidentifier() for name in names)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_every_quantity_is_described(quantity: Quantity) -> None:
    assert quantity.latex.count("{") == quantity.latex.count("}")
    assert quantity.latex.strip() and quantity.meaning.strip()


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_assumptions_follow_the_domain(quantity: Quantity) -> None:
    if quantity.domain is None:
        return
    assert quantity.symbol.is_real
    assert bool(quantity.symbol.is_positive) == (0 not in quantity.domain)
    assert bool(quantity.symbol.is_nonnegative) == (quantity.domain.inf >= 0)


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_every_quantity_reads_back(quantity: Quantity) -> None:
    assert sp.sympify(quantity.name, locals=SYMBOLS) == quantity.symbol


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_check_their_arguments_and_pickle(name: str) -> None:
    function = SYMBOLS[name]
    (arity,) = function.nargs
    expression = function(*[u] * arity)
    assert pickle.loads(pickle.dumps(expression)) == expression
    assert sp.sympify(str(expression), locals=SYMBOLS) == expression
    with pytest.raises(TypeError):
        function(*[u] * (arity + 1))


def test_inner_product_is_symmetric_and_length_is_not_negative() -> None:
    assert SYMBOLS["dot"](w, x) == SYMBOLS["dot"](x, w)
    assert SYMBOLS["norm"](w).is_nonnegative


def test_derivatives_of_the_partition_function() -> None:
    assert SYMBOLS["A"](h).diff(h) == SYMBOLS["A_prime"](h)
    assert SYMBOLS["A"](h).diff(h, 2) == SYMBOLS["A_second"](h)


def test_gamma_function_has_a_name_of_its_own() -> None:
    expression = sp.sympify("gamma*Gamma(M/2)", locals=SYMBOLS)
    assert expression.doit() == SYMBOLS["gamma"] * sp.gamma(M / 2)
    assert sp.N(SYMBOLS["Gamma"](sp.Rational(5, 2))) == pytest.approx(float(sp.gamma(2.5)))
    assert sp.latex(SYMBOLS["Gamma"](M)) == r"\Gamma\left(M\right)"


def test_sigmoid_and_density_write_themselves_out() -> None:
    assert SYMBOLS["sigmoid"](sp.Integer(0)).doit() == sp.Rational(1, 2)
    density = SYMBOLS["phi"](SYMBOLS["h1"])
    assert sp.integrate(density.doit(), (SYMBOLS["h1"], -sp.oo, sp.oo)) == 1


def test_uncertain_shows_its_mark_and_gives_its_reading() -> None:
    uncertain = SYMBOLS["uncertain"]
    assert sp.latex(uncertain(a)) == "{a}^{[?]}"
    assert sp.latex(1 / uncertain(a)) == r"\frac{1}{{a}^{[?]}}"
    assert sp.latex(uncertain(a) ** 2) == r"\left({a}^{[?]}\right)^{2}"
    assert sp.latex(uncertain(a - M)) == r"{\left(- M + a\right)}^{[?]}"
    assert (1 / uncertain(2 * a)).doit() == 1 / (2 * a)
