"""How the service is deployed: an AWS CDK app."""
