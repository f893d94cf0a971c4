"""What corpora of clips of equal length share: how they are kept, opened and shown."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path

from rich.table import Table

from sim_study.data.clips import ClipsByPart
from sim_study.data.corpus import Corpus
from sim_study.data.description import Counted, Description, FileRecord, read_description
from sim_study.data.kind import CorpusKind, Settings
from sim_study.data.progress import Report


class ClipKind(CorpusKind[Settings]):
    """A corpus whose sounds fit into memory when it is made: it only has to say what they are."""

    learnt: str = "clips"
    """The form that encoders and decoders learn from; opens the names of its files."""
    labelled: str = "clips"
    """The form that probes and metrics read; may be the same."""
    drawn: str
    """The label of which the figure shows every class."""

    @abstractmethod
    def clips(self, settings: Settings, report: Report) -> ClipsByPart:
        """Return every form of both splits; the same settings give the same clips, always.

        Raises:
            UserError: Everything that is wrong with the input, at once.
        """

    def make(
        self, settings: Settings, recipe: dict[str, object], folder: Path, report: Report
    ) -> Description:
        """Write one Arrow file a form and split."""
        from sim_study.data.clip_files.corpus import content_digest, file_name, write_clips

        parts = self.clips(settings, report)
        counted = self.counted(settings, parts)
        for reason, some in counted.items():
            report(f"{self.name}: {some.count} {reason} ({', '.join(some.shown)})")
        report(f"{self.name}: writing")
        fingerprint = hashlib.sha256()
        files: dict[str, FileRecord] = {}
        classes: dict[str, tuple[str, ...]] = {}
        whole = self.with_derived(parts)
        for (form, split), clips in whole.items():
            path = folder / file_name(form, split)
            write_clips(path, clips)
            files[path.name] = FileRecord.of(path, len(clips))
            classes.update(clips.classes)
            fingerprint.update(path.name.encode() + content_digest(parts[form, split]))
        return Description(
            name=self.name,
            fingerprint=fingerprint.hexdigest(),
            recipe=recipe,
            classes=classes,
            files=files,
            counted=counted,
        )

    def with_derived(self, parts: ClipsByPart) -> ClipsByPart:
        """Return the clips with labels that follow from what they hold, in no fingerprint."""
        return parts

    def counted(self, settings: Settings, parts: ClipsByPart) -> dict[str, Counted]:
        """Return clips that are not as the others, by what is the matter with them."""
        return {}

    def open(self, description: Description, folder: Path) -> Corpus:
        """Open the folder; files are mapped when they are asked for."""
        from sim_study.data.clip_files.corpus import ClipCorpus

        return ClipCorpus(self.name, description.fingerprint, folder, self.learnt, self.labelled)

    def inspect(self, corpus: Corpus, figure: Path | None) -> Iterable[Table]:
        """Draw clips of every class; tabulate counts, levels and the balance of classes."""
        from sim_study.data.clip_files.corpus import ClipCorpus
        from sim_study.data.clip_files.figure import draw_corpus
        from sim_study.data.clip_files.tables import balance_table, counts_table

        assert isinstance(corpus, ClipCorpus)
        if figure is not None:
            draw_corpus(corpus, self.drawn, figure)
        counted = read_description(corpus.folder).counted
        return counts_table(corpus, counted), balance_table(corpus)
