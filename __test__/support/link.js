'use strict'

const { once } = require('node:events')
const net = require('node:net')

/**
 * A way from one daemon to another that can be cut: it accepts on a port of its own and passes everything on.
 *
 * A cut link keeps its port and hangs up on whoever connects, so that no other program can take the port meanwhile.
 */
class Link {
  #server
  #sockets = new Set()
  #whole = true

  /**
   * @param {number} port  where it leads, on loopback
   * @returns {Promise<Link>}
   */
  static async to (port) {
    const link = new Link(port)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  /** Use Link.to. */
  constructor (port) {
    this.target = port
    this.#server = net.createServer(socket => this.#pass(socket))
  }

  /** Where it accepts connections. */
  get port () {
    return this.#server.address().port
  }

  get whole () {
    return this.#whole
  }

  cut () {
    this.#whole = false
    this.#hangUp()
  }

  restore () {
    this.#whole = true
  }

  /** Ends it for good. */
  close () {
    this.#server.close()
    this.#hangUp()
  }

  #pass (near) {
    this.#hold(near)
    if (!this.#whole) return near.destroy()
    const far = net.connect(this.target, '127.0.0.1')
    this.#hold(far)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  }

  #hold (socket) {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => this.#sockets.delete(socket))
    // A daemon that is gone or cut off: the event 'close' follows and says enough.
    socket.on('error', () => {})
  }

  #hangUp () {
    for (const socket of this.#sockets) socket.destroy()
  }
}

module.exports = { Link }
