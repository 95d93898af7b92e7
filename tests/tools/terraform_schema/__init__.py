"""Terraform providers that know their whole schema and no cloud.

No registry of Python's or Node's has the azurerm or the google provider, but PyPI has the Terraform
CDK's classes for them: every resource, argument, type and required flag in generated TypeScript.
`wheel` finds it, `typescript` reads it, `schema` is what comes out, `build` writes that as the
plugin protocol has it, `offer` lays it out as a provider that the real terraform starts, `server`
is that program, and `run` runs terraform with it.

So `terraform init`, `validate` and `plan` report unknown arguments, missing ones, wrong types, too
many blocks and references to what is not there. What a provider checks in its own code (patterns,
conflicts, what the API says) is not checked. `apply` keeps a state, and makes up what is computed.
"""
