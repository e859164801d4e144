r"""A student distilled by a client that nobody wrote: it is generated from /openapi.json.

    curl "$STILLHOUSE_URL/openapi.json" > openapi.json
    openapi-python-client generate --path openapi.json --config examples/generated_client.yml \
        --meta none --output-path stillhouse_client
    STILLHOUSE_URL=... STILLHOUSE_API_KEY=sh_live_... python generated_client.py shelf.zip

takes a data set of yours to a bundle: upload, data set, job, verdict, download. `still` does the
same, and goes on where it was cut off.
"""

import hashlib
import io
import os
import sys
import time
from pathlib import Path
from typing import TypeVar

from httpx import Timeout
from stillhouse_client import AuthenticatedClient
from stillhouse_client.api.artifacts import get_job_bundle
from stillhouse_client.api.datasets import create_dataset, get_dataset
from stillhouse_client.api.jobs import create_job, get_verdict
from stillhouse_client.api.uploads import complete_upload, create_upload, put_upload_part
from stillhouse_client.models import (
    CheckState,
    Dataset,
    Job,
    JobData,
    JobSpec,
    JobSpecLossName,
    JobStudent,
    JobTeacher,
    JobVerdict,
    NewDataset,
    NewUpload,
    NewUploadKind,
    Problem,
    Recipe,
    Upload,
    UploadPart,
    UploadState,
)
from stillhouse_client.types import File

NETWORK = "test_efficientnet"  # small enough to see it work; take another one for a result
PATIENCE_S = 300
Answer = TypeVar("Answer")


def expected(kind: type[Answer], answer: object) -> Answer:
    if isinstance(answer, Problem):
        sys.exit(f"{answer.code}: {answer.detail}\n  {answer.hint}")
    if not isinstance(answer, kind):
        sys.exit(f"expected a {kind.__name__}, got {answer!r}")
    return answer


def uploaded(client: AuthenticatedClient, path: Path) -> Upload:
    content = path.read_bytes()
    new = NewUpload(
        kind=NewUploadKind.DATASET,
        filename=path.name,
        bytes_=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    upload = expected(Upload, create_upload.sync(client=client, body=new))
    if upload.state is UploadState.COMPLETE:  # these very bytes are there already
        return upload
    for number in range(1, upload.parts_expected + 1):
        part = content[(number - 1) * upload.part_size : number * upload.part_size]
        sent = put_upload_part.sync(upload.id, number, client=client, body=File(io.BytesIO(part)))
        expected(UploadPart, sent)
    return expected(Upload, complete_upload.sync(upload.id, client=client))


def checked(client: AuthenticatedClient, upload: Upload) -> str:
    """The reference of the data set, once a worker has looked at it."""
    new = NewDataset(upload=upload.id, name=upload.filename)
    dataset = expected(Dataset, create_dataset.sync(client=client, body=new))
    deadline = time.monotonic() + PATIENCE_S
    while dataset.versions[0].state is CheckState.CHECKING:
        if time.monotonic() > deadline:
            sys.exit("nobody has looked at the data set: is a worker up?")
        time.sleep(0.2)
        dataset = expected(Dataset, get_dataset.sync(dataset.id, client=client))
    version = dataset.versions[0]
    if version.state is not CheckState.READY:
        sys.exit("\n".join(problem.message for problem in version.problems))
    return version.ref


def distilled(client: AuthenticatedClient, dataset: str) -> Job:
    recipe = Recipe(preset="quick", epochs=2, batch_size=4)
    spec = JobSpec(
        name="by a generated client",
        teacher=JobTeacher(architecture=NETWORK, recipe=recipe, force=True),
        student=JobStudent(architecture=NETWORK),
        data=JobData(dataset=dataset, image_size=16),
        loss=JobSpecLossName.KD,
        recipe=recipe,
    )
    return expected(Job, create_job.sync(client=client, body=spec))


def verdict_of(client: AuthenticatedClient, job: Job) -> str:
    """`Prefer` waits for the end of the job, up to a minute at a time."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        told = get_verdict.sync(job.id, client=client, prefer="wait=30")
        found = str(expected(JobVerdict, told).verdict)
        if found != "pending" or time.monotonic() > deadline:
            return found


def main() -> None:
    url, key = os.environ["STILLHOUSE_URL"], os.environ["STILLHOUSE_API_KEY"]
    with AuthenticatedClient(base_url=url, token=key, timeout=Timeout(60)) as client:
        job = distilled(client, checked(client, uploaded(client, Path(sys.argv[1]))))
        print(f"{job.id}: {verdict_of(client, job)}")
        bundle = expected(File, get_job_bundle.sync(job.id, client=client))
        Path(f"{job.id}.tar").write_bytes(bundle.payload.read())


if __name__ == "__main__":
    main()
