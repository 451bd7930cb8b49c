"""The replica-symmetric free energy (Eqs. 19-20) [seung1992].

The mean of ln Z over the samples is the limit n -> 0 of ln E[Z^n]/n.  Z^n is the partition function
of n replicas with the same samples.  Its weights are counted by their overlaps: the volume of n
vectors with given overlaps is det^(N/2).  Its energy sees them through the fields w_a.x alone,
which are Gaussian with the same overlaps.  Replica symmetry makes all overlaps of different
replicas equal, gamma^2, and the fields independent once what they share, h1 and h2, is given.
"""

from __future__ import annotations

from functools import cache

import mpmath as mp
import sympy as sp

from bntheory import checking
from bntheory.activations import Activation
from bntheory.calculus import replica
from bntheory.checking import Check
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS, E_data, g, g_star, phi
from bntheory.proof import Proof
from derivations import eq16
from derivations.generalization import (
    GAUSSIAN_SAMPLES,
    LARGE_N,
    R,
    alpha,
    beta,
    gamma,
    h1,
    h2,
    h3,
    q,
    s,
)

n, spread = SYMBOLS["n"], SYMBOLS["spread"]
weight, log1, log2 = SYMBOLS["weight"], SYMBOLS["log1"], SYMBOLS["log2"]

OVERLAPS = (q**2, gamma**2, gamma * R)
REPLICA_SYMMETRY = "replica symmetry: any two replicas have the overlap N gamma^2"

#: What all replicas share of their fields, and what each has to itself.
shared = gamma * R * h1 + sp.sqrt(gamma**2 - gamma**2 * R**2) * h2
alone = sp.sqrt(q**2 - gamma**2) * h3
LINES = tuple((h, -sp.oo, sp.oo) for h in (h1, h2, h3))


@cache
def derive(activation: Activation | None = None) -> Derivation:
    """Derive the free energy for any two activations; energies are halves of squared errors."""
    d = Proof("eq19", activation)
    d.cite(eq16.derive())
    d.assume(GAUSSIAN_SAMPLES, LARGE_N, REPLICA_SYMMETRY, "n -> 0 after N -> oo")
    entropy = _entropy(d)
    _fields(d)
    _energy(d)
    inner = sp.Integral(
        phi(h3) * sp.exp(-beta * (g(shared + alone) - g_star(h1 + s)) ** 2 / 2), LINES[2]
    )
    energy = sp.Integral(phi(h1) * phi(h2) * sp.log(inner), LINES[1], LINES[0])
    d.remark(
        "Constants that do not depend on the order parameters are left out, here and in print. "
        "What is printed as a function of s is to be averaged over s ~ N(0, S) as well."
    )
    d.remark(
        "q is the length of a replica, that of a typical student. gamma is the length of the mean "
        "of all of them, the centre of the solutions: w_a.w_b/N = gamma^2."
    )
    return d.conclude({SYMBOLS["f"]: -(entropy + alpha * energy) / beta}, entropy=entropy)


def _entropy(d: Proof) -> sp.Expr:
    """Derive the entropy from the determinant of the overlaps."""

    def by_elimination(after: sp.Expr) -> Check:
        pairs = []
        with mp.workdps(checking.PRECISION):
            points = [
                {**point, **checking.strangers(after, {*point, n})}
                for point in checking.sample({q, gamma, R})
            ]
            for size in (1, 2, 3, 6):
                entries = replica.overlaps(*OVERLAPS, size).tolist()
                for point in points:
                    numbers = [[checking.evaluate(sp.sympify(x))(point) for x in row] for row in
                               entries]
                    value = checking.evaluate(after)({**point, n: mp.mpf(size)})
                    pairs.append((mp.det(mp.matrix(numbers)), value))
            return checking.sampled(
                "determinants of 1, 2, 3 and 6 replicas by elimination", pairs,
                checking.PRECISION - 10, len(points),
            )

    whole = d.step(
        "determinant",
        "A replica has the overlap q^2 with itself, gamma^2 with another, gamma R with the "
        "teacher: the determinant for n of them",
        sp.Tuple(*OVERLAPS),
        replica.determinant(*OVERLAPS, n),
        by_elimination,
    )
    volume = sp.expand_log(sp.log(whole.subs(q, sp.sqrt(spread + gamma**2))) / (2 * n), force=True)
    entropy = d.limit("The volume is det^(N/2); over n N its logarithm goes to", volume, n, 0)
    entropy = d.rewrite("Term by term", entropy, sp.expand)
    return d.substitute("That is", entropy, {spread: q**2 - gamma**2})


def _fields(d: Proof) -> None:
    """Show that the fields have the overlaps for moments."""
    third = {h3: sp.S.Zero, h3**2: sp.S.One, h1 * h3: sp.S.Zero, h2 * h3: sp.S.Zero}
    means = eq16.STANDARD | third
    names = {product: E_data(product) for product in means}
    for title, product in (
        ("With h3 of its own a replica's field squared is", (shared + alone) ** 2),
        ("Two replicas share h1 and h2: the product of their fields", shared**2),
        ("And with the teacher's field", (shared + alone) * h1),
    ):
        named = d.average(title, sp.expand(product), names)
        values = {names[monomial]: mean for monomial, mean in means.items()}
        d.substitute("With their means 1 and 0", named, values)


def _energy(d: Proof) -> None:
    """Show that the mean of a power n -> 0 is that of the logarithm."""
    powers = weight * sp.exp(n * log1) + (1 - weight) * sp.exp(n * log2)
    d.limit(
        "Given h1, h2 and s the replicas are independent, so that a sample counts with a power n "
        "of one inner integral. For two values of it the logarithm of the mean power, over n, is "
        "the mean logarithm, and so for any number of them",
        sp.log(powers) / n,
        n,
        0,
    )
