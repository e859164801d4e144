"""Endpoints for probes; no key is needed."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.health.schemas import Liveness, Readiness
from api.health.service import Checks
from api.services import ServicesHere

router = APIRouter(tags=["health"])
UNAVAILABLE = 503
CHECKS = Checks()


@router.get("/livez", operation_id="get_liveness")
async def get_liveness() -> Liveness:
    """The process runs: restart it when this does not answer."""
    return Liveness(status="ok")


@router.get(
    "/readyz",
    operation_id="get_readiness",
    responses={UNAVAILABLE: {"model": Readiness, "description": "One of the checks failed."}},
)
async def get_readiness(services: ServicesHere, response: Response) -> Readiness:
    """The process can do its work: send it requests only while this is 200."""
    results = await CHECKS.run(services)
    ready = all(result.ok for result in results.values())
    response.status_code = 200 if ready else UNAVAILABLE
    return Readiness(status="ok" if ready else "unavailable", checks=results)
