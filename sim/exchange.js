'use strict'

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
    this.closed = false
    response.on('close', () => { this.closed = true })
    response.on('error', () => {})
  }

  /** What counters go by: the path, or the method of a JSON-RPC request. */
  get key () {
    return this.rpc && typeof this.rpc.method === 'string' ? this.rpc.method : this.path
  }

  /** Whether it asks for the daemon's state, with which a poll of any dialect begins. */
  get asksInfo () {
    return ['/info', '/getinfo', '/get_info', 'get_info'].includes(this.key)
  }

  /** What the daemon would answer if nothing were wrong with it. @returns {Reply} */
  truth () {
    return this.daemon.dialect.answer(this.daemon, this)
  }

  /** Sends a reply; without one, the truth. @param {Reply} [reply] */
  send ({ status, type, body } = this.truth()) {
    if (this.closed) return
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    this.response.writeHead(status, { 'Content-Length': Buffer.byteLength(text), ...type && { 'Content-Type': type } })
    this.response.end(text)
  }

  /** Ends the connection with a TCP reset. */
  reset () {
    this.request.socket.resetAndDestroy()
  }
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

module.exports = { Exchange }
