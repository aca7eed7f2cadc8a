'use strict'

/**
 * Why a call has no answer: `code` is for programs, `message`, which names the method and the daemon, for people.
 *
 * - `…_ARGUMENT` what was passed is no call · `…_ROUTE` a fourth argument · `…_STOPPED` called after the end
 * - `…_CONNECTION` no connection, or a broken one · `…_TIMEOUT` no whole reply in time
 * - `…_STATUS` an HTTP status other than 200, redirects too · `…_REPLY` no JSON-RPC · `…_SIZE` too long a reply
 * - `…_BUSY` the daemon is not ready · `…_REFUSED` no daemon took the block · `…_UNREACHABLE` none was there to take it
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

/** A failure of one daemon, told in one form. */
function failure (name, method, daemon, what, details) {
  return new RpcError(name, `${method}: ${nameOf(daemon)} ${what}`, details)
}

function nameOf (daemon) {
  return `${daemon.host}:${daemon.port}`
}

/** The words of an error, whoever made it: a JSON-RPC error may be of any type. */
function wordsOf (error) {
  return error && error.message ? String(error.message) : String(JSON.stringify(error))
}

module.exports = { RpcError, failure, nameOf, wordsOf }
