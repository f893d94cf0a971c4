"""A colour for every run: the arm is the hue, the configuration its shade, all seeds alike."""

from __future__ import annotations

import colorsys
import hashlib

COLOUR_TAG = "mlflow.runColor"

_HUES = {"gim": 0.59, "sim": 0.06, "random": 0.0}  # blue, orange; the untrained encoder is grey
_LIGHTNESS = (0.45, 0.62, 0.33, 0.72, 0.54)


def run_colour(arm: str, method: str, number: int) -> str:
    """Return a colour as #rrggbb.

    Args:
        arm: Name of the arm; an arm named otherwise than its method gets a hue of its own.
        method: The arm's method.
        number: The configuration's number within its arm, from 0.
    """
    digest = hashlib.sha256(arm.encode()).digest()
    hue = _HUES.get(arm, digest[0] / 256)
    saturation = 0.0 if method == "random" else 0.75
    lightness = _LIGHTNESS[number % len(_LIGHTNESS)]
    channels = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
