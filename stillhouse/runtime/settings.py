"""The settings of a process, read once from the environment by its entry point."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stillhouse.runtime.surroundings import Origins, Proxies, RootPath

MIB = 2**20


class Settings(BaseSettings):
    """Every name takes the prefix STILLHOUSE_: STILLHOUSE_DATA_DIR, STILLHOUSE_DATABASE_URL ..."""

    model_config = SettingsConfigDict(
        env_prefix="STILLHOUSE_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    data_dir: Path = Path("/var/lib/stillhouse")
    """Where the embedded database, blobs and work folders are, unless they are told elsewhere."""
    database_url: str = ""
    """postgresql+psycopg://... or sqlite:///...; default: a file in data_dir."""
    blob_dir: Path | None = None
    """Uploads and artifacts; shared by the API and every worker. Default: data_dir/blobs."""
    work_dir: Path | None = None
    """Attempts in progress; local to each worker. Default: data_dir/work."""
    cache_dir: Path | None = None
    """Decoded images, shared by the jobs of a machine. Default: work_dir/decoded."""
    cache_bytes: Annotated[int, Field(ge=0)] = 20 * 2**30
    """How large cache_dir may grow; larger data is decoded again in each epoch."""
    recordings_bytes: Annotated[int, Field(ge=0)] = 20 * 2**30
    """How much of what teachers answered is kept for each tenant; 0: jobs share none of it."""
    dashboard_dir: Path | None = None
    """A built dashboard to serve. Default: the one of this package, or of this clone."""
    broker_url: str = "redis://127.0.0.1:6379/0"
    """The Redis that carries doorbells."""
    data_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders under which `file:` sources are allowed, separated by ':'; none by default."""
    allow_torch_checkpoints: bool = False
    """Accept .pt files, converted in a sandbox; .safetensors is always accepted."""
    max_upload_bytes: Annotated[int, Field(ge=1)] = 20 * 2**30
    """The largest upload."""
    upload_ttl_s: Annotated[float, Field(gt=0)] = 86_400
    """Seconds after its last part in which an upload must be completed."""
    trash_ttl_s: Annotated[float, Field(ge=0)] = 7 * 86_400
    """Seconds in which a deleted job can be restored; then it is gone, and its files with it."""
    lease_ttl_s: Annotated[float, Field(gt=0)] = 60
    """Seconds that a worker may be silent before its job is given to another."""
    lease_renew_s: Annotated[float, Field(gt=0)] = 10
    """Seconds between renewals of a lease."""
    reconcile_every_s: Annotated[float, Field(gt=0)] = 15
    """Seconds between two rounds of the reconciler."""
    rering_after_s: Annotated[float, Field(gt=0)] = 30
    """Seconds after which a doorbell that nobody answered is rung again."""
    cancel_grace_s: Annotated[float, Field(ge=0)] = 5
    """Seconds between SIGTERM and SIGKILL for a trainer that is cancelled."""
    checkpoint_grace_s: Annotated[float, Field(ge=0)] = 30
    """Seconds between SIGTERM and SIGKILL for a trainer whose worker is draining."""
    warm_starts: bool = True
    """Fork trainers from a process that has torch imported, kept beside each supervisor: an idle
    worker takes 0.4 to 0.9 GB more, and a job starts seconds sooner."""
    stall_after_s: Annotated[float, Field(gt=0)] = 1800
    """Seconds without a step after which a trainer is taken to be stuck, and ended."""
    root_path: RootPath = ""
    """The path under which a proxy shows the API, such as /stillhouse; default: none."""
    trusted_proxies: Proxies = ()
    """Addresses or networks, separated by ',', whose X-Forwarded-For and X-Forwarded-Proto are
    believed; none by default."""
    cors_origins: Origins = ()
    """Origins, separated by ',', whose pages may ask the API from a browser, such as
    https://example.org, or *; none by default."""
    worker_name: str = ""
    """How a worker is called in lists; default: its host name."""
    log_format: Literal["json", "console"] = "json"
    """json for machines, console for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important message that is written."""

    @model_validator(mode="before")
    @classmethod
    def _split_roots(cls, given: dict[str, object]) -> dict[str, object]:
        roots = given.get("data_roots")
        if isinstance(roots, str):
            given = given | {"data_roots": tuple(Path(root) for root in roots.split(":") if root)}
        return given

    @model_validator(mode="after")
    def _renewals_fit_the_lease(self) -> Self:
        if self.lease_renew_s * 2 > self.lease_ttl_s:
            raise ValueError(
                f"a lease of {self.lease_ttl_s} s renewed every {self.lease_renew_s} s would run "
                "out at the first delay; make STILLHOUSE_LEASE_TTL_S at least twice "
                "STILLHOUSE_LEASE_RENEW_S"
            )
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'stillhouse.db'}"

    @property
    def blobs(self) -> Path:
        return self.blob_dir or self.data_dir / "blobs"

    @property
    def work(self) -> Path:
        return self.work_dir or self.data_dir / "work"

    @property
    def cache(self) -> Path:
        return self.cache_dir or self.work / "decoded"

    @property
    def lease_ttl(self) -> timedelta:
        return timedelta(seconds=self.lease_ttl_s)

    @property
    def rering_after(self) -> timedelta:
        return timedelta(seconds=self.rering_after_s)

    @property
    def trash_ttl(self) -> timedelta:
        return timedelta(seconds=self.trash_ttl_s)

    @property
    def upload_ttl(self) -> timedelta:
        return timedelta(seconds=self.upload_ttl_s)
