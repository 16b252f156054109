import pytest
from labelhouse.coco.file_names import FileName, key_of_url, parse_file_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("images/87ffc8da-f005.jpg", FileName("image", "87ffc8da-f005", None, "87ffc8da-f005")),
        ("images/a.b.png", FileName("image", "a.b", None, "a.b")),
        ("videos/5f3a/12.jpg", FileName("video", "5f3a", 12, "5f3a/12")),
        ("dicom/5f3a/1.2.840.7", FileName("dicom", "5f3a", None, "5f3a/1.2.840.7")),
        ("dicom/5f3a/1.2.840.7/3", FileName("dicom", "5f3a", 3, "5f3a/1.2.840.7/3")),
        ("dicom/5f3a/1", FileName("dicom", "5f3a", 1, "5f3a/1")),
        ("nifti/5f3a/40", FileName("nifti", "5f3a", 40, "5f3a/40")),
        ("pdfs/5f3a/2", FileName("pdf", "5f3a", 2, "5f3a/2")),
        ("000000001.jpg", FileName("image", None, None, "000000001.jpg")),
        ("train/images/1.jpg", FileName("image", None, None, "train/images/1.jpg")),
        ("images/sub/1.jpg", FileName("image", None, None, "images/sub/1.jpg")),
        ("images/noextension", FileName("image", None, None, "images/noextension")),
        ("images/.jpg", FileName("image", None, None, "images/.jpg")),
        ("videos/5f3a", FileName("image", None, None, "videos/5f3a")),
        ("videos/5f3a/٣.jpg", FileName("video", "5f3a", None, "5f3a/٣")),
        ("videos/5f3a/1.png", FileName("image", None, None, "videos/5f3a/1.png")),
        ("videos/5f3a/a/1.jpg", FileName("image", None, None, "videos/5f3a/a/1.jpg")),
        ("", FileName("image", None, None, "")),
        ("images/5f3a.jpg?w=1.5", FileName("image", "5f3a", None, "5f3a")),
        ("videos/5f3a/12.jpg?d=a/b.jpg", FileName("video", "5f3a", 12, "5f3a/12")),
        ("images/what?.jpg", FileName("image", "what?", None, "what?")),
        ("/files/?d=images/5f3a.jpg", FileName("image", None, None, "/files/?d=images/5f3a.jpg")),
    ],
)
def test_a_file_name_says_what_it_is_of(name: str, expected: FileName) -> None:
    assert parse_file_name(name) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://images.cocodataset.org/train2017/1.jpg", "train2017/1.jpg"),
        ("https://cdn.example.org:8080/a/b/c/1.jpg", "a/b/c/1.jpg"),
        ("s3://bucket/a/1.jpg", "a/1.jpg"),
        ("//h.example.org/a/1.jpg", "a/1.jpg"),
        ("bucket/a/1.jpg", "bucket/a/1.jpg"),
        ("file:///data/1.jpg", "data/1.jpg"),
        ("https://h.example.org/", ""),
        ("1.jpg", "1.jpg"),
    ],
)
def test_the_path_of_a_url_is_the_key_of_an_image_without_a_name(url: str, key: str) -> None:
    assert key_of_url(url) == key
