"""The one hierarchy of errors: each says what went wrong, where, and what to do."""

from labelhouse.printable import printable
from labelhouse.reason_codes import ReasonCode

RETRYABLE = frozenset(
    {
        ReasonCode.WAREHOUSE_BUSY,
        ReasonCode.FILE_MISSING,
        ReasonCode.SOURCE_CHANGED,
        ReasonCode.STORE_UNREACHABLE,
        ReasonCode.CATALOG_UNREACHABLE,
        ReasonCode.ENCORD_UNREACHABLE,
        ReasonCode.PARSER_DIED,
    }
)
"""Codes of failures that may pass: the same call may succeed a little later."""


class LabelhouseError(Exception):
    """Say in one line what failed, where and what to do about it.

    Labelhouse writes `what` and `remedy`; they never quote a document, whose text may hold a secret.
    `may_pass` makes this error retryable although its code is not in RETRYABLE.
    """

    def __init__(
        self,
        code: ReasonCode,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        member: str | None = None,
        pointer: str | None = None,
        offset: int | None = None,
        may_pass: bool = False,
    ) -> None:
        super().__init__(code, what)
        self.code = code
        self.what = what
        self.where = where
        self.remedy = remedy
        self.member = member
        self.pointer = pointer
        self.offset = offset
        self.may_pass = may_pass

    @property
    def retryable(self) -> bool:
        """Return whether the same call may succeed a little later."""
        return self.may_pass or self.code in RETRYABLE

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.what, dict(self.__dict__))

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        # Names of files, members and projects may hold any characters.
        if self.pointer:
            line += f" at {self.pointer}" + (f" (byte {self.offset:,})" if self.offset is not None else "")
        elif self.offset is not None:
            line += f" at byte {self.offset:,}"
        return printable(f"{line}; {self.remedy}" if self.remedy else line)


def _rebuild(
    kind: type[LabelhouseError], code: ReasonCode, what: str, state: dict[str, object]
) -> LabelhouseError:
    error = kind(code, what)
    error.__dict__.update(state)
    return error


class InputError(LabelhouseError):
    """A source that cannot be loaded: the load rejects it and continues with the other sources."""


class WarehouseError(LabelhouseError):
    """The warehouse cannot be read or written."""


class WarehouseBusyError(WarehouseError):
    """Another process holds the warehouse; the same call may succeed later."""


class StaleDocumentsError(WarehouseBusyError):
    """The warehouse changed after the source was compared with it; stage the whole source again."""


class QueryError(LabelhouseError):
    """A query that is refused or that fails; `place` shows, in two lines, where in its text."""

    place: tuple[str, ...] = ()


class UsageError(LabelhouseError):
    """The call or the configuration is wrong; nothing was done."""
