{{/*
The manifests of k8s/ are the one source: files/manifests.yaml is a copy of them. The templates read them as objects, set
what the values say, and print them.
*/}}

{{/* Labels of every object. */}}
{{- define "token-guardian.labels" -}}
{{- with .Values.commonLabels }}
{{- toYaml . | nindent 0 }}
{{- end }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* The name of the parameters, and the beginning of the observer's name. */}}
{{- define "token-guardian.fullname" -}}
{{ .Values.fullnameOverride | default .Chart.Name }}
{{- end }}

{{- define "token-guardian.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* The manifests of a component, as the list "documents": dict "root" $ "component" NAME. */}}
{{- define "token-guardian.documents" -}}
documents:
{{- range splitList "\n---\n" (.root.Files.Get "files/manifests.yaml") }}
{{- $object := fromYaml . }}
{{- if eq (index $object.metadata.labels "app.kubernetes.io/component") $.component }}
  - {{ $object | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* One object, with the labels of all and its own: dict "root" $ "object" OBJECT "labels" MORE. */}}
{{- define "token-guardian.object" -}}
{{- $own := merge (dict) (.labels | default dict) (.object.metadata.labels | default dict) -}}
{{- $_ := set .object.metadata "labels" (merge $own (include "token-guardian.labels" .root | fromYaml)) }}
---
{{ toYaml .object }}
{{ end }}

{{/* A quantity, as text; a whole number without an exponent. */}}
{{- define "token-guardian.quantity" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* A quantity, as a number to compare. */}}
{{- define "token-guardian.amount" -}}
{{- $text := include "token-guardian.quantity" . }}
{{- $suffix := regexFind "(m|k|M|G|Ki|Mi|Gi)$" $text }}
{{- $factors := dict "" 1 "m" 0.001 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 }}
{{- mulf (trimSuffix $suffix $text | float64) (get $factors $suffix) }}
{{- end }}
