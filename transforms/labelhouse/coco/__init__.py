"""The format COCO JSON: values, record keys, run lengths, file names of Encord."""
