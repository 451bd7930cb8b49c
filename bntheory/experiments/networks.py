"""The paper's networks, with batch normalization behind every convolution."""

from __future__ import annotations

from torch import Tensor, nn


class Block(nn.Module):
    """Two convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the block."""
        out = self.relu(self.norm1(self.conv1(x)))
        result: Tensor = self.relu(self.norm2(self.conv2(out)) + self.shortcut(x))
        return result


class ResNet18(nn.Module):
    """ResNet-18 for small images: a convolution of 3x3 first, and no pooling behind it.

    Parameters
    ----------
    colours, classes : int
    width : int
        Channels of the first stage; each of the four stages has twice as many as the last.
    """

    def __init__(self, colours: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.conv = nn.Conv2d(colours, width, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        blocks = []
        inputs = width
        for stage in range(4):
            for stride in (1 if stage == 0 else 2, 1):
                outputs = width * 2**stage
                blocks.append(Block(inputs, outputs, stride))
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Linear(inputs, classes)
        _start(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return a score for each class."""
        x = self.blocks(self.relu(self.norm(self.conv(x))))
        scores: Tensor = self.last(x.mean((2, 3)))
        return scores


class ConvNet(nn.Sequential):
    """conv(3,32)-conv(3,32)-conv(3,64)-conv(3,64)-pool(2,2)-fc(512)-fc(classes), App. B.

    Parameters
    ----------
    colours, classes : int
    size : int
        Height and width of the images.
    width : int
        Channels of the first two convolutions.
    """

    def __init__(self, colours: int, classes: int, size: int, width: int = 32) -> None:
        layers: list[nn.Module] = []
        inputs = colours
        for outputs in (width, width, 2 * width, 2 * width):
            layers += [
                nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
            inputs = outputs
        pooled = 2 * width * (size // 2) ** 2
        super().__init__(
            *layers,
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(pooled, 16 * width),
            nn.ReLU(),
            nn.Linear(16 * width, classes),
        )
        _start(self)


def _start(network: nn.Module) -> None:
    """Give the kernels in front of ReLU the variance that keeps that of the signal."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            nn.init.zeros_(module.bias)
