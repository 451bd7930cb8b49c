"""The figures of the README, as ratios measured in one run.

``python benchmarks/run.py`` prints the table; ``--write`` records it in ``results.json``.  Each
figure alternates ours with the reference and takes the median of the ratios, so that what else the
machine is doing hits both; the least and the largest ratio are shown beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
import reference
from scipy.integrate import solve_ivp

from bntheory.dynamics import trajectory
from bntheory.formulas import relu

SECTION_3 = (
    "import derivations\n"
    "for id in derivations.available(): derivations.derive(id)"
)


@dataclass(frozen=True)
class Row:
    """One figure: the ratio of our time to the reference's, and what it should be."""

    name: str
    ratio: float
    least: float
    largest: float
    target: str
    reached: bool


def clock(call: Callable[[], object], repeat: int) -> float:
    start = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - start) / repeat


def process(code: str) -> Callable[[], object]:
    command = [sys.executable, "-c", code]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def ratios(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    rounds: int,
    repeat: tuple[int, int] = (1, 1),
) -> list[float]:
    ours(), theirs()
    found = []
    for _ in range(rounds):
        found.append(clock(ours, repeat[0]) / clock(theirs, repeat[1]))
    return found


def row(name: str, found: list[float], at_most: float, note: str = "") -> Row:
    middle = median(found)
    target = f"at most {at_most:g}{note}"
    return Row(name, middle, min(found), max(found), target, middle <= at_most)


def speedup(name: str, found: list[float], at_least: float) -> Row:
    """A figure that is wanted large: how many times faster ours is."""
    times = [1 / ratio for ratio in found]
    middle = median(times)
    target = f"at least {at_least:g}"
    return Row(name, middle, min(times), max(times), target, middle >= at_least)


def commands() -> list[Row]:
    sympy = process("import sympy")
    derive = "import sys; from bntheory.derive import main; sys.exit(main(['prop4']))"
    return [
        row("derive prop4, over import sympy", ratios(process(derive), sympy, 9), 8, ", better 4"),
        row("all of Section 3, over import sympy", ratios(process(SECTION_3), sympy, 5), 60),
        row(
            "import relu, over import numpy",
            ratios(
                process("from bntheory.formulas import relu"), process("import numpy"), 31
            ),
            1.15,
        ),
    ]


def arrays() -> list[Row]:
    rng = np.random.default_rng(0)
    gamma, R = rng.uniform(0.2, 2, 10**6), rng.uniform(-0.99, 0.99, 10**6)
    L, eta, zeta = rng.uniform(0.5, 2, (3, 10**6))
    rows = []
    for name in ("I1", "I2", "I3"):
        ours, theirs = getattr(relu, name), getattr(reference, name)
        found = ratios(lambda f=ours: f(gamma, R), lambda f=theirs: f(gamma, R), 15)
        rows.append(row(f"{name} at 1e6 points, over NumPy by hand", found, 1))
    state = (gamma, R, L, eta, zeta)
    found = ratios(lambda: relu.bn_rates(*state), lambda: reference.bn_rates(*state), 9)
    rows.append(row("bn_rates at 1e6 points, over NumPy by hand", found, 1))
    scalar = relu.bn_rates.math
    point = (0.9, 0.4, 1.1, 0.5, 0.2)
    found = ratios(
        lambda: scalar(*point), lambda: reference.scalar_rates(*point), 31, (20_000, 20_000)
    )
    return [*rows, row("bn_rates for floats, over math by hand", found, 1.5)]


def trajectories() -> list[Row]:
    eta, zeta = 0.5, 0.25
    start = [1.0, 0.1, 1.0]

    def by_hand() -> object:
        # SciPy's default atol of 1e-6 would end at six digits; ours has none and keeps ten
        return solve_ivp(
            lambda t, y: reference.bn_rates(*y, eta, zeta), (0, 50), start, rtol=1e-10, atol=1e-10
        )

    def ours() -> object:
        return trajectory("bn", R=0.1, eta=eta, zeta=zeta, t=50, rtol=1e-10)

    many = np.random.default_rng(1).uniform(0.05, 1.5, (2, 10_000))

    def in_one_call() -> object:
        return trajectory("bn", R=0.1, eta=many[0], zeta=many[1], t=50)

    def in_calls(count: int = 50) -> object:
        for e, z in many[:, :count].T:
            trajectory("bn", R=0.1, eta=float(e), zeta=float(z), t=50)
        return None

    scaled = [ratio * 50 / 10_000 for ratio in ratios(in_one_call, in_calls, 3)]
    return [
        speedup("times as fast: a trajectory, by solve_ivp", ratios(ours, by_hand, 15), 3),
        speedup("times as fast: 10,000 in one call", scaled, 50),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the figures of the README.")
    parser.add_argument("--write", action="store_true", help="record them in results.json")
    write = parser.parse_args().write
    rows = [*commands(), *arrays(), *trajectories()]
    width = max(len(r.name) for r in rows)
    for r in rows:
        mark = "reached" if r.reached else "MISSED"
        spread = f"[{r.least:.2f}, {r.largest:.2f}]"
        print(f"{r.name:{width}}  {r.ratio:7.2f}  {spread:16}  {r.target}: {mark}")
    if write:
        versions = {"python": platform.python_version(), "numpy": np.__version__}
        data = {"rows": [asdict(r) for r in rows], "versions": versions}
        path = Path(__file__).with_name("results.json")
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return 0 if all(math.isfinite(r.ratio) for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
