'use strict'

const { markUsed, wasClosedWhileIdle } = require('./connections')
const { failure } = require('./error')
const { Body, LONGEST_REPLY, parse } = require('./reply')

/**
 * One call to one daemon, bounded in time and size.
 *
 * Hears once, never before the constructor has returned: `heard(failure)`, or `heard(null, reply)` with the daemon's
 * JSON-RPC reply, which may still be an error. Every event of a request that is no longer the attempt's is late, and ignored.
 */
class Attempt {
  constructor (connections, daemon, call, timeout, heard) {
    this.connections = connections
    this.daemon = daemon
    this.call = call
    this.timeout = timeout
    this.heard = heard
    this.request = null
    this.timer = setTimeout(expire, timeout, this)
    // Sent on a connection of its own, a call that must not be asked twice cannot meet one that was closed while idle.
    this._send(!call.repeatable)
  }

  /** Ends it unheard. */
  abandon () {
    this.heard = null
    this._end()
  }

  _send (fresh) {
    let request
    try {
      request = this.connections.post(this.daemon, this.call, fresh)
    } catch (error) {
      process.nextTick(refuse, this, error)
      return
    }
    this.request = request
    request.on('response', response => this._receive(request, response))
    request.on('error', error => this._lose(request, error))
    request.end(this.call.body)
  }

  _receive (request, response) {
    if (request !== this.request) return
    if (response.statusCode !== 200) return this._fail('STATUS', `answered with HTTP status ${response.statusCode}`, { status: response.statusCode })
    const body = new Body()
    response.on('data', piece => {
      if (request === this.request && !body.add(piece)) this._fail('SIZE', `answered with more than ${LONGEST_REPLY} bytes`)
    })
    response.on('end', () => {
      if (response.complete) this._finish(request, body)
      else this._break(request)
    })
    // A reply that breaks off: `aborted` up to Node 14, `error` since, and some versions have both.
    response.on('aborted', () => this._break(request))
    response.on('error', () => this._break(request))
  }

  _finish (request, body) {
    if (request !== this.request) return
    markUsed(request)
    const reply = parse(body.text())
    if (!reply) return this._fail('REPLY', 'answered with something that is no JSON-RPC')
    this._release()
    this._tell(null, reply)
  }

  _break (request) {
    if (request === this.request) this._fail('CONNECTION', 'closed the connection in the middle of its reply')
  }

  /** The connection failed before a reply. */
  _lose (request, error) {
    if (request !== this.request) return
    if (wasClosedWhileIdle(request, error)) this._send(true)
    else this._fail('CONNECTION', `cannot be asked: ${error.message}`, { cause: error })
  }

  _fail (name, what, details) {
    this._end()
    this._tell(failure(name, this.call.method, this.daemon, what, details))
  }

  _end () {
    const request = this._release()
    if (request) request.destroy()
  }

  _release () {
    const request = this.request
    clearTimeout(this.timer)
    this.request = null
    return request
  }

  /**
   * In a turn of its own: the connection is free again by then, so that a call made by the listener takes it, and what
   * the listener throws is the process's, and not lost in the code that reads sockets.
   */
  _tell (failure, reply) {
    if (this.heard) process.nextTick(this.heard, failure, reply)
    this.heard = null
  }
}

function expire (attempt) {
  attempt._fail('TIMEOUT', `gave no whole answer within ${attempt.timeout} ms`)
}

/** What is no host or port for Node throws at once. */
function refuse (attempt, error) {
  attempt._fail('CONNECTION', `cannot be asked: ${error.message}`, { cause: error })
}

module.exports = Attempt
