"""What the words of a report mean, for a reader who knows neither code nor method."""

from __future__ import annotations

from collections.abc import Iterable

from sim_study.config.method import TRAITS
from sim_study.metrics.catalogue import CATALOGUE

WORDS = {
    **{name if of.trained else f"{name}, untrained": of.sentence for name, of in TRAITS.items()},
    "module 0, 1, ...": (
        "Parts of the encoder from the waveform up; gim and sim train each by itself."
    ),
    "context": "The recurrent network on top of the last module.",
    "mean code, sampled code": (
        "A latent's mean, and one draw of it. SIM hands on draws; the latents of other methods "
        "have no spread."
    ),
    "probe": "A linear classifier that reads a label from frozen latents; its accuracy says how "
    "plainly the label lies there.",
    "labels permuted, null": "The same measure with labels shuffled: what the code's size and "
    "scale alone read. Only what lies above it tells of the label.",
    "seed": "One random start. All arms share seeds, and differences are taken seed by seed.",
    "95 % interval": "Where the true mean difference lies, if spread over seeds is normal.",
    "primary test": "One of at most five questions that a study is judged by, named before it has "
    "results. All else is exploratory: it suggests what to test next.",
    "matters": "The smallest difference that would matter, said beforehand.",
    "equivalent": "The true difference is smaller than what matters, surely enough.",
    "undecided": "Neither surely a difference, nor surely one smaller than what matters: more "
    "seeds would tell.",
    "rotated": "The same code in random other axes: it holds the same information, aligned with "
    "nothing.",
    "ceiling": "What the best axes for the same information read.",
    "alignment": "How far a code's own axes go from rotated (0) to the ceiling (1).",
}
"""In the order of reading."""


def words(quantities: Iterable[str]) -> list[tuple[str, str]]:
    """Explain the words of a report and the quantities that it shows.

    Args:
        quantities: Names such as "mig"; those that the catalogue does not know are left out.
    """
    known = [CATALOGUE[name] for name in dict.fromkeys(quantities) if name in CATALOGUE]
    better = {"higher": " More is better.", "lower": " Less is better.", "neither": ""}
    return [*WORDS.items(), *((one.title, one.meaning + better[one.better]) for one in known)]
