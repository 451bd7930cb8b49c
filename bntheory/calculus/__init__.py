"""The mathematics that derivations share; it knows nothing of normalization."""
