{{- define "headgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* 40 characters leave room for the longest suffix within 63. */}}
{{- define "headgate.fullname" -}}
{{- $name := include "headgate.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "headgate.controlPlane" -}}
{{ include "headgate.fullname" . }}-control-plane
{{- end }}

{{- define "headgate.dataPlane" -}}
{{ include "headgate.fullname" . }}-data-plane
{{- end }}

{{- define "headgate.api" -}}
{{ include "headgate.fullname" . }}-api
{{- end }}

{{- define "headgate.grpc" -}}
{{ include "headgate.fullname" . }}-grpc
{{- end }}

{{- define "headgate.adminTokenSecret" -}}
{{- default (printf "%s-admin-token" (include "headgate.fullname" .)) .Values.auth.adminToken.existingSecret }}
{{- end }}

{{- define "headgate.joinTokenSecret" -}}
{{- default (printf "%s-join-token" (include "headgate.fullname" .)) .Values.auth.joinToken.existingSecret }}
{{- end }}

{{- define "headgate.tlsSecret" -}}
{{- default (printf "%s-tls" (include "headgate.fullname" .)) .Values.tls.existingSecret }}
{{- end }}

{{- define "headgate.clientTlsSecret" -}}
{{- default (printf "%s-data-plane-tls" (include "headgate.fullname" .)) .Values.tls.clientCertificates.existingSecret }}
{{- end }}

{{- define "headgate.controlPlane.serviceAccount" -}}
{{- $account := .Values.controlPlane.serviceAccount }}
{{- default (ternary (include "headgate.controlPlane" .) "default" $account.create) $account.name }}
{{- end }}

{{- define "headgate.dataPlane.serviceAccount" -}}
{{- $account := .Values.dataPlane.serviceAccount }}
{{- default (ternary (include "headgate.dataPlane" .) "default" $account.create) $account.name }}
{{- end }}
