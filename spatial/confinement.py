"""
Rights a process gives up for good: memory, time, the network, and files that are not its own.

Light on purpose, and without threads: it runs before anything heavy is loaded.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

__all__ = ["confine"]

_NEW_NETWORK: Final = 0x40000000
_NEW_USER: Final = 0x10000000
_NO_NEW_PRIVILEGES: Final = 38
_DIE_WITH_PARENT: Final = 1
_SIGKILL: Final = 9

# Landlock (Linux 5.13): system calls, and its rights on files as bits.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ: Final = 0b1101  # execute (libraries are mapped so), read a file, read a folder
_READ_ONE: Final = 0b0101
_WRITE_ONE: Final = 0b0110
_BITS_BY_VERSION: Final = {1: 13, 2: 14, 3: 15}
_NET_VERSION: Final = 4
_SYSTEM: Final = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/urandom",
    "/sys/devices/system/cpu",
)

_REFUSED: Final = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "pty.spawn",
)


def confine(
    limits: Mapping[str, float], *, folder: Path, readable: Iterable[Path]
) -> dict[str, bool]:
    """
    What the kernel agreed to keep from this process from now on.

    Parameters
    ----------
    limits
        seconds, memory_bytes, written_bytes and files, as `guard.Limits` has them.
    folder
        The one folder it may write to.
    readable
        Files and folders it may read beside its own code.

    Returns
    -------
    dict
        For each of memory, cpu, files, network and filesystem whether the kernel keeps it. Where
        it does not keep the network, Python still refuses to.
    """
    held = _limited(limits)
    held["network"] = _without_network()
    held["filesystem"] = _walled_in(folder, readable)
    sys.addaudithook(_refuse)
    return held


def _limited(limits: Mapping[str, float]) -> dict[str, bool]:
    if resource is None:
        return dict.fromkeys(("memory", "cpu", "files"), False)
    seconds = int(limits["seconds"]) + 1
    asked = {
        "cpu": [("RLIMIT_CPU", seconds)],
        "files": [
            ("RLIMIT_NOFILE", int(limits["files"])),
            ("RLIMIT_FSIZE", int(limits["written_bytes"])),
            ("RLIMIT_CORE", 0),
        ],
        "memory": [("RLIMIT_AS", int(limits["memory_bytes"]))],
    }
    held = {name: all(_lowered(*one) for one in some) for name, some in asked.items()}
    held["memory"] = held["memory"] and sys.platform == "linux"  # others take it and ignore it
    return held


def _lowered(name: str, most: int) -> bool:
    kind = getattr(resource, name, None)
    if kind is None:
        return False
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (ValueError, OSError):
        return False
    return True


def _without_network() -> bool:
    """An empty network of its own, where the kernel grants one to this user."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return any(libc.unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def _walled_in(folder: Path, readable: Iterable[Path]) -> bool:
    """Whether only `folder`, `readable` and the code can be reached from now on (Landlock)."""
    if sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    every = (1 << _BITS_BY_VERSION.get(version, 15)) - 1
    handled = struct.pack("QQ", every, 0b11) if version >= _NET_VERSION else struct.pack("Q", every)
    rules = libc.syscall(_CREATE, handled, len(handled), 0)
    if rules < 0:
        return False
    package = Path(__file__).resolve().parent
    code = [Path(sys.prefix), Path(sys.base_prefix), package, *_folders_of_code()]
    for path in [*map(Path, _SYSTEM), *code, *readable]:
        _allow(libc, rules, path, _READ)
    _allow(libc, rules, folder, every)
    _allow(libc, rules, Path(os.devnull), _WRITE_ONE)
    return bool(libc.syscall(_RESTRICT, rules, 0) == 0)


def _folders_of_code() -> list[Path]:
    """Where modules are looked for, but not the project's own folder, which may hold data."""
    own = Path(__file__).resolve().parents[1]
    return [Path(one) for one in sys.path if one and Path(one).exists() and Path(one) != own]


def _allow(libc: Any, rules: int, path: Path, rights: int) -> None:  # noqa: ANN401 - ctypes
    try:
        found = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_PATH", 0))
    except OSError:
        return
    if not path.is_dir():
        rights &= _READ_ONE | _WRITE_ONE
    libc.syscall(_ADD, rules, 1, struct.pack("=Qi", rights, found), 0)
    os.close(found)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"a reader of strangers' files may not use {event}")
