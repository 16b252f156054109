"""Contender: pycocotools, which loads a COCO file into memory with its index.

python benchmarks/peers/pycocotools_load.py FOLDER SOURCE...
"""

import sys

from pycocotools.coco import COCO

if __name__ == "__main__":
    for argument in sys.argv[2:]:
        print(len(COCO(argument).anns))
