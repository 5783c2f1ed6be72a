"""`huoju completion`: what a shell needs to complete the words of `huoju`."""

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_HUOJU_COMPLETE"
"""As click calls it for a program of this name."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets SHELL (bash, zsh or fish) complete the commands of huoju.

    For bash, this line in ~/.bashrc turns it on: eval "$(huoju completion bash)"

    For zsh, in ~/.zshrc: eval "$(huoju completion zsh)"

    For fish, once: huoju completion fish > ~/.config/fish/completions/huoju.fish
    """
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(click.get_current_context().find_root().command, {}, "huoju", _VARIABLE).source(), nl=False)
