"""The API process: `uvicorn api.main:create_app --factory`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import APIRouter, FastAPI

from api import errors, once, surroundings, tags
from api.artifacts import links, report
from api.artifacts import routes as artifacts
from api.body_limit import BodyLimit
from api.capabilities import routes as capabilities
from api.catalog import routes as catalog
from api.dashboard.build import read_build
from api.dashboard.serving import Dashboard
from api.datasets import routes as datasets
from api.document.openapi import DocumentedApi
from api.doorbell import Doorbell
from api.health import routes as health
from api.jobs import descendants, logs, records, upkeep, verbs
from api.jobs import routes as jobs
from api.keys import routes as keys
from api.keys import sign_in
from api.leaving import told_to_leave
from api.models import routes as models
from api.problems import problems
from api.request_log import RequestLog
from api.services import Services
from api.system import routes as system
from api.uploads import routes as uploads
from api.waiting import Watch
from stillhouse.runtime.logging import configure_logging
from stillhouse.runtime.settings import Settings
from stillhouse.store import DirectoryBlobs, Glances, create_engine, is_current, session_factory

ROUTERS: tuple[APIRouter, ...] = (
    jobs.router,
    jobs.polled,
    records.router,
    logs.router,
    verbs.router,
    descendants.router,
    upkeep.router,
    artifacts.router,
    report.router,
    links.router,
    uploads.router,
    models.router,
    datasets.router,
    keys.router,
    sign_in.router,
    catalog.router,
    capabilities.router,
    system.router,
    health.router,
)
DESCRIPTION = """Distillation as a service: bring a teacher and data, get a small student to ship.

Every error is `application/problem+json`; decide by its `code`. Times are UTC. What is not a number
is null. Lists are newest first and go on at `next_cursor`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Without settings this is the entry point of a process: they come from the environment."""
    if settings is None:
        settings = Settings()
        configure_logging(settings)
        _take_over_the_servers_log()
    engine = create_engine(settings.database)
    sessions = session_factory(engine)
    doorbell = Doorbell(settings, sessions)
    watch = Watch(sessions)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with told_to_leave(watch.close):
            yield
        watch.close()
        doorbell.close()
        engine.dispose()

    app = DocumentedApi(
        title="Stillhouse",
        version=version("stillhouse"),
        description=DESCRIPTION,
        docs_url=None,  # both pages would fetch their scripts from somebody else's server
        redoc_url=None,
        redirect_slashes=False,
        root_path=settings.root_path,
        lifespan=lifespan,
        responses=problems(),
    )
    app.state.services = Services(
        settings=settings,
        sessions=sessions,
        glances=Glances(engine),
        blobs=DirectoryBlobs(settings.blobs),
        doorbell=doorbell,
        watch=watch,
        streams=Counter(),
        database_is_current=partial(is_current, engine),
    )
    for router in ROUTERS:
        app.include_router(router)
    app.state.routes = [route for router in ROUTERS for route in router.routes]
    app.router.default = Dashboard(read_build(settings.dashboard_dir), app.router.default)
    app.add_middleware(RequestLog)
    app.add_middleware(BodyLimit)  # outside: a line in the log waits for nobody who still sends
    errors.install(app)
    tags.install(app)
    once.install(app)
    surroundings.install(app, settings)
    return app


def _take_over_the_servers_log() -> None:
    """Uvicorn has set up its own by now; one process has one format, and one line a request."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
