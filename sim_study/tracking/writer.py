"""The only file that talks to MLflow: explicit run ids, batched writes, nothing global."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    Run,
    RunTag,
    ViewType,
)

from sim_study.ledger.records import Point
from sim_study.tracking.delivered import DeliveredRun
from sim_study.tracking.experiment_page import VIEW_TAG
from sim_study.tracking.locations import folder_of, location_of, make_portable
from sim_study.tracking.names import StudyDescription, configuration_of, key_of, study_tags
from sim_study.tracking.store import artifact_folder, check_answers, own_file

METRICS_A_CALL = 1000
PARAMS_A_CALL = 100
DIGEST_LENGTH = 36  # of a dataset, by MLflow's schema
NOTE = "mlflow.note.content"


class Writer:
    """One study's experiment in one tracking store.

    Args:
        uri: The tracking store.
        study: The study's name; the experiment's too.
        description: What the experiment page says.
        output: The output folder; nothing is written outside it.

    Raises:
        OSError: The store does not answer.
        mlflow.MlflowException: The store refuses.
    """

    def __init__(self, uri: str, study: str, description: StudyDescription, output: Path) -> None:
        check_answers(uri)
        self._client = MlflowClient(tracking_uri=uri)
        self._description = description
        self._artifacts = artifact_folder(uri, output)
        self.experiment_id = self._experiment(study)
        if store := own_file(uri, output):
            make_portable(store)
        self._location = self._client.get_experiment(self.experiment_id).artifact_location
        for key, value in experiment_tags(study, description).items():
            self._client.set_experiment_tag(self.experiment_id, key, value)

    def _experiment(self, study: str) -> str:
        found = self._client.get_experiment_by_name(study)
        if found is None:
            location = None if self._artifacts is None else location_of(study)
            return str(self._client.create_experiment(study, artifact_location=location))
        if found.lifecycle_stage == "deleted":  # the study goes on, so its experiment comes back
            self._client.restore_experiment(found.experiment_id)
        return str(found.experiment_id)

    def page(self, state: str) -> None:
        """Set how the experiment's page can open."""
        self._client.set_experiment_tag(self.experiment_id, VIEW_TAG, state)

    def answers(self) -> bool:
        """Whether the store can be reached."""
        try:
            self._client.get_experiment(self.experiment_id)
        except Exception:  # whatever the store's driver raises
            return False
        return True

    def runs(self) -> dict[str, DeliveredRun]:
        """Return every run of the experiment that is one of ours, by key."""
        found: dict[str, DeliveredRun] = {}
        token: str | None = None
        while True:
            page = self._client.search_runs(
                [self.experiment_id],
                run_view_type=ViewType.ACTIVE_ONLY,
                order_by=["attributes.start_time ASC"],
                max_results=1000,
                page_token=token,
            )
            for run in page:
                key = key_of(run.data.tags)
                if key is not None:
                    found.setdefault(key, _delivered(run))
            token = page.token
            if not token:
                return found

    def create(self, name: str, tags: Mapping[str, str], began_ms: int) -> str:
        """Open a run that began at `began_ms` (ms since the Unix epoch) and return its id.

        The tags are part of the same write, so that after a crash the run is found by them.
        """
        run = self._client.create_run(
            self.experiment_id, start_time=began_ms, run_name=name, tags=dict(tags)
        )
        return str(run.info.run_id)

    def describe(self, run_id: str, params: Mapping[str, str]) -> None:
        """Write parameters and the corpus; writing the same ones again is harmless."""
        self._client.log_inputs(run_id, datasets=[_corpus(self._description)])
        rows = [Param(key, value) for key, value in params.items()]
        for start in range(0, len(rows), PARAMS_A_CALL):
            self._client.log_batch(run_id, params=rows[start : start + PARAMS_A_CALL])

    def points(self, run_id: str, points: Iterable[Point]) -> None:
        """Write a curve's points, in order; a point is never split over two calls."""
        batch: list[Metric] = []
        for point in points:
            rows = [
                Metric(key, value, point.time_ms, point.step)
                for key, value in point.metrics.items()
            ]
            if batch and len(batch) + len(rows) > METRICS_A_CALL:
                self._client.log_batch(run_id, metrics=batch)
                batch = []
            batch += rows
        for start in range(0, len(batch), METRICS_A_CALL):
            self._client.log_batch(run_id, metrics=batch[start : start + METRICS_A_CALL])

    def tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self._client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])

    def untag(self, run_id: str, keys: Iterable[str]) -> None:
        """Remove those of the tags that the run has."""
        present = self._client.get_run(run_id).data.tags
        for key in keys:
            if key in present:
                self._client.delete_tag(run_id, key)

    def status(self, run_id: str, status: str, ended_ms: int) -> None:
        """Set a run's status; `ended_ms` counts unless it is RUNNING."""
        if status == "RUNNING":
            self._client.update_run(run_id, status=status)
        else:
            self._client.set_terminated(run_id, status=status, end_time=ended_ms)

    def upload(self, run_id: str, folder: Path, path: str | None = None) -> None:
        """Copy everything in `folder` to the run's artifacts, under `path`; absent is empty.

        Raises:
            UserError: The experiment keeps its artifacts outside the output folder.
        """
        if not folder.is_dir() or not any(folder.iterdir()):
            return
        kept = None if self._artifacts is None else folder_of(self._location, self._artifacts)
        if kept is None:
            self._client.log_artifacts(run_id, str(folder), path)
            return
        into = kept / run_id / "artifacts" / (path or "")
        shutil.copytree(folder, into, dirs_exist_ok=True, copy_function=shutil.copyfile)

    def delete(self, run_id: str) -> None:
        """Move a run to MLflow's bin."""
        self._client.delete_run(run_id)


def experiment_tags(study: str, description: StudyDescription) -> dict[str, str]:
    """Tags of the experiment; the note is what its page shows on top."""
    corpus = f"{description.corpus_name} (`{description.corpus_fingerprint}`)"
    return {
        NOTE: f"**{description.question}**\n\nCorpus: {corpus}",
        "mlflow.experimentKind": "custom_model_development",
        **study_tags(study, description),
    }


def _corpus(description: StudyDescription) -> DatasetInput:
    dataset = Dataset(
        name=description.corpus_name,
        digest=description.corpus_fingerprint[:DIGEST_LENGTH],
        source_type="local",
        source=json.dumps({"uri": description.corpus_source}),
    )
    return DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])


def _delivered(run: Run) -> DeliveredRun:
    """What the store knows of a run: each metric's latest value carries its step."""
    # to_dictionary() would lose the steps, and a history call a run is slow
    steps = [metric.step for metric in run.data._metric_objs]
    return DeliveredRun(
        run_id=run.info.run_id,
        status=run.info.status,
        configuration=configuration_of(run.data.tags),
        step=max(steps, default=-1),
        stopped_ms=(run.info.end_time or 0) if run.info.status == "KILLED" else 0,
    )
