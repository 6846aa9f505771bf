#!/usr/bin/env bash
# Builds the programs that tests talk to from their Go modules: build-test-peers.sh [FOLDER] [helm] [consul] [kube-apiserver]
#
# Without names all of them, without a folder into ~/.cache/headgate-tools, where the tests look. Needs Go; what is there is
# not built again. On two cores about 2 minutes for Helm, 4 for Consul, 8 for kube-apiserver, which also wants etcd
# (Debian: etcd-server) to run.
set -euo pipefail

folder=${1:-$HOME/.cache/headgate-tools}
shift || true
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# Two work trees on one machine may need the same programs at the same time.
exec 9>"$folder/.lock"
flock 9

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOFLAGS=-mod=mod
kubernetes_version=1.34.3

helm() { GOBIN=$folder go install helm.sh/helm/v3/cmd/helm@v3.19.0; }

# Its go.sum has sums that the checksum database lacks.
consul() {
  local version=v1.20.6 source
  printf 'module tools\n\ngo 1.26\n\nrequire github.com/hashicorp/consul %s\n' "$version" >go.mod
  printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/hashicorp/consul"\n' >tools.go
  source=$(module_folder "github.com/hashicorp/consul@$version")
  cp "$source/go.sum" go.sum
  chmod u+w go.sum
  go mod tidy -e >tidy.log 2>&1 || true
  compile consul github.com/hashicorp/consul
}

# k8s.io/kubernetes replaces its staging modules by folders of its own; here their releases take their place.
kube-apiserver() {
  local version=$kubernetes_version source
  printf 'module seed\n\ngo 1.26\n' >go.mod
  source=$(module_folder "k8s.io/kubernetes@v$version")
  {
    sed -E -e 's/^module .*/module tools/' \
      -e "s#(k8s.io/[a-z0-9-]+) => \./staging/src/k8s.io/[a-z0-9-]+#\1 => \1 v0.${version#1.}#" "$source/go.mod"
    echo "require k8s.io/kubernetes v$version"
  } >go.mod
  printf '//go:build tools\n\npackage tools\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n' >tools.go
  # Charts ask which version it is.
  compile kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver "-X k8s.io/component-base/version.gitVersion=v$version"
}

module_folder() { go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)",/\1/p'; }

# Under another name first: a program that is half written must not be taken for one.
compile() {
  go build -trimpath -ldflags "-s -w ${3:-}" -o "$work/$1.new" "$2"
  mv "$work/$1.new" "$folder/$1"
}

is_there() {
  case $1 in
    kube-apiserver) [[ "$("$folder/$1" --version 2>/dev/null)" == *"v$kubernetes_version" ]] ;;
    *) [ -x "$folder/$1" ] ;;
  esac
}

[ $# -gt 0 ] || set -- helm consul kube-apiserver
for program in "$@"; do
  ! is_there "$program" || continue
  echo "building $program into $folder"
  (cd "$(mktemp -d -p "$work")" && "$program")
done
