"""A study under other settings than before: which trials stay, which leave, what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim_study.errors import Problem, UserError
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Member
from sim_study.naming.configurations import configuration_label
from sim_study.space.spec import Spec
from sim_study.study.plan.planned import PlannedTrial
from sim_study.study.run.allowed import Judge, Offers

NAMED_CONFIGURATIONS = 6


@dataclass(frozen=True)
class Succession:
    """What becomes of the trials that a study has had.

    Args:
        staying: Members that are not planned yet, and may be once the search is over.
        leaving: Finished members that the settings no longer allow.
        differences: Why, setting by setting: "train.epochs: 50 -> 200".
        news: What the study has not had, in words; none where all is another generation.
    """

    staying: tuple[Member, ...]
    leaving: tuple[Member, ...]
    differences: tuple[str, ...]
    news: tuple[str, ...]

    def words(self, study: str) -> str:
        """Say how many trials would leave and what differs, in lines."""
        count = len(self.leaving)
        trials = "1 finished trial" if count == 1 else f"{count} finished trials"
        return "\n  ".join([f"study {study} has {trials} of other settings:", *self.differences])

    def check(self, study: str, place: str) -> None:
        """Refuse to let finished trials leave unasked.

        Raises:
            UserError: Some would; it says what differs.
        """
        if self.leaving:
            hint = (
                "\n--set study=NAME keeps both; --replace lets these settings take the study over "
                "(no trial is deleted)"
            )
            raise UserError(Problem(place, self.words(study) + hint))


def succession(
    spec: Spec,
    ledger: Ledger,
    offers: Offers,
    before: Sequence[Member],
    planned: Sequence[PlannedTrial],
    fingerprint: str,
) -> Succession:
    """Compare a study's members with what is planned now.

    A trial stays as long as the settings allow it; whether it is among the best is the search's
    to say, and no reason to ask.

    Args:
        spec: The study as it is asked for now.
        ledger: Where its trials are.
        offers: What each arm's search can take up.
        before: The members so far.
        planned: What is planned as far as the results allow.
        fingerprint: The corpus's.
    """
    now = {(p.trial_id, p.member.arm) for p in planned}
    rest = [member for member in before if (member.trial_id, member.arm) not in now]
    judge = Judge(spec, ledger, offers, before, fingerprint)
    staying: list[Member] = []
    leaving: list[Member] = []
    for member in rest:
        if judge.allows(member):
            staying.append(member)
            continue
        result = ledger.folder(member.trial_id).result()
        if result is not None and result.status == "finished":
            leaving.append(member)
            judge.explain(member)
    news = () if leaving else tuple(_news(before, planned))
    return Succession(tuple(staying), tuple(leaving), judge.differences, news)


def _news(before: Sequence[Member], planned: Sequence[PlannedTrial]) -> Iterable[str]:
    """Say what a study with members gets that it has not had: arms, seeds, settings, stages."""
    if not before:
        return
    known = {(member.trial_id, member.arm) for member in before}
    new = [p.member for p in planned if (p.trial_id, p.member.arm) not in known]
    encoders = [member for member in new if member.stage == "encoder"]
    old_seeds = {member.seed for member in before}
    if seeds := sorted({member.seed for member in encoders} - old_seeds):
        yield ("seed " if len(seeds) == 1 else "seeds ") + ", ".join(map(str, seeds))
    had = {(member.arm, member.config_hash) for member in before}
    fresh = {(m.arm, m.config_hash): m for m in encoders if (m.arm, m.config_hash) not in had}
    if len(fresh) > NAMED_CONFIGURATIONS:
        yield f"{len(fresh)} configurations"
    else:
        yield from (configuration_label(m.arm, m.settings) for m in fresh.values())
    old_encoders = {(member.arm, member.trial_id) for member in before}
    stages = Counter(m.stage for m in new if m.source and (m.arm, m.source) in old_encoders)
    for stage, count in stages.items():
        yield f"1 {stage} trial" if count == 1 else f"{count} {stage} trials"
