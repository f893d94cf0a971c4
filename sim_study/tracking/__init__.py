"""MLflow as a projection of the ledger: the ledger is the truth, MLflow shows it.

Trials write plain files and never talk to MLflow. The driver brings MLflow up to date, again and
again, idempotently; a tracking server that is down costs no trial and no data point.

Importing this room sets MLflow's environment, before MLflow itself is imported: telemetry off, no
log handlers of its own, quick failure instead of minutes of retries (a later pass tries again).
"""

import logging
import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ.setdefault("MLFLOW_CONFIGURE_LOGGING", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

for _name in ("alembic", "mlflow"):
    logging.getLogger(_name).setLevel(logging.WARNING)
