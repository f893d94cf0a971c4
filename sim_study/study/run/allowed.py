"""What the settings of a study allow of the trials it has had, and why not the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from pydantic import BaseModel

from sim_study.config.decoder import DecoderConfig
from sim_study.config.trial import EncoderConfig
from sim_study.errors import UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member
from sim_study.space.dimension import Value
from sim_study.space.resolve import resolve
from sim_study.space.spec import Spec
from sim_study.study.plan.arm_search import Proposal
from sim_study.study.plan.planned import examinations, replicates, showings
from sim_study.tracking.names import flatten

Offers = Mapping[str, Sequence[Mapping[str, Value]]]
"""By arm, all settings that its search can take up: a grid's, or those drawn so far."""

GONE = "no more"


class Judge:
    """Knows what the settings allow, and collects why they do not allow the rest.

    Args:
        spec: The study as it is asked for now.
        ledger: Where its trials are.
        offers: What each arm's search can take up.
        before: The members so far.
        fingerprint: The corpus's.
    """

    def __init__(
        self,
        spec: Spec,
        ledger: Ledger,
        offers: Offers,
        before: Sequence[Member],
        fingerprint: str,
    ) -> None:
        self._spec = spec
        self._ledger = ledger
        self._offers = offers
        self._before = before
        self._fingerprint = fingerprint
        self._seeds = {*spec.seeds.search, *spec.seeds.confirm}
        self._wanted: dict[tuple[str, str], set[str]] = {}
        self._changes: dict[str, dict[str, set[str]]] = {}

    @property
    def differences(self) -> tuple[str, ...]:
        """What differs, a line for each setting."""
        return tuple(
            f"{key}: {', '.join(sorted(olds, key=_by_number))} -> {new}"
            for key, changes in sorted(self._changes.items())
            for new, olds in changes.items()
        )

    def allows(self, member: Member) -> bool:
        """Whether the study, as it is asked for now, may come to this trial."""
        examines = member.stage in ("probe", "metrics")
        crowded = examines and member.role == "search" and member.arm in self._crowded
        return not crowded and member.trial_id in self._trials_of(member)

    def explain(self, member: Member) -> None:
        """Note why a trial is not allowed."""
        if not self._encoder_stays(member):
            self._explain_encoder(member)
        elif member.stage in ("probe", "metrics") and member.arm in self._crowded:
            count, top = self._crowded[member.arm], self._spec.downstream.top
            self._note("downstream.top", str(count), str(top))
        else:
            self._explain_examination(member)

    def _trials_of(self, member: Member) -> set[str]:
        """Trials that the settings allow on the encoder of a member, itself included."""
        source = member.source or member.trial_id
        if (member.arm, source) not in self._wanted:
            self._wanted[member.arm, source] = self._allowed(member, source)
        return self._wanted[member.arm, source]

    def _encoder_stays(self, member: Member) -> bool:
        return bool(self._trials_of(member))

    def _allowed(self, member: Member, source: str) -> set[str]:
        settings = _plain(member)
        offered = settings in self._offers.get(member.arm, ())
        if not offered or member.seed not in self._seeds:
            return set()
        config = resolve(self._spec, member.arm, settings, "")
        proposal = Proposal(member.number, settings, config)
        arms, seeds = list(self._spec.arms), [member.seed]
        (encoder,) = replicates("search", arms, member.arm, proposal, 0, seeds, self._fingerprint)
        if encoder.trial_id != source:
            return set()
        downstream = self._spec.downstream
        after = (*examinations(encoder, downstream), *showings(encoder, downstream))
        return {source, *(planned.trial_id for planned in after)}

    @cached_property
    def _crowded(self) -> dict[str, int]:
        """Arms of which more configurations have been examined than shall be, and how many."""
        top = self._spec.downstream.top
        if top == "all" or len(self._spec.search.objectives) > 1:  # a front is of any size
            return {}
        examined = {
            (member.arm, member.config_hash)
            for member in self._before
            if member.stage == "probe" and member.role == "search"
        }
        counts = Counter(arm for arm, _ in examined)
        return {arm: count for arm, count in counts.items() if count > top}

    def _explain_encoder(self, member: Member) -> None:
        spec, arm, settings = self._spec, member.arm, _plain(member)
        if arm not in spec.arms:
            return self._note("arms", arm, GONE)
        if member.seed not in self._seeds:
            self._note("seeds", str(member.seed), GONE)
        searched = spec.dimensions_of(arm)
        offers = self._offers[arm]
        for key, value in settings.items():
            if key not in searched:
                self._note(f"space.{key}", str(value), "not searched")
            elif offers and all(offer.get(key) != value for offer in offers):
                self._note(f"space.{key}", str(value), GONE)
        trial = self._ledger.folder(member.source or member.trial_id).trial()
        if trial.corpus_fingerprint != self._fingerprint:
            self._note("corpus", trial.corpus_fingerprint[:12], self._fingerprint[:12])
        try:
            kept = {key: value for key, value in settings.items() if key in searched}
            config = resolve(spec, arm, kept, "")
        except UserError:  # settings of before may not fit what is fixed now
            return None
        assert isinstance(trial.config, EncoderConfig)
        left_out = set(settings) - set(kept)
        self._compare(trial.config.canonical(), config.canonical(), "", left_out)
        if not self._changes:
            drawn = bool(searched) and spec.search.algorithm != "grid"
            self._note("search" if drawn else "version", "as it was", "of another kind")
        return None

    def _explain_examination(self, member: Member) -> None:
        old = self._ledger.folder(member.trial_id).trial()
        key = f"downstream.{member.stage}"
        if isinstance(old.config, DecoderConfig):
            module, loss = old.config.module, old.config.loss
            decoders = self._spec.downstream.decoders
            new = next((d for d in decoders if (d.module, d.loss) == (module, loss)), None)
            if new is None:
                return self._note("downstream.decoders", f"module {module} {loss}", GONE)
            return self._compare(old.config, new, "downstream.decoders")
        config: BaseModel | None = getattr(self._spec.downstream, member.stage)
        if config is None:
            return self._note(key, "there", GONE)
        return self._compare(old.config, config, key)

    def _compare(
        self, old: BaseModel, new: BaseModel, prefix: str, left_out: Iterable[str] = ()
    ) -> None:
        olds, news = flatten(old, prefix), flatten(new, prefix)
        for key in (olds.keys() | news.keys()) - set(left_out):
            if olds.get(key) != news.get(key):
                self._note(key, olds.get(key, GONE), news.get(key, GONE))

    def _note(self, key: str, old: str, new: str) -> None:
        self._changes.setdefault(key, {}).setdefault(new, set()).add(old)


def _plain(member: Member) -> dict[str, Value]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in member.settings.items()}


def _by_number(text: str) -> tuple[float, str]:
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text
