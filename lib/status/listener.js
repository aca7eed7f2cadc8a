'use strict'

const { nameOf } = require('../name')

/** Takes a port, and tries again and again while somebody else has it. */
class Listener {
  constructor (server, { host, port, guarded, say, retryEvery }) {
    this.server = server
    this.host = host
    this.port = port
    this.guarded = guarded
    this.say = say
    this.retryEvery = retryEvery
    this.stopped = false
    this.timer = null
    this.failure = null
    this.listening = new Promise(resolve => { this.resolve = resolve })
    server.on('error', error => this.fail(error))
    server.on('listening', () => this.succeed())
    this.listen()
  }

  stop () {
    this.stopped = true
    clearTimeout(this.timer)
    // One that does not listen, or not yet, says so.
    this.server.close(() => {})
  }

  listen () {
    // Exclusive: a cluster worker would have its master listen.
    this.server.listen({ host: this.host, port: Number(this.port), exclusive: true })
  }

  succeed () {
    // Watching alone keeps no process alive.
    this.server.unref()
    if (this.stopped) return this.server.close()
    const { address } = this.server.address()
    if (!this.guarded && !isLoopback(address)) return this.withdraw(address)
    this.failure = null
    const url = this.url()
    this.say('info', `status page at ${url}`)
    this.resolve(url)
  }

  /** The configuration was checked, but what a name stands for is known only now. */
  withdraw (address) {
    this.server.close()
    this.say('warn', `no status page: ${this.host} is ${address}, which other machines can reach, and multiDaemon.status has no password`)
  }

  fail (error) {
    if (this.stopped) return
    const { code } = error
    if (code !== this.failure) this.say('warn', `no status page yet: ${why(error)} (${nameOf(this)}); trying again every ${this.retryEvery / 1000} s`)
    this.failure = code
    this.timer = setTimeout(() => this.listen(), this.retryEvery)
    this.timer.unref()
  }

  url () {
    const { address, port } = this.server.address()
    return `http://${nameOf({ host: address, port })}/`
  }
}

function why ({ code, message }) {
  switch (code) {
    case 'EADDRINUSE': return 'the port is in use'
    case 'EACCES': return 'this user may not have the port'
    case 'EADDRNOTAVAIL': return 'this machine does not have the address'
    default: return message
  }
}

function isLoopback (address) {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.')
}

module.exports = Listener
