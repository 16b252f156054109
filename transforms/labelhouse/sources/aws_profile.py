"""Settings of the AWS tools: keys, region and endpoint of a profile, where the environment has none."""

import configparser
import os
from pathlib import Path

_NAMES = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
    "region": "region",
    "endpoint_url": "endpoint_url",
}


def profile_settings() -> dict[str, str]:
    """Return obstore's settings of the profile that AWS_PROFILE names, else of `default`.

    They are those of ~/.aws/config and ~/.aws/credentials, or of the files that AWS_CONFIG_FILE and
    AWS_SHARED_CREDENTIALS_FILE name. What the environment sets itself is left to it. A file that is absent
    or cannot be read has no settings.
    """
    profile = os.environ.get("AWS_PROFILE") or "default"
    settings: dict[str, str] = {}
    for variable, name, section in (
        ("AWS_CONFIG_FILE", "config", profile if profile == "default" else f"profile {profile}"),
        ("AWS_SHARED_CREDENTIALS_FILE", "credentials", profile),
    ):
        settings |= _section(Path(os.environ.get(variable) or Path.home() / ".aws" / name), section)
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        settings = {name: value for name, value in settings.items() if name in ("region", "endpoint_url")}
    if os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        settings.pop("region", None)
    if os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL_S3"):
        settings.pop("endpoint_url", None)
    return settings


def _section(path: Path, section: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    if not parser.has_section(section):
        return {}
    return {_NAMES[name]: value for name, value in parser.items(section) if name in _NAMES and value}
