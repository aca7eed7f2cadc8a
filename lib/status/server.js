'use strict'

const http = require('http')

const { readBody, reply } = require('./exchange')

/** No more connections than that: one that is new takes the place of one that has asked nothing yet, or has only a refusal to wait for. */
const MOST_CONNECTIONS = 256
/** More header lines than that are left out. */
const MOST_HEADERS = 64

/**
 * HTTP with limits: one request a connection, in bounded time, from those who may.
 *
 * Routes are `{ [path]: { [method]: handle } }`, where `handle(request, response)` replies.
 */
class Server {
  /** `longest`: milliseconds that a connection may last, from its begin to the end of the reply, unless it looks on. */
  constructor (gate, routes, { longest, say }) {
    this.gate = gate
    this.routes = routes
    this.longest = longest
    this.say = say
    this.sockets = new Set()
    this.http = http.createServer((request, response) => this.receive(request, response))
    this.http.maxHeadersCount = MOST_HEADERS
    this.http.on('connection', socket => this.greet(socket))
    this.http.on('clientError', (error, socket) => refuse(error, socket))
  }

  stop () {
    for (const socket of this.sockets) socket.destroy()
  }

  greet (socket) {
    socket.on('error', ignore)
    if (this.sockets.size >= MOST_CONNECTIONS && !this.makesRoom()) return socket.destroy()
    this.sockets.add(socket)
    socket.unref()
    const deadline = setTimeout(() => socket.destroy(), this.longest)
    deadline.unref()
    socket.on('close', () => {
      clearTimeout(deadline)
      this.sockets.delete(socket)
    })
    // Whoever looks on stays.
    socket.endure = () => clearTimeout(deadline)
  }

  /** Whoever only connects, or guesses, must not keep probes out: those that have waited longest go first. */
  makesRoom () {
    const idle = this.first(socket => !socket.hasAsked) || this.first(socket => socket.isUnwanted)
    if (!idle) return false
    // Counted no longer from now on, though it closes a moment later.
    this.sockets.delete(idle)
    idle.destroy()
    return true
  }

  first (is) {
    for (const socket of this.sockets) if (is(socket)) return socket
    return null
  }

  receive (request, response) {
    const { socket } = request
    // One request a connection: nothing is gained by keeping it, and its time can be bounded. What else was sent with it
    // has no reply to go to.
    if (socket.hasAsked) return
    socket.hasAsked = true
    response.shouldKeepAlive = false
    response.on('error', ignore)
    this.careful(response, () => this.answer(request, response))
  }

  /** What fails in here fails for whoever asked, and for nobody else: the pool goes on. */
  careful (response, act) {
    try {
      act()
    } catch (error) {
      this.say('warn', `status page: ${error.stack}`)
      if (!response.headersSent) reply(response, 500, 'an error happened: see the log\n')
    }
  }

  answer (request, response) {
    const route = this.route(request)
    if (!route) return reply(response, 404, 'there is no such page\n')
    const { socket } = request
    const wait = this.gate.turn(request, route)
    if (wait === null) return this.refuse(request, response, this.gate.crowded)
    if (wait === 0) return this.admit(request, response, route)
    socket.isUnwanted = true
    const begin = () => {
      socket.isUnwanted = false
      if (!socket.destroyed) this.careful(response, () => this.admit(request, response, route))
    }
    setTimeout(begin, wait).unref()
  }

  admit (request, response, route) {
    const refusal = this.gate.refuse(request, route)
    if (refusal) return this.refuse(request, response, refusal)
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const handle = route[method]
    if (!handle) return reply(response, 405, `${request.method} is not allowed here\n`, { Allow: Object.keys(route).filter(isMethod).join(', ') })
    if (method === 'POST') readBody(request, response, body => this.careful(response, () => handle(request, response, body)))
    else handle(request, response)
  }

  /** Only what is written exactly as it is known: nothing is decoded, and no path leads to a file. */
  route ({ url }) {
    const path = url.split('?', 1)[0]
    return Object.prototype.hasOwnProperty.call(this.routes, path) ? this.routes[path] : null
  }

  refuse ({ socket }, response, { status, text, headers, delay }) {
    socket.isUnwanted = true
    const tell = () => reply(response, status, `${text}\n`, headers)
    if (delay) setTimeout(tell, delay).unref()
    else tell()
  }
}

function isMethod (name) {
  return name === name.toUpperCase()
}

/** What is no HTTP at all, or has more headers than anybody needs. */
function refuse (error, socket) {
  if (!socket.writable) return socket.destroy()
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function ignore () {}

module.exports = Server
