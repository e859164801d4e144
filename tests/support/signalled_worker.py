"""A worker that is signalled at a moment of its start: its name, and the signal's number."""

import os
import sys

from celery import signals

from stillhouse.runtime.settings import Settings
from worker.app import make_app, run


def main() -> None:
    moment, number = sys.argv[1], int(sys.argv[2])
    left = [number]

    def strike(**_: object) -> None:
        if left:
            os.kill(os.getpid(), left.pop())

    if moment == "before a fork":
        signals.worker_before_create_process.connect(strike, weak=False)
    elif moment == "in a fork":
        # Registered before the membership's own, which is to say: with its lock in hand.
        os.register_at_fork(after_in_parent=strike)
    elif moment == "when it is ready":
        signals.worker_ready.connect(strike, weak=False)
    else:
        raise SystemExit(f"no such moment: {moment}")
    settings = Settings()
    run(make_app(settings), settings)


main()
