"""A warehouse is not made on a file system that machines share; local ones of containers are no trouble."""

from collections.abc import Callable
from pathlib import Path

import pytest
from labelhouse.errors import WarehouseError
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.lake import network_folder
from labelhouse.lake.network_folder import file_system_of, is_log_working, is_shared_by_machines
from labelhouse.reason_codes import ReasonCode

from tests.support.aliases import Write
from tests.support.exports import unit
from tests.support.sets import slow, some

MOUNTS = r"""overlay / overlay rw,relatime,lowerdir=/var/lib/docker/x 0 0
proc /proc proc rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/vda1 /data ext4 rw,relatime 0 0
server:/export /data/team nfs4 rw,vers=4.2 0 0
//server/share /mnt/my\040share cifs rw 0 0
share /mnt/host virtiofs rw 0 0
user@host: /home/me/far fuse.sshfs rw 0 0
C:\134 /mnt/c 9p rw,aname=drvfs 0 0
/dev/vdb /mnt/c/local xfs rw 0 0
one /mnt/twice nfs rw 0 0
two /mnt/twice btrfs rw 0 0
short line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "overlay"),
        ("/srv/labels", "overlay"),
        ("/dev/shm/w", "tmpfs"),
        ("/data", "ext4"),
        ("/data/teammate/w", "ext4"),
        ("/data/team", "nfs4"),
        ("/data/team/a/b", "nfs4"),
        ("/mnt/my share/w", "cifs"),
        ("/mnt/host/w", "virtiofs"),
        ("/home/me/far/w", "fuse.sshfs"),
        ("/mnt/c/w", "9p"),
        ("/mnt/c/local/w", "xfs"),
        ("/mnt/twice/w", "btrfs"),
    ],
)
def test_the_file_system_of_a_folder_is_that_of_its_longest_mount(path: str, kind: str) -> None:
    assert file_system_of(MOUNTS, Path(path)) == kind


def test_shared_file_systems_are_known_by_their_type() -> None:
    shared = "nfs nfs4 cifs smb3 smbfs afs ceph fuse.ceph glusterfs fuse.glusterfs fuse.sshfs fuse.s3fs"
    local = (
        "ext2 ext3 ext4 xfs btrfs zfs f2fs overlay overlayfs aufs tmpfs ramfs rootfs virtiofs fuseblk "
        "vfat ntfs3 apfs bcachefs fuse.fuse-overlayfs fuse.grpcfuse 9p ecryptfs squashfs erofs"
    )
    assert [kind for kind in shared.split() if not is_shared_by_machines(kind)] == []
    assert [kind for kind in local.split() if is_shared_by_machines(kind)] == []


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Have the system say that a folder is on a file system of some type."""

    def _mounted(folder: Path, kind: str) -> None:
        mounts = tmp_path / "mounts"
        escaped = str(folder.resolve()).replace(" ", r"\040")
        mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {escaped} {kind} rw 0 0\n")
        monkeypatch.setattr(network_folder, "_MOUNTS", mounts)

    return _mounted


def test_a_warehouse_is_not_made_on_nfs_and_nothing_is_left(
    tmp_path: Path, mounted: Callable[[Path, str], None], write: Write
) -> None:
    share = tmp_path / "team share"
    share.mkdir()
    mounted(share, "nfs4")
    with pytest.raises(WarehouseError) as caught:
        list(ingest(share / "labels", [write("a.json", [unit()])], IngestOptions(jobs=1)))
    assert caught.value.code == ReasonCode.NETWORK_FOLDER
    assert str(caught.value) == (
        f"{share / 'labels'}: the folder is on a network file system (nfs4), on which the catalog can be "
        "damaged; choose a folder on a local disk with --warehouse"
    )
    assert list(share.iterdir()) == []


@pytest.mark.parametrize("kind", some(["9p", "fuse.unknownfs"]))
def test_a_doubtful_file_system_is_tried_and_nothing_is_left_of_the_trial(
    tmp_path: Path, mounted: Callable[[Path, str], None], write: Write, kind: str
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    mounted(share, kind)
    assert is_log_working(share / "not" / "there" / "yet")
    assert list(share.iterdir()) == []
    [report] = ingest(share, [write("a.json", [unit()])], IngestOptions(jobs=1))
    assert report.status == "committed"


@slow
def test_a_warehouse_that_is_there_is_warned_of(
    tmp_path: Path, mounted: Callable[[Path, str], None], write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    source = write("a.json", [unit()])
    list(ingest(tmp_path / "labels", [source], IngestOptions(jobs=1)))
    mounted(tmp_path / "labels", "cifs")
    [report] = ingest(tmp_path / "labels", [source], IngestOptions(jobs=1))
    assert report.status == "unchanged"
    assert "network file system (cifs)" in caplog.text
    assert "move the warehouse to a local disk" in caplog.text


def test_a_folder_on_nfs_belongs_to_the_machine_that_changed_it_last(
    tmp_path: Path, mounted: Callable[[Path, str], None], write: Write
) -> None:
    folder = tmp_path / "labels"
    source = write("a.json", [unit()])
    list(ingest(folder, [source], IngestOptions(jobs=1)))
    holder = folder / "lock.holder"
    holder.write_text("process 7 on other-machine")
    list(ingest(folder, [source], IngestOptions(jobs=1)))
    assert "other-machine" not in holder.read_text(), "a local folder may have been moved here"
    mounted(folder, "nfs4")
    list(ingest(folder, [source], IngestOptions(jobs=1)))
    holder.write_text("process 7 on other-machine")
    with pytest.raises(WarehouseError) as caught:
        list(ingest(folder, [source], IngestOptions(jobs=1)))
    assert caught.value.code == ReasonCode.FOREIGN_HOST
    assert str(caught.value) == (
        f"{folder}: the folder is on a network file system (nfs4) and belongs to the machine "
        "other-machine; load from there, or remove lock.holder if no process there uses it any more"
    )
    holder.unlink()
    list(ingest(folder, [source], IngestOptions(jobs=1)))
