'use strict'

const http = require('http')

/** A daemon as a client sees it: `behave(server, call, response)` decides what becomes of each call. */
class JsonRpcServer {
  static listen (behave) {
    const server = new JsonRpcServer(behave)
    return server.start().then(() => server)
  }

  constructor (behave) {
    this.behave = behave
    this.calls = []
    this.sockets = new Set()
    this.watchers = new Set()
    this.http = null
    this.daemon = null
  }

  start () {
    this.http = http.createServer((request, response) => this._take(request, response))
    this.http.keepAliveTimeout = 0
    this.http.on('connection', socket => this._connect(socket))
    return new Promise((resolve, reject) => {
      this.http.on('error', reject)
      this.http.listen(0, '127.0.0.1', () => {
        this.daemon = Object.freeze({ host: '127.0.0.1', port: this.http.address().port, tls: false })
        resolve()
      })
    })
  }

  /** Ends listening and every connection; resolves when nothing of it is left. */
  close () {
    return new Promise(resolve => {
      this.http.close(() => resolve())
      for (const socket of this.sockets) socket.destroy()
    })
  }

  /** Resolves once something is so; looked at after each call and each connection that comes or goes. */
  until (isSo) {
    return new Promise(resolve => {
      const look = () => {
        if (!isSo(this)) return
        this.watchers.delete(look)
        resolve()
      }
      this.watchers.add(look)
      look()
    })
  }

  _connect (socket) {
    this.sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.sockets.delete(socket)
      this._changed()
    })
  }

  _take (request, response) {
    const pieces = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      const call = JSON.parse(Buffer.concat(pieces).toString())
      this.calls.push(Object.assign({ url: request.url, verb: request.method }, call))
      this.behave(this, call, response)
      this._changed()
    })
  }

  _changed () {
    for (const look of this.watchers) look()
  }
}

/** The behaviours that tests are made of. */
const does = {
  answer: result => does.reply({ jsonrpc: '2.0', result }),
  refuse: (code, message) => does.reply({ jsonrpc: '2.0', error: { code, message } }),
  reply: value => does.send(200, JSON.stringify(value)),
  send: (status, text, headers) => (server, call, response) => {
    response.writeHead(status, Object.assign({ 'Content-Length': Buffer.byteLength(text) }, headers))
    response.end(text)
  },
  hang: () => () => {},
  reset: () => (server, call, response) => { response.socket.destroy() },
  /** Announces a hundred bytes, sends one and closes. */
  cutBody: () => (server, call, response) => {
    response.writeHead(200, { 'Content-Length': 100 })
    response.write('{', () => response.socket.destroy())
  },
  /** Begins a body whose end would be told, and closes. */
  cutChunks: () => (server, call, response) => {
    response.writeHead(200)
    response.write('{"result":', () => response.socket.destroy())
  },
  cutHeaders: () => (server, call, response) => {
    response.socket.write('HTTP/1.1 200 OK\r\nContent-', () => response.socket.destroy())
  },
  garbage: () => (server, call, response) => { response.socket.end('SSH-2.0-OpenSSH_9.2\r\n') },
  /** A byte now and then, for as long as somebody reads. */
  drip: () => (server, call, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 5)
    response.socket.on('close', () => clearInterval(timer))
  },
  /** A reply without an end. */
  flood: () => (server, call, response) => {
    const piece = Buffer.alloc(1024 * 1024, ' ')
    const isGone = () => !response.socket || response.socket.destroyed
    const pour = () => { if (!isGone()) response.write(piece, pour) }
    response.writeHead(200)
    pour()
  }
}

/** Two turns of the event loop: time enough for a second callback that is already due. */
function settled () {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)))
}

module.exports = { JsonRpcServer, does, settled }
