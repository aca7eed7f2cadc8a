'use strict'

const { ok } = require('./dialects/reply')

/**
 * What a daemon answers.
 * @typedef {object} Reply
 * @property {number} status
 * @property {string} [type]  content type; left out with an empty body
 * @property {unknown} [body]  JSON value, or a string that is sent as it stands
 */

/** One request and the answer to it: what a fault gets into its hands. */
class Exchange {
  /**
   * @param {import('./daemon').SimDaemon} daemon
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {string} body
   */
  constructor (daemon, request, response, body) {
    this.daemon = daemon
    this.request = request
    this.response = response
    this.body = body
    this.verb = request.method
    this.path = request.url.split('?')[0]
    /** The JSON-RPC request, if it is one. */
    this.rpc = this.path === '/json_rpc' ? parse(body) : undefined
    /** The block that a template is to be built on, if not on the top one. @type {import('./block').Block | undefined} */
    this.buildOn = undefined
    this.closed = false
    response.on('close', () => { this.closed = true })
    response.on('error', () => {})
  }

  /** What counters go by: the path, or the method of a JSON-RPC request. */
  get key () {
    return this.rpc && typeof this.rpc.method === 'string' ? this.rpc.method : this.path
  }

  /** The method of a JSON-RPC request, by the first of its names. */
  get method () {
    const { canonical = name => name } = this.daemon.dialect
    return this.rpc && canonical(this.rpc.method)
  }

  /** Whether it asks for the daemon's state, with which a poll of any dialect begins. */
  get asksInfo () {
    return ['/info', '/getinfo', '/get_info', 'get_info'].includes(this.key)
  }

  /** What the daemon would answer if nothing were wrong with it; a promise where that takes time. @returns {Reply | Promise<Reply>} */
  truth () {
    return this.daemon.dialect.answer(this.daemon, this)
  }

  /** The reply with a result of JSON-RPC, as the daemon's family has it. @returns {Reply} */
  success (result) {
    return ok(this.#envelope.success(result))
  }

  /** The reply with an error of JSON-RPC. @param {{ code: number, message: string }} error @returns {Reply} */
  failure (error) {
    return ok(this.#envelope.failure(error))
  }

  /**
   * Sends a reply; without one, the truth. `headers` come on top of those for the body's type and length, or in their place.
   * @param {Reply | Promise<Reply>} [reply]
   * @param {Record<string, string | number>} [headers]
   */
  send (reply = this.truth(), headers = {}) {
    if (reply instanceof Promise) return reply.then(settled => this.#write(settled, headers))
    this.#write(reply, headers)
  }

  get #envelope () {
    return this.daemon.dialect.envelope(this.rpc)
  }

  /** @param {Reply} reply */
  #write ({ status, type, body }, headers) {
    if (this.closed) return
    const text = textOf(body)
    this.response.writeHead(status, { 'Content-Length': Buffer.byteLength(text), ...type && { 'Content-Type': type }, ...headers })
    this.response.end(text)
  }

  /** Ends the connection with a TCP reset. */
  reset () {
    this.request.socket.resetAndDestroy()
  }
}

/** A body as it goes over the wire. @param {unknown} body @returns {string | Buffer} */
function textOf (body) {
  if (typeof body === 'string' || Buffer.isBuffer(body)) return body
  return body === undefined ? '' : JSON.stringify(body)
}

/** What cannot be a request is none: dialects need not look twice. */
function parse (text) {
  try {
    const { params, ...request } = JSON.parse(text)
    return { ...request, params: params === null ? undefined : params }
  } catch {
    return undefined
  }
}

module.exports = { Exchange, textOf }
