"""The engine room: what runs when. The only importer of ray and optuna.

Ray reads these settings when it is imported, so they stand here, before anything else of the room.
"""

import os

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AUTH_MODE", "token")  # Ray listens on all interfaces
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("TUNE_DISABLE_SIGINT_HANDLER", "1")  # the engine has its own
os.environ.setdefault("TUNE_GLOBAL_CHECKPOINT_S", "1000000")  # the ledger is the state
