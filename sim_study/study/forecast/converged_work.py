"""What converged probes cost, in operations of the products that a core's pace is taken from."""

from __future__ import annotations

from collections.abc import Sequence

from sim_study.config.geometry import module_layers
from sim_study.config.model import ModelConfig
from sim_study.config.probe import Pooling
from sim_study.data.utterances import PHONES
from sim_study.downstream.codes.frames import CLIP_FRAMES
from sim_study.downstream.probes.logistic import FOLDS
from sim_study.naming.targets import Target

EVALUATIONS = 1_500
"""Times that a probe's loss is evaluated in all, in cross-validation and at the end: 330 to 3,400
for one layer and target of 960 clips at 32 channels, 1,540 in the mean."""
OPERATIONS_AN_EVALUATION, OPERATIONS_A_SCORE = 7e6, 750
"""Beside its products, of an evaluation, and of each score (example, class) in it: what is not a
product takes most of the time. Products this narrow take twice as long as square ones."""
CLASSES: dict[Target, int] = {"vowel": 3, "consonant": 3, "syllable": 9, "phone": PHONES}
OTHER_CLASSES = 40
"""Assumed of a target that names people, whose number a corpus tells once it is prepared."""


def converged_operations(
    model: ModelConfig, pooling: Pooling, examples: int, targets: Sequence[Target]
) -> float:
    """Return the operations of converged probes of every layer.

    Args:
        model: Of the encoder.
        pooling: What they read.
        examples: Training clips or frames; frames of clips are a fixed number.
        targets: A probe of each.
    """
    if pooling == "frames":
        examples = CLIP_FRAMES["train"]
    parts = 3 if pooling == "thirds" else 1
    widths = [model.channels] * len(module_layers(model)) + [model.context_channels]
    fitted = (1 - 1 / FOLDS) * examples  # in most evaluations
    operations = 0.0
    for classes in (CLASSES.get(target, OTHER_CLASSES) for target in targets):
        for width in widths:
            a_score = OPERATIONS_A_SCORE + 2 * 4 * parts * width
            operations += EVALUATIONS * (OPERATIONS_AN_EVALUATION + fitted * classes * a_score)
    return operations
