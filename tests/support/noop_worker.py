"""A worker whose trainer does nothing, or is deaf: for tests about claims, bells and ends."""

import sys
from pathlib import Path

from stillhouse.runtime.settings import Settings
from worker.app import make_app, run

TRAINERS = {"noop": "noop_trainer.py", "deaf": "deaf_trainer.py"}

if __name__ == "__main__":
    trainer = Path(__file__).with_name(TRAINERS[(sys.argv[1:] or ["noop"])[0]])
    settings = Settings()
    run(make_app(settings, trainer=(sys.executable, "-I", "-S", str(trainer))), settings)
