#!/usr/bin/env bash
# Fails when proto/src/generated is not what the .proto files generate today.
set -euo pipefail

cd "$(dirname "$0")/../proto"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

buf generate --output "$fresh"
if ! diff -r src/generated "$fresh/src/generated"; then
  echo 'proto/src/generated is not current: run `make proto-generate`.' >&2
  exit 1
fi
