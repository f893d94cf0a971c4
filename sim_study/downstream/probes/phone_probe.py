"""Linear probes of phones: every labelled frame of whole utterances, one utterance a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim_study.config.identity import seed_for
from sim_study.config.probe import ACCURACY, PhoneProbeConfig, ProbeConfig
from sim_study.data.split import split_utterances
from sim_study.downstream.codes.standardise import Moments
from sim_study.downstream.codes.utterance_codes import PhoneCodes
from sim_study.downstream.probes.confusion import balanced_accuracy, confusion, overall_accuracy
from sim_study.downstream.probes.linear_maps import LinearMaps, weight_and_bias, with_ones
from sim_study.downstream.probes.linear_probe import ProbeFit, Tried
from sim_study.downstream.probes.pooled_probes import PHONE, Probes

Rates = Mapping[str, Sequence[float]]
"""By `protocol/layer`: the learning rates to train with, side by side from the same start."""
Maps = dict[str, np.ndarray]
"""By `protocol/layer`: (rate, phone, dim), the bias last where the protocol has one."""
Counts = dict[str, np.ndarray]
"""By `protocol/layer`: (rate, phone, named phone) int64."""


@dataclass(frozen=True)
class PhoneProbes:
    """The phone probes of one checkpoint.

    Args:
        probes: Fits by `protocol/phone/layer`.
        confusions: By layer, accuracy protocol: (phone, named phone) int64, test frames.
        moments: By `protocol/layer`: of the training frames as encoded.
    """

    probes: Probes
    confusions: dict[str, np.ndarray]
    moments: dict[str, Moments]

    @property
    def metrics(self) -> dict[str, float]:
        """What the probes read, and `balanced_accuracy/phone/<layer>` of the accuracy protocol."""
        return self.probes.metrics | {
            f"balanced_accuracy/{PHONE}/{layer}": balanced_accuracy(counts)
            for layer, counts in self.confusions.items()
        }


def run_phone_probes(
    train: PhoneCodes, test: PhoneCodes, config: ProbeConfig, seed: int, *, clip_groups: np.ndarray
) -> PhoneProbes:
    """Fit a probe of the phones to every layer under both protocols.

    All are fitted in the same passes over the utterances, so that codes that cannot be kept are
    made once a pass for all of them.

    Args:
        train: Training-split utterances.
        test: Test-split utterances.
        config: Training of the phone probe.
        seed: Every probe gets a random stream of its own from it; they share the order of
            utterances.
        clip_groups: (clip,) of the training split's clips: learning rates are compared on the
            utterances of the same groups as those of other targets.

    Raises:
        ValueError: Learning rates are compared and no utterance, or every one, is held out.

    Source:
        CPC (arXiv 1807.03748), section 3.1; settings: Smooth InfoMax, arXiv 2408.12936.
    """
    moments = train.moments()
    if config.standardise:
        train.standardise(moments)
        test.standardise(moments)
    tried: dict[str, Tried] = {}
    if config.phone.learning_rates:
        tried = _try_rates(train, list(moments), config, seed, clip_groups)
    default = config.phone.learning_rate
    rates = {key: [tried[key].chosen if key in tried else default] for key in moments}
    every = np.arange(len(train.utterances))
    maps = fit_phone_maps(train, every, rates, config.phone, seed)
    on_train = count_named(train, every, maps)
    on_test = count_named(test, np.arange(len(test.utterances)), maps)
    fits = {}
    for key in maps:
        protocol, layer = key.split("/")
        weights, biases = weight_and_bias(maps[key], protocol == ACCURACY)
        fits[f"{protocol}/{PHONE}/{layer}"] = ProbeFit(
            weights[0],
            np.zeros(weights.shape[1], weights.dtype) if biases is None else biases[0],
            overall_accuracy(on_test[key][0]),
            overall_accuracy(on_train[key][0]),
            tried.get(key),
        )
    most_frequent = next(iter(on_train.values()))[0].sum(axis=1).argmax()
    frames = next(iter(on_test.values()))[0].sum(axis=1)  # (phone,)
    chance: dict[str, float] = {PHONE: float(frames[most_frequent] / frames.sum())}
    confusions = {
        key.split("/")[1]: counts[0] for key, counts in on_test.items() if key.startswith(ACCURACY)
    }
    return PhoneProbes(Probes(fits, chance), confusions, moments)


def fit_phone_maps(
    codes: PhoneCodes, rows: np.ndarray, rates: Rates, config: PhoneProbeConfig, seed: int
) -> Maps:
    """Train linear maps of every protocol and layer in the same passes.

    Initial weights are Xavier-normal, the bias starts as PyTorch's Linear.

    Args:
        codes: The training split's.
        rows: (utterance,) which of its utterances to learn from.
        rates: What to train.
        config: Passes, and how far a step's gradient may reach.
        seed: Draws the initial weights and the order of utterances.
    """
    phones = codes.utterances.phones
    classes = len(codes.utterances.classes[PHONE])
    first = codes[int(rows[0])]
    trained = {
        key: LinearMaps(
            _starts(first[key], classes, key, len(rates[key]), seed),
            rates[key],
            config.gradient_clip,
        )
        for key in rates
    }
    random = np.random.default_rng(seed_for(seed, PHONE, "order"))
    identity = np.eye(classes, dtype=np.float32)
    for _ in range(config.epochs):
        for row in random.permutation(rows):
            one_hot = identity[phones[row]][:, None]  # (label, 1, phone)
            latents = codes[row]
            for key, maps in trained.items():
                maps.step(with_ones(latents[key], key.startswith(ACCURACY)), one_hot)
    return {key: maps.weight for key, maps in trained.items()}


def count_named(codes: PhoneCodes, rows: np.ndarray, maps: Maps) -> Counts:
    """Count which phones are named by every map over the frames of some utterances.

    Args:
        codes: Of any split.
        rows: (utterance,) which of its utterances.
        maps: What names them.
    """
    classes = len(codes.utterances.classes[PHONE])
    counts = {
        key: np.zeros((len(of_rates), classes, classes), np.int64) for key, of_rates in maps.items()
    }
    for row in rows:
        labels = codes.utterances.phones[row]
        latents = codes[row]
        for key, of_rates in maps.items():
            inputs = with_ones(latents[key], key.startswith(ACCURACY))  # (label, D)
            for number, weight in enumerate(of_rates):
                named = (inputs @ weight.T).argmax(axis=1)
                counts[key][number] += confusion(labels, named, classes)
    return counts


def _try_rates(
    codes: PhoneCodes, keys: Sequence[str], config: ProbeConfig, seed: int, clip_groups: np.ndarray
) -> dict[str, Tried]:
    """Compare the learning rates on held-out training utterances, by `protocol/layer`."""
    rates = config.phone.learning_rates
    groups = codes.utterances.groups
    fitted, held_out = split_utterances(groups, clip_groups, config.validation_fraction)
    maps = fit_phone_maps(codes, fitted, dict.fromkeys(keys, rates), config.phone, seed)
    return {
        key: Tried(rates, [overall_accuracy(one) for one in counts])
        for key, counts in count_named(codes, held_out, maps).items()
    }


def _starts(codes: np.ndarray, classes: int, key: str, maps: int, seed: int) -> np.ndarray:
    """Draw one start of weights (and bias) and repeat it: (map, phone, dim)."""
    random = np.random.default_rng(seed_for(seed, PHONE, key))
    dims = codes.shape[1]
    start = random.standard_normal((classes, dims)) * np.sqrt(2 / (dims + classes))
    if key.startswith(ACCURACY):
        bound = 1 / np.sqrt(dims)
        bias = random.uniform(-bound, bound, (classes, 1))
        start = np.concatenate([start, bias], axis=1)
    return np.repeat(start[None].astype(codes.dtype), maps, axis=0)
