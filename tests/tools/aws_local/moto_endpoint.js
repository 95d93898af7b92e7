// Points the AWS SDK for JavaScript v2 at AWS_ENDPOINT_URL, which only v3 reads by itself.
//
// Preloaded with NODE_OPTIONS="--require .../moto_endpoint.js", so no serverless.yml has to list
// a plugin: osls loads `aws-sdk` when its AWS provider starts, and this sees it being loaded.
// Path-style addresses, because "<bucket>.127.0.0.1" is no name that resolves.
'use strict';

const endpoint = process.env.AWS_ENDPOINT_URL;

if (endpoint) {
  const Module = require('module');
  const load = Module._load;

  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request === 'aws-sdk' && loaded.config && loaded.config.endpoint !== endpoint) {
      loaded.config.update({ endpoint, s3ForcePathStyle: true, sslEnabled: false });
    }
    return loaded;
  };
}
