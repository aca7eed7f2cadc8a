'use strict'

const path = require('path')

const { candidates } = require('./prebuilt')

const ROOT = path.join(__dirname, '..', '..')

/** The compiled half: what was built on this machine, or else what came with the package. */
module.exports = load([path.join(ROOT, 'turtle-pool-multi-daemon.node'), ...candidates()])

function load (files) {
  const failures = []
  for (const file of files) {
    try {
      return require(file)
    } catch (error) {
      failures.push({ file: path.relative(ROOT, file), isThere: error.code !== 'MODULE_NOT_FOUND', error })
    }
  }
  const tried = failures.map(({ file, isThere, error }) => `${file} ${isThere ? `does not load: ${error.message}` : 'is not there'}`)
  const [{ error: cause } = {}] = failures.filter(({ isThere }) => isThere)
  throw Object.assign(new Error(explain(tried)), { code: 'ERR_MULTI_DAEMON_NATIVE', cause, tried })
}

function explain (tried) {
  const system = `${process.platform} ${process.arch}`
  if (process.platform !== 'linux') {
    return `turtle-pool-multi-daemon has no binary for ${system}. Run the pool on Linux, in a container or a virtual machine if need be, ` +
      'or set "enabled" in "multiDaemon" to false'
  }
  return `turtle-pool-multi-daemon finds no binary that works on Node ${process.version} (${system}): ${tried.join('; ')}. ` +
    '`node install.js` in its folder builds one, or says what is missing for that'
}
