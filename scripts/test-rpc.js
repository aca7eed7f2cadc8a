'use strict'

// Runs the tests of rpc() as plain scripts with the very Node that runs this file, whatever its version:
// `node-10/bin/node scripts/test-rpc.js`. Ends with 1 when a test fails.

const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')

const folder = path.join(__dirname, '../__test__')
const files = fs.readdirSync(folder).filter(name => /^rpc.*\.test\.js$/.test(name))
const failed = files.filter(name => {
  const { status } = spawnSync(process.execPath, [path.join(folder, name)], { stdio: 'inherit', timeout: 300000 })
  return status !== 0
})

console.log(`${files.length - failed.length} of ${files.length} files of tests pass on Node ${process.version}`)
process.exitCode = failed.length > 0 ? 1 : 0
