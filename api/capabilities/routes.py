"""The endpoint of capabilities."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter, Depends

from api.auth import authenticate
from api.body_limit import MAX_BYTES
from api.capabilities.schemas import Capabilities, ServiceFeatures, ServiceLimits
from api.jobs.stream import STREAMS_OF_A_KEY
from api.patience import LONGEST_S
from api.problems import problems
from api.services import ServicesHere
from kd_core.exports.catalogue import FORMATS
from kd_core.losses.catalog import LOSSES
from stillhouse.domain.job_spec import MAX_LABELS
from stillhouse.domain.pages import MAX_LIMIT
from stillhouse.domain.uploads import MAX_PART_BYTES, MAX_PARTS
from stillhouse.domain.versions import OLDEST_CLIENT
from stillhouse.runtime.settings import Settings

router = APIRouter(
    prefix="/v1/capabilities",
    tags=["catalog"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.get("", operation_id="get_capabilities")
async def get_capabilities(services: ServicesHere) -> Capabilities:
    """Versions, formats, limits and features: what a pipeline can look at before it begins."""
    settings = services.settings
    return Capabilities(
        version=version("stillhouse"),
        oldest_client=OLDEST_CLIENT,
        formats=list(FORMATS),
        losses=list(LOSSES),
        limits=_limits(settings),
        features=ServiceFeatures(
            torch_checkpoints=settings.allow_torch_checkpoints,
            file_sources=bool(settings.data_roots),
            trash_s=settings.trash_ttl_s,
        ),
    )


def _limits(settings: Settings) -> ServiceLimits:
    return ServiceLimits(
        upload_bytes=settings.max_upload_bytes,
        part_bytes=MAX_PART_BYTES,
        parts=MAX_PARTS,
        document_bytes=MAX_BYTES,
        labels=MAX_LABELS,
        page_items=MAX_LIMIT,
        wait_s=LONGEST_S,
        streams=STREAMS_OF_A_KEY,
    )
