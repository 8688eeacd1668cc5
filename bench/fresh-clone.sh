#!/usr/bin/env bash
# Clones this repository into an empty folder and runs the two commands there with the system's Node, as a newcomer
# would. Prints how long each took.   bench/fresh-clone.sh [folder]
set -euo pipefail

source=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$(mktemp -d)/acclimate}
# Nothing of this checkout's tools on the PATH.
PATH=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v "^$source" | paste -sd:)
export npm_config_userconfig="$HOME/.npmrc" PATH HOME="${target%/*}/home"
mkdir -p "$HOME"
unset NODE_OPTIONS CI

git clone --quiet "$source" "$target"
cd "$target"
echo "$(git rev-parse --short HEAD) with Node $(node --version), npm $(npm --version), $(nproc) cores"

timed() {
  local name=$1 started status=0
  shift
  started=$(date +%s)
  "$@" > "$HOME/${name// /-}.log" 2>&1 || status=$?
  tail -n "${lines:-1}" "$HOME/${name// /-}.log"
  echo "$name: status $status after $(($(date +%s) - started)) s"
  return "$status"
}

lines=1 timed 'set-up' node scripts/setup.mjs
lines=40 timed 'npm run demo' npm run demo
lines=1 timed 'npm test' npm test
git status --short | sed 's/^/left behind: /'
