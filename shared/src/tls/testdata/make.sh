#!/bin/sh
# Makes the certificates of this directory anew. The keys guard nothing.
set -eu
cd "$(dirname "$0")"
WORK=$(mktemp -d)
export WORK
trap 'status=$?; [ $status = 0 ] || cat "$WORK/log" >&2; rm -rf "$WORK"' EXIT
always="20260101000000Z 21260101000000Z"
past="20200101000000Z 20210101000000Z"
future="21250101000000Z 21260101000000Z"

# request <name>: a signing request, and its key unless there is one.
request() {
  [ -f "$WORK/$1.key" ] ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$WORK/$1.key" 2>>"$WORK/log"
  openssl req -new -key "$WORK/$1.key" -subj "/O=Headgate tests/CN=$1" -out "$WORK/$1.csr"
}

# sign <name> <extensions> <from> <until> <how…>
sign() {
  name=$1 extensions=$2 from=$3 until=$4
  shift 4
  : >"$WORK/index.txt"
  openssl ca -batch -config ca.cnf -name tests -create_serial -notext -outdir "$WORK" -in "$WORK/$name.csr" \
    -out "$WORK/$name.crt" -extensions "$extensions" -startdate "$from" -enddate "$until" "$@" 2>>"$WORK/log"
}

# authority <name>: signs itself.
authority() {
  request "$1"
  sign "$1" authority $always -selfsign -keyfile "$WORK/$1.key"
}

# issue <name> <issuer> <extensions> <from> <until>
issue() {
  request "$1"
  sign "$1" "$3" "$4" "$5" -cert "$WORK/$2.crt" -keyfile "$WORK/$2.key"
}

authority servers-ca
authority clients-one-ca
authority clients-two-ca
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:512 -out "$WORK/weak.key" 2>>"$WORK/log"
issue servers-intermediate servers-ca authority $always
issue first servers-intermediate server $always
issue second servers-ca server $always
issue expired servers-ca server $past
issue future servers-ca server $future
issue weak servers-ca server $always
issue client-one clients-one-ca client $always
issue client-two clients-two-ca client $always

cp "$WORK"/*-ca.crt .
for name in first second expired future weak client-one client-two; do cp "$WORK/$name.crt" "$WORK/$name.key" .; done
cat "$WORK/servers-intermediate.crt" >>first.crt
openssl pkey -in first.key -aes256 -passout pass:headgate -out first-encrypted.key
