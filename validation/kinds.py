"""What is taken from a batch: mean and deviation, or one of them."""

#: Of each kind of normalization, the ending of its functions in ``formulas.regularizer``.
SUFFIXES = {"bn": "", "mean": "_mean_only", "std": "_std_only"}

#: And what to call it.
NAMES = {"bn": "BatchNorm1d", "mean": "its mean alone", "std": "its deviation alone"}
