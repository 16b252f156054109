"""The steps of a night, and the runner that runs them: here, or as the tasks of a scheduler."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from labelhouse.errors import LabelhouseError
from labelhouse.scheduling.night import Night

StepKind = Literal["load", "refresh-marts", "check", "publish", "report changes"]


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a step ended: well, or with the error that matters most.

    `is_rejected` says that sources were rejected, and that the warehouse is sound.
    """

    error: LabelhouseError | None = None
    is_rejected: bool = False

    @property
    def message(self) -> str:
        """The error in one line; empty without one."""
        return "" if self.error is None else str(self.error)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a night that a scheduler can show and try again by itself.

    `run` turns every error into the end of the step.
    """

    kind: StepKind
    title: str
    is_retried: bool
    run: Callable[[], StepEnd]


class Runner:
    """Runs each step in this process, and again after a while if its error may pass.

    The runner of a scheduler overrides all three methods. `lines` receives a level of `logging` and a line.
    """

    def __init__(self, lines: Callable[[int, str], None] = lambda _, __: None) -> None:
        self._lines = lines

    def log(self, level: int, line: str) -> None:
        """Report a line of a step, or of the whole night."""
        self._lines(level, line)

    def show(self, night: Night, end: str | None = None) -> None:
        """Show how far the night is; `end` is Completed or Failed when all is done."""

    def run(self, step: Step, retry_minutes: Sequence[float]) -> StepEnd:
        """Run a step; try it again after each of these times as long as its error may pass."""
        for minutes in retry_minutes if step.is_retried else ():
            end = step.run()
            if end.error is None or not end.error.retryable:
                return end
            self.log(logging.WARNING, f"{step.title}: tried again in {minutes:g} min: {end.message}")
            time.sleep(minutes * 60)
        return step.run()
