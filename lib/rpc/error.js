'use strict'

const { nameOf } = require('../name')

/**
 * Why a call has no answer: `code` is for programs, `message`, which names the method and whom it was asked of, for people.
 *
 * - `…_ARGUMENT` what was passed is no call · `…_ROUTE` a fourth argument · `…_STOPPED` called after the end
 * - `…_CONNECTION` no connection, or a broken one · `…_TIMEOUT` no whole reply in time
 * - `…_STATUS` an HTTP status other than 200, redirects too · `…_REPLY` no JSON-RPC · `…_SIZE` too long a reply
 */
class RpcError extends Error {
  constructor (name, message, details) {
    super(message)
    this.code = `ERR_MULTI_DAEMON_RPC_${name}`
    Object.assign(this, details)
  }

  /** Pools log errors as JSON, which leaves out the message of an ordinary Error. */
  toJSON () {
    return Object.assign({ message: this.message }, this)
  }
}

/** A failure of whoever was asked, told in one form. */
function failure (name, method, asked, what, details) {
  return new RpcError(name, `${method}: ${nameOf(asked)} ${what}`, details)
}

module.exports = { RpcError, failure }
