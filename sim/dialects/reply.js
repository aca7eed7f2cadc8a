'use strict'

/** @typedef {import('../exchange').Reply} Reply */

const JSON_TYPE = 'application/json'

/** @returns {Reply} */
const ok = body => ({ status: 200, type: JSON_TYPE, body })

/** What every family says to a path that it does not know. @type {Reply} */
const notFound = { status: 404 }

/** An error of a JSON-RPC method; methods throw it. */
class RpcError extends Error {
  constructor (code, message) {
    super(message)
    this.code = code
  }
}

/** @type {(daemon: import('../daemon').SimDaemon) => void} */
function refuseWhenBusy (daemon) {
  if (daemon.isBusy) throw new RpcError(-9, 'Core is busy')
}

/**
 * Calls a method: `success` and `failure` put its result or its error into the family's envelope.
 * @returns {Reply}
 */
function callMethod (method, args, { success, failure }) {
  try {
    return ok(success(method(...args)))
  } catch (error) {
    if (!(error instanceof RpcError)) throw error
    return ok(failure(error))
  }
}

module.exports = { JSON_TYPE, RpcError, callMethod, notFound, ok, refuseWhenBusy }
