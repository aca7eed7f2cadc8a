'use strict'

/** The compiled half, from beside package.json. */
module.exports = load('../turtle-pool-multi-daemon.node')

function load (file) {
  try {
    return require(file)
  } catch (error) {
    const explanation = error.code === 'MODULE_NOT_FOUND'
      ? 'turtle-pool-multi-daemon is not built: run `npm run build` in its folder'
      : `turtle-pool-multi-daemon does not load on Node ${process.version} (${process.platform} ${process.arch}): ${error.message}`
    throw Object.assign(new Error(explanation), { code: 'ERR_MULTI_DAEMON_NATIVE', cause: error })
  }
}
