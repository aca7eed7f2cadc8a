'use strict'

const http = require('http')
const https = require('https')

/** Connections to daemons, kept open between calls, apart from the global agents that the pool uses. */
class Connections {
  /**
   * A connection is kept for so many milliseconds at most, and longer only for a call that is under way: a busy one would
   * never end, and lead to where a host name was long ago.
   */
  constructor (keptFor) {
    this.keptFor = keptFor
    this.plain = null
    this.secure = null
    this.closed = false
  }

  /** Opens a POST of one call. A fresh connection is nobody else's, before or after. */
  post (daemon, call, fresh) {
    return (daemon.tls ? https : http).request({
      agent: fresh ? false : this._agent(daemon.tls),
      hostname: daemon.host,
      port: daemon.port,
      method: 'POST',
      path: '/json_rpc',
      headers: { 'Content-Type': 'application/json', 'Content-Length': call.length }
    })
  }

  /** Ends the idle connections now and the others after their reply. */
  close () {
    this.closed = true
    for (const kept of [this.plain, this.secure]) if (kept) retire(kept.agent)
  }

  _agent (tls) {
    const kept = tls
      ? this.secure = this._renewed(this.secure, https.Agent)
      : this.plain = this._renewed(this.plain, http.Agent)
    return kept.agent
  }

  _renewed (kept, Agent) {
    const now = 1000 * process.uptime()
    if (kept && now - kept.since < this.keptFor) return kept
    if (kept) retire(kept.agent)
    const agent = new Agent(KEPT_OPEN)
    if (this.closed) retire(agent)
    return { agent, since: now }
  }
}

/**
 * 64 connections to one daemon are more than it serves at once; beyond that calls wait for one. The connection used
 * last is taken first, where Node can: it is the least likely to have been closed by the daemon.
 */
const KEPT_OPEN = { keepAlive: true, maxSockets: 64, maxFreeSockets: 64, scheduling: 'lifo' }

function retire (agent) {
  agent.maxFreeSockets = 0
  for (const name of Object.keys(agent.freeSockets)) {
    for (const socket of agent.freeSockets[name].slice()) socket.destroy()
  }
}

/** To be called at the end of each reply: from then on the connection is a used one. */
function markUsed ({ socket }) {
  if (socket) socket[RECEIVED] = socket.bytesRead
}

/**
 * Whether a request failed because the daemon had closed the idle connection: it was a used one, and nothing came
 * back. Says nothing about the daemon but that it does not wait for ever. (Node tells only since version 13 whether a connection was a used one.)
 */
function wasClosedWhileIdle ({ socket }, error) {
  if (!socket || socket[RECEIVED] === undefined || socket[RECEIVED] !== socket.bytesRead) return false
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

const RECEIVED = Symbol('bytes received when the last reply ended')

module.exports = { Connections, markUsed, wasClosedWhileIdle }
