'use strict'

/** The pool's `daemon` blocks that were made live, with what stood in them before. */
const originals = new WeakMap()

/**
 * Makes `host` and `port` of the pool's `daemon` block answer the daemon in use, so that code that reads them at every
 * request follows each switch. As JSON the block stays what it was.
 */
function makeLive (block, getDaemon, warn) {
  const { host, port } = block
  originals.set(block, Object.assign({}, block))
  define(block, 'host', getDaemon, warn)
  define(block, 'port', getDaemon, warn)
  Object.defineProperty(block, 'toJSON', { value: () => Object.assign({}, block, { host, port }), configurable: true })
}

/** What stood in a block before it was made live; the block itself if it never was. */
function originalOf (block) {
  return originals.get(block) || block
}

function define (block, member, getDaemon, warn) {
  Object.defineProperty(block, member, {
    configurable: true,
    enumerable: true,
    get: () => getDaemon()[member],
    set: value => warn(`config.daemon.${member} follows the daemon in use; it was not set to ${value}`)
  })
}

module.exports = { makeLive, originalOf }
