"""The ReLU student by replica symmetry, at zero temperature and without the paper's approximation.

A field m that all replicas share, and a label y: at temperature 0 the student takes the output u
that is best for y and not far from m,

    M(m, y) = min over u of (max(u, 0) - y)^2/2 + (u - m)^2/(2 chi).

On u > 0 this is (y - m)^2/(2 (1 + chi)) at u = (m + chi y)/(1 + chi); on u < 0 it is y^2/2, at
u = m; and where neither lies on its side, u = 0.  Each of the three is best in a sector of the
plane of y and m, and is a quadratic there, so that its mean over the two Gaussians is elementary.
Between the first and the second the output jumps: there the energy is not convex, and replica
symmetry is not the last word.

The energy per weight, with the ridge lambda of the decay, is stationary in gamma, R and chi.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.calculus import replica, sectors, spectrum
from bntheory.checking import Check, Point
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof
from derivations import eq19, prop5
from derivations.generalization import R, S, alpha, beta, gamma, q, ridge

m, y, u, chi, spread = (SYMBOLS[name] for name in ("field", "y_star", "u", "chi", "spread"))
phi, sigma_y, ray = (SYMBOLS[name] for name in ("angle", "label_deviation", "ray"))
start, end = SYMBOLS["ray_start"], SYMBOLS["ray_end"]
tilt, energy, E_cost = (SYMBOLS[name] for name in ("tilt", "energy", "mean_cost"))

#: The three branches, and the slope -(u - m)/chi of each in m.
FIT = (y - m) ** 2 / (2 * (1 + chi))
STAY = y**2 / 2
EDGE = y**2 / 2 + m**2 / (2 * chi)
PULLS = {FIT: (y - m) / (1 + chi), STAY: sp.S.Zero, EDGE: -m / chi}

#: The plane of y = sigma_y r cos(t) and m = gamma r cos(t - phi).
PLANE = ((y, m), (sigma_y, gamma), phi)
IN_PLANE = {y: sigma_y * sp.cos(ray), m: gamma * sp.cos(ray - phi)}
LAW = {sigma_y: sp.sqrt(1 + S), phi: sp.acos(R / sp.sqrt(1 + S))}

#: The sector of each branch.
SECTORS = {
    FIT: (start, end),
    EDGE: (end, phi + sp.pi / 2),
    STAY: (phi + sp.pi / 2, start + 2 * sp.pi),
}

Rays = dict[sp.Symbol, sp.Expr]

STATEMENT = Statement(
    "rs-relu", "the ReLU student by replica symmetry, at zero temperature", "beyond the paper"
)


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the energy as a function of gamma, R and chi, and its slopes."""
    d = Proof(STATEMENT, activation)
    entropy = d.cite(eq19.derive())["entropy"]
    d.assume("the student is ReLU", "the teacher is linear, with noise s ~ N(0, S)")
    cost = _cost(d)
    rays = _rays(d)
    mean = _mean_cost(d, cost, rays)
    rest = d.limit(
        "The rest of f, with the decay and q^2 = gamma^2 + chi/beta, goes to",
        ridge * (gamma**2 + chi / beta) / 2
        - (entropy - sp.log(q**2 - gamma**2) / 2).subs(q, sp.sqrt(gamma**2 + chi / beta)) / beta,
        beta, sp.oo,
    )
    whole = d.substitute(
        "So the energy per weight is", rest + alpha * E_cost, {E_cost: mean}, energy
    )
    slopes = _slopes(d, rest, whole, rays)
    d.remark(
        "(21) has the first branch wherever the label is positive, and y^2/2 wherever it is not. "
        "For chi -> oo the first is right; the second is without the m^2/(2 chi) of a field that "
        "is positive where the label is not, which chi multiplies to the same order."
    )
    d.remark(
        "The output jumps where the first two branches are equally good: with infinite slope "
        "there, replica symmetry is unstable at zero temperature wherever chi is finite. What it "
        "gives is a lower bound of the energy then, and an estimate of the rest."
    )
    return d.conclude(
        rs_energy_relu=_named(whole, rays),
        rs_slopes_relu=sp.Tuple(*(_named(slope, rays) for slope in slopes)),
        minus_inner_log=cost,
    )


def _cost(d: Proof) -> sp.Expr:
    """Integrate over each branch, and take the temperature to zero."""
    plus = prop5.on_the_line
    minus = sp.exp(-beta * y**2 / 2) * prop5.density.subs(u, -u)
    found = []
    for title, integrand, limits in (
        ("The inner integral over u > 0", plus, ((FIT, m + chi * y > 0), (EDGE, True))),
        ("The inner integral over -u > 0", minus, ((STAY, m < 0), (EDGE, True))),
    ):
        exponent = sp.expand(sp.Add(*(factor.args[0] for factor in integrand.atoms(sp.exp))))
        value = d.step(
            "integrate",
            title,
            integrand,
            replica.half_line(exponent, u) / sp.sqrt(2 * sp.pi * spread),
            partial(_by_quadrature, integrand),
        )
        cold = -sp.log(value.subs(spread, chi / beta)) / beta
        found.append(
            d.step(
                "limit",
                "Its logarithm over -beta, with q^2 - gamma^2 = chi/beta, goes to the least cost "
                "of this branch",
                cold,
                sp.Piecewise(*limits),
                partial(_ever_colder, cold),
                approximation="log(beta)/beta",
            )
        )
    return sp.Min(*found, evaluate=False)


