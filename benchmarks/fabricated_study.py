"""A study whose true differences are known, in memory: values drawn, nothing trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from analysis.read.runs import Run
from analysis.read.study import StudyRecord
from sim_study.config.primary import Matters, PrimaryTest, with_matters
from sim_study.ledger.ledger import TrialFolder
from sim_study.ledger.records import Member, Result, Role, Settings
from sim_study.ledger.study_facts import ObjectiveFact, StudyFacts

LAYERS = ("module_0", "module_1", "module_2", "context")
SPREAD = {"accuracy": 0.05, "alignment": 0.1}
"""Standard deviation over seeds of a paired difference: of accuracies as measured on a finished
study with converged probes; of alignments as wide beside what matters."""

CHANCE = {"vowel": 1 / 3, "syllable": 1 / 9}
PLACES = tuple(
    f"{name}/{layer}"
    for name in (
        *(f"{quantity}/{of}" for quantity in ("accuracy", "accuracy_sampled") for of in CHANCE),
        *(f"{name}_alignment" for name in ("dci_disentanglement", "dci_completeness")),
        *(f"{name}_alignment/mean" for name in ("mig", "sap", "hoyer")),
    )
    for layer in LAYERS
)
OBJECTIVE = "online/vowel/mean"
TESTS = (
    "accuracy, vowel, context, sim - gim",
    "accuracy, vowel, module 2, sim - gim",
    "dci_disentanglement_alignment, context, sim - gim",
    "dci_disentanglement_alignment, module 2, sim - gim",
)
"""The default tests, and the places that they are about, in the same order."""
TESTED = tuple("/".join(filter(None, PrimaryTest.model_validate(one).place)) for one in TESTS)
VOWELS = tuple(place for place in PLACES if place.startswith("accuracy/vowel"))
"""What the objective is the mean of."""

_FACTS = StudyFacts(
    name="fabricated",
    objective=(ObjectiveFact(metric=OBJECTIVE),),
    tests=with_matters([PrimaryTest.model_validate(one) for one in TESTS], Matters()),
)


@dataclass(frozen=True)
class Design:
    """What a fabricated study is like.

    Args:
        search: Number of seeds that every configuration has.
        confirm: Number of fresh seeds that the winners have besides.
        settings: Configurations of arm sim; arm gim has one.
        pairing: Correlation of the two arms' values over seeds.
        shared: Share of an encoder's own variance that all its places have in common.
        effects: True sim - gim by place; 0 where none is named.
        places: What is measured.
    """

    search: int
    confirm: int = 0
    settings: int = 1
    pairing: float = 0.2
    shared: float = 0.5
    effects: Mapping[str, float] = field(default_factory=dict)
    places: tuple[str, ...] = field(default_factory=lambda: (*VOWELS, *TESTED[2:]))


def spread_of(place: str) -> float:
    """Standard deviation over seeds of the paired difference at a place."""
    return SPREAD["accuracy" if place.startswith("accuracy") else "alignment"]


def fabricated_study(design: Design, random: np.random.Generator) -> StudyRecord:
    """Draw a study; what the analysis reads of a ledger, it reads of this.

    The objective is the mean of vowel accuracy over layers with some noise of its own, so that
    choosing by it flatters what is tested.
    """
    seeds = range(1, 1 + design.search + design.confirm)
    places = design.places
    common = random.normal(size=(len(seeds), len(places)))  # (seed, place)
    sides: list[tuple[str, int, Mapping[str, float]]] = [("gim", 0, {})]
    sides += [("sim", number, design.effects) for number in range(design.settings)]
    values = [_values(design, common, effects, random) for _, _, effects in sides]
    vowels = [number for number, place in enumerate(places) if place in VOWELS]
    online = [of[:, vowels].mean(axis=1) + random.normal(0, 0.01, len(seeds)) for of in values]
    searched = slice(0, design.search)
    best = max(range(1, len(sides)), key=lambda side: float(online[side][searched].mean()))
    runs: list[Run] = []
    for side, (arm, number, _) in enumerate(sides):
        for row, seed in enumerate(seeds):
            role: Role = "search" if row < design.search else "confirm"
            if role == "search" or side in (0, best):
                metrics = dict(zip(places, values[side][row].tolist(), strict=True))
                metrics |= {f"chance/{of}/all": chance for of, chance in CHANCE.items()}
                metrics[OBJECTIVE] = float(online[side][row])
                runs.append(_run(arm, number, seed, role, metrics))
    chosen = {"gim": "gim0", "sim": f"sim{sides[best][1]}"}
    return StudyRecord("fabricated", _FACTS.model_copy(update={"best": chosen}), tuple(runs))


def _values(
    design: Design,
    common: np.ndarray,
    effects: Mapping[str, float],
    random: np.random.Generator,
) -> np.ndarray:
    """(seed, place) values of one configuration; the paired difference has the spread of `SPREAD`.

    Each place of an encoder varies with the seed as in the other arm, with its encoder as at all
    other places, and by itself.
    """
    encoder = random.normal(size=(len(common), 1))
    own = random.normal(size=common.shape)
    apart = math.sqrt(design.shared) * encoder + math.sqrt(1 - design.shared) * own
    mixed = math.sqrt(design.pairing) * common + math.sqrt(1 - design.pairing) * apart
    spread = np.array([spread_of(place) for place in design.places]) / math.sqrt(
        2 * (1 - design.pairing)
    )
    effect = np.array([effects.get(place, 0.0) for place in design.places])
    return 0.5 + effect + spread * mixed


def _run(arm: str, number: int, seed: int, role: Role, metrics: Mapping[str, float]) -> Run:
    settings: Settings = {"objective.kld_weight": 10.0 ** -(number + 2)} if arm == "sim" else {}
    member = Member.model_construct(
        trial_id=f"{arm}{number}.{seed}",
        arm=arm,
        number=number,
        config_hash=f"{arm}{number}",
        stage="encoder",
        seed=seed,
        role=role,
        source=None,
        settings=settings,
    )
    result = Result.model_construct(status="finished", metrics=dict(metrics))
    return Run(member, member, None, None, result, TrialFolder(Path("nowhere")))


def true_effects(tests: Sequence[float]) -> dict[str, float]:
    """True differences at the places of the four tests, in their order."""
    return dict(zip(TESTED, tests, strict=True))
