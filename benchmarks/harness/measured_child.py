"""Run a command and write what it took as JSON: a small process, so that its child's peak shows.

python -S -E benchmarks/harness/measured_child.py RESULT COMMAND...
"""

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run the command with this process's environment, stdin, stdout and stderr."""
    target, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    figures = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "maxrss": usage.ru_maxrss,
        "exit_code": process.returncode,
    }
    with open(target, "w", encoding="utf-8") as file:
        json.dump(figures, file)


if __name__ == "__main__":
    main()
