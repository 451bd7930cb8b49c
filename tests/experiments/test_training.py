"""The loop: the same numbers again, after an interruption, and in several processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import torch
from small_recipe import RECIPE, job
from torch import nn

import bntheory
from bntheory.experiments import budget, training
from bntheory.experiments.images import Images
from bntheory.experiments.job import FINE_RATE, Job
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import Machine, machine
from bntheory.experiments.training import done, lines, load

ROOT = Path(bntheory.__file__).parents[1]
METHODS: list[dict[str, Any]] = [
    {"norm": "bn"},
    {"norm": "pn", "decay": "own-batch", "decay_batch": 8},
    {"norm": "pn", "decay": "constant"},
    {"norm": "wn", "dropout": 0.2, "kind": "resnet18"},
    {"norm": "mean-only"},
    {"norm": "variance-only"},
    {"norm": "bn", "merges": "merged"},
]


def timeless(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "seconds"} for line in metrics]


def trained(of: Job) -> list[dict[str, Any]]:
    with machine("cpu") as here:
        return timeless(training.train(of, load(None, 64), here))


@pytest.mark.parametrize("method", METHODS, ids=lambda m: "-".join(map(str, m.values())))
def test_an_interrupted_training_comes_to_the_same_result(
    method: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(job(tmp_path, **method))
    stopped = job(tmp_path / "again", **method)
    stopped.runs.mkdir()
    original = training._epoch
    monkeypatch.setattr(training, "APART", 0.0)
    for stop in (2, 4):  # in the second epoch, and once more in the fourth

        def interrupted(learner: Learner, epoch: int, stop: int = stop) -> float:
            value = original(learner, epoch)
            if epoch == stop:
                raise KeyboardInterrupt
            return value

        monkeypatch.setattr(training, "_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trained(stopped)
        assert not done(stopped) and stopped.checkpoint.exists()
        assert len(lines(stopped)) == stop
    with stopped.metrics.open("a") as file:
        file.write('{"epoch": 4, "tra')  # what was being written
    monkeypatch.setattr(training, "_epoch", original)
    assert trained(stopped) == whole
    assert timeless(lines(stopped)) == whole and not stopped.checkpoint.exists()


def test_metrics(tmp_path: Path) -> None:
    known = trained(job(tmp_path, kind="resnet18"))
    assert [line["epoch"] for line in known] == [0, 1, 2, 3, 4]
    assert known[-1]["fitted"] < known[0]["fitted"] and known[0].get("train") is None
    assert 0 < known[-1]["accuracy"] < 1 and len(known[-1]["gamma_squared"]) == 20
    assert trained(job(tmp_path / "..", seed=1, kind="resnet18")) == known
    assert trained(job(tmp_path, seed=2, kind="resnet18"))[-1] != known[-1]
    other = trained(job(tmp_path, kind="convnet"))  # of the same name, and not taken for it
    assert set(other[-1]["norms"]) == {"0", "3", "6", "9"}


def test_a_training_that_diverges_ends(tmp_path: Path) -> None:
    known = trained(job(tmp_path, norm="none", rate=1e30))
    assert known[-1]["diverged"] and known[-1]["train"] is None and len(known) < 5
    assert done(job(tmp_path, norm="none", rate=1e30))


def test_rates(tmp_path: Path) -> None:
    """Up to the recipe's in the first tenth, then down by 1 - decay in each of 100 steps."""
    one = job(tmp_path)
    assert one.rate(0.0) == 0 and one.rate(0.05) == pytest.approx(0.05, rel=1e-3)
    assert one.rate(1.0) == pytest.approx(0.1 * (1 - 1e-4) ** 100)
    stepped = replace(one, recipe=replace(RECIPE, drops=(0.3, 0.6)))
    assert [stepped.rate(part) for part in (0.2, 0.4, 0.7)] == pytest.approx([0.1, 0.01, 0.001])
    merged = job(tmp_path, merges="merged", epochs=9)
    assert merged.merging == 6 and merged.rate(0.6) > 0.09 and merged.rate(6 / 9) == FINE_RATE
    assert [e for e in range(26) if replace(one, epochs=25).evaluates(e)] == [
        0, 3, 6, 9, 12, 15, 18, 21, 24, 25,
    ]  # fmt: skip


