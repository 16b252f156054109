"""Contender: kwcoco, which loads a COCO file into memory with its index.

python -m benchmarks.compare.peers.kwcoco_load FOLDER SOURCE...
"""

import sys
from pathlib import Path

from kwcoco import CocoDataset

if __name__ == "__main__":
    for argument in sys.argv[2:]:
        dataset = CocoDataset(str(Path(argument)))
        print(dataset.n_annots)
