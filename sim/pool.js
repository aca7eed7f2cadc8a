'use strict'

const { EventEmitter } = require('node:events')
const http = require('node:http')
const https = require('node:https')

const INTERVAL = 1000
/** The pools themselves set none, and stop for ever at the first daemon that hangs. */
const REQUEST_TIMEOUT = 1000

/**
 * What a pool does with a daemon, as far as it matters here: it asks for a block template every second.
 * Events: 'template' (result, daemon), 'miss' (error, daemon).
 */
class Pool extends EventEmitter {
  #timer = null
  #request = null
  #running = false
  #lastGood = 0
  #longestGap = 0

  /**
   * @param {object} options
   * @param {() => import('..').Daemon} options.getDaemon
   * @param {string | null} options.address  the wallet; without one it asks for the last header only
   * @param {(result: object, daemon: import('..').Daemon) => boolean} [options.isGood]  whether mining on it is worth the power
   */
  constructor ({ getDaemon, address, isGood = () => true }) {
    super()
    this.getDaemon = getDaemon
    this.isGood = isGood
    this.method = address ? 'getblocktemplate' : 'getlastblockheader'
    this.params = address ? { reserve_size: 8, wallet_address: address } : {}
    this.good = 0
    this.bad = 0
    this.misses = 0
  }

  /** Milliseconds of the longest time without a good answer, the one that is running included. */
  get longestGap () {
    const running = this.#running ? performance.now() - this.#lastGood : 0
    return Math.round(Math.max(this.#longestGap, running))
  }

  start () {
    this.#running = true
    this.#lastGood = performance.now()
    this.#ask()
  }

  stop () {
    this.#longestGap = this.longestGap
    this.#running = false
    clearTimeout(this.#timer)
    if (this.#request) this.#request.destroy()
  }

  #ask () {
    const daemon = this.getDaemon()
    this.#request = call(daemon, this.method, this.params, (error, result) => {
      if (!this.#running) return
      if (error) this.#missed(error, daemon)
      else this.#got(result, daemon)
      this.#timer = setTimeout(() => this.#ask(), INTERVAL)
    })
  }

  #missed (error, daemon) {
    this.misses++
    this.emit('miss', error, daemon)
  }

  #got (result, daemon) {
    const good = this.isGood(result, daemon)
    if (good) {
      this.#longestGap = this.longestGap
      this.#lastGood = performance.now()
      this.good++
    } else {
      this.bad++
    }
    this.emit('template', result, daemon, good)
  }
}

/** One JSON-RPC request on a connection of its own, as the pools send it, but with a time limit. */
function call (daemon, method, params, callback) {
  const body = JSON.stringify({ id: '0', jsonrpc: '2.0', method, params })
  const request = (daemon.tls ? https : http).request({
    host: daemon.host,
    port: daemon.port,
    method: 'POST',
    path: '/json_rpc',
    agent: false,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  })
  const limit = setTimeout(() => request.destroy(new Error('no answer in time')), REQUEST_TIMEOUT)
  let over = false
  const end = (error, result) => {
    clearTimeout(limit)
    if (over) return
    over = true
    callback(error, result)
  }
  request.on('response', response => collect(response, end))
  request.on('error', end)
  request.on('close', () => end(new Error('the connection ended')))
  request.end(body)
  return request
}

function collect (response, end) {
  const chunks = []
  response.on('data', chunk => chunks.push(chunk))
  response.on('error', end)
  response.on('end', () => {
    try {
      const { error, result } = JSON.parse(Buffer.concat(chunks).toString())
      if (error || !result) end(new Error(error ? error.message : 'no result'))
      else end(null, result)
    } catch {
      end(new Error(`no JSON, HTTP status ${response.statusCode}`))
    }
  })
}

/** The height that a template is for, or that of a header. */
function heightOf (result) {
  return result.block_header ? result.block_header.height : result.height
}

module.exports = { Pool, heightOf }
