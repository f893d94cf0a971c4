"""How many clips make an epoch, whether they are long enough, and their frames: arithmetic only."""

from __future__ import annotations

import math

from sim_study.config.geometry import FRAME_SAMPLES, layer_frames
from sim_study.config.model import ModelConfig
from sim_study.config.trial import EncoderConfig
from sim_study.errors import Problem, UserError


def steps_per_epoch(clips: int, batch_size: int) -> int:
    """Return the number of batches; see `epoch_batches` for the last, incomplete one."""
    return max(clips // batch_size, 1)


def check_lengths(length_samples: int, config: EncoderConfig, place: str) -> None:
    """Refuse clips that a crop or the farthest prediction does not fit into.

    The last layer has the fewest frames. Its window is the shortest that anything is predicted
    in, whether every module predicts or only the context; labels need one frame of it.

    Raises:
        UserError: Names the key that asks for more than a clip of `length_samples` has.
    """
    crop = config.train.crop_samples
    if crop is not None and crop > length_samples:
        law = f"must not be longer than a clip, {length_samples} samples"
        raise UserError(Problem(place, law, "train.crop_samples", crop))
    lengths = layer_frames(config.model, crop or length_samples)
    if min(lengths) < 1:
        law = f"make no frame of {crop or length_samples} samples"
        raise UserError(Problem(place, law, "model.kernel_sizes", config.model.kernel_sizes))
    if config.traits.predicts != "frames":
        return
    steps = config.objective.prediction_steps
    frames = min(lengths[-1], config.objective.window_frames)
    if frames <= steps:
        law = f"must be less than the {frames} frames of the last layer's window"
        raise UserError(Problem(place, law, "objective.prediction_steps", steps))


def check_phone_frames(model: ModelConfig, place: str) -> None:
    """Refuse a stack that makes other frames than phones have labels for: one every 10 ms.

    Labels are laid on an utterance's last frames. With more frames than that they would lie on
    the wrong sound, and nobody would notice; with fewer, some would lie nowhere.

    Raises:
        UserError: Names the key that makes more or fewer frames.
    """
    stride = math.prod(model.strides)
    if stride != FRAME_SAMPLES:
        law = (
            f"must multiply to {FRAME_SAMPLES} samples, the 10 ms of a phone's label, not {stride}"
        )
        raise UserError(Problem(place, law, "model.strides", model.strides))
    labels = 1000  # of a long sound; of every other, as many frames are missing
    missing = labels - layer_frames(model, labels * FRAME_SAMPLES)[-1]
    if missing > 0:
        law = f"leave {missing} frames fewer than a sound may have phone labels: pad more"
        raise UserError(Problem(place, law, "model.paddings", model.paddings))
