"""The functions of the paper that SymPy does not have: what it leaves open, means, inner products.

:mod:`bntheory.notation` has them with their meaning, among the other symbols.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE


class g(sp.Function):  # noqa: N801 - the paper's letter
    """The activation function, left open; its derivative is ``g_prime``."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return g_prime(self.args[0])


class g_prime(sp.Function):  # noqa: N801
    """The derivative of the activation function."""

    nargs = 1
    is_real = True


class dot(sp.Function):  # noqa: N801
    """The inner product of two vectors: symmetric, and linear over sums of vector symbols."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if sp.default_sort_key(a) > sp.default_sort_key(b):
            return cls(b, a)
        return None


class I1(sp.Function):
    """E[delta u], a function of (gamma, R), left open."""

    nargs = 2
    is_real = True


class I2(sp.Function):
    """E[delta^2 x.x], a function of (gamma, R), left open."""

    nargs = 2
    is_real = True


class I3(sp.Function):
    """E[delta v], a function of (gamma, R), left open."""

    nargs = 2
    is_real = True


class B1(sp.Function):
    """What batch normalization has in place of I1, a function of (gamma, R), left open."""

    nargs = 2
    is_real = True


class B2(sp.Function):
    """What batch normalization has in place of I2, a function of (gamma, R), left open."""

    nargs = 2
    is_real = True


class B3(sp.Function):
    """What batch normalization has in place of I3 - R I1/gamma, left open likewise."""

    nargs = 2
    is_real = True


class _Real(sp.Function):
    """A real function of one argument, left open."""

    is_real = True

    @classmethod
    def eval(cls, argument: sp.Expr) -> sp.Expr | None:
        return None


class norm(sp.Function):  # noqa: N801
    """The length of a vector."""

    nargs = 1
    is_nonnegative = True


class E_noise(_Real):  # noqa: N801
    """The expectation over the batch statistics mu_B and sigma_B."""


class E_data(_Real):  # noqa: N801
    """The expectation over the distribution of the data."""


class average(_Real):  # noqa: N801
    """(1/P) times the sum over the P samples; the sample index j of the argument is left out."""


class batch_mean(_Real):  # noqa: N801
    """The mean over the samples of one batch; the sample index of the argument is left out."""


class layer_sum(_Real):  # noqa: N801
    """The sum over the neurons of a layer; the neuron index i of the argument is left out."""


class p(sp.Function):  # noqa: N801
    """The likelihood of an output y given the normalized hidden value, p(y | h_hat; theta)."""

    nargs = 2
    is_nonnegative = True


class ell(_Real):  # noqa: N801
    """The loss of one sample, as a function of its hidden value."""


class A(_Real):
    """The partition function in -log p = A(h_hat) - y h_hat; its derivative is ``A_prime``."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return A_prime(self.args[0])


class A_prime(_Real):  # noqa: N801
    """The first derivative of the partition function; its derivative is ``A_second``."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return A_second(self.args[0])


class A_second(_Real):  # noqa: N801
    """The second derivative of the partition function; its derivative is ``A_third``."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return A_third(self.args[0])


class A_third(_Real):  # noqa: N801
    """The third derivative of the partition function."""


class sigmoid(_Real):  # noqa: N801
    """The logistic function; ``doit`` writes it out."""

    def doit(self, **hints: Any) -> sp.Expr:
        return 1 / (1 + sp.exp(-self.args[0].doit(**hints)))


class Gamma(sp.Function):
    """Euler's gamma function: SymPy's own is called ``gamma``, which is the scale here.

    ``doit`` turns it into SymPy's.
    """

    nargs = 1

    def doit(self, **hints: Any) -> sp.Expr:
        return sp.gamma(self.args[0].doit(**hints))

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return sp.gamma(self.args[0])._eval_evalf(prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return str(printer._print(sp.gamma(self.args[0], evaluate=False), exp=exp))


class g_star(_Real):  # noqa: N801
    """The activation function of the teacher, left open."""


class G(_Real):
    """The response function of linear regression, a function of zeta, left open."""


class phi(_Real):  # noqa: N801
    """The density of the standard Gaussian, Dh = phi(h) dh; ``doit`` writes it out."""

    def doit(self, **hints: Any) -> sp.Expr:
        return sp.exp(-(self.args[0].doit(**hints) ** 2) / 2) / sp.sqrt(2 * sp.pi)


class uncertain(sp.Function):  # noqa: N801
    """A place of the paper that the source leaves open, around our reading of it.

    ``doit`` gives the reading.
    """

    nargs = 1

    def doit(self, **hints: Any) -> sp.Expr:
        return self.args[0].doit(**hints)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        marked = rf"{{{printer.parenthesize(self.args[0], PRECEDENCE['Pow'])}}}^{{[?]}}"
        return marked if exp is None else rf"\left({marked}\right)^{{{exp}}}"
