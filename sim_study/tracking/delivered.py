"""What has been delivered, kept beside the study's members in mlflow.json.

The file spares work, it is not needed for correctness: whatever a crash keeps out of it is found
again in the store (see `writer.Writer.runs`).
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, PrivateAttr

from sim_study.errors import UserError
from sim_study.ledger.ledger import StudyFolder
from sim_study.tracking.names import is_configuration_key
from sim_study.tracking.store import recorded, reopened

FILE = "mlflow.json"


class DeliveredRun(BaseModel):
    """How far one run is up to date.

    Args:
        run_id: MLflow's name for the run.
        configuration: Key of its configuration's run.
        described: Whether parameters and corpus have been written.
        status: MLflow's status of the run.
        step: Last step of the curve that was delivered; -1: none.
        ended_ms: When the delivered result ended, in ms since the Unix epoch; 0: none delivered.
        result_ns: Modification time of the delivered result's file, in ns; 0: none delivered.
        stopped_ms: When the run was last marked stopped, in ms since the Unix epoch.
        numbers_hash: Content hash of the delivered numbers over seeds; configurations only.
    """

    run_id: str
    configuration: str = ""
    described: bool = False
    status: str = "RUNNING"
    step: int = -1
    ended_ms: int = 0
    result_ns: int = 0
    stopped_ms: int = 0
    numbers_hash: str = Field("", alias="summary")


class DeliveredRuns(BaseModel):
    """All runs of a study in one store.

    Args:
        uri: The store, without password; in the file, one of the output folder is addressed from
            there, so that a moved or copied folder means its own.
        experiment_id: The study's experiment.
        page: How the experiment's page opens, as delivered.
        runs: Runs by key.
    """

    uri: str = ""
    experiment_id: str = ""
    page: str = Field("", alias="view")
    runs: dict[str, DeliveredRun] = Field(default_factory=dict)
    _saved: str = PrivateAttr("")

    @classmethod
    def load(cls, folder: StudyFolder, uri: str, output: Path) -> DeliveredRuns:
        """Read the records of `uri`; records of another store do not count."""
        uri = reopened(recorded(uri, output), output)
        latest = cls.latest(folder, output)
        return latest if latest.uri == uri else cls(uri=uri)

    @classmethod
    def latest(cls, folder: StudyFolder, output: Path) -> DeliveredRuns:
        """Read the records of the store that was last delivered to; empty when there are none.

        Records that cannot be read count as none: the store itself is asked then.
        """
        try:
            content = folder.read(FILE)
            found = cls() if content is None else cls.model_validate(content)
        except (ValueError, UserError):
            return cls()
        found.uri = reopened(found.uri, output)
        return found

    def save(self, folder: StudyFolder, output: Path) -> None:
        """Write the records, atomically, when they have changed."""
        kept = self.model_copy(update={"uri": recorded(self.uri, output)})
        content = kept.model_dump_json(by_alias=True)
        if content != self._saved:
            folder.write_text(FILE, content)
            self._saved = content

    @property
    def configuration_runs(self) -> list[str]:
        """Run ids of the configurations."""
        return [done.run_id for key, done in self.runs.items() if is_configuration_key(key)]

    def adopt(self, experiment_id: str, known: dict[str, DeliveredRun]) -> None:
        """Bring the records into line with the runs that the store really holds.

        Args:
            experiment_id: The study's experiment.
            known: Runs by key, with the status and the last step that the store has.
        """
        for key, found in known.items():
            ours = self.runs.get(key)
            if ours is not None and ours.run_id == found.run_id:
                ours.status = found.status
                ours.configuration = found.configuration
                ours.step = max(ours.step, found.step)
                known[key] = ours
        self.experiment_id = experiment_id
        self.runs = known