def learner(tmp_path: Path, **method: Any) -> Learner:
    return Learner(job(tmp_path, **method), load(None, 64), Machine("cpu"))


def test_a_step_is_what_torch_does(tmp_path: Path) -> None:
    """Learning rate scaled with the batch, momentum, augmented images of the epoch's order."""
    one = learner(tmp_path, norm="none", batch=32)
    twin = learner(tmp_path, norm="none", batch=32)
    optimizer = torch.optim.SGD(twin.network.parameters(), lr=0.1 * 32 / 128, momentum=0.9)
    generator = twin.machine.generator("shift", 1, 1, 0)
    one.begin(1)
    recipe = replace(RECIPE, warm_up=0.0)
    one.job = replace(one.job, recipe=recipe)
    for index in one.batches(1):
        one.step(index, 0.0)
        optimizer.zero_grad()
        inputs = twin._standard(twin._shifted(twin._images[index], generator))
        nn.functional.cross_entropy(twin.network(inputs), twin._labels[index]).backward()
        optimizer.step()
    for ours, theirs in zip(one.network.parameters(), twin.network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)
    order = torch.cat(list(one.batches(1)))
    assert sorted(order.tolist()) == list(range(64)) and order.tolist() != list(range(64))
    assert not torch.equal(order, torch.cat(list(one.batches(2))))


def test_populations_and_decays_are_refreshed_in_time(tmp_path: Path) -> None:
    one = learner(tmp_path, norm="pn", decay="paper", decay_batch=8)
    assert one.decay is not None and one.decay.batch_size == 8
    done: dict[str, list[int]] = {"population": [], "decay": []}
    for name, times in done.items():
        action = one.schedules[name].action
        one.schedules[name].action = lambda times=times, action=action: (
            action(), times.append(step),
        )  # fmt: skip
    step = 0
    for epoch in (1, 2, 3):
        one.begin(epoch)
        for index in one.batches(epoch):
            one.step(index, 0.5)
            step += 1
    assert done == {"population": [0, 2, 4, 6, 8, 10], "decay": [0, 8]}
    assert (one.decay.quadratic != 0).any()
    constant = learner(tmp_path, norm="pn", decay="constant")
    constant.begin(1)
    constant.step(next(constant.batches(1)), 0.5)
    assert constant.decay is not None and constant.decay.quadratic.unique().numel() == 1


def test_evaluation_is_by_the_population(tmp_path: Path) -> None:
    """The statistics are those of all training images, though running averages have none yet."""
    one = learner(tmp_path, norm="bn")
    for partial in ("mean-only", "variance-only"):
        other = learner(tmp_path, norm=partial)
        other.evaluate(0)
        assert other.network[1].momentum == 0.1
        one.evaluate(0)
        kernel = other.network[0].bias
        mean = other.network[1].running_mean - (0.0 if kernel is None else kernel)
        torch.testing.assert_close(mean, one.network[1].running_mean, rtol=1e-4, atol=1e-4)
    found = one.evaluate(0)
    h = one.network[0](one._standard(one._shifted(one._images, one._generator("evaluation", 0))))
    torch.testing.assert_close(one.network[1].running_var, h.var((0, 2, 3), correction=0))
    with torch.no_grad():
        scores = one.network.eval()(one._standard(one._validation))
    loss = nn.functional.cross_entropy(scores, one._validation_labels)
    assert found["validation"] == pytest.approx(float(loss), rel=1e-5)
    right = (scores.argmax(1) == one._validation_labels).double().mean()
    assert found["accuracy"] == pytest.approx(float(right))


