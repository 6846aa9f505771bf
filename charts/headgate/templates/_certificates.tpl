{{/*
The data of a Secret with a certificate and its authority: what is in the cluster, as long as it is for the same names and
not in the last third of its time; else new ones. Takes dict "root" "secret" "subject" "names" "addresses". The names and the
time of renewal are kept as annotations, because templates cannot read certificates.
*/}}
{{- define "headgate.certificate" -}}
{{- $days := int .root.Values.tls.validityDays }}
{{- $names := join "," (concat .names .addresses) }}
{{- $old := lookup "v1" "Secret" .root.Release.Namespace .secret | default dict }}
{{- $data := $old.data | default dict }}
{{- $notes := dig "metadata" "annotations" dict $old }}
{{- $renewAfter := index $notes "headgate/renew-after" | default "0" | int64 }}
{{- $isGood := and (hasKey $data "tls.crt") (hasKey $data "tls.key") (hasKey $data "ca.crt") (eq $names (index $notes "headgate/names" | default "")) (lt (now | unixEpoch | int64) $renewAfter) }}
{{- if not $isGood }}
{{- $authority := genCA (printf "%s authority" .subject) $days }}
{{- $pair := genSignedCert .subject .addresses .names $days $authority }}
{{- $data = dict "tls.crt" ($pair.Cert | b64enc) "tls.key" ($pair.Key | b64enc) "ca.crt" ($authority.Cert | b64enc) }}
{{- $renewAfter = add (now | unixEpoch | int64) (mul $days 57600) }}
{{- end }}
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: {{ .secret }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "headgate.labels" (dict "root" .root "component" "control-plane") | nindent 4 }}
  annotations:
    headgate/names: {{ $names | quote }}
    headgate/renew-after: {{ $renewAfter | quote }}
data:
  ca.crt: {{ index $data "ca.crt" }}
  tls.crt: {{ index $data "tls.crt" }}
  tls.key: {{ index $data "tls.key" }}
{{- end }}

{{/* A Secret with one random token, or what the cluster has of that name: dict "root" "name" "key". */}}
{{- define "headgate.token" -}}
{{- $old := lookup "v1" "Secret" .root.Release.Namespace .name | default dict }}
{{- $token := index ($old.data | default dict) .key | default (randAlphaNum 43 | b64enc) }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "headgate.labels" (dict "root" .root "component" "control-plane") | nindent 4 }}
data:
  {{ .key }}: {{ $token }}
{{- end }}
