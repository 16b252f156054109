"""Create the user admin of a Superset; no command line holds its password, because `ps` would show it.

start.sh runs it with Superset's Python, and with SUPERSET_HOME and SUPERSET_CONFIG_PATH set.
"""

import os
import sys
from pathlib import Path


def main() -> None:
    """Create the user with the password of SUPERSET_HOME/admin_password, unless there is one."""
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        users = app.appbuilder.sm
        if users.find_user("admin"):
            return
        password = Path(os.environ["SUPERSET_HOME"], "admin_password").read_text(encoding="utf-8").strip()
        role = users.find_role(users.auth_role_admin)
        if not users.add_user("admin", "Label", "House", "admin@localhost", role, password):
            sys.exit("the user admin could not be created")


if __name__ == "__main__":
    main()
