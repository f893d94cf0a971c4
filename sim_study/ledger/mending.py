"""Lists that a crash has torn: the line that was being written is taken out again."""

from __future__ import annotations

import json

from sim_study.ledger.damage import torn_words
from sim_study.ledger.files import read_lines, write_text
from sim_study.ledger.joining import MEMBERS_FILE
from sim_study.ledger.ledger import PROPOSALS_FILE, StudyFolder


def mend(folder: StudyFolder) -> list[str]:
    """Take torn lines out of a study's members and proposals; what they said is planned again.

    To be called by whoever holds the study.

    Returns:
        A sentence for each list that was mended.
    """
    mended = []
    for path in (folder.path / MEMBERS_FILE, folder.path / PROPOSALS_FILE):
        lines, torn = read_lines(path)
        if not path.exists() or (lines and not torn):
            continue
        if lines:
            write_text(path, "".join(f"{json.dumps(line)}\n" for line in lines))
        else:
            path.unlink()
        mended.append(f"{path}: {torn_words(torn) if torn else 'it was empty'}; mended")
    return mended
