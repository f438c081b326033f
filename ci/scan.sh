#!/usr/bin/env bash
# One scan: annotations to the log, the summary of the job, a SARIF file. Whether it fails is for a later step to say, so
# that what was found is shown in any case.
set -euo pipefail
set -f # the words of MLDEBT_ARGS are options, no patterns of files

sarif="$RUNNER_TEMP/mldebt.sarif" summary="$RUNNER_TEMP/mldebt.md" json="$RUNNER_TEMP/mldebt.json"
rm -f "$sarif" "$summary" "$json"

base="${MLDEBT_BASE:-}"
if [ -z "$base" ] && [ -n "${GITHUB_BASE_REF:-}" ]; then
  base="refs/remotes/origin/$GITHUB_BASE_REF"
  (
    # A checkout of one commit has neither the target of the pull request nor where the two parted.
    cd "$MLDEBT_PATH"
    wanted=("$(git rev-parse HEAD)" "+refs/heads/$GITHUB_BASE_REF:$base")
    git rev-parse --verify --quiet "$base^{commit}" >/dev/null || git fetch --quiet --no-tags --depth=1 origin "${wanted[@]}"
    while ! git merge-base HEAD "$base" >/dev/null && [ "$(git rev-parse --is-shallow-repository)" = true ]; do
      git fetch --quiet --no-tags --deepen=200 origin "${wanted[@]}"
    done
  )
fi

words=(scan "$MLDEBT_PATH" --fail-level "$MLDEBT_FAIL_LEVEL")
[ -z "$base" ] || words+=(--base "$base")
words+=(--output github --output "markdown:$summary" --output "sarif:$sarif" --output "json:$json")

code=0
# shellcheck disable=SC2086 # to be split at blanks
mldebt "${words[@]}" ${MLDEBT_ARGS:-} || code=$?

{
  echo "exit-code=$code"
  for name in sarif summary; do
    if [ -s "${!name}" ]; then echo "$name=${!name}"; fi
  done
  if [ -s "$json" ]; then
    echo "new=$(python3 -c 'import json, sys
print(sum(not one["suppressed"] for one in json.load(open(sys.argv[1], encoding="utf-8"))["findings"]))' "$json")"
  fi
} >>"$GITHUB_OUTPUT"
if [ -s "$summary" ]; then cat "$summary" >>"$GITHUB_STEP_SUMMARY"; fi
