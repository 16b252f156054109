"""Log a failed scheduled run in one line, where its scheduler would add a traceback of its own."""

import logging

from labelhouse.errors import LabelhouseError

_FOLLOWS = "prefect.engine"
_LOGGERS = ("prefect.flow_runs", _FOLLOWS)


def log_failures_in_one_line() -> None:
    """Let Prefect log a run that ended as Failed in one line; errors that are bugs keep their tracebacks.

    Prefect raises its final state as an exception. Two of its loggers show that with 37 lines of Prefect's
    own code.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if not (isinstance(error, LabelhouseError) or type(error).__name__ == "FailedRun"):
        return True
    record.exc_info, record.exc_text, record.args = None, None, ()
    record.msg = f"the run has failed: {error}"
    return record.name != _FOLLOWS
