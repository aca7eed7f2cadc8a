'use strict'

const { EventEmitter } = require('node:events')
const http = require('node:http')

const INTERVAL = 1000
/** The pools themselves set none, and stop for ever at the first daemon that hangs. */
const REQUEST_TIMEOUT = 1000

/** What the gateway may take to find out what became of a block. */
const BLOCK_TIMEOUT = 35000

/**
 * What a pool does with its daemon, as far as it matters here: it asks for a block template every second, and submits what is found.
 * Events: 'template' (result, good), 'miss' (error).
 */
class Pool extends EventEmitter {
  #timer = null
  #request = null
  #submission = null
  #running = false
  #lastGood = 0
  #longestGap = 0

  /**
   * @param {object} options
   * @param {{ daemon: { host: string, port: number } }} options.config  looked at for each request, as pools do
   * @param {string} options.address  the wallet
   * @param {(result: object) => boolean} options.isGood  whether mining on it is worth the power
   */
  constructor ({ config, address, isGood }) {
    super()
    this.config = config
    this.isGood = isGood
    this.params = { reserve_size: 8, wallet_address: address }
    /** The latest good template. */
    this.work = null
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
    for (const request of [this.#request, this.#submission]) if (request) request.destroy()
  }

  /** @param {string} blob  the block, in hex digits @returns {Promise<{ error?: Error, result?: object }>} */
  submit (blob) {
    return new Promise(resolve => {
      const end = (error, result) => resolve(error ? { error } : { result })
      this.#submission = call(this.config.daemon, 'submitblock', [blob], BLOCK_TIMEOUT, end)
    })
  }

  #ask () {
    this.#request = call(this.config.daemon, 'getblocktemplate', this.params, REQUEST_TIMEOUT, (error, result) => {
      if (!this.#running) return
      if (error) this.#missed(error)
      else this.#got(result)
      this.#timer = setTimeout(() => this.#ask(), INTERVAL)
    })
  }

  #missed (error) {
    this.misses++
    this.emit('miss', error)
  }

  #got (result) {
    const good = this.isGood(result)
    if (good) {
      this.#longestGap = this.longestGap
      this.#lastGood = performance.now()
      this.work = result
      this.good++
    } else {
      this.bad++
    }
    this.emit('template', result, good)
  }
}

/** One JSON-RPC request on a connection of its own, as the pools send it, but with a time limit. */
function call ({ host, port }, method, params, timeout, callback) {
  const body = JSON.stringify({ id: '0', jsonrpc: '2.0', method, params })
  const request = http.request({
    host,
    port,
    method: 'POST',
    path: '/json_rpc',
    agent: false,
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  })
  const limit = setTimeout(() => request.destroy(new Error('no answer in time')), timeout)
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

module.exports = { Pool }
