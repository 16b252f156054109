"""Take values of plain types as they are: typer would load pydantic, a sixth of a short command."""

import os
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_OTHER: Any = object()


def take_plain_values(command: Any) -> None:
    """Let the parameters of a command and of its commands convert plain values without typer's adapters.

    What is not plain goes to typer as before: wrong values above all, so that the messages are typer's.
    """
    parameters_of = command.get_params

    def get_params(context: Any) -> list[Any]:
        parameters: list[Any] = parameters_of(context)
        for parameter in parameters:
            _take_plain_values(parameter)
        return parameters

    command.get_params = get_params
    for below in getattr(command, "commands", {}).values():
        take_plain_values(below)


def _take_plain_values(parameter: Any) -> None:
    # Versions of typer that convert with click have no adapters.
    is_adapted = hasattr(parameter, "get_runtime_param") and hasattr(parameter, "type_descriptor")
    if is_adapted and "get_runtime_param" not in vars(parameter):
        converter = _Converter(parameter, parameter.get_runtime_param)
        parameter.get_runtime_param = lambda: converter


class _Converter:
    """Convert the values of one parameter, as typer's own converters do."""

    def __init__(self, parameter: Any, adapters: Callable[[], Any]) -> None:
        self._kind = parameter.type_descriptor.annotation
        self._info = parameter.type_descriptor.parameter_info
        self._adapters = adapters

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the parameter's value for what the command line gives."""
        plain = self._plain(value, is_multiple=param.multiple or param.nargs == -1)
        return self._adapters().coerce(value, param=param, ctx=ctx) if plain is _OTHER else plain

    def _plain(self, value: Any, *, is_multiple: bool) -> Any:
        if value is None:
            return () if is_multiple else None
        if self._info.parser is not None:
            return _OTHER
        if is_multiple:
            are_texts = self._kind == list[str] and isinstance(value, list | tuple)
            return list(value) if are_texts and all(map(_is_text, value)) else _OTHER
        if self._kind is str:
            return value if _is_text(value) else _OTHER
        if self._kind is Path:
            return self._path(value)
        if self._kind is int:
            return self._number(value)
        if self._kind is float:
            return value if type(value) is float and self._is_within(value) else _OTHER
        if isinstance(self._kind, type) and issubclass(self._kind, Enum):
            return next((member for member in self._kind if value in (member, member.value)), _OTHER)
        return _OTHER

    def _path(self, value: Any) -> Any:
        info = self._info
        is_usual = (
            info.file_okay and info.dir_okay and not (info.exists or info.writable or info.resolve_path)
        )
        if not (is_usual and (isinstance(value, Path) or _is_text(value))):
            return _OTHER
        path = Path(value)
        return path if not os.path.lexists(path) or os.access(path, os.R_OK) else _OTHER

    def _number(self, value: Any) -> Any:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = int(value)
        return value if type(value) is int and self._is_within(value) else _OTHER

    def _is_within(self, value: float) -> bool:
        info = self._info
        return (info.min is None or value >= info.min) and (info.max is None or value <= info.max)


def _is_text(value: object) -> bool:
    """Return whether a value is a text without NUL and lone surrogates, which no path or database takes."""
    return isinstance(value, str) and not any(
        character == "\0" or "\ud800" <= character <= "\udfff" for character in value
    )
