'use strict'

const { createHash } = require('node:crypto')
const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const socketIo = require('socket.io')

/** Who says the right password hears everything; everybody hears of blocks. */
const INSIDERS = 'insiders'

/**
 * What a turtlecoind-ha serves besides its daemon: a socket.io 2 server.
 * It says only what a test has it say, whether that is true or not.
 */
class Ha {
  #server
  #io
  #proof

  constructor ({ password } = {}) {
    this.#proof = password && createHash('sha256').update(password).digest('hex')
    /** Connections that were ever accepted. */
    this.accepted = 0
    /** What clients gave for the password. */
    this.proofs = []
  }

  /** @param {{ port?: number, tls?: https.ServerOptions }} [options]  port 0 takes any free one */
  async start ({ port = 0, tls } = {}) {
    this.#server = tls ? https.createServer(tls) : http.createServer()
    this.#io = socketIo(this.#server, { serveClient: false })
    this.#io.on('connection', client => this.#welcome(client))
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = this.#server.address().port
    return this
  }

  /** Connections that are open now. */
  get clients () {
    return Object.keys(this.#io.sockets.connected).length
  }

  /** Connections that are open now and heard the right password. */
  get insiders () {
    const room = this.#io.sockets.adapter.rooms[INSIDERS]
    return room ? room.length : 0
  }

  /** Something that everybody hears. */
  say (event, ...args) {
    this.#io.emit(event, ...args)
  }

  /** Something that is not for strangers. */
  tell (event, ...args) {
    this.#io.to(INSIDERS).emit(event, ...args)
  }

  /** What is said of every new block. */
  announce ({ height, hash, prevHash }) {
    this.say('topblock', height)
    this.say('block', { height, hash, prev_hash: prevHash, transactions: [] })
  }

  async close () {
    await new Promise(resolve => this.#io.close(resolve))
  }

  #welcome (client) {
    this.accepted++
    client.on('auth', proof => {
      this.proofs.push(proof)
      if (proof === this.#proof) client.join(INSIDERS)
      client.emit('auth', proof === this.#proof)
    })
  }
}

module.exports = { Ha }
