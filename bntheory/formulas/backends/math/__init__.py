"""The formulas for math, generated."""
