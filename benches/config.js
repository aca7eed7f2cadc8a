'use strict'

/**
 * The configuration of a pool that uses these daemons.
 * @param {Array<{ host: string, port: number }>} addresses  the primary first
 * @param {object} [options]  of the block
 */
function configOf ([daemon, ...daemons], options = {}) {
  return { daemon, multiDaemon: { enabled: true, daemons, ...options } }
}

module.exports = { configOf }
