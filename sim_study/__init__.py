"""A study platform for greedy self-supervised speech representations."""

__version__ = "0.1.0"
