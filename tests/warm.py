"""Processes that run `pagemill` without the start of an interpreter: forked from one that has imported all of it.

To start Python and to import pagemill takes a quarter of a second of a processor, far more than most commands work.
What a test sees is the same: a process of its own with its arguments, environment, working directory, standard streams
and exit code, which ends as an interpreter ends. Servers, hooks, and what gets signals, start for real.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

POSSIBLE = sys.platform == "linux"  # elsewhere a process that has threads or frameworks is not safely forked
_LENGTH = 8  # bytes of a number on the line


class Parent:
    """The process that forks. It ends with the one that made it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is for the tests
            )
        atexit.register(self.close)

    def close(self) -> None:
        self._line.close()
        self._process.wait()

    def fits(self, environment: Mapping[str, str]) -> bool:
        """Whether the interpreter would begin in the same way there."""
        names = {
            name for name in {*self.environment, *environment} if name.startswith(("PYTHON", "LC_", "LANG"))
        }
        return all(self.environment.get(name) == environment.get(name) for name in names)

    def run(
        self,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        streams: Sequence[IO[bytes]],
        timeout: float,
    ) -> int:
        """The exit code of a command, negative if a signal ended it.

        Args:
            streams: what it reads from, what it prints to, and what it complains to: open files.
            timeout: seconds until it is killed.

        Raises:
            subprocess.TimeoutExpired: that long it took.
        """
        asked = json.dumps([list(arguments), str(cwd), dict(environment)]).encode()
        socket.send_fds(
            self._line, [len(asked).to_bytes(_LENGTH, "big")], [stream.fileno() for stream in streams]
        )
        self._line.sendall(asked)
        process = _number(self._line)
        self._line.settimeout(timeout)
        try:
            return _number(self._line)
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            self._line.settimeout(None)
            _number(self._line)
            raise subprocess.TimeoutExpired(list(arguments), timeout) from None
        finally:
            self._line.settimeout(None)


def _number(line: socket.socket) -> int:
    data = line.recv(_LENGTH, socket.MSG_WAITALL)
    if len(data) < _LENGTH:
        raise EOFError
    return int.from_bytes(data, "big", signed=True)


def _serve(line: socket.socket) -> list[str]:
    """Fork for each command that is asked for. Returns in each child, with its arguments."""
    while True:
        head, streams, _, _ = socket.recv_fds(line, _LENGTH, 3)
        if not head:
            os._exit(0)
        arguments, cwd, environment = json.loads(line.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
        child = os.fork()
        if not child:
            line.close()
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
                os.close(stream)
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(environment)
            return list(arguments)
        for stream in streams:
            os.close(stream)
        line.sendall(child.to_bytes(_LENGTH, "big"))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        line.sendall(code.to_bytes(_LENGTH, "big", signed=True))


def _import_everything() -> None:
    from importlib import import_module
    from pkgutil import walk_packages

    for package in ("converters", "publisher"):
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)


if __name__ == "__main__":
    _import_everything()
    gc.freeze()  # what is shared is not written to by a collection
    sys.argv[1:] = _serve(socket.socket(fileno=int(sys.argv[1])))
    from publisher.__main__ import main

    sys.exit(main())
