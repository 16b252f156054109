#!/bin/sh
# Deploy the flows and run the worker, in the folder that has sources.toml.
set -eu
app=${LABELHOUSE_APP:-/opt/labelhouse/app}
cd "${LABELHOUSE_FOLDER:-/work}"
prefect work-pool create local --type process --overwrite
# The deployment starts in this folder, and its entrypoints are the copies that the image has.
sed -e "s|entrypoint: flows/|entrypoint: $app/flows/|" "$app/deployments/prefect.yaml" > /tmp/prefect.yaml
prefect --no-prompt deploy --all --prefect-file /tmp/prefect.yaml
exec prefect worker start --pool local --type process
