"""Activations from names, expressions, SymPy and Python functions."""

from __future__ import annotations

import math
from typing import Any

import pytest
import sympy as sp

from bntheory.activations import (
    ACTIVATIONS,
    ERF,
    LEAKY_RELU,
    LINEAR,
    RELU,
    Activation,
    UnknownActivation,
    X,
    find,
    of,
)

z = sp.Symbol("z")


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_names_in_any_case(activation: Activation) -> None:
    assert find(activation.name) is activation
    assert find(f" {activation.name.upper()} ") is activation


@pytest.mark.parametrize(
    ("text", "activation"),
    [
        ("identity", LINEAR),
        ("Leaky-ReLU", LEAKY_RELU),
        ("LeakyReLU", LEAKY_RELU),
        ("x", LINEAR),
        ("2*x/2", LINEAR),
        ("relu(x) - relu(-x)", LINEAR),
        ("max(x, 0)", RELU),
        ("max(0, x)", RELU),
        ("0.5*(x + abs(x))", RELU),
        ("x*Heaviside(x)", RELU),
        ("erf(x/sqrt(2))", ERF),
    ],
)
def test_the_same_function_is_the_same_activation(text: str, activation: Activation) -> None:
    assert find(text) is activation


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("tanh", math.tanh),
        ("TANH(x)", math.tanh),
        ("sigmoid(x)", lambda x: 1 / (1 + math.exp(-x))),
        ("softplus(2*x)/2", lambda x: math.log(1 + math.exp(2 * x)) / 2),
        ("x*(1 + erf(x/sqrt(2)))/2", lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
        ("max(x, 0.1*x)", lambda x: max(x, 0.1 * x)),
        ("x/(1 + abs(x))", lambda x: x / (1 + abs(x))),
        ("max(-1, min(1, x))", lambda x: max(-1, min(1, x))),
        ("abs(x - 1)", lambda x: abs(x - 1)),
        ("x**3 - 3*x", lambda x: x**3 - 3 * x),
        ("sqrt(x**2 + 1)", lambda x: math.sqrt(x**2 + 1)),
        ("2**x", lambda x: 2**x),
        ("E**x", math.exp),
        ("-(-x)**2*+pi", lambda x: -math.pi * x**2),
        ("max(exp(x) - 1, x)*(1 - heaviside(x)) + relu(x)",
         lambda x: max(math.exp(x) - 1, x) if x < 0 else x),
    ],
)  # fmt: skip
def test_expressions_have_the_right_values(text: str, function: Any) -> None:
    activation = find(text)
    for point in (-2.5, -0.3, 0.7, 1.9):
        assert float(activation(sp.Float(point))) == pytest.approx(function(point), rel=1e-12)


def test_the_name_is_what_was_given() -> None:
    assert find("x **\t3").name == "x ** 3"
    assert find("tanh").name == "tanh"


