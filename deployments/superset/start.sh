#!/usr/bin/env bash
# Install, set up and run a local Superset with the Labelhouse dashboards:
#
#   deployments/superset/start.sh PUBLISHED_FILE
#
# SUPERSET_HOME (./.superset) keeps everything: the virtual environment, Superset's own database, the secret
# key and the admin's password. SUPERSET_PORT (8088) is served on 127.0.0.1. Running it again starts what is
# there, and imports the dashboards again for the given file.
set -euo pipefail
# No other user may read the secret key, the password and Superset's own database.
umask 077

published=${1:?usage: deployments/superset/start.sh PUBLISHED_FILE (labelhouse publish writes one)}
[ -f "$published" ] || { echo "no file $published; write one: labelhouse publish" >&2; exit 2; }
published=$(cd "$(dirname "$published")" && pwd)/$(basename "$published")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${SUPERSET_HOME:=$PWD/.superset}"
SUPERSET_HOME=$(cd "$SUPERSET_HOME" && pwd)
chmod 700 "$SUPERSET_HOME"
port=${SUPERSET_PORT:-8088}
export SUPERSET_HOME SUPERSET_CONFIG_PATH=$here/superset_config.py FLASK_APP=superset

bin=$SUPERSET_HOME/venv/bin
if ! cmp -s "$here/requirements.txt" "$SUPERSET_HOME/installed"; then
    echo "installing Superset into $SUPERSET_HOME/venv (about 800 MB)"
    "${PYTHON:-python3}" -m venv --clear "$SUPERSET_HOME/venv"
    "$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        -r "$here/requirements.txt"
    # Each page loads a picture from a host of Superset's makers, which counts its users; ours loads none.
    grep -rl --include='*.js' apachesuperset.gateway.scarf.sh "$SUPERSET_HOME"/venv/lib/*/site-packages/superset/static |
        while IFS= read -r script; do
            sed -i.bak 's#https://apachesuperset\.gateway\.scarf\.sh/pixel/[^`]*`#data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==`#' "$script"
            rm "$script.bak"
        done
    cp "$here/requirements.txt" "$SUPERSET_HOME/installed"
fi

for secret in secret_key admin_password; do
    [ -s "$SUPERSET_HOME/$secret" ] ||
        "$bin/python" -c 'import secrets; print(secrets.token_urlsafe(32))' > "$SUPERSET_HOME/$secret"
done
if ! cmp -s "$here/requirements.txt" "$SUPERSET_HOME/migrated"; then
    echo "setting up Superset's own database"
    "$bin/superset" db upgrade > "$SUPERSET_HOME/setup.log" 2>&1
    "$bin/superset" init >> "$SUPERSET_HOME/setup.log" 2>&1
    "$bin/python" "$here/create_admin.py" >> "$SUPERSET_HOME/setup.log" 2>&1
    cp "$here/requirements.txt" "$SUPERSET_HOME/migrated"
fi

"$bin/gunicorn" --bind "127.0.0.1:$port" --workers 1 --worker-class gthread --threads 8 --timeout 120 \
    --log-file "$SUPERSET_HOME/server.log" "superset.app:create_app()" >> "$SUPERSET_HOME/server.log" 2>&1 &
server=$!
trap 'kill $server 2> /dev/null; wait $server' EXIT
trap 'exit 0' INT TERM
"$bin/python" "$here/import_bundle.py" "http://127.0.0.1:$port" "$published" "$SUPERSET_HOME/admin_password"
echo "Superset is at http://127.0.0.1:$port, user admin, password in $SUPERSET_HOME/admin_password"
wait $server
