'use strict'

const { EventEmitter, once } = require('node:events')
const http = require('node:http')
const net = require('node:net')
const { sleep } = require('./wait')

/** A request body is a small JSON text; a block blob is the largest. */
const LARGEST_BODY = 4 * 1024 * 1024
/** TurtleCoind keeps an idle connection that long. */
const IDLE_LIMIT = 30000
/** While a daemon was down somebody may have borrowed its port for an outgoing connection. */
const RESTART_TRIES = 100

/**
 * An HTTP server on loopback that can die like a process and come back on the same port.
 * Event: 'request' (request, response, body).
 */
class LoopbackServer extends EventEmitter {
  #server = null
  #starting = Promise.resolve()
  #sockets = new Set()

  constructor ({ host = '127.0.0.1', port = 0, connectionLimit = Infinity } = {}) {
    super()
    this.host = host
    this.port = port
    /** Connections from one address that may be open at a time. */
    this.connectionLimit = connectionLimit
    /** All connections that were ever accepted. */
    this.accepted = 0
    /** Those that were ended at once: one address had too many. */
    this.turnedAway = 0
  }

  get listening () {
    return this.#server !== null
  }

  /** Connections that are open now. */
  get connections () {
    return this.#sockets.size
  }

  start () {
    this.#starting = this.#open()
    return this.#starting
  }

  /** Refuses connections from now on, and ends the open ones at once. Resolves when the port is free. */
  async stop () {
    // One that is just starting would otherwise stay open.
    if (!this.#server) await this.#starting.catch(() => {})
    const server = this.#server
    if (!server) return
    this.#server = null
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /**
   * Refuses connections from now on, and waits for the open ones to end: a request that still comes over one of them is its last. Resolves when none
   * is left.
   */
  async drain () {
    const server = this.#server
    if (!server) return
    this.#server = null
    const closed = once(server, 'close')
    // By itself an http.Server ends the connections that are idle.
    net.Server.prototype.close.call(server)
    await closed
  }

  async #open () {
    for (let tries = 1; !this.listening; tries++) {
      try {
        await this.#listen()
      } catch (error) {
        if (error.code !== 'EADDRINUSE' || tries === RESTART_TRIES) throw error
        await sleep(20)
      }
    }
  }

  async #listen () {
    const server = http.createServer({ keepAliveTimeout: IDLE_LIMIT }, (request, response) => this.#receive(request, response))
    server.on('connection', socket => this.#meet(socket))
    server.listen(this.port, this.host)
    await once(server, 'listening')
    this.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port
    this.#server = server
  }

  #meet (socket) {
    const { remoteAddress } = socket
    if ([...this.#sockets].filter(other => other.remoteAddress === remoteAddress).length < this.connectionLimit) return this.#hold(socket)
    this.turnedAway++
    socket.on('error', () => {})
    socket.destroy()
  }

  #hold (socket) {
    this.accepted++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // A client that hangs up in the middle of a reply is none of the daemon's business.
    socket.on('error', () => {})
  }

  #receive (request, response) {
    if (!this.listening) response.shouldKeepAlive = false
    const chunks = []
    let size = 0
    request.on('data', chunk => {
      size += chunk.length
      if (size > LARGEST_BODY) request.destroy()
      else chunks.push(chunk)
    })
    request.on('end', () => this.emit('request', request, response, Buffer.concat(chunks).toString()))
    request.on('error', () => {})
  }
}

module.exports = { LoopbackServer }