def _rays(d: Proof) -> Rays:
    """Derive where the first branch ends, in the plane of label and field."""
    ratio = (1 + tilt) ** 2 - (1 + chi)
    d.rewrite(
        "Both costs are equal, for y > 0 and m = -k y, where this is zero",
        (FIT - STAY).subs(m, -tilt * y),
        lambda _: ratio * y**2 / (2 * (1 + chi)),
    )
    equal = d.step(
        "solve",
        "It is zero at",
        ratio,
        spectrum.steady_root(ratio, tilt),
        lambda after: checking.residual(ratio, tilt, after),
        tilt,
    )
    rays = {}
    for symbol, title, k, turn in (
        (start, "So with y and m in polar coordinates the first branch begins at", equal, 0),
        (end, "and ends, where m + chi y = 0, at", chi, sp.pi),
    ):
        on_ray = sp.expand(sp.expand_trig((m + k * y).subs(IN_PLANE)))
        slope = sp.factor(on_ray.coeff(sp.cos(ray)) / on_ray.coeff(sp.sin(ray)))
        rays[symbol] = d.step(
            "solve",
            title,
            on_ray,
            turn - sp.atan(slope),
            partial(_on_ray, on_ray, 1 if turn == 0 else -1),
            symbol,
        )
    return rays


def _by_quadrature(integrand: sp.Expr, after: sp.Expr) -> Check:
    return checking.integral(integrand, u, sp.oo, after, {})


def _ever_colder(expr: sp.Expr, after: sp.Expr) -> Check:
    return checking.limit(expr, beta, sp.oo, after)


def _by_difference(plain: sp.Expr, by: sp.Symbol, rays: Rays, after: sp.Expr) -> Check:
    return checking.derivative(plain, by, _named(after, rays))


def _on_ray(equation: sp.Expr, sign: int, after: sp.Expr) -> Check:
    """Check the angle of a ray by the residual, and by the sign of the label on it."""
    check = checking.residual(equation, ray, after)
    side = checking.sign(sp.Gt(sign * IN_PLANE[y].subs(ray, after), 0, evaluate=False))
    return check if side.passed else side


def _mean_cost(d: Proof, cost: sp.Expr, rays: Rays) -> sp.Expr:
    """Average the least cost over label and field, sector by sector."""
    on_circle = cost.subs(IN_PLANE)

    @cache
    def around(symbols: frozenset[sp.Symbol]) -> list[tuple[Point, Any]]:
        f, found = checking.evaluate(on_circle), []
        for point in checking.sample(symbols, points=3):
            starts = sorted(checking.evaluate(end)(point) for end in rays.values())
            turns = [start + mp.pi * k / 8 for start in starts for k in range(17)]
            kinks = [float(point[phi]) + mp.pi * k / 2 for k in range(-3, 4)]
            low, high = -mp.pi / 2, 3 * mp.pi / 2
            line = sorted({low, high, *(t for t in turns + kinks if low < t < high)})
            area = mp.quad(lambda t, point=point: f({**point, ray: t}), line)
            found.append((point, area / mp.pi))
        return found

    def by_quadrature(after: sp.Expr) -> Check:
        value = after.subs(rays)
        known = value.free_symbols | on_circle.free_symbols | {phi, gamma, sigma_y, chi}
        with mp.workdps(checking.PRECISION // 2):
            means = around(frozenset(known - {ray}))
            pairs = [(mean, checking.evaluate(value)(point)) for point, mean in means]
        return checking.sampled(
            "quadrature of the least cost", pairs, checking.PRECISION // 2 - 6, len(pairs)
        )

    return d.step(
        "average",
        "The mean over both Gaussians, with the radius integrated and the angle in sectors",
        cost,
        sp.Add(*(sectors.mean(branch, *PLANE, ends) for branch, ends in SECTORS.items())),
        by_quadrature,
        E_cost,
    )


def _slopes(d: Proof, rest: sp.Expr, whole: sp.Expr, rays: Rays) -> tuple[sp.Expr, ...]:
    """Derive the slopes: u is best, so that only what stands beside it moves."""

    def mean(power: sp.Expr, pulls: int = 1) -> sp.Expr:
        return sp.Add(
            *(sectors.mean(PULLS[b] ** pulls * power, *PLANE, ends) for b, ends in SECTORS.items())
        )

    with_label, with_field, twice = mean(y), mean(m), mean(sp.S.One, pulls=2)
    moved = {
        gamma: -with_field / gamma,  # m is proportional to gamma
        R: -(gamma * with_label - R * with_field) / (1 + S - R**2),
        chi: -twice / 2,
    }
    plain = _named(whole, rays)
    return tuple(
        d.step(
            "differentiate",
            f"Its slope in {symbol}, from the pull (u - m)/chi of the best output on m",
            rest + alpha * E_cost,
            sp.diff(rest, symbol) + alpha * by_pull,
            partial(_by_difference, plain, symbol, rays),
        )
        for symbol, by_pull in moved.items()
    )


def _named(expr: sp.Expr, rays: Rays) -> sp.Expr:
    """Put in the angles of the rays, and the law of label and field."""
    return expr.subs(rays).subs(LAW)
