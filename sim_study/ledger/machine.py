"""What results and measurements say of the processor they were made on."""

from __future__ import annotations

import platform
import re
from functools import cache
from pathlib import Path


@cache
def processor_name(file: Path = Path("/proc/cpuinfo")) -> str:
    """Return this machine's processor as Linux calls it; its architecture elsewhere."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()
