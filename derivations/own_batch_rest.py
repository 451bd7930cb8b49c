"""Where gamma comes to rest in a batch-normalized student that is aligned with its teacher.

Both have an activation that is linear on either side of 0, such as ReLU, and no shift.  The squared
error is quadratic in gamma, so that at rest

    gamma = E[g(z) g(z_hat)] / E[g(z_hat)^2],    z_hat = (z - m)/s.

For Gaussian z the mean m and the deviation s of the batch and the value z_hat are independent
[basu1955], E z_hat^2 = 1 exactly, and z = m + s z_hat.  Where z and z_hat have the same sign the
product is quadratic, which leaves E[s].  They differ only for |z_hat| below |m|/s, of order tau:
the kink adds a term in tau^3 = M^(-3/2), and no power series in 1/M exists.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from bntheory import checking
from bntheory.activations import RELU, Activation
from bntheory.calculus.gamma_ratio import algebraic, coefficients
from bntheory.calculus.gaussian import NoClosedForm
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_noise, g, phi
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import c3_moments, prop1, thm1
from derivations.batch import BACK, IID, M, gamma, h_hat, mu_B, rho, sigma_B, tau, z, zeta
from derivations.c3_simple import UNIT
from derivations.model import FIELDS, R, gamma0, u, v

h1, h2, K = SYMBOLS["h1"], SYMBOLS["h2"], SYMBOLS["kink"]
fisher, mean_curvature = SYMBOLS["fisher_information"], SYMBOLS["mean_curvature"]
STATEMENT = Statement(
    "own-batch-rest", "where gamma rests in a batch-normalized student", "beyond the paper"
)


@cache
def derive(activation: Activation = RELU) -> Derivation:
    """Derive gamma at rest for batch normalization, and with the mean or the deviation alone.

    Raises
    ------
    NoClosedForm
        Unless the activation is linear on either side of 0.
    """
    right, left = _slopes(activation)
    d = Proof(STATEMENT, activation)
    d.assume(IID, "h is Gaussian", "the student is aligned with its teacher, without shifts")
    moments = d.cite(c3_moments.derive())
    std, inverse_std, inverse_variance = (
        moments[name].subs(UNIT) for name in ("std", "inverse_std", "inverse_variance")
    )

    both, own = E_noise(g(z) * g(h_hat)), E_noise(g(h_hat) ** 2)
    error = E_noise(g(z) ** 2) / 2 - gamma * both + gamma**2 * own / 2
    slope = d.differentiate("The error is quadratic in gamma, with the slope", error, gamma)
    ratio = d.solve("which is zero at", slope, gamma, gamma0)

    norm, jump = (right**2 + left**2) / 2, (right - left) ** 2
    opposite = sp.Max(-z, 0) * sp.Max(h_hat, 0) + sp.Max(z, 0) * sp.Max(-h_hat, 0)
    d.rewrite(
        "The mean of g(z) g(z_hat) at (z, z_hat) and at (-z, -z_hat), which are equally likely",
        (activation(z) * activation(h_hat) + activation(-z) * activation(-h_hat)) / 2,
        lambda _: norm * z * h_hat + jump * opposite / 2,
    )
    product = d.average(
        "With z = m + s z_hat, and m, s and z_hat independent, z z_hat has the mean",
        sp.expand((mu_B + sigma_B * h_hat) * h_hat),
        {mu_B * h_hat: E_noise(mu_B * h_hat), sigma_B * h_hat**2: E_noise(sigma_B)},
    )
    product = d.substitute(
        "that is E[s]", product, {E_noise(mu_B * h_hat): 0, E_noise(sigma_B): std}
    )
    rest = d.substitute(
        "So with K for the mean of either part that the kink adds",
        ratio,
        {both: norm * product + jump * K, own: norm},
        gamma0,
    )
    kink = _kink(d)
    recurrence = d.rewrite(
        "E[s] at M times E[s] at M + 1", std * std.subs(M, M + 1), algebraic
    )
    series = sum(c * tau ** (2 * k) for k, c in enumerate(coefficients(recurrence, 2)))
    result = d.step(
        "expand",
        "fixes E[s] in powers of tau^2 = 1/M, and gamma rests at",
        rest,
        sp.expand(series + jump / norm * kink),
        lambda after: _check(jump / norm, after),
        gamma0,
        approximation="O(M**(-5/2))",
    )
    result = d.substitute("that is", result, BACK, gamma0)
    d.remark(
        "The batch deviation alone moves gamma at order 1/M, by -3/(4 M): half of the paper's "
        "-3/(2 M). The batch mean alone moves it only through the kink, and upward."
    )
    return d.conclude(
        gamma_at_rest=result,
        gamma_at_rest_mean_only=_mean_only(d, activation),
        gamma_at_rest_std_only=_std_only(d, std, inverse_std, inverse_variance),
        gamma_at_rest_paper=_paper(d, activation),
    )


def _slopes(activation: Activation) -> tuple[sp.Expr, sp.Expr]:
    """Return the slopes of an activation that is linear on either side of 0."""
    size = sp.Dummy("x", positive=True)
    slopes = tuple(sign * activation(sign * size) / size for sign in (1, -1))
    if any(sp.simplify(slope).has(size) for slope in slopes):
        raise NoClosedForm(f"{activation.name} is not linear on either side of 0")
    return sp.simplify(slopes[0]), sp.simplify(slopes[1])


def _kink(d: Proof) -> sp.Expr:
    """Derive K to leading order: m = -tau h1 and z_hat = tau h2, with 0 < h2 < h1 and s = 1."""
    inside = d.integrate(
        "K has m = -tau h1 and z_hat = tau h2 < tau h1; with s ~ 1 the mean over h2 is tau^3 times",
        phi(sp.S.Zero).doit() * h2 * (h1 - h2),
        h2,
        high=h1,
    )
    whole = d.integrate("averaged over h1 > 0", inside * phi(h1).doit(), h1)
    return tau**3 * whole


def _check(weight: sp.Expr, after: sp.Expr) -> checking.Check:
    """Check gamma at rest by quadrature over the exact law of a batch."""
    (point,) = checking.sample(weight.free_symbols, points=1)
    factor = float(checking.evaluate(weight)(point))

    def exact(size: int) -> float:
        deviation, kink = checking.gaussian_batch(size)
        return deviation + factor * kink

    return checking.asymptotics(exact, after, tau, 4, point)


def _mean_only(d: Proof, activation: Activation) -> sp.Expr:
    """Derive gamma at rest where the batch mean alone is taken off: z and z - m are Gaussian."""
    pair = {gamma: sp.sqrt(1 - 1 / M), R: sp.sqrt(1 - 1 / M)}
    product = d.expect(
        "With the batch mean alone: for u = z - m and v = z, both Gaussian, g(u) g(v) has the mean",
        activation(u) * activation(v),
        FIELDS,
    )
    square = d.expect("and g(u)^2", activation(u) ** 2, FIELDS)
    ratio = d.substitute(
        "u has the variance 1 - 1/M, and so has Cov(u, v)", sp.factor(product / square), pair
    )
    arc = sp.asin(pair[R])
    return d.rewrite(
        "so that gamma rests at",
        ratio,
        lambda e: sp.expand(e.subs(arc, sp.pi / 2 - sp.asin(1 / sp.sqrt(M)))),
        gamma0,
    )


def _std_only(
    d: Proof, std: sp.Expr, inverse_std: sp.Expr, inverse_variance: sp.Expr
) -> sp.Expr:
    """Derive gamma at rest where h is divided by the batch deviation: signs stay."""
    square = mu_B**2 + sigma_B**2
    values = {
        E_noise(sigma_B): std,
        E_noise(mu_B**2 / sigma_B): inverse_std / M,
        E_noise(mu_B**2 / sigma_B**2): inverse_variance / M,
    }
    names = {
        sigma_B: E_noise(sigma_B),
        mu_B**2 / sigma_B: E_noise(mu_B**2 / sigma_B),
        mu_B**2 / sigma_B**2: E_noise(mu_B**2 / sigma_B**2),
    }
    product, own = (
        d.substitute(
            f"With the batch deviation alone z^2, of mean m^2 + s^2 over a batch, over s^{power}",
            sp.expand(square / sigma_B**power),
            names,
        )
        for power in (1, 2)
    )
    return d.substitute(
        "so that gamma rests at, with m and s independent,", product / own, values, gamma0
    )


def _paper(d: Proof, activation: Activation) -> sp.Expr:
    """Derive where the paper has it: its zeta for this loss in its fixed point."""
    decay = d.compare(thm1.derive(activation))["gamma_decay"]
    rest = d.compare(prop1.derive(activation))["bn_fixed_point"]
    bend = 2 * activation.derivative(v) ** 2
    informed = {
        fisher: d.expect("In the paper I(gamma) is, for this error,", bend * v**2, FIELDS, fisher),
        mean_curvature: d.expect("the mean curvature is", bend, FIELDS, mean_curvature),
        rho: sp.S.Zero,
    }
    strength = d.substitute("so that the decay is", decay, informed, zeta)
    return d.substitute("and gamma rests at", rest, {zeta: strength}, gamma0)