def test_a_kink_at_zero_makes_two_pieces() -> None:
    assert find("abs(x)").expr == sp.Piecewise((X, X > 0), (-X, True))
    assert find("abs(x)").derivative(sp.Integer(-2)) == -1
    assert find("abs(x**2)").expr == X**2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rleu", "did you mean relu?"),
        ("tanhh", "did you mean tanh"),
        ("foo", "the names are relu, linear, leaky_relu, erf"),
        ("", "neither a name"),
        ("x +", "neither a name"),
        ("x\0", "neither a name"),
        ("x\n+ 1", "neither a name"),
        ("(" * 240 + "x" + ")" * 240, "neither a name"),
        ("x" + "+x" * 300, "more than 500 characters"),
        ("-" * 400 + "x", "nested too deeply"),
        ("x + y", "'y' is not known"),
        ("pi", "no activation 'pi'"),
        ("3", "is a constant"),
        ("x - x", "is a constant"),
        ("sin(x)**2 + cos(x)**2", "is a constant"),
        ("x^2", "a power is written **"),
        ("x // 2", "the operations are"),
        ("x % 2", "the operations are"),
        ("x > 0", "numbers, x, + - * / **"),
        ("x if x else 0", "numbers, x, + - * / **"),
        ("[x]", "numbers, x, + - * / **"),
        ("x.real", "numbers, x, + - * / **"),
        ("lambda x: x", "numbers, x, + - * / **"),
        ("(x := 3)", "numbers, x, + - * / **"),
        ("'x'", "is not a real number"),
        ("1j*x", "is not a real number"),
        ("True*x", "is not a real number"),
        ("__import__('os').system('true')", "calls something other than"),
        ("open('x')", "calls something other than"),
        ("gamma(x)", "calls something other than"),
        ("max(x)", "two or more"),
        ("sin(x, x)", "takes one"),
        ("sin(x, evaluate=False)", "takes one"),
        ("max(x, default=0)", "numbers, x, + - * / **"),
        ("max(*x)", "two or more"),
        ("9**9**9**9", "an exponent is a number up to 20"),
        ("x**x", "an exponent is a number up to 20"),
        ("x**1000", "an exponent is a number up to 20"),
        ("x**9", "has a polynomial of a degree above 8"),
        ("max((x + 1)**15, 0)", "has a polynomial of a degree above 8"),
        ("(((9**20)**20)**20)*x", "too large or too small"),
        ("1e999*x", "too large or too small"),
        ("x*1e-300", "too large or too small"),
        ("9999999999999*x", "too large or too small"),
        ("+".join(["abs(x)"] * 9), "more than 8 kinks"),
        ("sign(x)", "jumps at x = 0"),
        ("Heaviside(x)", "jumps at x = 0"),
        ("x*sign(x - 1)", "jumps"),
        ("sqrt(x)", "not finite and real at x = -7.854"),
        ("log(x)", "not finite and real"),
        ("x**0.5", "not finite and real"),
        ("asin(x)", "not finite and real"),
        ("1/x", "not finite and real at x = 0"),
        ("1/0*x", "not finite and real"),
        ("tan(x)", "not finite and real"),
        ("exp(exp(exp(x)))", "not finite and real"),
    ],
)
def test_what_is_no_activation_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UnknownActivation) as caught:
        find(text)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1 and len(str(caught.value)) < 300
    assert isinstance(caught.value, ValueError)


# -- of ------------------------------------------------------------------------------------------


def test_of_takes_what_stands_for_an_activation() -> None:
    assert of(RELU) is RELU
    assert of("relu") is RELU
    assert of(RELU.expr) is RELU
    assert of(LEAKY_RELU.expr) is LEAKY_RELU
    assert of(sp.Max(z, 0)) is RELU
    assert of(z) is LINEAR
    assert of(lambda t: t) is LINEAR
    assert of(lambda t: sp.Max(t, 0)) is RELU
    assert of(sp.tanh(z)).expr == sp.tanh(X)


def test_of_names_what_it_makes() -> None:
    def cube(t: Any) -> Any:
        return t**3

    assert of(cube).name == "cube"
    assert of(lambda t: t**3).name == "x**3"
    assert of(z**3).name == "x**3"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (math.tanh, "tanh does not take a SymPy symbol"),
        (lambda t: max(t, 0), "does not take a SymPy symbol"),
        (lambda t: "text", "is of type str"),
        (None, "is of type NoneType"),
        (3, "is of type int"),
        (sp.Integer(3), "not a function of one variable"),
        (z + sp.Symbol("y"), "not a function of one variable"),
        (sp.sign(z), "jumps"),
        (1 / z, "not finite and real"),
        (sp.zeta(z), "not finite and real"),
        (z > 0, "is of type StrictGreaterThan"),
    ],
)
def test_of_refuses_the_rest(given: Any, said: str) -> None:
    with pytest.raises(UnknownActivation) as caught:
        of(given)
    assert said in str(caught.value)
