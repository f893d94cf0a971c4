"""The end of a training that went to infinity."""

from __future__ import annotations


class Diverged(Exception):
    """A number became NaN or infinite; the same seed and configuration would do so again.

    The message says which number, of which layer, and when, as far as that is known.
    """
