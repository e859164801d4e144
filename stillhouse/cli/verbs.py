"""The verbs of `still` and what each is for; a verb itself is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click


class Verb(NamedTuple):
    module: str
    """Under stillhouse.cli; the command in it is called as the verb is."""
    sentence: str
    """The first of its own help, so that the list of verbs can be shown without it."""


VERBS = {
    "up": Verb(
        "up", "Run the whole service here: API, worker, reconciler, database, broker, files."
    ),
    "demo": Verb(
        "demo", "Distil a ResNet-18 into a network thirty times smaller, and show what it kept."
    ),
    "login": Verb("login", "Try an address and a key, and keep them for the other verbs."),
    "whoami": Verb("keys", "Show the key in use: its tenant, its project, and what it may do."),
    "keys": Verb(
        "keys", "Make, list, rotate and revoke API keys; with a key that has the scope admin."
    ),
    "open": Verb(
        "opening",
        "Print the address of the dashboard, signed in for a minute, and open it in a browser.",
    ),
    "upload": Verb(
        "upload", "Send PATH, a file or a folder; a repetition goes on where it was interrupted."
    ),
    "uploads": Verb("uploads", "List the uploads that are not forgotten; or forget some of them."),
    "models": Verb("models", "Upload, list and remove models."),
    "data": Verb("data", "Upload, list and remove data sets."),
    "submit": Verb("submit", "Hand in the job that SPEC (a YAML or JSON file) describes."),
    "jobs": Verb("jobs", "List the jobs, the newest first; or show one of them."),
    "watch": Verb(
        "submit", "Show a job as it goes, from its beginning; the exit code says how it ended."
    ),
    "verdict": Verb("verdict", "Say whether a job reached what its gates ask for."),
    "report": Verb(
        "report", "Show the report of a run (its folder, or report.json itself) or of a job."
    ),
    "curves": Verb(
        "curves", "Draw the curves of a job: loss and accuracy, or those that are named."
    ),
    "logs": Verb("jobs", "Print what the processes of a job wrote."),
    "cancel": Verb("steering", "End a job that is not over."),
    "pause": Verb("steering", "Save where a job is and free its worker, until `still resume`."),
    "resume": Verb("steering", "Let a paused job go on from where it was."),
    "retry": Verb(
        "descendants", "Try once more what failed, was cancelled or expired, from where it ended."
    ),
    "clone": Verb(
        "descendants", "Submit the specification of a job again, with changes, from its start."
    ),
    "edit": Verb("upkeep", "Change the name, the labels or the priority of a job."),
    "rm": Verb("upkeep", "Put jobs that are over in the trash, with all that they made."),
    "restore": Verb(
        "upkeep", "Take a job out of the trash again; `still jobs --trash` shows what is in it."
    ),
    "artifacts": Verb("artifacts", "List and fetch the files that a job made."),
    "workers": Verb(
        "system", "List the workers: what each is made of, and which of your jobs it has."
    ),
    "storage": Verb(
        "system",
        "Say how much room models, data sets and everything else take, and what is left.",
    ),
    "predict": Verb("predict", "Classify image files with the student of a run."),
    "verify": Verb(
        "verify", "Hold every file of a run, or of what a job shipped, against its manifest."
    ),
    "distill": Verb("distill", "Train the student that SPEC (a YAML or JSON file) describes."),
    "losses": Verb("losses", "List the losses, what they need and what they are told."),
    "presets": Verb("presets", "List the presets of losses and recipes, with their sources."),
    "completion": Verb("completion", "Print a script that completes verbs and options in a shell."),
    "doctor": Verb(
        "doctor", "Say what this machine can do; exits 1 when training is not possible here."
    ),
}


def command(name: str) -> click.Command:
    found: click.Command = getattr(import_module(f"stillhouse.cli.{VERBS[name].module}"), name)
    return found


class VerbGroup(click.Group):
    """Lists and completes verbs by their sentences, and imports only the one that is to run."""

    def __init__(self, **options: object) -> None:
        listed = {name: click.Command(name, help=verb.sentence) for name, verb in VERBS.items()}
        super().__init__(commands=listed, **options)  # type: ignore[arg-type]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed if name is None else command(name), rest
