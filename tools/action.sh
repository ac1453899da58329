#!/usr/bin/env bash
# The heart of action.yml: annotations, then the command, its report in the job's summary.
# Everything comes in by environment variables, so that no input is ever taken for a command.
set -u
command=${COMMAND:-}
if [ -z "$command" ]; then
  command=publish
  case $EVENT in pull_request | pull_request_target | merge_group) command=plan ;; esac
fi
folder=()
[ -n "${FOLDER:-}" ] && folder=("$FOLDER")
read -r -a more <<< "${ARGUMENTS:-}"
{
  echo "command=$command"
} >> "$GITHUB_OUTPUT"

"$PAGEMILL" check "${folder[@]}" --format github
checked=$?
if [ "$command" = check ]; then
  echo "exit-code=$checked" >> "$GITHUB_OUTPUT"
  exit 0
fi

[ "${CHANGED_ONLY:-false}" = true ] && more+=(--changed)
report=$RUNNER_TEMP/pagemill.md
"$PAGEMILL" "$command" "${folder[@]}" --format markdown "${more[@]}" > "$report"
code=$?
cat "$report" >> "$GITHUB_STEP_SUMMARY"
cat "$report"
{
  echo "exit-code=$code"
  [ -s "$report" ] && echo "report=$report"
} >> "$GITHUB_OUTPUT"
exit 0
