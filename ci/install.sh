#!/usr/bin/env bash
# Installs mldebt from the checkout of the action, in an environment of its own: the project's is not touched.
set -euo pipefail

environment="$RUNNER_TEMP/mldebt"
python3 -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"
echo "$environment/bin" >>"$GITHUB_PATH"
