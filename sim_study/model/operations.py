"""How many floating-point operations a training step's products take: arithmetic only.

A multiplication and an addition count as two. What is proportional to the latents' size and not
to a product of two widths (ReLU, noise, softmax, Adam) is left out: it is traffic, not arithmetic.
So is a supervised encoder's head, whose width is a handful of classes.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sim_study.config.geometry import layer_frames, module_frames, module_layers
from sim_study.config.train import ObjectiveConfig
from sim_study.config.trial import EncoderConfig

FORWARD = WEIGHTS = INPUT = 1
"""A product's passes, each as dear as the other: its value, the gradients of its two factors."""


@dataclass(frozen=True)
class Operations:
    """Floating-point operations of one training step, backward included.

    Args:
        convolutions: Of the stack's layers.
        heads: Mean and, for sim, log-variance.
        predictions: Products with the predictors.
        scores: Products of predictions with positives and negatives.
        recurrent: Of the context network.
    """

    convolutions: float = 0.0
    heads: float = 0.0
    predictions: float = 0.0
    scores: float = 0.0
    recurrent: float = 0.0

    @property
    def total(self) -> float:
        """All parts together."""
        return float(sum(astuple(self)))


def step_operations(config: EncoderConfig, samples: int, batch: int) -> Operations:
    """Count the operations of one training step.

    Trained greedily, no gradient is needed of a module's input: its first layer saves that
    product, and so do the scores of the context network, whose targets are its input. End to end,
    only the audio needs none.

    Args:
        config: The encoder.
        samples: Of a clip.
        batch: Clips a step.
    """
    frames = module_frames(config.model, samples)
    predictions, scores = _info_nce(config, frames, batch)
    return Operations(
        convolutions=_convolutions(config, samples, batch),
        heads=_heads(config, frames, batch),
        predictions=predictions,
        scores=scores,
        recurrent=_recurrent(config, frames["context"], batch),
    )


def _convolutions(config: EncoderConfig, samples: int, batch: int) -> float:
    model = config.model
    frames = layer_frames(model, samples)
    total = 0.0
    for layers in module_layers(model):
        first = 0 if config.traits.end_to_end else layers.start
        for layer in layers:
            width = 1 if layer == 0 else model.channels
            passes = FORWARD + WEIGHTS + (INPUT if layer > first else 0)
            product = batch * frames[layer] * model.kernel_sizes[layer] * width * model.channels
            total += 2.0 * passes * product
    return total


def _heads(config: EncoderConfig, frames: dict[str, int], batch: int) -> float:
    heads = 2 if config.traits.samples else 1
    rows = batch * sum(count for layer, count in frames.items() if layer != "context")
    return 2.0 * (FORWARD + WEIGHTS + INPUT) * heads * rows * config.model.channels**2


def _info_nce(config: EncoderConfig, frames: dict[str, int], batch: int) -> tuple[float, float]:
    """Of predictions and of scores, over the layers that have an InfoNCE of their own."""
    model, candidates = config.model, 1 + config.objective.negatives
    if config.traits.end_to_end:
        frames = {} if config.traits.learns_labels else {"context": frames["context"]}
    predictions = scores = 0.0
    for layer, count in frames.items():
        rows = batch * _pairs(config.objective, count)
        width = model.context_channels if layer == "context" else model.channels
        predictions += 2.0 * (FORWARD + WEIGHTS + INPUT) * rows * width * model.channels
        moved = layer != "context" or config.traits.end_to_end  # what is predicted
        passes = FORWARD + INPUT + (INPUT if moved else 0)
        scores += 2.0 * passes * rows * candidates * model.channels
    return predictions, scores


def _pairs(objective: ObjectiveConfig, frames: int) -> int:
    """A clip's pairs of a predicting and a predicted frame, over all steps ahead."""
    window = min(frames, objective.window_frames)
    return sum(max(0, window - ahead) for ahead in range(1, objective.prediction_steps + 1))


def _recurrent(config: EncoderConfig, frames: int, batch: int) -> float:
    """Three gates read input and state; the first state is zero and has no gradient."""
    C, D = config.model.channels, config.model.context_channels
    passes = FORWARD + WEIGHTS + (INPUT if config.traits.end_to_end else 0)
    from_input = passes * frames * C
    from_state = ((FORWARD + WEIGHTS) * frames + INPUT * (frames - 1)) * D
    return 2.0 * batch * 3 * D * (from_input + from_state)
