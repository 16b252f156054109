"""Import the Labelhouse bundle into a Superset, for a published file; importing again updates it.

python deployments/superset/import_bundle.py URL PUBLISHED_FILE PASSWORD_FILE [USER]

Needs nothing but Python. URL is Superset's, such as http://127.0.0.1:8088; PUBLISHED_FILE is the path of
the file on the machine where Superset runs; the user, by default admin, may import.
"""

import io
import json
import re
import sys
import zipfile
from pathlib import Path

from superset_session import SupersetSession, wait_for

BUNDLE = Path(__file__).parent / "bundle"


def bundle_zip(published: str, kind: str = "assets") -> bytes:
    """Return the bundle as Superset takes it, its database pointing to the published file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            name = path.relative_to(BUNDLE).as_posix()
            text = path.read_text(encoding="utf-8")
            if name == "metadata.yaml":
                text = text.replace("type: Dashboard", f"type: {kind}")
            if name.startswith("databases/"):
                text = re.sub(
                    r"(?m)^sqlalchemy_uri: .*$",
                    lambda _: "sqlalchemy_uri: " + json.dumps(f"duckdb:///{published}"),
                    text,
                )
            archive.writestr(f"bundle/{name}", text)
    return content.getvalue()


def main() -> None:
    """Wait for the server, log in, import."""
    url, published, password_file, *user = sys.argv[1:]
    wait_for(url, 180)
    password = Path(password_file).read_text(encoding="utf-8").strip()
    [name] = user or ["admin"]
    session = SupersetSession(url, name, password)
    session.post_file("/api/v1/assets/import/", "bundle", "labelhouse.zip", bundle_zip(published))


if __name__ == "__main__":
    main()
