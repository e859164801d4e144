"""A trainer that begins, hears no signal but SIGKILL, and never ends by itself."""

import json
import os
import signal
import sys
import time

STARTED = {"name": "deaf", "fingerprint": "0", "device": "cpu", "threads": 1}


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    descriptor = int(sys.argv[sys.argv.index("--events-fd") + 1])
    event = {"type": "job.started", "at": "2027-01-01T00:00:00.000Z", "data": STARTED}
    os.write(descriptor, json.dumps(event).encode() + b"\n")
    while True:
        time.sleep(1000)


main()
