"""The compiled library under the sanitizers: no text makes it leave its bounds."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.corpus import FOLDER
from tests.support.sets import choose, slow

NATIVE = Path(__file__).parents[2] / "native"
SECONDS = choose(2, 20, 600)
MOST_BYTES = 400_000
CHECKS = "address,undefined,float-divide-by-zero,float-cast-overflow"


@slow
@pytest.mark.skipif(sys.platform == "win32", reason="the sanitizers of GCC and Clang are meant")
def test_no_text_makes_the_library_leave_its_bounds(tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    program = tmp_path / "mutations"
    sources = [NATIVE / "source" / f"{name}.cpp" for name in ("annotations", "documents", "images")]
    sources += [NATIVE / "fuzz" / f"{name}.cpp" for name in ("fuzz_annotations", "mutations")]
    options = ["-std=c++17", "-g", "-O2", f"-fsanitize={CHECKS}", "-fno-sanitize-recover=all"]
    subprocess.run([compiler, *options, *map(str, sources), "-o", str(program)], check=True)
    small = [path for path in sorted(FOLDER.rglob("*.json")) if path.stat().st_size <= MOST_BYTES]
    if not small:
        seed = tmp_path / "seed.json"
        seed.write_text(
            '{"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}]}'
        )
        small = [seed]
    done = subprocess.run(
        [str(program), str(SECONDS), *map(str, small)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    texts, mutated = (int(word) for word in done.stdout.split() if word.isdigit())
    assert texts == len(small)
    assert mutated > 100 * SECONDS
