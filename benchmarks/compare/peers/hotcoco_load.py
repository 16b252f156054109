"""Contender: hotcoco's `COCO(path)`, a COCO API in Rust, with its index."""

import sys

from hotcoco import COCO

if __name__ == "__main__":
    for source in sys.argv[2:]:
        COCO(source)
