'use strict'

const { once } = require('node:events')
const http = require('node:http')
const { until } = require('./until')

/** A server that takes posts: each is answered as the next behaviour says, the last one for ever. */
class HookServer {
  /** @param {...((response: http.ServerResponse) => void)} behaviours */
  static async listen (...behaviours) {
    const hook = new HookServer(behaviours)
    hook.server.listen(0, '127.0.0.1')
    await once(hook.server, 'listening')
    return hook
  }

  constructor (behaviours) {
    /** Every request whose body has arrived: `{ method, url, type, body, at }`. */
    this.posts = []
    this.behaviours = behaviours
    this.server = http.createServer((request, response) => this.#take(request, response))
  }

  get url () {
    return `http://127.0.0.1:${this.server.address().port}/secret`
  }

  /** Waits for so many posts, and gives all. */
  async received (count) {
    return until(`${count} posts`, () => this.posts, posts => posts.length >= count)
  }

  async close () {
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  #take (request, response) {
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      this.posts.push({ method, url, type: headers['content-type'], body: JSON.parse(Buffer.concat(chunks)), at: performance.now() })
      const behave = this.behaviours.length > 1 ? this.behaviours.shift() : this.behaviours[0]
      behave(response)
    })
  }
}

/** The behaviours. */
const answers = {
  status: (status, headers = {}) => response => response.writeHead(status, headers).end('{}'),
  hang: () => {},
  reset: response => { response.socket.destroy() },
  later: milliseconds => response => setTimeout(() => response.writeHead(204).end(), milliseconds),
  /** A good status, and then a body without an end. */
  endless: response => {
    response.writeHead(200)
    const piece = Buffer.alloc(65536, ' ')
    const pour = () => { if (!response.destroyed && response.socket && !response.socket.destroyed) response.write(piece, pour) }
    pour()
  }
}

module.exports = { HookServer, answers }
