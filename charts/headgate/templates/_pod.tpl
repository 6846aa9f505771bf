{{/* What both planes' pods have in common. Each takes dict "root" $ "plane" <the values of the plane>. */}}
{{- define "headgate.image" -}}
{{- $image := .root.Values.image }}
{{- $registry := default (dig "imageRegistry" "" .root.Values.global) $image.registry }}
{{- $name := ternary (printf "%s/%s" $registry .plane.image.repository) .plane.image.repository (ne $registry "") }}
{{- if .plane.image.digest }}
{{- printf "%s@%s" $name .plane.image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion $image.tag) }}
{{- end }}
{{- end }}

{{- define "headgate.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "headgate.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "headgate.pullSecrets" -}}
{{- $secrets := concat .Values.imagePullSecrets (dig "imagePullSecrets" list .Values.global) }}
{{- with $secrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "headgate.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* A volume with one key of a Secret: dict "name" "secret" "key". */}}
{{- define "headgate.tokenVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items: [{ key: {{ .key }}, path: token }]
{{- end }}
