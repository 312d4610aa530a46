// A project that is CommonJS: require() takes ES modules from Node.js 22.13 on, without a flag and without a warning.
const assert = require('node:assert/strict')
const { createVerifier } = require('@taskhook/core')
const { signedRequest } = require('@taskhook/core/testing')
const express = require('@taskhook/express')
const fastify = require('@taskhook/fastify')
const web = require('@taskhook/web')

process.on('warning', (warning) => assert.fail(warning))
for (const { verifyWebhook } of [express, fastify, web]) assert.equal(typeof verifyWebhook, 'function')

const secret = 'a secret of this test'
const { headers, url, body } = signedRequest({ secret })
createVerifier({ secret })
  .verify({ headers, url, body: Buffer.from(body) })
  .then(({ outcome }) => assert.equal(outcome, 'event'))
