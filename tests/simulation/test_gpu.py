"""Online SGD on a GPU: its random numbers, its kernels in numba's simulator, and itself."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from numba import njit
from scipy import stats

from bntheory.simulation.functions import chosen, for_torch
from bntheory.simulation.gpu import device
from bntheory.simulation.gpu.random import generator, key_of
from bntheory.simulation.gradients import Network, gradient
from bntheory.simulation.online import networks
from bntheory.simulation.order_parameters import order_parameters
from bntheory.simulation.process import METHODS
from bntheory.simulation.step import step

WORD = np.uint64

# -- random numbers ------------------------------------------------------------------------------

#: Counter, key and what comes out, from the distribution of Random123 (kat_vectors).
KNOWN = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "known"), KNOWN)
def test_words_are_those_of_philox(counter: Any, key: Any, known: Any) -> None:
    def joined(low: int, high: int) -> np.uint64:
        return WORD(low | high << 32)

    words = generator().words(joined(*key), joined(*counter[2:]), joined(*counter[:2]))
    assert [int(w) for w in words] == [int(joined(*known[:2])), int(joined(*known[2:]))]


def drawn(function: Any, columns: int, count: int = 100_000) -> np.ndarray:
    """Call a function for counters from 0."""

    @njit
    def draw(key: Any, out: Any) -> None:
        for i in range(out.shape[0]):
            values = function(key, WORD(3), WORD(i))
            for j in range(columns):
                out[i, j] = values[j]

    out = np.empty((count, columns))
    draw(key_of(1), out)
    return out


@pytest.mark.parametrize("name", ["pair", "four", "four in single precision"])
def test_normals(name: str) -> None:
    """Kolmogorov-Smirnov, tails, and products of any two; false in 1 of 10^5."""
    single = name.endswith("single precision")
    of = generator(np.float32 if single else np.float64)
    values = drawn(of.pair if name == "pair" else of.four, 2 if name == "pair" else 4)
    for column in values.T:
        assert stats.kstest(column, "norm").pvalue > 1e-6
        assert stats.kstest(column**2, "chi2", args=(1,)).pvalue > 1e-6
    beyond = (np.abs(values) > 4).sum()
    assert stats.binomtest(int(beyond), values.size, 2 * stats.norm.sf(4)).pvalue > 1e-6
    for a, b in zip(values.T, np.roll(values, (1, 1), (0, 1)).T, strict=True):
        for power in (1, 2):
            assert stats.pearsonr(a**power, b**power).pvalue > 1e-6
    for a, b in zip(values.T, np.roll(values, 1, 1).T, strict=True):
        assert stats.kstest(np.arctan2(a, b), "uniform", args=(-math.pi, math.tau)).pvalue > 1e-6


def test_normals_have_all_digits() -> None:
    """Those of known words, against mpmath's logarithm, cosine and sine."""
    double, single, key = generator(), generator(np.float32), key_of(2)
    for i in range(200):
        given = key, WORD(0), WORD(i)
        length, angle = map(int, double.words(*given))
        _same(double.pair(*given), length, 64, angle >> 11, 53, 4e-16)
        found = single.four(*given)
        for k, word in enumerate((length, angle)):
            _same(found[2 * k : 2 * k + 2], word % 2**32, 32, word >> 40, 24, 4e-7)


def _same(found: Any, length: int, bits: int, angle: int, its: int, digits: float) -> None:
    radius = mpmath.sqrt(-2 * mpmath.log(mpmath.ldexp(length + 0.5, -bits)))
    turn = mpmath.ldexp(angle, 1 - its)
    for got, wanted in zip(found, (mpmath.cospi(turn), mpmath.sinpi(turn)), strict=True):
        assert abs(got - radius * wanted) < digits * max(radius, 1)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 10, 998, 10**9])
def test_chi_squares(degrees: int) -> None:
    function = generator().chi_square

    @njit
    def draw(key: Any, out: Any) -> Any:
        low = WORD(0)
        for i in range(out.size):
            out[i], low = function(degrees, key, WORD(degrees), low)
        return low

    out = np.empty(100_000)
    used = draw(key_of(1), out)
    law = stats.norm(degrees, math.sqrt(2 * degrees)) if degrees > 10**6 else stats.chi2(degrees)
    assert stats.kstest(out, law.cdf).pvalue > 1e-6
    assert used == out.size if degrees == 1 else used <= 2.2 * out.size
    assert function(0, key_of(1), WORD(0), WORD(5)) == (0.0, 5)


# -- kernels, simulated --------------------------------------------------------------------------

