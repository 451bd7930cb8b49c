"""``python benchmarks/on_a_gpu.py FILE [SECTION ...] [--device cpu] [--small]``: a GPU's figures.

They go to FILE as JSON as soon as they are there; a section that fails leaves its traceback.  Times
are the shortest of a few, in seconds.  With ``--device cpu --small`` all of it runs without a GPU.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats

from bntheory.formulas import generalization
from bntheory.simulation import online
from bntheory.simulation.functions import compiler
from bntheory.simulation.gpu.random import generator, key_of
from bntheory.simulation.offline import train
from bntheory.simulation.order_parameters import order_parameters
from bntheory.simulation.process import Process
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import draw

Found = dict[str, Any]
PRECISIONS = {"float64": torch.float64, "float32": torch.float32}
NOISE = 0.25


class Setting:
    """Where, and how much of it all."""

    def __init__(self, device: str, small: bool) -> None:
        self.device, self.small = device, small

    def size(self, full: int, small: int) -> int:
        return small if self.small else full

    def best(self, task: Callable[[], object], rounds: int = 3) -> float:
        """Return the shortest time of a task; the first run, which compiles, does not count."""
        times = []
        for _ in range(1 + (1 if self.small else rounds)):
            self.wait()
            start = time.perf_counter()
            task()
            self.wait()
            times.append(time.perf_counter() - start)
        return min(times[1:])

    def wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()


def card(here: Setting) -> Found:
    """Return what it is, and what torch reaches on it: copying, and normals per second."""
    import numba

    found: Found = {"python": platform.python_version(), "torch": torch.__version__}
    found |= {"numba": numba.__version__, "numpy": np.__version__}
    if here.device == "cuda":
        import numba_cuda

        about = torch.cuda.get_device_properties("cuda")
        found |= {"numba-cuda": numba_cuda.__version__, "card": torch.cuda.get_device_name()}
        found |= {"processors": about.multi_processor_count, "memory": about.total_memory}
    count = here.size(2**28, 2**18)
    for name, dtype in PRECISIONS.items():
        x = torch.empty(count, dtype=dtype, device=here.device)
        y = torch.empty_like(x)
        found[f"{name} normals per second"] = count / here.best(x.normal_)
        moved = 2 * x.numel() * x.element_size()
        found[f"{name} bytes copied per second"] = moved / here.best(partial(y.copy_, x))
    return found


# -- the chain -----------------------------------------------------------------------------------


def chain(here: Setting) -> list[Found]:
    """Replicas times steps per second, against the bare random numbers and one core."""
    found = []
    for method, M in (("sgd", 1), ("bn", 32)):
        replicas = here.size(2**17, 64)
        steps = here.size(20_000, 100) // (1 if M == 1 else M // 4)
        asked: Found = dict(M=M, eta=0.1, R=0.5)

        def simulate(
            N: int, many: int, count: int, device: str,
            method: str = method, asked: Found = asked,
        ) -> None:  # fmt: skip
            order_parameters(method, N=N, t=[count / N], replicas=many, device=device, **asked)

        many = replicas * steps
        ours = here.best(partial(simulate, 1000, replicas, steps, here.device))
        large = here.best(partial(simulate, 10**7, replicas, steps, here.device))
        few = here.best(partial(simulate, 1000, here.size(2000, 4), steps, here.device))
        bare = here.best(partial(_bare, here, M, replicas, steps))
        core = here.size(400_000, 4000) // M
        one = here.best(partial(simulate, 1000, 1, core, "cpu")) / core
        found.append(
            {
                "method": method, "M": M, "replicas": replicas, "steps": steps, "seconds": ours,
                "replica steps per second": many / ours,
                "seconds at N = 10^7": large, "over N = 1000": large / ours,
                "seconds of 2000 replicas": few,
                "seconds of its random numbers, bare": bare, "over bare": ours / bare,
                "replica steps per second of one core": 1 / one, "over one core": many / ours * one,
            }
        )  # fmt: skip
    return found


def _bare(here: Setting, M: int, replicas: int, steps: int) -> None:
    """Draw what the chain draws, and add it up."""
    of = generator(device=here.device)
    draw = _drawing(here.device, of.pair, of.chi_square)
    if here.device == "cuda":
        from numba import cuda

        out = cuda.device_array(replicas)
        draw[-(-replicas // 32), 32](key_of(1), 998, M, steps, out)
        cuda.synchronize()
    else:
        draw(key_of(1), 998, M, steps, np.empty(replicas))


_DRAWING: dict[str, Any] = {}


def _drawing(device: str, pair: Any, chi_square: Any) -> Any:
    if device not in _DRAWING:
        compiled = compiler(device)

        @compiled
        def of_replica(key: Any, degrees: Any, M: Any, steps: Any, k: Any) -> Any:
            total, low = 0.0, np.uint64(0)
            for _ in range(steps):
                for _ in range(M):
                    a, b = pair(key, np.uint64(k), low)
                    total += a + b
                    low += np.uint64(1)
                square, low = chi_square(degrees, key, np.uint64(k), low)
                total += square
            return total

        if device == "cuda":
            from numba import cuda

            @cuda.jit(max_registers=128)
            def draw(key: Any, degrees: Any, M: Any, steps: Any, out: Any) -> None:
                k = cuda.grid(1)
                if k < out.size:
                    out[k] = of_replica(key, degrees, M, steps, k)
        else:
            from numba import njit

            @njit
            def draw(key: Any, degrees: Any, M: Any, steps: Any, out: Any) -> None:
                for k in range(out.size):
                    out[k] = of_replica(key, degrees, M, steps, k)

        _DRAWING[device] = draw
    return _DRAWING[device]


# -- networks ------------------------------------------------------------------------------------

#: Method, M, replicas, N.
NETWORKS = (
    ("sgd", 1, 1024, 1000),
    ("sgd", 1, 16384, 1000),
    ("sgd", 1, 4096, 4000),
    ("bn", 32, 32, 1000),
    ("bn", 32, 1024, 1000),
    ("bn", 32, 1024, 4000),
)


def networks(here: Setting) -> list[Found]:
    """Seconds a step, against torch's drawing of the inputs, and steps that torch makes."""
    found = []
    for name, dtype in PRECISIONS.items():
        for method, M, replicas, N in NETWORKS:
            if here.small:
                replicas, N = 1 + replicas // 512, N // 20
            inputs = replicas * M * N
            steps = min(max(here.size(2 * 10**10, 10**6) // inputs, 5), here.size(20_000, 10))
            ours = here.best(partial(_networks, here, method, M, replicas, N, steps, dtype), 2)
            x = torch.empty(inputs, dtype=dtype, device=here.device)
            often = here.size(50, 1)
            drawn = here.best(lambda x=x, often=often: [x.normal_() for _ in range(often)]) / often
            del x
            found.append(
                {
                    "precision": name, "method": method, "M": M, "replicas": replicas, "N": N,
                    "seconds a step": ours / steps, "inputs per second": inputs * steps / ours,
                    "seconds of torch's normals": drawn,
                    "over torch's normals": ours / steps / drawn,
                    "seconds a step of torch": _torch_step(here, method, M, replicas, N, dtype),
                }
            )  # fmt: skip
    return found


def _networks(
    here: Setting, method: str, M: int, replicas: int, N: int, steps: int, dtype: torch.dtype
) -> None:
    online.networks(
        method, N=N, M=M, eta=0.1, R=0.5, t=[steps / N], replicas=replicas, dtype=dtype,
        device=here.device,
    )  # fmt: skip


def _torch_step(
    here: Setting, method: str, M: int, replicas: int, N: int, dtype: torch.dtype
) -> float:
    process = Process.of(
        method, "relu", [1.0], N=N, eta=0.1, M=M, R=0.5, misalignment=None, gamma=1.0, L=1.0,
        zeta=0.0, slope=None, epsilon=0.0, replicas=replicas, seed=1,
    )  # fmt: skip
    shapes = (N,), (replicas, N), (replicas,)
    w_star, w, gamma = (torch.ones(shape, dtype=dtype, device=here.device) for shape in shapes)
    advance = online._by_torch(process, Run(1, here.device).generator("steps"))
    steps, done = here.size(20, 2), 0

    def some() -> None:
        nonlocal done
        done += steps
        advance(done, w_star, w, gamma)

    return here.best(some, 2) / steps


# -- fixed samples -------------------------------------------------------------------------------


def offline(here: Setting) -> list[Found]:
    """Training on fixed samples against its matrix products, and where it ends."""
    run, found = Run(device=here.device), []
    for N, replicas in ((512, 64), (4096, 8)):
        if here.small:
            N, replicas = N // 16, 2
        for alpha in (0.5, 2.0):
            samples = draw(run, "gpu", N=N, alpha=alpha, S=NOISE, replicas=replicas)
            P, steps = samples.x.shape[1], here.size(600, 50)
            given: Found = dict(
                method="sgd", student="linear", eta=0.8 * P / (1 + alpha**0.5) ** 2, steps=steps,
                times=[steps],
            )  # fmt: skip
            history = train(samples, run, "gpu", **given)
            errors = history.error[-1]
            ours = here.best(partial(train, samples, run, "gpu", **given), 2)
            products = here.best(partial(_products, samples.x[None], steps), 2)
            moved = 2 * steps * samples.x.numel() * samples.x.element_size()
            found.append(
                {
                    "system": "vanilla SGD, all samples", "N": N, "alpha": alpha,
                    "replicas": replicas, "seconds a step": ours / steps,
                    "over its products": ours / products, "bytes per second": moved / ours,
                    "error": float(errors.mean()),
                    "standard error": float(errors.std(ddof=1) / replicas**0.5),
                    "closed form": float(generalization.sgd_linear(alpha, NOISE)),
                }
            )  # fmt: skip
    return found + _normalized(here, run)


def _normalized(here: Setting, run: Run) -> list[Found]:
    """Batch normalization at alpha = 1 in time, M = 32."""
    N, replicas, M = here.size(4096, 64), here.size(4, 2), 32
    samples = draw(run, "gpu bn", N=N, alpha=1.0, S=NOISE, replicas=replicas)
    times = [1, 3, 10, here.size(30, 11)]
    start = time.perf_counter()
    history = train(
        samples, run, "gpu bn", method="bn", student="linear", eta=0.1, batch=M, epochs=times[-1],
        times=times, L0=0.06,
    )  # fmt: skip
    here.wait()
    steps = times[-1] * (N // M)
    ours = (time.perf_counter() - start) / steps
    batches = samples.x.view(replicas, -1, M, N).transpose(0, 1)
    products = here.best(partial(_products, batches, 1), 2) / len(batches)
    return [
        {
            "system": f"batch normalization, M = {M}", "N": N, "alpha": 1.0, "replicas": replicas,
            "seconds a step": ours, "over its products": ours / products,
            "epochs": times, "error": history.error.mean(1).tolist(),
            "printed curve, ridge 1/(2 M)": float(generalization.wn_linear(1.0, 0.5 / M, NOISE)),
        }
    ]  # fmt: skip


def _products(batches: torch.Tensor, times: int) -> None:
    """Multiply every batch by weights and by residuals; shape (batches, replicas, M, N)."""
    weights = torch.ones_like(batches[0, :, :1])
    residuals = torch.ones_like(batches[0, :, None, :, 0])
    by_sample, by_weight = torch.empty_like(residuals), torch.empty_like(weights)
    for _ in range(times):
        for x in batches:
            torch.bmm(weights, x.mT, out=by_sample)
            torch.bmm(residuals, x, out=by_weight)


# -- the same law --------------------------------------------------------------------------------


def laws(here: Setting) -> list[Found]:
    """Chain and networks here against the chain on the CPU: p-values, and z of their moments."""
    found = []
    for method, M, N, more in (
        ("sgd", 1, 1000, {}),
        ("wn", 1, 100, {"zeta": 0.2}),
        ("bn", 8, 100, {}),
        ("bn", 32, 300, {"epsilon": 1e-5}),
    ):
        asked: Found = dict(N=N, M=M, eta=0.5, R=0.3, L=1.2, t=[1.0], **more)
        cpu = order_parameters(
            method, replicas=here.size(4000, 50), seed=1, threads=here.size(16, 2), **asked
        )
        many: Found = dict(replicas=here.size(20_000, 50), device=here.device)
        others = {
            "chain": order_parameters(method, **asked, **many),
            "networks": online.networks(method, **asked, **many),
            "networks, float32": online.networks(method, dtype=torch.float32, **asked, **many),
        }
        for name, run in others.items():
            for variable in run.data_vars:
                a, b = (seen[variable].values[:, 0] for seen in (cpu, run))
                moments = [(v.mean(), v.var(ddof=1) / len(v)) for v in (a, b)]
                squares = [(v - v.mean()) ** 2 for v in (a, b)]
                spreads = [(v.mean(), v.var(ddof=1) / len(v)) for v in squares]
                found.append(
                    {
                        "system": name, "method": method, "M": M, "N": N, "of": str(variable),
                        "p": float(stats.ks_2samp(a, b).pvalue),
                        "z of the mean": _z(moments), "z of the variance": _z(spreads),
                    }
                )  # fmt: skip
    return found


def _z(pairs: list[tuple[float, float]]) -> float:
    (one, its), (two, other) = pairs
    return float((two - one) / (its + other) ** 0.5)


SECTIONS = {section.__name__: section for section in (card, laws, chain, networks, offline)}


def main() -> int:
    """Measure, and write what was found so far after each section."""
    parser = argparse.ArgumentParser(description="Measure a GPU's figures.")
    parser.add_argument("file", type=Path)
    parser.add_argument("section", nargs="*", help=f"of {', '.join(SECTIONS)}; else all")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny sizes, to see that it runs")
    options = parser.parse_args()
    here = Setting(options.device, options.small)
    found: Found = {}
    for name in options.section or SECTIONS:
        start = time.perf_counter()
        try:
            found[name] = SECTIONS[name](here)
        except Exception:
            found[name] = traceback.format_exc()
            print(found[name], flush=True)
        found[f"{name}, seconds"] = time.perf_counter() - start
        print(f"{name}: {found[f'{name}, seconds']:.1f} s", flush=True)
        options.file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
