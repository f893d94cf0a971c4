"""A study's trials as the ledger holds them, each beside the encoder it examines."""

from __future__ import annotations

from dataclasses import dataclass

from sim_study.config.trial import EncoderConfig, Trial
from sim_study.errors import Problem, UserError, near_miss
from sim_study.ledger.ledger import Ledger, TrialFolder
from sim_study.ledger.records import Member, Result


@dataclass(frozen=True)
class Run:
    """One trial of a study.

    Args:
        member: Its place in the study.
        encoder: The encoder it examines; for an encoder itself, `member` again. Arm, seed and
            role of a downstream trial are those of its encoder.
        trial: What it is; None when it has not begun.
        encoder_config: The encoder's resolved configuration; None when that has not begun.
        result: How it ended; None while it has not.
        folder: Where it lives.
    """

    member: Member
    encoder: Member
    trial: Trial | None
    encoder_config: EncoderConfig | None
    result: Result | None
    folder: TrialFolder

    @property
    def key(self) -> tuple[str, str]:
        """What its configuration is found by: the encoder's arm and configuration hash."""
        return self.encoder.arm, self.encoder.config_hash

    @property
    def status(self) -> str:
        """finished, diverged, failed, unfinished (begun, not ended) or waiting (not begun)."""
        if self.result is not None:
            return self.result.status
        return "waiting" if self.trial is None else "unfinished"

    @property
    def method(self) -> str:
        """The encoder's method; the arm's name until that is known."""
        return self.encoder_config.method if self.encoder_config else self.encoder.arm


def read_runs(ledger: Ledger, study: str) -> list[Run]:
    """Read every trial of a study, in order of joining; each of its files is opened once.

    Raises:
        UserError: When there is no such study; names those there are.
    """
    known = ledger.studies()
    if study not in known:
        there = f"known studies: {', '.join(known)}" if known else "no study has begun there"
        near = near_miss(study, known)
        hint = f"{near} ({there})" if near else there
        raise UserError(Problem(str(ledger.output), "no such study", "study", study, hint))
    members = ledger.study(study).members()
    encoders = {
        (member.arm, member.trial_id): member for member in members if member.stage == "encoder"
    }
    folders = {member.trial_id: ledger.folder(member.trial_id) for member in members}
    results = {name: folder.result() for name, folder in folders.items()}
    sources = {member.source: ledger.folder(member.source) for member in members if member.source}
    trials = {name: _trial(folder) for name, folder in (folders | sources).items()}
    runs = []
    for member in members:
        source = member.source or member.trial_id
        encoder_trial = trials[source]
        config = encoder_trial.config if encoder_trial else None
        runs.append(
            Run(
                member=member,
                encoder=encoders.get((member.arm, source), member),
                trial=trials[member.trial_id],
                encoder_config=config if isinstance(config, EncoderConfig) else None,
                result=results[member.trial_id],
                folder=folders[member.trial_id],
            )
        )
    return runs


def _trial(folder: TrialFolder) -> Trial | None:
    return folder.trial() if (folder.path / "trial.json").exists() else None
