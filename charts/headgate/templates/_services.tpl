{{/* The part of a Service that its values decide on, but for its ports. */}}
{{- define "headgate.serviceSpec" -}}
type: {{ .type }}
{{- if ne .type "ClusterIP" }}
externalTrafficPolicy: {{ .externalTrafficPolicy }}
{{- end }}
{{- if eq .type "LoadBalancer" }}
{{- with .loadBalancerClass }}
loadBalancerClass: {{ . }}
{{- end }}
{{- with .loadBalancerSourceRanges }}
loadBalancerSourceRanges:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The one port of a Service: dict "service" <its values> "name" "http". */}}
{{- define "headgate.servicePort" -}}
- name: {{ .name }}
  port: {{ .service.port }}
  targetPort: {{ .name }}
  {{- if and (ne .service.type "ClusterIP") .service.nodePort }}
  nodePort: {{ .service.nodePort }}
  {{- end }}
{{- end }}
