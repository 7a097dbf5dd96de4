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

{{/* The API of MutatingAdmissionPolicy that the cluster has. */}}
{{- define "token-guardian.mutationVersion" -}}
{{- if .Values.injection.apiVersion -}}
{{ .Values.injection.apiVersion }}
{{- else if semverCompare ">=1.36-0" .Capabilities.KubeVersion.Version -}}
admissionregistration.k8s.io/v1
{{- else if semverCompare ">=1.34-0" .Capabilities.KubeVersion.Version -}}
admissionregistration.k8s.io/v1beta1
{{- else -}}
{{ fail (printf "injection takes Kubernetes 1.34, and this is %s: set injection.enabled=false, and add the guardian by k8s/sidecar" .Capabilities.KubeVersion.Version) }}
{{- end -}}
{{- end }}
