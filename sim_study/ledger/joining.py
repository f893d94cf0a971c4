"""The list of a study's members, followed as it grows."""

from __future__ import annotations

from pathlib import Path

from sim_study.ledger.damage import MEMBERS_ANEW, records
from sim_study.ledger.files import GrowingLines
from sim_study.ledger.records import Member

MEMBERS_FILE = "members.jsonl"


class Joining:
    """The members of a study as they join, each read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = GrowingLines(path)

    def read(self) -> tuple[list[Member], bool]:
        """Return the members since the last call, and whether all are to be taken anew.

        Raises:
            UserError: The list is damaged.
        """
        lines, anew = self._lines.read()
        return records(Member, lines, self._path, MEMBERS_ANEW), anew