def test_norms_have_the_normalization_in_them(tmp_path: Path) -> None:
    """So that they do not change when it is merged."""
    one = learner(tmp_path, norm="bn")
    one.begin(1)
    for index in one.batches(1):
        one.step(index, 0.5)
    before = one.evaluate(1)
    one.merge()
    after = one.evaluate(1)
    assert after["norms"] == pytest.approx(before["norms"], rel=1e-5)
    assert after["validation"] == pytest.approx(before["validation"], rel=1e-4)
    assert after["norms"]["3"] == pytest.approx(float(one.network[3].weight.detach().norm()))


def test_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [job(tmp_path, epochs=50, seed=seed, id=name) for seed in (1, 2) for name in "ab"]
    costs = {"a": (1.0, 0.5), "b": (3.0, 1.5)}  # an epoch, an evaluation
    monkeypatch.setattr(budget, "cost", lambda job, images, here: costs[job.method.id])
    here, images = Machine("cpu"), load(None, 64)

    def allowed(minutes: float, abreast: int = 1) -> int:
        return budget.epochs(jobs, images, here, minutes, abreast)

    # 8 s an epoch and 4 s for each of 11 evaluations, within 0.85 of the time
    assert allowed(4.1) == int((0.85 * 246 - 44) / 8)
    assert allowed(4.1, abreast=2) == int((0.85 * 492 - 44) / 8)
    assert allowed(100) == 50
    assert allowed(0.4) == 1
    with pytest.raises(
        budget.TooShort, match="no room for one epoch of 4 trainings, which take 0.3"
    ):
        allowed(0.3)


def test_what_an_epoch_takes(tmp_path: Path) -> None:
    epoch, evaluation = budget.cost(
        job(tmp_path, norm="pn", decay="paper"), load(None, 64), Machine("cpu")
    )
    assert 0 < epoch < 10 and 0 < evaluation < 10


SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
import torch
sys.path.insert(0, {tests!r})
from small_recipe import RECIPE, job
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import machine
from bntheory.experiments.training import load
torch.set_num_threads(1)
one = replace(job(Path("."), norm=sys.argv[1], batch=16), recipe=replace(RECIPE, shift=0))
with machine("cpu") as here:
    learner = Learner(one, load(None, 64), here)
    learner.begin(1)
    sizes = [len(index) for index in learner.batches(1)]
    for index in learner.batches(1):
        learner.step(index, 0.5)
    values = [parameter.detach().tolist() for parameter in learner.network.parameters()]
    Path(f"rank{{here.rank}}.json").write_text(json.dumps([here.processes, sizes, values]))
"""


def test_two_processes(tmp_path: Path) -> None:
    """Each takes M images of a step of 2 M, which is the step of one process with all of them."""
    (tmp_path / "script.py").write_text(SCRIPT.format(tests=str(Path(__file__).parent)))
    with socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    known = {
        **os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
    }  # fmt: skip
    processes = [
        subprocess.Popen(
            [sys.executable, "script.py", "wn"], cwd=tmp_path, env={**known, "RANK": str(rank)},
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]  # fmt: skip
    for process in processes:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
    (count, sizes, first), (_, _, second) = (
        json.loads((tmp_path / f"rank{rank}.json").read_text()) for rank in (0, 1)
    )
    assert count == 2 and sizes == [16, 16] and first == second
    together = replace(job(tmp_path, norm="wn", batch=32), recipe=replace(RECIPE, shift=0))
    one = Learner(together, load(None, 64), Machine("cpu"))
    one.begin(1)
    for index in one.batches(1):
        one.step(index, 0.5)
    for ours, theirs in zip(one.network.parameters(), first, strict=True):
        torch.testing.assert_close(ours.detach(), torch.tensor(theirs), rtol=1e-4, atol=1e-5)


def test_images_of_a_job_are_read_once() -> None:
    assert isinstance(load(None, 64), Images) and load(None, 64) is load(None, 64)
