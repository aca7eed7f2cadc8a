'use strict'

/** No honest reply comes near; it bounds what a broken or hostile daemon can make a pool hold. */
const LONGEST_REPLY = 16 * 1024 * 1024

/** The bytes of a reply as they come in, in one buffer however small the pieces: many small ones would weigh far more. */
class Body {
  constructor () {
    this.bytes = EMPTY
    this.length = 0
  }

  /** Takes a piece; false when the reply has become too long. */
  add (piece) {
    const length = this.length + piece.length
    if (length > LONGEST_REPLY) return false
    if (this.length === 0) this.bytes = piece
    else this._append(piece, length)
    this.length = length
    return true
  }

  text () {
    return this.bytes.toString('utf8', 0, this.length)
  }

  _append (piece, length) {
    if (length > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * length)
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    piece.copy(this.bytes, this.length)
  }
}

const EMPTY = Buffer.alloc(0)

/** The JSON-RPC reply in a text, or null. Some daemons leave out `id`, some `jsonrpc`, and some write `"error": null`. */
function parse (text) {
  let reply
  try {
    reply = JSON.parse(text)
  } catch (error) {
    return null
  }
  return typeof reply === 'object' && reply !== null && (reply.error || reply.result !== undefined) ? reply : null
}

/** Whether the daemon says that it cannot answer yet: as an error, or, as Monero's header calls do, with empty members. */
function isBusy ({ error, result }) {
  if (error) return error.code === CORE_IS_BUSY
  return typeof result === 'object' && result !== null && result.status === 'BUSY'
}

const CORE_IS_BUSY = -9

module.exports = { Body, LONGEST_REPLY, isBusy, parse }
