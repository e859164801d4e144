"""The processes that do the work: a Celery worker that supervises trainers, and the reconciler."""

import os

# Read by Celery's pool when it is first imported: what a service manager sends to everybody must
# reach the main process as the order to drain, and must not kill the supervisors under it.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
