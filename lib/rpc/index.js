'use strict'

const http = require('http')
const https = require('https')

const { failure, RpcError } = require('./error')

/**
 * Asks as the pools' own `rpcDaemon` does: `target()` tells where, anew for each call. That is the gateway, which does all there is to do;
 * without one it is the daemon in use. `isStopped()` tells whether it is all over.
 *
 * The function can be used detached. A callback is called once, never before the call has returned.
 */
function createRpc (target, isStopped) {
  /**
   * A JSON-RPC `error` is the error, as it came. Without a callback: a Promise.
   *
   * A fourth argument means a merged-mined child chain's daemon (cryptonote-nodejs-pool), of which nothing is known
   * here. As in that pool, null and its like are no fourth argument.
   */
  return function rpc (method, params, callback, route) {
    if (typeof callback === 'function') return begin(method, params, callback, route, callback)
    return new Promise((resolve, reject) => {
      begin(method, params, callback, route, (error, result) => error ? reject(error) : resolve(result))
    })
  }

  function begin (method, params, callback, route, done) {
    try {
      refuseOthers(method, callback, route)
      if (isStopped()) throw new RpcError('STOPPED', `${method}: called after stop()`)
      post(target(), method, bodyOf(method, params), once(done))
    } catch (error) {
      process.nextTick(done, error)
    }
  }
}

function post (daemon, method, body, done) {
  const fail = (name, what, details) => done(failure(name, method, daemon, what, details))
  const request = (daemon.tls ? https : http).request({
    agent: false,
    hostname: daemon.host,
    port: daemon.port,
    method: 'POST',
    path: '/json_rpc',
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), 'User-Agent': 'turtle-pool-multi-daemon' }
  })
  const timer = setTimeout(() => {
    fail('TIMEOUT', `gave no whole answer within ${LONGEST} ms`)
    request.destroy()
  }, LONGEST)
  request.on('close', () => clearTimeout(timer))
  request.on('error', cause => fail('CONNECTION', `cannot be asked: ${cause.message}`, { cause }))
  request.on('response', response => receive(response, fail, done))
  request.end(body)
}

function receive (response, fail, done) {
  const pieces = []
  let length = 0
  const broken = () => fail('CONNECTION', 'closed the connection in the middle of its reply')
  response.on('data', piece => {
    length += piece.length
    if (length > LONGEST_REPLY) {
      fail('SIZE', `answered with more than ${LONGEST_REPLY} bytes`)
      response.destroy()
    } else pieces.push(piece)
  })
  // A reply that breaks off: `aborted` up to Node 14, `error` since, and some versions have both, or `end` beside them.
  response.on('aborted', broken)
  response.on('error', broken)
  response.on('end', () => response.complete ? answer(response, pieces, fail, done) : broken())
}

function answer ({ statusCode: status }, pieces, fail, done) {
  if (status !== 200) return fail('STATUS', `answered with HTTP status ${status}`, { status })
  const reply = parse(Buffer.concat(pieces).toString('utf8'))
  if (!reply) return fail('REPLY', 'answered with something that is not JSON-RPC')
  if (reply.error) done(reply.error)
  else done(null, reply.result)
}

/** The JSON-RPC reply in a text, or null. Some daemons leave out `id`, some `jsonrpc`, and some write `"error": null`. */
function parse (text) {
  try {
    const reply = JSON.parse(text)
    return typeof reply === 'object' && reply !== null && (reply.error || reply.result !== undefined) ? reply : null
  } catch (error) {
    return null
  }
}

/** In a turn of its own, so that what the listener throws is the process's, and not lost in the code that reads sockets. */
function once (done) {
  let isDone = false
  return (error, result) => {
    if (isDone) return
    isDone = true
    process.nextTick(done, error, result)
  }
}

function bodyOf (method, params) {
  if (typeof method !== 'string' || method === '') throw new RpcError('ARGUMENT', 'rpc: the method is not a string')
  return `{"id":"0","jsonrpc":"2.0","method":${JSON.stringify(method)}${paramsText(method, params)}}`
}

function paramsText (method, params) {
  if (params === undefined) return ''
  const text = serialised(method, params)
  // A function or a symbol: JSON would leave it out without a word.
  if (text === undefined) throw new RpcError('ARGUMENT', `${method}: the params are a ${typeof params}, which is not JSON`)
  return `,"params":${text}`
}

function serialised (method, params) {
  try {
    return JSON.stringify(params)
  } catch (cause) {
    throw new RpcError('ARGUMENT', `${method}: the params cannot be written as JSON: ${cause && cause.message}`, { cause })
  }
}

function refuseOthers (method, callback, route) {
  if (route) throw new RpcError('ROUTE', `${method}: a fourth argument is for the pool's own rpcDaemon: child chains are not watched`)
  if (callback !== undefined && callback !== null && typeof callback !== 'function') {
    throw new RpcError('ARGUMENT', `${method}: the callback is not a function`)
  }
}

/** In milliseconds: more than nearly all requests and blocks take in the gateway, and than anybody waits for. */
const LONGEST = 120000
/** No honest reply comes near; it bounds what a broken or hostile daemon can make a pool hold. */
const LONGEST_REPLY = 4 * 1024 * 1024

module.exports = createRpc
