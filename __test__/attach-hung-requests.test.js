'use strict'

// The stages in which a request of the pool's own can hang; nodes/hung-requests.js runs on any Node, and here on this one.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { test } = require('node:test')

test('a hung request calls back exactly once, in whatever stage it is', { timeout: 180000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'nodes', 'hung-requests.js')], { encoding: 'utf8', timeout: 170000 })
  const failed = stdout.split('\n').filter(line => line.startsWith('FAILED'))
  assert.deepEqual(failed, [], stderr)
  assert.equal(status, 0, stderr)
  assert.ok(stdout.split('\n').filter(line => line.startsWith('ok')).length > 50, stdout)
})
