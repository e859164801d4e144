"""`still models`: trained networks that jobs name as their teacher or their start."""

from __future__ import annotations

from pathlib import Path

import click

from kd_core.spec.models import is_graph_file
from stillhouse.cli.connection import connected, json_option, timeout_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.printing import print_json, print_table
from stillhouse.cli.uploading import code_of, plain_name, project_option, send, told
from stillhouse.domain.uploads import UploadKind


@click.group()
def models() -> None:
    """Upload, list and remove models."""


@models.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--architecture", help="Of weights: its name in timm, such as resnet50.")
@click.option("--name", help="What people call it; default: the name of the file.")
@click.option("--image-size", type=int, help="Trained on images of this side; default: usual.")
@project_option
@timeout_option("the check")
@json_option
def add(
    *,
    path: Path,
    architecture: str | None,
    name: str | None,
    image_size: int | None,
    project: str | None,
    timeout_s: float | None,
    as_json: bool,
) -> ExitCode:
    """Upload a checkpoint or an ONNX graph, and wait until it is checked."""
    _check_named(path, architecture)
    with connected() as client:
        sent = send(client, path, UploadKind.MODEL, project)
        model = client.models.create(
            sent.id, name or plain_name(path), architecture, image_size=image_size
        )
        model = client.models.wait(model.id, timeout_s)
    if as_json:
        print_json(model)
        return code_of(model)
    return told(model.id, model.name, model)


def _check_named(path: Path, architecture: str | None) -> None:
    """Before gigabytes are sent."""
    if is_graph_file(path.name) and architecture is not None:
        raise click.UsageError("an ONNX graph is a whole network: leave --architecture out")
    if not is_graph_file(path.name) and architecture is None:
        raise click.UsageError("weights need --architecture; a file that ends in .onnx does not")


@models.command("list")
@json_option
def list_models(*, as_json: bool) -> None:
    """List the models."""
    with connected() as client:
        found = list(client.models.list())
    if as_json:
        print_json(found)
        return
    rows = [(m.id, m.name, m.project, m.architecture or "", m.state) for m in found]
    print_table(("id", "name", "project", "architecture", "state"), rows)


@models.command()
@click.argument("model_id", metavar="MODEL")
@json_option
def rm(*, model_id: str, as_json: bool) -> None:
    """Remove a model that no unfinished job needs."""
    with connected() as client:
        client.models.delete(model_id)
    if as_json:
        print_json({"id": model_id, "removed": True})
    else:
        click.echo(f"removed {model_id}")
