"""``python benchmarks/run.py [NAME ...] [--json FILE]``: the figures, in one table.

Each is a ratio of two times that are measured by turns in this run.  The ratio shown first is that
of the shortest times, the second one the median over the rounds.  Nothing here is a test: a busy
machine may spoil any of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import reference
from learning_dynamics import learning_dynamics
from measure import Figure, caches, cold, compare, repeated
from offline import offline
from saddle_points import saddle_points

SECTION_3 = """
import derivations
from bntheory.activations import RELU
from bntheory.paper import section3
assert all([derivations.derive(each.id, RELU).passed for each in section3.FORMULAS])
"""


def imports() -> Iterator[Figure]:
    """(a) The formulas cost hardly more than NumPy."""
    with caches() as folder:
        ours = cold(["-c", "from bntheory.formulas import relu"], folder)
        numpy = cold(["-c", "import numpy"], folder)
        yield compare("a  import the formulas", ours, numpy, 1.15, rounds=30, note="import numpy")


def arrays() -> Iterator[Figure]:
    """(b) A million points."""
    from bntheory.formulas import relu

    rng = np.random.default_rng(0)
    low_high = ((0.1, 2.0), (-1.0, 1.0), (0.5, 2.0), (0.1, 1.0), (0.0, 1.0))
    values = [rng.uniform(*ends, 1_000_000) for ends in low_high]
    for name, count in (("I1", 2), ("I2", 2), ("I3", 2), ("bn_rates", 5)):
        own, hand, given = getattr(relu, name), getattr(reference, name), values[:count]
        yield compare(
            f"b  {name}, 1e6 points",
            partial(own, *given),
            partial(hand, *given),
            1.0,
            note="by hand in NumPy",
        )


def floats() -> Iterator[Figure]:
    """(c) One right-hand side."""
    from bntheory.formulas import relu

    near, rest = (0.5, 1e-4), (1.2, 0.3, 0.1)
    hand = reference.bn_rates_of_floats
    for name, second in (("bn_rates", 0.5), *(("bn_rates_aligned", m) for m in near)):
        R = second if name == "bn_rates" else 1 - second
        where = "" if name == "bn_rates" else f" at 1-R={second:g}"
        yield compare(
            f"c  {name}.math{where}",
            partial(repeated, getattr(relu, name).math, (0.8, second, *rest), 10_000),
            partial(repeated, hand, (0.8, R, *rest), 10_000),
            1.5,
            rounds=30,
            weights=(1e-4, 1e-4),
            note="by hand with math",
        )


def trajectories() -> Iterator[Figure]:
    """(d) One trajectory to t = 50."""
    from bntheory.dynamics import trajectory

    t = np.linspace(0, 50, 201)
    start, rates = {"R": 0.3, "gamma": 0.5, "L": 1.0}, {"eta": 0.5, "zeta": 0.25}
    ours = partial(trajectory, "bn", **start, **rates, t=t, rtol=1e-10)
    by_hand = partial(reference.trajectory, (0.5, 0.3, 1.0), **rates, t=t, rtol=1e-10)
    for reference_, note in (
        (partial(by_hand, atol=1e-10), "solve_ivp by hand, rtol=atol=1e-10"),
        (by_hand, "the same, atol left at 1e-6: its error is 5e-7"),
    ):
        yield compare(
            "d  one trajectory, rtol=1e-10", ours, reference_, 3.0, faster=True, note=note
        )


def ensembles() -> Iterator[Figure]:
    """(e) Ten thousand trajectories in one call; of the single ones 50 are timed."""
    from bntheory.dynamics import trajectory

    t, members, timed = np.linspace(0, 50, 51), 10_000, 50
    rates, decays = np.meshgrid(np.linspace(0.01, 1.0, 100), np.linspace(0.0, 1.0, 100))
    few = np.random.default_rng(0).choice(members, timed, replace=False)
    for largest in (0.1, 1.0):
        eta, zeta = largest * rates.ravel(), decays.ravel()
        pairs = [(float(eta[k]), float(zeta[k])) for k in few]
        for other, note in (
            (partial(_singly, pairs, t), "calls of trajectory"),
            (partial(_by_hand, pairs, t), "solve_ivp by hand, rtol=atol=1e-8"),
        ):
            yield compare(
                f"e  10,000 trajectories, eta <= {largest:g}",
                partial(trajectory, "bn", R=0.1, eta=eta, zeta=zeta, t=t),
                other,
                50.0,
                faster=True,
                rounds=7,
                weights=(1.0, members / timed),
                note=f"{note}; {timed} timed and scaled",
            )


def _singly(pairs: list[tuple[float, float]], t: np.ndarray) -> None:
    from bntheory.dynamics import trajectory

    for eta, zeta in pairs:
        trajectory("bn", R=0.1, eta=eta, zeta=zeta, t=t)


def _by_hand(pairs: list[tuple[float, float]], t: np.ndarray) -> None:
    for eta, zeta in pairs:
        reference.trajectory((1.0, 0.1, 1.0), eta, zeta, t, rtol=1e-8, atol=1e-8)


def proofs() -> Iterator[Figure]:
    """(f) Derivations, in processes of their own."""
    with caches() as folder:
        sympy = cold(["-c", "import sympy"], folder)
        prop4 = cold(["-m", "bntheory.derive", "prop4"], folder)
        section = cold(["-c", SECTION_3], folder)
        yield compare("f  derive prop4, cold", prop4, sympy, 8.0, rounds=5, note="import sympy")
        yield compare("f  all of Section 3", section, sympy, 60.0, rounds=3, note="import sympy")


FIGURES = (
    imports,
    arrays,
    floats,
    trajectories,
    ensembles,
    proofs,
    offline,
    saddle_points,
    learning_dynamics,
)


def line(figure: Figure) -> str:
    """Return a line of the table."""
    sign = ">=" if figure.faster else "<="
    return (
        f"{figure.name:<34}{figure.ours:>11.3g}{figure.reference:>11.3g}{figure.ratio:>9.2f}"
        f"{figure.median:>9.2f}{f'{sign} {figure.target:g}':>9}"
        f"{'yes' if figure.reached else 'no':>9}  {figure.note}"
    )


def main() -> int:
    """Measure, print the table, and write it as JSON if asked."""
    parser = argparse.ArgumentParser(description="Measure the figures, as ratios.")
    names = [task.__name__ for task in FIGURES]
    parser.add_argument("name", nargs="*", choices=[[], *names], help=f"of {', '.join(names)}")
    parser.add_argument("--json", metavar="FILE", help="write the table as JSON, too")
    options = parser.parse_args()
    print(
        f"{'':<34}{'ours, s':>11}{'other, s':>11}{'ratio':>9}{'median':>9}{'target':>9}"
        f"{'reached':>9}  other"
    )
    found = []
    for task in FIGURES:
        if not options.name or task.__name__ in options.name:
            for figure in task():
                print(line(figure), flush=True)
                found.append(asdict(figure) | {"reached": figure.reached})
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
