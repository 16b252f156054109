"""What Encord's SDK raises, and what to do about it: try again, ask for less, or give up.

No text of the SDK is shown: it may quote answers, addresses and the private key.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from labelhouse.errors import InputError, LabelhouseError, UsageError
from labelhouse.reason_codes import ReasonCode

LONGEST_PAUSE_S = 300.0
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""A call whose failure may pass is tried again after these times; a success begins them again."""
_TRIES_OF_UNKNOWN = 2

Reply = TypeVar("Reply")


class Fault(Enum):
    """Kinds of failures, by what to do about them."""

    PASSES = "try again later"
    TOO_MUCH = "try again later, and ask for less"
    UNKNOWN = "try again a few times"
    GONE = "list the rows again"
    DENIED = "give up: the key may not do this"
    FINAL = "give up"


_FAULTS = {
    "RateLimitExceededError": Fault.PASSES,
    "RequestException": Fault.TOO_MUCH,  # no answer, half of one, 500 to 504
    "TimeOutError": Fault.TOO_MUCH,
    "PayloadTooLargeError": Fault.TOO_MUCH,
    "MultiLabelLimitError": Fault.TOO_MUCH,
    "UnknownException": Fault.UNKNOWN,
    "GenericServerError": Fault.UNKNOWN,
    "ResourceNotFoundError": Fault.GONE,
    "AuthenticationError": Fault.DENIED,
    "SshKeyNotFound": Fault.DENIED,
    "AuthorisationError": Fault.DENIED,
    "OperationNotAllowed": Fault.DENIED,
    "DuplicateSshKeyError": Fault.DENIED,
}
"""By the names of the SDK's classes, so that this module needs no SDK."""


class RowsGoneError(InputError):
    """A row that was listed is not there any more."""


@dataclass(frozen=True, slots=True)
class TooMuchError(Exception):
    """A question that has to be asked again for fewer rows, at most `limit` if the server says so."""

    error: LabelhouseError
    limit: int | None


@dataclass(slots=True)
class Patience:
    """Tries calls again while their failures may pass, and counts the retries of a pull."""

    pauses_s: tuple[float, ...] = PAUSES_S
    sleep: Callable[[float], None] = time.sleep
    retries: int = 0
    _failed: int = field(default=0, init=False)

    def ask(self, call: Callable[[], Reply], what: str, *, can_ask_less: bool = False) -> Reply:
        """Return the answer of a call, tried again as often as its failure allows.

        With `can_ask_less` a failure that fewer rows may mend is a TooMuchError, after a pause. Raises
        InputError for what does not pass, RowsGoneError where a row is not there any more.
        """
        unknown = 0
        while True:
            try:
                answer = call()
            except Exception as error:  # noqa: BLE001  (pydantic and others raise too)
                fault = fault_of(error)
                unknown += fault is Fault.UNKNOWN
                is_last = self._failed >= len(self.pauses_s) or unknown > _TRIES_OF_UNKNOWN
                if fault in (Fault.GONE, Fault.DENIED, Fault.FINAL) or is_last:
                    raise said(fault, what) from None
                self._pause(getattr(error, "retry_after", None))
                if fault is Fault.TOO_MUCH and can_ask_less:
                    limit = getattr(error, "maximum_labels_allowed", None)
                    raise TooMuchError(
                        said(fault, what), limit if isinstance(limit, int) and limit > 0 else None
                    ) from None
            else:
                self._failed = 0
                return answer

    def _pause(self, wanted: object) -> None:
        pause = self.pauses_s[self._failed]
        if isinstance(wanted, int | float):
            pause = min(max(pause, float(wanted)), LONGEST_PAUSE_S)
        self._failed += 1
        self.retries += 1
        self.sleep(pause)


def fault_of(error: Exception) -> Fault:
    """Return what kind of failure an exception of the SDK is.

    >>> fault_of(ValueError()).name
    'FINAL'
    """
    for kind in type(error).__mro__:
        if kind.__module__.startswith("requests.") and kind.__name__ == "RequestException":
            return Fault.TOO_MUCH
        if kind.__module__.startswith("encord.") and kind.__name__ in _FAULTS:
            return _FAULTS[kind.__name__]
    return Fault.FINAL


def said(fault: Fault, what: str) -> LabelhouseError:
    """Return the error for a failure of a call, without a word of the SDK's."""
    if fault is Fault.DENIED:
        return InputError(
            ReasonCode.ENCORD_DENIED,
            f"Encord refuses to {what}",
            remedy="check that the key is that of an admin or team manager of the project, and the region "
            "(--domain https://api.us.encord.com)",
        )
    if fault is Fault.GONE:
        return RowsGoneError(
            ReasonCode.ENCORD_DENIED,
            f"Encord cannot {what}: it is not there",
            remedy="check the id of the project, and the region (--domain https://api.us.encord.com)",
        )
    if fault is Fault.FINAL:
        return InputError(
            ReasonCode.ENCORD_ANSWER,
            f"Encord's answer cannot be read (to {what})",
            remedy="install the SDK that this version is for: pip install 'labelhouse[encord]'",
        )
    return InputError(
        ReasonCode.ENCORD_UNREACHABLE,
        f"Encord gives no answer that can be used (to {what})",
        remedy="check the network and the address (--domain), or run it again later",
    )


@contextmanager
def hidden_texts() -> Iterator[None]:
    """Raise what the SDK raises while a key is read, without its text: it may quote the key."""
    try:
        yield
    except LabelhouseError:
        raise
    except Exception:  # noqa: BLE001  (libraries for keys raise many kinds)
        raise UsageError(
            ReasonCode.USAGE,
            "the key cannot be used",
            remedy="give the private Ed25519 key in OpenSSH's format, without a passphrase, that is "
            "registered with Encord",
        ) from None
