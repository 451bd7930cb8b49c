"""Section 5 and App. B: experiments with convolutional networks."""

from __future__ import annotations

from bntheory.paper.statement import Statement

EXPERIMENTS: tuple[Statement, ...] = (
    Statement(
        "fig2ab",
        "population normalization with gamma decay against batch normalization",
        "Sec. 5, Fig. 2(a,b)",
        text=(
            "CIFAR-10, ResNet-18. Batch normalization at M = 128 and M = 1024; population "
            "normalization (statistics from 10k samples) with adaptive gamma decay at M = 1024 "
            "beats batch normalization."
        ),
    ),
    Statement(
        "fig2cd",
        "batch mean and batch deviation, one at a time",
        "Sec. 5, Fig. 2(c,d); App. B",
        text=(
            "CIFAR-10, conv(3,32)-conv(3,32)-conv(3,64)-conv(3,64)-pool(2,2)-fc(512)-fc(10). "
            "Plain SGD, batch normalization, weight normalization, and weight normalization with "
            "mean-only and with variance-only batch normalization."
        ),
    ),
    Statement(
        "fig2ef",
        "gamma^2 and validation loss grow with the batch size",
        "Sec. 5, Fig. 2(e,f)",
        text=(
            "CIFAR-10. Batch normalization in one layer at a time, several M: gamma^2 and the "
            "validation loss grow with M."
        ),
    ),
    Statement(
        "fig2gh",
        "dropout makes up for large batches",
        "Sec. 5, Fig. 2(g,h); App. B.3",
        text=(
            "CIFAR-10, ResNet-18. Dropout after batch normalization (ratio 0.1, M = 1024) and "
            "after weight normalization (ratio 0.2, accuracy from 0.90 to 0.93)."
        ),
    ),
    Statement(
        "fig3",
        "batch normalization on small ImageNet",
        "App. B.1, Fig. 3",
        text=(
            "ImageNet at 32x32, ResNet-18. SGD with momentum 0.9 and learning rate 0.1, divided "
            "by 10 at epochs 30, 60 and 90."
        ),
    ),
    Statement(
        "fig4",
        "kernel norms grow once batch normalization is frozen",
        "Sec. 5; App. B.2, Fig. 4",
        text=(
            "CIFAR-10. Train with batch normalization, freeze w_bn, and fine-tune by plain SGD at "
            "learning rate 1e-3 from w_sgd = (gamma/sigma) w_bn: the training loss falls, the "
            "validation loss and the kernel norms rise."
        ),
    ),
    Statement(
        "recipe",
        "how the networks are trained",
        "Sec. 5; App. B",
        text=(
            "SGD with momentum 0.9, a learning rate that scales with the batch size and is "
            "continuously decayed by 1e-4 each step."
        ),
        claims=False,
    ),
)
