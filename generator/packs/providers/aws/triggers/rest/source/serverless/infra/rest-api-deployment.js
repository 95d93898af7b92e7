"use strict";
// The stage is a resource of its own, in rest-api.yml: osls would leave it to the deployment, where
// it has no limits, and set up its log and tracing by calls afterwards. osls gives the deployment a
// new name each time, and only JavaScript can say that as a key.
module.exports = async ({ resolveVariable }) => {
  const deployment = `ApiGatewayDeployment${await resolveVariable("sls:instanceId")}`;
  return { extensions: { [deployment]: { Properties: { StageName: { Ref: "AWS::NoValue" } } } } };
};
