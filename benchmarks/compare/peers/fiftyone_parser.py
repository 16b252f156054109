"""Contender: FiftyOne's parser of COCO files, without the dataset that its importer fills.

python -m benchmarks.compare.peers.fiftyone_parser FOLDER SOURCE...
"""

import sys

from fiftyone.utils.coco import load_coco_detection_annotations

if __name__ == "__main__":
    for argument in sys.argv[2:]:
        _, _, _, _, annotations = load_coco_detection_annotations(argument)
        print(sum(map(len, annotations.values())))
