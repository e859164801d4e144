"""`still completion`: what a shell needs to complete verbs and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_STILL_COMPLETE"
"""Click's own name for it: a call with this variable set answers what could come next."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print a script that completes verbs and options in a shell.

    For bash: add `eval "$(still completion bash)"` to ~/.bashrc; zsh has ~/.zshrc. For fish:
    `still completion fish > ~/.config/fish/completions/still.fish`.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(found(context.find_root().command, {}, "still", VARIABLE).source())
