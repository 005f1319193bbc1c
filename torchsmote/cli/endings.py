"""Signals that ask a process to end, as exceptions, so that no half file stays behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Ended", "ended_by_signals"]

_NAMES = ("SIGTERM", "SIGHUP")  # kill, timeout, batch systems; a terminal that is closed


class Ended(KeyboardInterrupt):
    """The process was asked to end; what cleans up after Ctrl-C cleans up after this.

    Attributes:
        number: Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Ended` in the block, where they would end the process at once.

    Whoever ignores or handles them already goes on doing so. Only a main thread can do it; in another
    nothing changes.

    Raises:
        Ended: When one comes; others are ignored until the block has cleaned up.
    """
    owner = os.getpid()
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    main = threading.current_thread() is threading.main_thread()
    numbers = [number for number in known if main and signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a process that was forked from this one ends as it would have
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Ended(number)

    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
