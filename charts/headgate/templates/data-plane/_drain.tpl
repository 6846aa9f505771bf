{{/* Seconds until SIGKILL: what the drain takes, and some for the end itself. */}}
{{- define "headgate.dataPlane.gracePeriod" -}}
{{- $drain := .Values.dataPlane.drain }}
{{- $needed := add $drain.preStopSeconds $drain.delaySeconds $drain.timeoutSeconds }}
{{- if kindIs "invalid" $drain.terminationGracePeriodSeconds }}
{{- add $needed 5 }}
{{- else if lt (int64 $drain.terminationGracePeriodSeconds) $needed }}
{{- fail (printf "dataPlane.drain.terminationGracePeriodSeconds (%d) is less than preStopSeconds, delaySeconds and timeoutSeconds together (%d): requests would be cut; raise it, or leave it null" (int64 $drain.terminationGracePeriodSeconds) $needed) }}
{{- else }}
{{- int64 $drain.terminationGracePeriodSeconds }}
{{- end }}
{{- end }}

{{/* A sleep of the kubelet's own where it has one (1.30), else of Node: there may be no shell. */}}
{{- define "headgate.dataPlane.preStop" -}}
{{- $seconds := int64 .Values.dataPlane.drain.preStopSeconds }}
{{- if gt $seconds 0 }}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}
    sleep: { seconds: {{ $seconds }} }
    {{- else }}
    exec: { command: [node, -e, "setTimeout(() => undefined, {{ mul $seconds 1000 }})"] }
    {{- end }}
{{- end }}
{{- end }}
