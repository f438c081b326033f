#!/usr/bin/env bash
# One comment on the pull request, edited in place; none while nothing is new.
set -euo pipefail

mark='<!-- mldebt -->'
body="$RUNNER_TEMP/mldebt-comment.md"
{ echo "$mark"; cat "$MLDEBT_SUMMARY"; } >"$body"

comments="repos/$GITHUB_REPOSITORY/issues/$MLDEBT_PULL_REQUEST/comments"
ours=$(gh api "$comments?per_page=100" --paginate --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)
if [ -n "$ours" ]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$ours" --field "body=@$body" --silent
elif [ "${MLDEBT_NEW:-0}" != 0 ]; then
  gh api --method POST "$comments" --field "body=@$body" --silent
fi
