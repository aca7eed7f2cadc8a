'use strict'

// Runs the stand-in pool with an installed package (STANDIN_PACKAGE) on some Node.js (STANDIN_NODE): what its processes ask for goes
// through the gateway, also while a daemon is gone.

const assert = require('node:assert/strict')
const fs = require('node:fs')

const Standin = require('../standin/drive')
const { withPool } = require('../standin/with-pool')

/** One that attaches by a line of its own, and one that the package's own command has edited. */
const VARIANTS = ['plain', 'edited']
const ROLES = ['pool1', 'pool2', 'blockUnlocker']

async function main () {
  for (const variant of VARIANTS) await withPool({ standin: { variant }, poolServer: { clusterForks: 2 }, blockUnlocker: { enabled: true } }, asksThroughGateway)
}

async function asksThroughGateway (pool, network, primary, ...others) {
  const { asks, status, from } = await pool.says('master', ({ status }) => status.mode === 'multi')
  assert.equal(asks, `${status.gateway.host}:${status.gateway.port}`, 'the master asks the gateway')
  assert.equal(from, fs.realpathSync(Standin.package), 'the pool runs what was installed')
  for (const role of ROLES) assert.equal((await pool.says(role, ({ status }) => status.mode === 'multi')).asks, asks, `${role} asks the gateway`)
  const templates = () => others.reduce((sum, daemon) => sum + daemon.count('getblocktemplate'), 0)
  await pool.until(() => primary.count('getblocktemplate') > 2, 'templates from the primary')
  await primary.crash()
  const then = templates()
  await pool.until(() => templates() > then + 2, 'templates from another daemon')
}

main().catch(error => {
  console.error(error)
  process.exitCode = 1
})
