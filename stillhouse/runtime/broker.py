"""The Celery app, the same for those who ring and those who answer. A message is only a doorbell:
it carries an id, is acknowledged at once, and may be lost, doubled or late without harm.
"""

from __future__ import annotations

from celery import Celery

from stillhouse.runtime.settings import Settings

# Task names are contracts between processes of different versions.
JOB_BELL = "job.ring"
CHECK_BELL = "check.ring"
QUEUES = ("gpu", "cpu", "io")
ANSWERED_BY = {"any": ("cpu", "gpu")}
"""Who hears a bell for work that any worker can do; the others come to an empty queue."""


def make_celery(settings: Settings) -> Celery:
    """Why each setting has its value: docs/jobs-and-leases.md."""
    app = Celery("stillhouse", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_acks_late=False,
        task_reject_on_worker_lost=False,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
            # Whoever rings has a user waiting; the reconciler has the patience.
            "max_retries": 1,
            "interval_start": 0,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "retry_on_timeout": True,
        },
    )
    return app


def ring(app: Celery, bell: str, subject: str, queue: str) -> None:
    """Ring; a broker that does not answer is no harm, the reconciler rings again.

    Raises kombu's OperationalError when the broker is away: whoever rings decides what to say.
    """
    for name in ANSWERED_BY.get(queue, (queue,)):
        app.send_task(bell, args=[subject], queue=name, ignore_result=True, retry=False)


def waiting(app: Celery, queue: str) -> int:
    """How many bells nobody has heard yet; raises OperationalError as `ring` does."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        lengths = [
            channel.queue_declare(name, passive=False).message_count
            for name in ANSWERED_BY.get(queue, (queue,))
        ]
        return max(map(int, lengths))
