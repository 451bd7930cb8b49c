"""A network in training: data on the device, one step, what is refreshed between steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from bntheory.experiments.augmentation import shifted
from bntheory.experiments.building import build
from bntheory.experiments.images import Images
from bntheory.experiments.job import Job
from bntheory.experiments.machine import Machine, number
from bntheory.experiments.recipe import REFERENCE
from bntheory.nn import GammaDecay, Schedule, merge, refresh_population
from bntheory.nn.partial_norms import MeanOnlyBatchNorm, VarianceOnlyBatchNorm

#: Images that are evaluated at once, and how many of those for training are at most.
PIECE, FITTED = 1000, 5000

#: Random vectors for the diagonal of the Hessian: errors average out over channels and over time.
PROBES = 2


class Learner:
    """A network that is trained.

    Attributes
    ----------
    network : torch.nn.Module
    job : Job
    machine : Machine
    """

    def __init__(self, job: Job, images: Images, machine: Machine) -> None:
        self.job, self.machine = job, machine
        self._flips = images.flips
        self._images = torch.from_numpy(images.train).to(machine.device)
        self._labels = torch.from_numpy(images.train_labels).to(machine.device)
        self._validation = torch.from_numpy(images.validation).to(machine.device)
        self._validation_labels = torch.from_numpy(images.validation_labels).to(machine.device)
        colours = images.train.reshape(*images.train.shape[:2], -1) / 255.0
        shape = (1, -1, 1, 1)
        self._mean = self._constant(colours.mean((0, 2))).reshape(shape)
        self._std = self._constant(colours.std((0, 2))).reshape(shape)
        self._drawn = machine.generator("samples", job.seed)
        first = self._standard(self._images[:256])
        network: Any = build(job.kind, job.method, job.recipe, first, images.classes, job.seed)
        self.network: nn.Module = network.to(memory_format=torch.channels_last)
        self._prepare()

    def _constant(self, values: Any) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self.machine.device)

    def _prepare(self) -> None:
        """Make what goes with the network: processes, optimizer, schedules, gamma decay."""
        recipe, method = self.job.recipe, self.job.method
        self._model: nn.Module = self.network
        if self.machine.processes > 1:
            # populations are the first process's in all of them; statistics of batches are not
            self._model = DistributedDataParallel(self.network)
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=0.1, momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
        )  # fmt: skip
        self.decay: GammaDecay | None = None
        if method.decay is not None:
            self.decay = GammaDecay(
                self.network, "paper" if method.decay == "constant" else method.decay,
                batch_size=method.decay_batch or method.batch,
            ).to(self.machine.device)  # fmt: skip
        self.schedules: dict[str, Schedule] = {}
        if method.norm == "pn":
            every = max(1, int(recipe.refresh * self.steps))
            self.schedules["population"] = Schedule(every, self.refresh_population)
        if self.decay is not None:
            # what is constant is measured once
            epochs = 2**62 if method.decay == "constant" else recipe.measure
            every = max(1, int(epochs * self.steps))
            self.schedules["decay"] = Schedule(every, self.measure_decay)

    @property
    def together(self) -> int:
        """The images of a step, in all processes."""
        return self.job.method.batch * self.machine.processes

    @property
    def steps(self) -> int:
        """The steps of an epoch; the images that are left are not used in it."""
        return len(self._images) // self.together

    def batches(self, epoch: int) -> Iterator[Tensor]:
        """Give the images of each step that are for this process, in random order."""
        order = torch.randperm(
            len(self._images), generator=self._generator("order", epoch), device=self._images.device
        )
        for step in range(self.steps):
            together = order[step * self.together : (step + 1) * self.together]
            yield together[self.machine.rank :: self.machine.processes]

    def begin(self, epoch: int) -> None:
        """Start the random numbers of an epoch, which do not depend on those before."""
        self._shifts = self._generator("shift", epoch, self.machine.rank)
        self._drawn = self._generator("samples", epoch)
        torch.manual_seed(number("dropout", self.job.seed, epoch, self.machine.rank))
        self._model.train()

    def step(self, index: Tensor, part: float) -> Tensor:
        """Make a step with some images, at a part of the way; return the loss without decay."""
        for schedule in self.schedules.values():
            schedule.step()
        self._model.train()
        scale = 1.0 if self._merged else self.together / REFERENCE
        for group in self.optimizer.param_groups:
            group["lr"] = self.job.rate(part) * scale
        inputs = self._standard(self._shifted(self._images[index], self._shifts))
        with self.machine.precision():
            scores = self._model(inputs)
        loss = cross_entropy(scores.float(), self._labels[index])
        self.optimizer.zero_grad(set_to_none=True)
        (loss if self.decay is None else loss + self.decay(self.network)).backward()
        self.optimizer.step()
        return loss.detach()

    @property
    def _merged(self) -> bool:
        return bool(getattr(self, "merged", False))

    def refresh_population(self) -> None:
        """Normalize by the statistics of training images, shifted as they are in training."""
        layers = list(self.network.modules())
        partial = [m for m in layers if isinstance(m, MeanOnlyBatchNorm | VarianceOnlyBatchNorm)]
        whole = any(isinstance(m, _BatchNorm) for m in layers)
        if not (partial or whole):
            return
        inputs = self._sample(self.job.recipe.sample)
        with self.machine.precision(), torch.no_grad():
            if whole:
                refresh_population(self.network, inputs)
                return
            momenta = [layer.momentum for layer in partial]
            self.network.train()
            for layer in partial:
                layer.momentum = 1.0
            self.network(inputs)
            for layer, momentum in zip(partial, momenta, strict=True):
                layer.momentum = momentum

    def measure_decay(self) -> None:
        """Measure the gamma decay, on training images."""
        assert self.decay is not None
        count = min(self.job.recipe.measured, len(self._images))
        index = self._some(count)
        inputs = self._standard(self._shifted(self._images[index], self._drawn))
        self.decay.refresh(
            self.network, [(inputs, self._labels[index])], cross_entropy, probes=PROBES,
            statistics="running", seed=number(self.job.seed, int(index[0])) % 2**32,
        )  # fmt: skip
        if self.job.method.decay == "constant":  # and the same for all channels
            self.decay.quadratic.fill_(float(self.decay.quadratic.mean()))

    def _some(self, count: int) -> Tensor:
        """Return which images a sample has: all, or some at random."""
        if count >= len(self._images):
            return torch.arange(len(self._images), device=self._images.device)
        drawn = torch.randperm(len(self._images), generator=self._drawn, device=self._images.device)
        return drawn[:count]

    def _sample(self, count: int) -> Tensor:
        return self._standard(self._shifted(self._images[self._some(count)], self._drawn))

    @torch.no_grad()
    def evaluate(self, epoch: int) -> dict[str, Any]:
        """Return loss and accuracy in evaluation mode, with the statistics of a population."""
        self._drawn = self._generator("evaluation", epoch)
        if not self._merged:
            self.refresh_population()
        self.network.eval()
        validation, accuracy = self._losses(self._validation, self._validation_labels)
        fitted, fitted_accuracy = self._losses(self._images[:FITTED], self._labels[:FITTED])
        found = {
            "validation": validation,
            "accuracy": accuracy,
            "fitted": fitted,
            "fitted_accuracy": fitted_accuracy,
            "gamma_squared": {
                name: float(layer.weight.square().mean())
                for name, layer in self.network.named_modules()
                if isinstance(layer, _BatchNorm)
            },
        }
        if self.job.kind == "convnet":
            found["norms"] = self._norms()
        return found

    def _losses(self, images: Tensor, labels: Tensor) -> tuple[float, float]:
        loss, right = 0.0, 0
        count = len(images)
        for start in range(0, count, PIECE):
            piece = slice(start, start + PIECE)
            with self.machine.precision():
                scores = self.network(self._standard(images[piece])).float()
            loss += float(cross_entropy(scores, labels[piece], reduction="sum"))
            right += int((scores.argmax(1) == labels[piece]).sum())
        return loss / count, right / count

    def _norms(self) -> dict[str, float]:
        """Return the length of each kernel, with the normalization behind it in it."""
        network: Any = self.network
        found = {}
        for place in range(len(network) - 1):
            kernel, norm = network[place], network[place + 1]
            if isinstance(kernel, nn.Conv2d):
                weight = kernel.weight
                if isinstance(norm, _BatchNorm):
                    var: Any = norm.running_var
                    scale = norm.weight / (var + norm.eps).sqrt()
                    weight = weight * scale[:, None, None, None]
                found[str(place)] = float(weight.norm())
        return found

    def merge(self) -> None:
        """Put normalization into the kernels, and go on without momentum from before."""
        if not self._merged:
            merge(self.network, self._standard(self._images[:2]))
            self.merged = True
            self._prepare()

    def state_dict(self) -> dict[str, Any]:
        """Return what an interrupted training goes on from."""
        return {
            "merged": self._merged,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "decay": None if self.decay is None else self.decay.state_dict(),
            "schedules": {name: s.state_dict() for name, s in self.schedules.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        if state["merged"]:
            self.merge()
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.decay is not None:
            self.decay.load_state_dict(state["decay"])
        for name, schedule in self.schedules.items():
            schedule.load_state_dict(state["schedules"][name])

    def _generator(self, name: str, *what: Any) -> torch.Generator:
        return self.machine.generator(name, self.job.seed, *what)

    def _shifted(self, images: Tensor, generator: torch.Generator) -> Tensor:
        return shifted(images, generator, self.job.recipe.shift, self._flips)

    def _standard(self, images: Tensor) -> Tensor:
        standard = (images.float() / 255 - self._mean) / self._std
        return standard.contiguous(memory_format=torch.channels_last)
