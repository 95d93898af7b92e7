"""AWS on this machine, for tests: deployed zips run under the real runtime client.

`Sandbox` runs one deployment zip. `local_aws` starts a moto server in which the functions that
are deployed to it run that way when a message, an object or an event arrives; see `local.py` for
how tools are pointed at it and for what it does not emulate.
"""

from tools.aws_local.local import LocalAws, local_aws
from tools.aws_local.sandbox import FunctionConfig, Invocation, Sandbox

__all__ = ["FunctionConfig", "Invocation", "LocalAws", "Sandbox", "local_aws"]
