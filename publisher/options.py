"""The command line's options: a function for each command. argparse, and nothing heavier."""

from __future__ import annotations

import argparse

from publisher import __version__

EPILOG = """\
exit codes:
    0  done
    1  not all is done: pages failed or are held back, a check found
       errors, errors kept everything from being sent, or the service
       refused the run (such as a --parent that there is not)
    2  bad usage or configuration
    3  conflict with somebody's edit, or another run is at work
    4  token missing or refused
    5  the service could not be reached
  130  interrupted, state saved

Settings live in pagemill.toml or [tool.pagemill] of pyproject.toml; options
override the environment, which overrides the file.
"""


def parser(only: str = "") -> argparse.ArgumentParser:
    """The whole command line; for a push (`only` is "hook") no more than that.

    The README's test reads it, so that no option stays undocumented.
    """
    top = argparse.ArgumentParser(
        prog="pagemill",
        description="Publish a folder of Markdown as pages, and keep it published.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"pagemill {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    everything = (
        _publish, _watch, _plan, _status, _convert, _check, _serve, _hook, _pages, _open, _archive, _restore,
    )  # fmt: skip
    for add in (_hook,) if only == "hook" else everything:
        add(commands)
    return top


def brief() -> str:
    """What there is to choose from."""
    top = parser()
    top.epilog = "pagemill COMMAND --help says more of one, pagemill --help of exit codes and settings."
    return top.format_help()


Subparsers = argparse._SubParsersAction  # the type that argparse gives to add_subparsers


def _command(commands: Subparsers[argparse.ArgumentParser], name: str, help: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help, description=help)


def _folder_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder of Markdown files")


def _folder_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--folder", metavar="FOLDER", help="the folder of Markdown files")


def _config_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", metavar="FILE", help="the settings file to use")


def _target_options(command: argparse.ArgumentParser) -> None:
    _folder_argument(command)
    _place_options(command)
    _files_options(command)
    command.add_argument(
        "--prune", action="store_true", default=None, help="move pages without a file to trash"
    )
    command.add_argument(
        "--force",
        action="store_true",
        help="prune however many pages, and where others wrote too; delete blocks with open comments",
    )
    command.add_argument(
        "--on-drift", choices=["stop", "keep", "restore"], help="when somebody edited our blocks"
    )
    command.add_argument(
        "--on-conflict", choices=["stop", "theirs", "ours"], help="when both sides changed a block"
    )
    _strict_option(command)


def _files_options(command: argparse.ArgumentParser) -> None:
    """What becomes of pictures and other files."""
    command.add_argument(
        "--uploads",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="upload pictures and files (the default), or show only their names",
    )
    command.add_argument(
        "--files-url",
        metavar="URL",
        help="where the folder's pictures and files can be read: links lead there, none is uploaded",
    )


def _place_options(command: argparse.ArgumentParser) -> None:
    """Where the pages of a folder go, or have gone."""
    command.add_argument(
        "--to", dest="target", choices=["local", "buildin", "notion"], help="where the pages go"
    )
    command.add_argument("--parent", metavar="PAGE_ID", help="the page under which they go (id or URL)")
    command.add_argument(
        "--database", metavar="ID", help="make the files records of a database: its id, URL, or title"
    )
    command.add_argument(
        "--base-url", metavar="URL", help="the service's address, such as a running `pagemill serve`"
    )
    command.add_argument(
        "--dialect", choices=["buildin", "notion"], help="which service the embedded workspace plays"
    )
    command.add_argument("--workspace", metavar="FILE", help="the file of the embedded workspace")
    _config_option(command)


def _strict_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--strict", action="store_true", default=None, help="count warnings as errors")


def _range_options(command: argparse.ArgumentParser) -> None:
    limits = command.add_mutually_exclusive_group()
    limits.add_argument(
        "--since", metavar="REV", help="only files that changed since a revision of git, and what they need"
    )
    limits.add_argument(
        "--changed", action="store_true", help="only files that the last push changed, or the last commit"
    )
    command.add_argument(
        "--format",
        choices=["text", "json", "markdown"],
        default="text",
        help="for people, for programs, or as the Markdown of a comment",
    )


def _output_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    command.add_argument("-v", "--verbose", action="store_true", help="print unchanged pages and notes too")


def _publish(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(
        commands, "publish", "Publish a folder: send what is new or changed, and nothing else."
    )
    _target_options(command)
    command.add_argument(
        "--plan",
        dest="plan_file",
        metavar="FILE",
        help="send what this plan says, or refuse if something has changed",
    )
    _range_options(command)
    _output_options(command)


def _plan(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(commands, "plan", "Say what a publish would do, with its requests; sends no write.")
    _target_options(command)
    command.add_argument(
        "--refresh", action="store_true", help="read the pages that may change, for an exact plan"
    )
    command.add_argument(
        "--out", metavar="FILE", help="write an exact plan with all its requests, for publish --plan"
    )
    _range_options(command)
    _output_options(command)


def _status(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(
        commands,
        "status",
        "Read the workspace and say who edited what, and what is not ours; sends no write.",
    )
    _folder_argument(command)
    _place_options(command)
    _output_options(command)


def _convert(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(commands, "convert", "Print files as block inputs and page properties, in JSON.")
    command.add_argument(
        "files", nargs="+", metavar="FILE", help="a Markdown file, a folder, or - for standard input"
    )
    command.add_argument(
        "--dialect", choices=["buildin", "notion"], default=None, help="the service to write for"
    )
    _config_option(command)


def _check(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(
        commands, "check", "Print what is wrong, with file, line and column; with -v notes too."
    )
    command.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="the folder, or - for one file on standard input"
    )
    command.add_argument(
        "--dialect", choices=["buildin", "notion"], default=None, help="the service to check for"
    )
    _files_options(command)
    _config_option(command)
    command.add_argument(
        "--external",
        action="store_true",
        help="ask for every external link and picture, and report dead ones",
    )
    command.add_argument(
        "--no-cache", action="store_true", help="ask again for what --external has asked for a while ago"
    )
    command.add_argument(
        "--format",
        choices=["text", "json", "github", "sarif"],
        default="text",
        help="for people, for programs, as GitHub annotations, or as SARIF 2.1.0",
    )
    _strict_option(command)
    _output_options(command)


def _serve(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(
        commands, "serve", "Serve the embedded workspace: pages at /, Buildin at /v2, Notion at /v1."
    )
    command.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder whose workspace to serve")
    command.add_argument(
        "--port", type=int, default=4747, help="the port; 0 picks one and prints it (default 4747)"
    )
    command.add_argument("--workspace", metavar="FILE", help="the file of the embedded workspace")
    _config_option(command)
    command.add_argument("--open", action="store_true", help="open the pages in the browser")
    command.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on; beyond this computer only with --tokens",
    )
    command.add_argument("--url", help="the address under which others reach it, if it is another")
    command.add_argument(
        "--tokens",
        metavar="FILE",
        help="a TOML file of tokens and what each may do; without, any token is good",
    )
    command.add_argument(
        "--fault",
        metavar="SPEC",
        help="what goes wrong and when, such as 429@5,503-after@w*10; docs/serve.md",
    )
    command.add_argument("--log", metavar="FILE", help="append every request to it, as a line of JSON each")
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def _watch(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(commands, "watch", "Publish a folder, then every change to it, until Ctrl-C.")
    _target_options(command)
    command.add_argument(
        "--poll",
        action="store_true",
        help="walk the folder every second: for network and container file systems",
    )
    command.add_argument(
        "--open",
        action="store_true",
        help="open the page in the browser; an embedded workspace is served meanwhile",
    )
    command.add_argument(
        "--port", type=int, default=4747, help="the port for --open; 0 picks one (default 4747)"
    )
    _output_options(command)


def _hook(commands: Subparsers[argparse.ArgumentParser]) -> None:
    top = _command(commands, "hook", "Publish what is pushed: a pre-push hook for git.")
    parts = top.add_subparsers(dest="hook", metavar="install|uninstall|status|run", required=True)
    for name, help in (
        ("install", "Install the hook beside one that is there."),
        ("uninstall", "Remove the hook and put the one back that was there first."),
        ("status", "Say what is installed; exit code 1 if nothing is."),
        ("run", "What the hook runs: publish the commits that standard input names."),
    ):
        command = _command(parts, name, help)
        if name == "install":
            _folder_argument(command)
        if name == "run":
            command.add_argument("remote", nargs="?", metavar="REMOTE", help="the remote's name")
            command.add_argument("url", nargs="?", metavar="URL", help="the remote's address")
            _folder_option(command)
        if name in ("install", "run"):
            _config_option(command)


def _pages(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(commands, "pages", "List what is published: titles, ids, addresses, properties.")
    _folder_argument(command)
    _place_options(command)
    _output_options(command)


def _open(commands: Subparsers[argparse.ArgumentParser]) -> None:
    command = _command(commands, "open", "Show the page of a file in the browser.")
    command.add_argument("path", metavar="PATH", help="a file or folder that is published")
    _folder_option(command)
    command.add_argument("--print", action="store_true", help="print the address only")
    _place_options(command)


def _archive(commands: Subparsers[argparse.ArgumentParser]) -> None:
    _on_paths(
        _command(commands, "archive", "Move pages to the trash and leave them there; their files stay.")
    )


def _restore(commands: Subparsers[argparse.ArgumentParser]) -> None:
    _on_paths(_command(commands, "restore", "Take archived pages out of the trash again."))


def _on_paths(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="+", metavar="PATH", help="a file or folder that is published")
    _folder_option(command)
    command.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    _place_options(command)
