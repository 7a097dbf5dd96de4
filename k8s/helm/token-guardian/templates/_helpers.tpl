{{/*
The manifests of k8s/ are the one source: files/ has links to them, which helm follows, also when it packages the chart.
The templates read them as objects, set what the values say, and print them.
*/}}

{{/* Labels of every object. */}}
{{- define "token-guardian.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "token-guardian.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* The documents of a file, as the list "documents": dict "root" $ "file" NAME. */}}
{{- define "token-guardian.documents" -}}
documents:
{{- range splitList "\n---\n" (required (printf "%s is missing: links of the chart's checkout are no links" .file) (.root.Files.Get .file)) }}
  - {{ fromYaml . | toJson }}
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
