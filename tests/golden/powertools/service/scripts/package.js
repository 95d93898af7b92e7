"use strict";
// A plugin of osls: has scripts/package.py build the package, so that `osls deploy` alone works too.
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

module.exports = class Package {
  constructor(serverless) {
    const build = () => buildPackage(serverless);
    this.hooks = {
      "before:package:createDeploymentArtifacts": build,
      "before:deploy:function:packageFunction": build,
      // Else it runs what was built last, for Lambda's processor, instead of src/.
      "before:offline:start:init": () => delete serverless.service.package.artifact,
    };
  }
};

function buildPackage(serverless) {
  const { runtime, architecture } = serverless.service.provider;
  const folder = serverless.serviceDir;
  const candidates = [".venv/bin/python", ".venv/Scripts/python.exe"].map((path) => join(folder, path));
  const python = candidates.find(existsSync);
  if (!python) throw new serverless.classes.Error("There is no .venv yet: run `make install` first.");
  const script = join(folder, "scripts", "package.py");
  const result = spawnSync(python, [script, runtime.replace("python", ""), architecture], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) throw new serverless.classes.Error("scripts/package.py failed, see above.");
}
