# shellcheck shell=bash
# Buckets: roles alone let in, and nothing is public.

# ensure_bucket NAME OPTION...: of `gcloud storage buckets update`.
ensure_bucket() {
  local name=$1
  shift
  if ! found bucket "$name"; then
    change storage buckets create "gs://$name" --location="$REGION" --uniform-bucket-level-access \
      --public-access-prevention
  fi
  keep bucket "$name"
  change storage buckets update "gs://$name" --uniform-bucket-level-access --public-access-prevention \
    --update-labels="$LABELS" "$@"
}
