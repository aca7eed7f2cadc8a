'use strict'

const path = require('path')

const ROOT = path.join(__dirname, '..', '..')

/** What was built on this machine, or else what came with the package, which runs wherever Node.js itself does on glibc. */
const FILES = [
  path.join(ROOT, 'turtle-pool-multi-daemon.node'),
  path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}-gnu.node`)
]

/** The compiled half. */
module.exports = load(FILES)

function load (files) {
  const failures = []
  for (const file of files) {
    try {
      return require(file)
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') failures.push(error)
    }
  }
  const [cause] = failures
  const explanation = cause
    ? `turtle-pool-multi-daemon does not load on Node ${process.version} (${process.platform} ${process.arch}): ${cause.message}`
    : `turtle-pool-multi-daemon has no binary for ${process.platform} ${process.arch}: \`node install.js\` in its folder builds it`
  throw Object.assign(new Error(explanation), { code: 'ERR_MULTI_DAEMON_NATIVE', cause })
}
