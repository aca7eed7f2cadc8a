'use strict'

// Runs the tests of the stand-in pool once more, with the pool itself on the Node.js that turtle-pool needs.

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { node } = require('./runtimes')

/** The newest that turtle-pool's native dependencies compile on. */
const POOL_NODE = '10.24.1'

console.log(`the stand-in pool on Node.js ${POOL_NODE}`)
const env = { ...process.env, STANDIN_NODE: node(POOL_NODE) }
const tests = path.join(__dirname, '..', 'attach-pool.test.js')
const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', tests], { env, stdio: 'inherit', timeout: 600000 })
process.exitCode = status === 0 ? 0 : 1
