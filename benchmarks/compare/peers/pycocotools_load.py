"""Contender: pycocotools, which loads a COCO file into memory with its index.

python -m benchmarks.compare.peers.pycocotools_load FOLDER SOURCE...
"""

import sys

from pycocotools.coco import COCO

if __name__ == "__main__":
    for argument in sys.argv[2:]:
        print(len(COCO(argument).anns))
