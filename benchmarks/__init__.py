"""What is fast, measured against a plain reference and the machine's limit in the same run."""

import os

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler says nothing of its own doings
