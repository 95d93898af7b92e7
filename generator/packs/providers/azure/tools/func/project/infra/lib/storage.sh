# shellcheck shell=bash
# Storage accounts: nobody gets in with a key, or without TLS, and nothing is public.

# ensure_storage NAME DAYS VERSIONS: the time to notice a blob or a container that was deleted, and whether
# what is overwritten is kept, too.
ensure_storage() {
  change storage account create --resource-group "$GROUP" --name "$1" --location "$REGION" \
    --kind StorageV2 --sku "$STORAGE_SKU" --https-only true --min-tls-version TLS1_2 \
    --allow-blob-public-access false --allow-shared-key-access false --allow-cross-tenant-replication false \
    --tags "${TAGS[@]}"
  change storage account blob-service-properties update --resource-group "$GROUP" --account-name "$1" \
    --enable-delete-retention true --delete-retention-days "$2" \
    --enable-container-delete-retention true --container-delete-retention-days "$2" --enable-versioning "$3"
  keep "$(id_of Microsoft.Storage/storageAccounts "$1")"
}

# The functions' own, apart from the host's: what they may do here says nothing about that.
ensure_data_storage() {
  ! kept "$DATA_STORAGE_ID" || return 0
  ensure_storage "$DATA_STORAGE" 30 true
  # Versions are not deleted by themselves.
  change storage account management-policy create --resource-group "$GROUP" --account-name "$DATA_STORAGE" \
    --policy "$(
      cat <<'JSON'
{
  "rules": [
    {
      "name": "old-versions",
      "enabled": true,
      "type": "Lifecycle",
      "definition": {
        "filters": {"blobTypes": ["blockBlob"]},
        "actions": {"version": {"delete": {"daysAfterCreationGreaterThan": 90}}}
      }
    }
  ]
}
JSON
    )"
}

# ensure_container ACCOUNT NAME
ensure_container() {
  change storage container-rm create --resource-group "$GROUP" --storage-account "$1" --name "$2"
}

# ensure_queue ACCOUNT NAME: not by `az storage queue`, for which whoever deploys needs a role on queues.
ensure_queue() {
  local id
  id=$(id_of Microsoft.Storage/storageAccounts "$1")/queueServices/default/queues/$2
  change rest --method put --url "$id?api-version=2023-05-01" --body '{"properties": {}}'
}
