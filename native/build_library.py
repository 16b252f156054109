"""Compile the library when a wheel is built; `python build_library.py` says whether there is a compiler."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCES = sorted((HERE / "source").glob("*.cpp"))
NAME = {"win32": "labelhouse.dll", "darwin": "liblabelhouse.dylib"}.get(sys.platform, "liblabelhouse.so")
OPTIONS = ("-std=c++17", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra")


def compiler() -> list[str] | None:
    """Return the command of a C++ compiler: $CXX, or the first that is installed; None if there is none."""
    for name in (os.environ.get("CXX", ""), "c++", "g++", "clang++"):
        command = shlex.split(name)
        if command and shutil.which(command[0]):
            return command
    return None


def compile_library(target: Path) -> None:
    """Compile the library to a file. Raises RuntimeError if there is no compiler, or if it fails."""
    if sys.platform == "win32":
        _compile_for_windows(target)
        return
    command = compiler()
    if command is None:
        raise RuntimeError("no C++ compiler: install one, or set CXX to its command")
    # A Mac's compiler gets the architectures of a wheel from cibuildwheel.
    flags = [*OPTIONS, *shlex.split(os.environ.get("ARCHFLAGS", ""))]
    static = [] if sys.platform == "darwin" else ["-static-libstdc++", "-static-libgcc"]
    done = subprocess.run([*command, *flags, *static, *map(str, SOURCES), "-o", str(target)])
    if done.returncode:
        raise RuntimeError(
            f"{command[0]} cannot compile the library; it needs C++17 with std::to_chars of doubles"
        )


def _compile_for_windows(target: Path) -> None:
    from setuptools._distutils.ccompiler import new_compiler

    made = new_compiler()
    made.initialize()
    objects = made.compile(
        list(map(str, SOURCES)),
        output_dir=str(HERE / "build"),
        extra_postargs=["/O2", "/std:c++17", "/EHsc"],
    )
    made.link_shared_object(objects, str(target))


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # asked for a compiler alone
    pass
else:

    class LibraryHook(BuildHookInterface):  # type: ignore[type-arg]
        """Puts the library into the wheel, and the platform into its name."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Compile before the files of the wheel are collected."""
            target = HERE / "labelhouse_native" / NAME
            compile_library(target)
            platform = os.environ.get("_PYTHON_HOST_PLATFORM") or sysconfig.get_platform()
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform.replace('-', '_').replace('.', '_')}"
            build_data["artifacts"].append(f"labelhouse_native/{NAME}")


if __name__ == "__main__":
    sys.exit(compiler() is None and sys.platform != "win32")
