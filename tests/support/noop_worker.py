"""A worker whose trainer does nothing: the entry point of tests about claims and bells."""

import sys
from pathlib import Path

from stillhouse.runtime.settings import Settings
from worker.app import make_app, run

TRAINER = (sys.executable, "-I", "-S", str(Path(__file__).with_name("noop_trainer.py")))

if __name__ == "__main__":
    settings = Settings()
    run(make_app(settings, trainer=TRAINER), settings)
