"""Sampling: what controls take off, how honest the errors are, and when it stops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from bntheory.simulation import LAWS, Batch, Layer, Run, precise, settled, statistics
from bntheory.simulation.sampling import CHUNK, FIRST, Half, Sums, accumulate

GAUSSIAN = LAWS["gaussian"]
LOOK = CHUNK["cpu"] * FIRST["cpu"]  # samples before the first look


def table(seed: int, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw values 2 + 3 c + noise and 5, with controls c (and one that is always zero)."""
    random = torch.Generator().manual_seed(seed)
    control = torch.randn(rows, 1, generator=random, dtype=torch.float64)
    noise = 0.1 * torch.randn(rows, 1, generator=random, dtype=torch.float64)
    values = torch.cat((2 + 3 * control + noise, torch.full_like(noise, 5.0)), dim=1)
    return values, torch.cat((control, torch.zeros_like(control)), dim=1)


# -- sums ----------------------------------------------------------------------------------------


def test_sums_of_parts_are_the_sum_of_all() -> None:
    both = torch.cat(table(1, 1000), dim=1)
    whole, parts = Half.of(both), Half.of(both[:130]) + Half.of(both[130:])
    assert parts.count == whole.count == 1000
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(parts.comoment, whole.comoment, rtol=1e-9, atol=1e-9)
    values, controls = table(1, 1000)
    sums = Sums.of(values[:300], controls[:300]) + Sums.of(values[300:], controls[300:])
    assert sums.count == 1000 and [half.count for half in sums.halves] == [500, 500]


def test_controls_take_off_what_they_foretell() -> None:
    values, controls = table(2, 10_000)
    (value, constant), (error, none) = Sums.of(values, controls).averages()
    assert abs(value - 2) < 4 * error and error == pytest.approx(0.1 / 100, rel=0.05)
    assert constant == 5 and none == 0
    alone, spread = Sums.of(values, controls[:, :0]).averages()
    assert spread[0] == pytest.approx(3 / 100, rel=0.05)
    assert alone[0] == pytest.approx(float(values[:, 0].mean()), rel=1e-12)


def test_coefficients_do_not_know_the_batches_that_they_are_used_on() -> None:
    """Of 12 batches and 4 useless controls: own coefficients would promise far too much."""
    scores = []
    for seed in range(400):
        random = torch.Generator().manual_seed(seed)
        rows = torch.randn(12, 5, generator=random, dtype=torch.float64)
        (value,), (error,) = Sums.of(rows[:, :1], rows[:, 1:]).averages()
        scores.append(value / error)
    assert abs(np.mean(scores)) < 0.2 and np.std(scores) < 1.6


def test_what_is_not_finite_spoils_its_own_column_only() -> None:
    values, controls = table(3, 2000)
    values[7, 1] = math.nan
    value, error = Sums.of(values, controls).averages()
    assert abs(value[0] - 2) < 4 * error[0] and math.isnan(value[1]) and math.isnan(error[1])


def test_a_control_that_is_not_finite_spoils_all() -> None:
    values, controls = table(3, 2000)
    controls[7, 1] = math.inf
    value, error = Sums.of(values, controls).averages()
    assert np.isnan(value).all() and np.isnan(error).all()


# -- honesty -------------------------------------------------------------------------------------


def inverse(batch: Batch) -> torch.Tensor:
    return 1 / batch.std


def test_standard_errors_are_those_of_repeated_runs() -> None:
    exact = math.sqrt(4) * math.exp(math.lgamma(3) - math.lgamma(3.5))  # 1/sigma_B at M = 8
    runs = [statistics(Run(k), Layer(GAUSSIAN, 8), [inverse], samples=2**13)[0] for k in range(300)]
    scores = np.array([(run.value - exact) / run.standard_error for run in runs])
    assert abs(scores.mean()) < 0.25 and 0.88 < scores.std() < 1.15


# -- rounds --------------------------------------------------------------------------------------


def test_it_stops_as_soon_as_it_is_decided() -> None:
    layer, looks = Layer(GAUSSIAN, 16), []

    def decided(value: np.ndarray, error: np.ndarray) -> bool:
        looks.append(float(error[0]))
        return bool(error[0] < 1e-3)

    (found,) = statistics(Run(), layer, [inverse], decided, samples=2**24)
    assert found.standard_error == looks[-1] < 1e-3 and all(e >= 1e-3 for e in looks[:-1])
    assert found.samples == LOOK * 2 ** (len(looks) - 1) < 2**24
    (same,) = statistics(Run(), layer, [inverse], precise(1e-3), samples=2**24)
    assert same == found


def test_budgets_are_kept() -> None:
    layer = Layer(GAUSSIAN, 16)
    for samples in (1000, 2**16, 5 * 2**16, 2**20 + 1):
        (found,) = statistics(Run(), layer, [inverse], samples=samples)
        assert samples - CHUNK["cpu"] < found.samples <= samples
    (found,) = statistics(Run(), layer, [inverse], samples=2**24, seconds=0.0)
    assert found.samples == LOOK


def test_few_samples_decide_nothing() -> None:
    (found,) = statistics(Run(), Layer(GAUSSIAN, 512), [inverse], precise(1e9), samples=2**24)
    assert found.samples == LOOK
    (found,) = statistics(Run(), Layer(GAUSSIAN, 2**15), [inverse], samples=1)
    assert found.samples == 4 * 2**15 and found.standard_error > 0


def test_every_chunk_has_random_numbers_of_its_own() -> None:
    def chunk(generator: torch.Generator) -> Sums:
        values = torch.rand(4, 1, generator=generator, dtype=torch.float64)
        seen.append(float(values[0]))
        return Sums.of(values, values[:, :0])

    seen: list[float] = []
    assert accumulate(Run(), "name", chunk, 21).count == 84
    assert len(set(seen)) == 21


def test_settled_waits_for_every_prediction() -> None:
    question = settled([0.0, 1.0], [0.1, 0.2])
    assert question(np.array([0.0, 2.0]), np.array([0.01, 0.01]))
    assert not question(np.array([0.0, 1.2]), np.array([0.01, 0.01]))
    assert not question(np.array([0.0, math.nan]), np.array([0.01, 0.01]))
    assert settled(0.0, 0.1)(np.array([0.0]), np.array([0.01]))


# -- repeatable ----------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, again, other = (
        statistics(Run(seed), Layer(GAUSSIAN, 16), [inverse], samples=2**19) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_the_number_of_threads_does_not_matter() -> None:
    threads = torch.get_num_threads()
    try:
        found = []
        for count in (1, 3):
            torch.set_num_threads(count)
            found.append(statistics(Run(), Layer(GAUSSIAN, 16), [inverse], samples=2**19)[0])
    finally:
        torch.set_num_threads(threads)
    assert found[0] == found[1]
    assert torch.get_num_threads() == threads
