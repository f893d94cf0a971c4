"""A colour for every run: the arm is the hue, the configuration its shade, all seeds alike."""

from __future__ import annotations

import colorsys
import hashlib

from sim_study.config.method import TRAITS, Method

COLOUR_TAG = "mlflow.runColor"

_LIGHTNESS = (0.45, 0.62, 0.33, 0.72, 0.54)
_SATURATION = 0.75


def run_colour(arm: str, method: Method, number: int) -> str:
    """Return a colour as #rrggbb.

    Args:
        arm: Name of the arm; an arm named otherwise than its method gets a hue of its own.
        method: The arm's method.
        number: The configuration's number within its arm, from 0.
    """
    own = TRAITS[method].colour
    red, green, blue = (int(own[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    if arm != method:
        hue = hashlib.sha256(arm.encode()).digest()[0] / 256
    channels = colorsys.hls_to_rgb(
        hue, _LIGHTNESS[number % len(_LIGHTNESS)], _SATURATION if saturation else 0.0
    )
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)
