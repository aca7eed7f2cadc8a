'use strict'

/** @typedef {import('./source/contract').Part} Part */

/** The pool's `daemon` blocks that are ours to write, with what stood in them before. */
const originals = new WeakMap()

/**
 * The pool's `daemon` block: where the pool's own code sends its requests, which it reads anew for each of them.
 *
 * With a gateway it names that, in plain values. Without one it is live: it reads as the daemon in use at every look. As JSON it
 * stays what it was.
 * @implements {Part}
 */
class DaemonBlock {
  /** `gateway()` gives where requests go, `null` for whichever daemon is in use. */
  constructor (block, { getDaemon, gateway, warn }) {
    this.block = block
    this.getDaemon = getDaemon
    this.gateway = gateway
    this.warn = warn
    const { host, port } = originalOf(block)
    if (!originals.has(block)) originals.set(block, Object.assign({}, block))
    Object.defineProperty(block, 'toJSON', { value: () => Object.assign({}, block, { host, port }), configurable: true })
    this.point(gateway())
  }

  hear (changes) {
    if (changes.some(({ event }) => event === 'gateway')) this.point(this.gateway())
  }

  /** Where the gateway was, nobody may listen any more, and the change is announced a turn later. */
  reconfigured () {
    this.point(this.gateway())
  }

  /** Sends the pool to the gateway from now on; `null` to whichever daemon is in use. */
  point (gateway) {
    for (const member of ['host', 'port']) {
      if (gateway) define(this.block, member, { value: gateway[member], writable: true })
      else define(this.block, member, this.live(member))
    }
  }

  /** Nothing is decided any more: the last daemon it is. */
  stop () {
    this.point(this.getDaemon())
  }

  live (member) {
    return {
      get: () => this.getDaemon()[member],
      set: value => this.warn(`config.daemon.${member} follows the daemon in use; it was not set to ${value}`)
    }
  }
}

/** Why a `daemon` block cannot be made to lead to the daemon in use; null where it can. */
function obstacleIn (block) {
  if (typeof block !== 'object' || block === null) return null
  const isFixed = name => (Object.getOwnPropertyDescriptor(block, name) || { configurable: true }).configurable === false
  const fixed = ['host', 'port', 'toJSON'].find(isFixed)
  if (!Object.isExtensible(block)) return 'daemon: is frozen or sealed, so the pool\'s requests cannot be sent to the gateway; give attach() an object that can be changed'
  return fixed ? `daemon.${fixed}: is read-only, so the pool's requests cannot be sent to the gateway; give attach() an object that can be changed` : null
}

/** What stood in a block before it was ours; the block itself if it never was. */
function originalOf (block) {
  return originals.get(block) || block
}

function define (block, member, descriptor) {
  Object.defineProperty(block, member, Object.assign({ configurable: true, enumerable: true }, descriptor))
}

module.exports = { DaemonBlock, obstacleIn, originalOf }