METHODS_AND_MORE = [
    ("sgd", 1, {}),
    ("sgd", 3, {}),
    ("wn", 1, {"zeta": 0.2}),
    ("wn", 4, {"zeta": 0.1}),
    ("bn", 3, {"epsilon": 1e-2}),
    ("bn", 5, {}),
]


def given(method: str, M: int, more: dict[str, float], **others: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = dict(
        method=method, activation="relu", t=[0.0, 0.5, 2.0], N=8, eta=0.4, M=M, R=0.4,
        misalignment=None, gamma=1.0 if method == "sgd" else 1.3, L=1.1, zeta=0.0, slope=None,
        epsilon=0.0, replicas=2, seed=5,
    )  # fmt: skip
    return defaults | more | others


@cache
def simulated() -> list[Any]:
    """Return what all cases come to, with one start of the simulator."""
    cases: list[Any] = [("chain", {"given": given(*case)}) for case in METHODS_AND_MORE]
    cases.append(("chain", {"given": given("bn", 3, {}, N=2, replicas=3, activation="erf")}))
    cases.append(("chain", {"given": given("bn", 3, {}, N=2, replicas=34, activation="erf")}))
    for case in METHODS_AND_MORE:
        for dtype in ("float64", "float32"):
            for kept in (True, False):
                start = [values.tolist() for values in starts(case[0], dtype)]
                cases.append(
                    ("networks", dict(given=given(*case, N=5), seed=9, dtype=dtype, kept=kept,
                                      times=[1, 3], start=start))
                )  # fmt: skip
    script = Path(__file__).with_name("on_simulator.py")
    done = subprocess.run(
        [sys.executable, script], input=json.dumps(cases), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def starts(method: str, dtype: str) -> list[np.ndarray]:
    """Return w*, w of two networks of five inputs, and gamma."""
    rng = np.random.default_rng(3)
    w_star, w = rng.standard_normal(5), rng.standard_normal((2, 5))
    w_star *= math.sqrt(5) / np.linalg.norm(w_star)
    gamma = np.full(2, 1.0 if method == "sgd" else 1.3)
    return [values.astype(dtype) for values in (w_star, w, gamma)]


@pytest.mark.parametrize("number", range(len(METHODS_AND_MORE)))
def test_the_chain_makes_the_steps_of_the_cpu(number: int) -> None:
    """The same function, of the same random numbers drawn here."""
    method, M, more = METHODS_AND_MORE[number]
    of, key, chain = generator(), key_of(5), step(chosen("relu", None)).chain
    N, rate, kind = 8, 0.4 / 8, [*METHODS].index(method)
    for k in range(2):
        gamma, m, n = 1.0 if method == "sgd" else 1.3, 0.4 * 1.1, math.sqrt(1 - 0.4**2) * 1.1
        low, done, replica = WORD(0), 0, WORD(k)
        a, b = np.empty(M), np.empty(M)
        for j, until in enumerate((0, 4, 16)):
            for _ in range(until - done):
                for i in range(M):
                    a[i], b[i] = of.pair(key, replica, low)
                    low = WORD(low + 1)
                across, used = of.chi_square(N - 2, key, replica, low)
                low = WORD(used)
                zeta, epsilon = more.get("zeta", 0.0), more.get("epsilon", 0.0)
                gamma, m, n = chain(kind, M, rate, zeta, epsilon, gamma, m, n, a, b, across)
            done = until
            assert simulated()[number][k][j] == pytest.approx([gamma, m, n], rel=1e-12)


def test_a_replica_is_the_same_whatever_the_others() -> None:
    few, many = simulated()[len(METHODS_AND_MORE)], simulated()[len(METHODS_AND_MORE) + 1]
    assert many[:3] == few and len({tuple(replica[-1]) for replica in many}) == 34


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("number", range(len(METHODS_AND_MORE)))
def test_networks_make_the_steps_of_torch(number: int, dtype: str, kept: bool) -> None:
    """The inputs are drawn here, and the gradients are those of other code."""
    method, M, more = METHODS_AND_MORE[number]
    before = len(METHODS_AND_MORE) + 2
    found = simulated()[before + 4 * number + 2 * (dtype == "float32") + (not kept)]
    of, key = generator(np.float32 if dtype == "float32" else np.float64), key_of(9)
    w_star, w, gamma = (torch.from_numpy(values).double() for values in starts(method, dtype))
    w, gamma = w[:, None], gamma[:, None, None]
    student = chosen("relu", None)
    network = Network(method, student, more.get("zeta", 0.0), more.get("epsilon", 0.0))
    g, N, rate = for_torch(student)[0], 5, 0.4 / M
    for time in range(3):
        x = torch.empty(2, M, 8, dtype=torch.float64)
        for k in range(2):
            for i in range(M):
                for group in range(2):
                    place = WORD(k << 32 | 2 * (2 * i + group))
                    four = of.four(key, place, WORD(time))
                    x[k, i, 4 * group : 4 * group + 4] = torch.tensor(four, dtype=torch.float64)
        x = x[:, :, :N] / math.sqrt(N)
        moved = gradient(network, w, gamma, x, g(x @ w_star)[:, None])
        if moved.gamma is not None:
            gamma = gamma - rate / N * moved.gamma
        along = 0.0 if moved.along is None else moved.along
        w = w - rate * (along * w + moved.rows @ x)
    digits = 1e-12 if dtype == "float64" else 3e-6
    np.testing.assert_allclose(found[0], w[:, 0], rtol=digits, atol=digits)
    np.testing.assert_allclose(found[1], gamma[:, 0, 0], rtol=digits)


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("simulate", [order_parameters, networks])
def test_no_cuda_of_numba(simulate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from numba import cuda

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="device 'cuda' needs numba's CUDA, which finds no driver"):
        simulate("sgd", N=10, eta=0.1, R=0.5, t=1.0, device="cuda")
    monkeypatch.setitem(sys.modules, "numba.cuda", None)
    monkeypatch.delattr("numba.cuda")
    with pytest.raises(device.NoCuda, match=r"not installed: pip install 'bntheory\[cuda\]' would"):
        simulate("sgd", N=10, eta=0.1, R=0.5, t=1.0, device="cuda")


def test_the_memory_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "of_each_thread", lambda: 1000)
    device.fits("M", 41, 984)
    with pytest.raises(ValueError, match=r"M = 42 needs 1008 bytes in each .* M = 41 would fit"):
        device.fits("M", 42, 1008)


def test_launches() -> None:
    assert device.parts(0, 5) == [] and device.parts(12, 5) == [5, 5, 2]
    assert device.parts(10, 5) == [5, 5] and device.parts(3, 0) == [1, 1, 1]


# -- on a GPU ------------------------------------------------------------------------------------

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@on_a_gpu
@pytest.mark.parametrize(("activation", "N"), [("relu", 2), ("erf", 3), ("relu", 12), ("erf", 300)])
@pytest.mark.parametrize(("method", "M", "more"), METHODS_AND_MORE)
def test_on_a_gpu_the_laws_are_those_of_the_cpu(
    method: str, M: int, more: dict[str, float], N: int, activation: str
) -> None:
    """Kolmogorov-Smirnov for each of gamma, R, L, and their products; false in 1 of 10^6."""
    asked = dict(N=N, M=M, eta=0.6, R=0.3, L=1.2, t=[1 / N, 1.0, 2.0], replicas=3000, **more)
    cpu = order_parameters(method, activation, **asked)
    others = [
        order_parameters(method, activation, device="cuda", **asked),
        networks(method, activation, device="cuda", **asked),
        networks(method, activation, device="cuda", dtype=torch.float32, **asked),
    ]
    for run, digits in zip(others, (9, 9, 4), strict=True):
        for j in range(3):
            for one, two in zip(_seen(cpu, j), _seen(run, j), strict=True):
                assert stats.ks_2samp(one.round(digits), two.round(digits)).pvalue > 1e-7


def _seen(run: Any, j: int) -> list[np.ndarray]:
    values = [run[name].values[:, j] for name in run.data_vars]
    return [*values, values[0] * values[-1], values[0] / values[-1]]


@on_a_gpu
def test_on_a_gpu_replicas_and_divergence() -> None:
    asked: dict[str, Any] = dict(N=50, M=4, eta=0.3, R=0.5, t=2.0, device="cuda")
    few, many = (order_parameters("bn", replicas=n, **asked) for n in (2, 5000))
    assert few.equals(many.isel(replica=slice(2)))
    for simulate in (order_parameters, networks):
        run = simulate("sgd", "x**3", N=20, eta=5.0, R=0.5, t=20.0, replicas=2, device="cuda")
        assert not np.isfinite(run.L.values[:, -1]).any() and np.isfinite(run.L.values[:, 0]).all()
    with pytest.raises(ValueError, match="M = 1000000 needs 16000000 bytes in each thread"):
        order_parameters("bn", **asked | {"M": 10**6})


@on_a_gpu
def test_on_a_gpu_the_same_seed_gives_the_same_networks() -> None:
    asked: dict[str, Any] = dict(N=4000, M=40, eta=0.3, R=0.5, t=[5e-3], device="cuda", replicas=9)
    one, two = networks("bn", **asked), networks("bn", **asked)
    assert one.equals(two) and not one.equals(networks("bn", seed=1, **asked))
