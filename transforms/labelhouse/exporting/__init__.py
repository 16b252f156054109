"""The way back: documents of the warehouse as COCO JSON, the inverse of normalise/."""
