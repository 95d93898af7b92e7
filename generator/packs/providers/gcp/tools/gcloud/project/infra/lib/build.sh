# shellcheck shell=bash
# What makes functions of archives: Cloud Build, as an account of its own.

ensure_build() {
  local bucket sources=
  ensure_account "$PREFIX-build"
  # `make build` makes the archives again: no need to keep what was deleted.
  ensure_bucket "$SOURCE_BUCKET" --soft-delete-duration=0
  ensure_repository
  allow repository "$PREFIX" roles/artifactregistry.writer "serviceAccount:$BUILDER"
  # Logs have no smaller resource than the project.
  allow project "$PROJECT" roles/logging.logWriter "serviceAccount:$BUILDER"
  # The archives, and the copies that Google builds of: their bucket is made with the project's first function.
  for bucket in "$SOURCE_BUCKET" "gcf-v2-sources-$NUMBER-$REGION"; do
    sources="$sources || resource.name.startsWith(\"projects/_/buckets/$bucket/objects/\")"
  done
  allow project "$PROJECT" roles/storage.objectViewer "serviceAccount:$BUILDER" "${sources# || }" "Sources of functions"
}

# Images of the functions, one package each.
ensure_repository() {
  local description="Images of the functions of $SERVICE, stage $STAGE"
  if found repository "$PREFIX"; then
    change artifacts repositories update "$PREFIX" --location="$REGION" --description="$description" \
      --update-labels="$LABELS"
  else
    change artifacts repositories create "$PREFIX" --location="$REGION" --repository-format=docker \
      --description="$description" --labels="$LABELS"
  fi
  keep repository "$PREFIX"
  cat >"$WORK/cleanup.json" <<'JSON'
[
  {"name": "keep-recent", "action": {"type": "Keep"}, "mostRecentVersions": {"keepCount": 5}},
  {"name": "delete-old", "action": {"type": "Delete"}, "condition": {"olderThan": "30d"}}
]
JSON
  change artifacts repositories set-cleanup-policies "$PREFIX" --location="$REGION" \
    --policy="$WORK/cleanup.json" --no-dry-run
}
