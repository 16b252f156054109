"""Contender: orjson instead of json.load, else the same script.

python -m benchmarks.compare.peers.orjson_pyarrow FOLDER SOURCE...
"""

import sys
from pathlib import Path

import orjson

from benchmarks.compare.peers.json_pyarrow import load

if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]), orjson.loads)
