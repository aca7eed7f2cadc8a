'use strict'

const http = require('node:http')

const PATHS = ['/', '/status.json', '/metrics', '/events', '/healthz', '/readyz', '/nowhere']
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'BREW']

/** They look at a status page: some for a moment, some for as long as they are let, and some leave in the middle. */
class Visitors {
  #requests = new Set()

  constructor (port) {
    Object.assign(this, { port, answered: 0 })
  }

  come (dice) {
    const { port } = this
    const request = http.request({ host: '127.0.0.1', port, agent: false, path: dice.oneOf(PATHS), method: dice.oneOf(METHODS) }, response => {
      this.answered++
      response.on('error', () => {})
      response.resume()
    })
    request.on('error', () => {})
    request.on('close', () => this.#requests.delete(request))
    this.#requests.add(request)
    if (dice.chance(0.3)) setTimeout(() => request.destroy(), dice.between(0, 500))
    else request.end(dice.chance(0.1) ? 'x'.repeat(100000) : undefined)
  }

  leave () {
    for (const request of this.#requests) request.destroy()
  }
}

module.exports = { Visitors }
