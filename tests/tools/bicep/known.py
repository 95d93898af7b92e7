"""Names that Bicep itself has, of those that a template of ours may need."""

_FUNCTIONS = """
any array base64 base64ToString bool cidrHost cidrSubnet concat contains dateTimeAdd deployer
deployment empty endsWith environment extensionResourceId fail filter first flatten format
groupBy guid indexOf int intersection items join json last lastIndexOf length listKeys
loadFileAsBase64 loadJsonContent loadTextContent loadYamlContent managementGroup
managementGroupResourceId map mapValues max min nameof newGuid objectKeys padLeft parseUri
pickZones range reduce reference replace resourceGroup resourceId shallowMerge skip sort split
startsWith string subscription subscriptionResourceId substring take tenant tenantResourceId
toLower toObject toUpper trim tryGet union uniqueString uri uriComponent uriComponentToString
utcNow
"""
_DECORATORS = """
allowed batchSize description discriminator export maxLength maxValue metadata minLength
minValue onlyIfNotExists retryOn sealed secure
"""
_RESOURCE_KEYS = "dependsOn identity kind location name parent properties scope sku tags zones"

FUNCTIONS = frozenset(_FUNCTIONS.split())
DECORATORS = frozenset(_DECORATORS.split())
NAMESPACES = frozenset(["az", "sys"])
TYPES = frozenset(["array", "bool", "int", "object", "string"])

# What is known of a resource before anything is deployed.
AT_START = frozenset(["apiVersion", "id", "name", "type"])

RESOURCE_KEYS = frozenset(_RESOURCE_KEYS.split())
MODULE_KEYS = frozenset(["dependsOn", "name", "params", "scope"])

# Resources of a subscription; all others are in a resource group.
SUBSCRIPTION_TYPES = frozenset(
    ["Microsoft.Authorization/roleAssignments", "Microsoft.Resources/resourceGroups"]
)
