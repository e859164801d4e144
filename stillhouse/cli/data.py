"""`still data`: data sets, in versions that never change."""

from __future__ import annotations

from pathlib import Path

import click

from stillhouse.cli.connection import connected, json_option, timeout_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.printing import print_json, print_table
from stillhouse.cli.uploading import code_of, plain_name, project_option, send, told
from stillhouse.client.answers import DatasetVersion
from stillhouse.domain.uploads import UploadKind


@click.group()
def data() -> None:
    """Upload, list and remove data sets."""


@data.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", help="What people call it; default: the name of the file or folder.")
@click.option("--unlabelled", is_flag=True, help="Images without classes.")
@click.option("--to", "dataset_id", metavar="DATASET", help="Make it the next version of this one.")
@project_option
@timeout_option("the check")
@json_option
def add(
    *,
    path: Path,
    name: str | None,
    unlabelled: bool,
    dataset_id: str | None,
    project: str | None,
    timeout_s: float | None,
    as_json: bool,
) -> ExitCode:
    """Upload images (a folder, .zip, .tar, .parquet or .npz), and wait until they are checked."""
    if dataset_id and (name or unlabelled or project):
        message = "--name, --unlabelled and --project belong to the data set that --to names"
        raise click.UsageError(message)
    with connected() as client:
        if dataset_id:
            project = client.datasets.get(dataset_id).project
        sent = send(client, path, UploadKind.DATASET, project)
        if dataset_id:
            client.datasets.add_version(dataset_id, sent.id)
        else:
            called = name or plain_name(path)
            dataset_id = client.datasets.create(sent.id, called, unlabelled=unlabelled).id
        version = client.datasets.wait(dataset_id, timeout_s)
        dataset = client.datasets.get(dataset_id)
    if as_json:
        print_json(dataset)
        return code_of(version)
    return told(version.ref, dataset.name, version)


@data.command("list")
@json_option
def list_data(*, as_json: bool) -> None:
    """List the data sets, every version of them."""
    with connected() as client:
        found = list(client.datasets.list())
    if as_json:
        print_json(found)
        return
    titles = ("reference", "name", "project", "state", "samples", "classes")
    versions = [(dataset, version) for dataset in found for version in dataset.versions]
    print_table(titles, [(v.ref, d.name, d.project, v.state, *_counts(v)) for d, v in versions])


def _counts(version: DatasetVersion) -> tuple[str, str]:
    facts = version.facts or {}
    return str(facts.get("samples", "")), str(facts.get("classes", ""))


@data.command()
@click.argument("dataset_id", metavar="DATASET")
@json_option
def rm(*, dataset_id: str, as_json: bool) -> None:
    """Remove a data set that no unfinished job needs."""
    with connected() as client:
        client.datasets.delete(dataset_id)
    if as_json:
        print_json({"id": dataset_id, "removed": True})
    else:
        click.echo(f"removed {dataset_id}")
