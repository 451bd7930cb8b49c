"""Online SGD on a GPU: many steps in a launch, compiled by numba for CUDA."""
