'use strict'

/** @typedef {import('../exchange').Reply} Reply */

/**
 * How a family wraps what a method of JSON-RPC gives.
 * @typedef {{ success: (result: unknown) => object, failure: (error: { code: number, message: string }) => object }} Envelope
 */

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

/** What a method throws that answers in its own way, past JSON-RPC. */
class OtherReply extends Error {
  /** @param {unknown} body @param {number} [status] */
  constructor (body, status = 200) {
    super('another reply')
    /** @type {Reply} */
    this.reply = { status, type: JSON_TYPE, body }
  }
}

/** @type {(daemon: import('../daemon').SimDaemon) => void} */
function refuseWhenBusy (daemon) {
  if (daemon.isBusy) throw new RpcError(-9, 'Core is busy')
}

/** Of the families that are not ready either before they have heard of a peer. @type {(daemon: import('../daemon').SimDaemon) => void} */
function refuseUntilReady (daemon) {
  if (!daemon.isReady) throw new RpcError(-9, 'Core is busy')
}

/**
 * Calls a method, which gives its result, or a promise of it, or throws.
 * @param {(...args: any[]) => unknown} method
 * @param {any[]} args
 * @param {Envelope} envelope
 * @returns {Reply | Promise<Reply>}
 */
function callMethod (method, args, { success, failure }) {
  const succeed = result => ok(success(result))
  const fail = error => {
    if (error instanceof OtherReply) return error.reply
    if (!(error instanceof RpcError)) throw error
    return ok(failure(error))
  }
  try {
    const result = method(...args)
    return result instanceof Promise ? result.then(succeed, fail) : succeed(result)
  } catch (error) {
    return fail(error)
  }
}

/** Of a request that gives none. @type {{ height?: number, hash?: string }} */
const NO_PARAMS = {}

module.exports = { JSON_TYPE, NO_PARAMS, OtherReply, RpcError, callMethod, notFound, ok, refuseUntilReady, refuseWhenBusy }
