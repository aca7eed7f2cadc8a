'use strict'

const Attempt = require('./attempt')
const Call = require('./call')
const { Connections } = require('./connections')
const { RpcError } = require('./error')
const Read = require('./read')
const { Submission, asDaemonSays } = require('./submission')

/**
 * The JSON-RPC client that a pool uses in place of its own `rpcDaemon`.
 *
 * Whom to ask it learns from its view, anew for each call:
 * - `current()` the daemon in use · `mode()` 'single' or 'multi'
 * - `good()` those that a read may go to, best first · `submitTargets()` those that a block may go to
 * - `suspect(daemon)` hears of each that failed a call · `stopped()` whether it is all over
 *
 * All functions can be used detached. Callbacks are called once, never before the call has returned. `close()` refuses
 * further calls; those under way end by themselves, and a block that was found is still offered.
 */
function createRpc (view, options) {
  const limits = Object.assign({}, DEFAULTS, options)
  const connections = new Connections(limits.connectionsFor)

  /**
   * Asks as `rpcDaemon(method, params, callback)` does, but with a time limit, and of another daemon where that helps.
   * A JSON-RPC `error` is the error, as it came. Without a callback: a Promise.
   *
   * A fourth argument means a merged-mined child chain's daemon (cryptonote-nodejs-pool), of which nothing is known
   * here. Such calls stay with the pool's own `rpcDaemon`; here they end with the code ERR_MULTI_DAEMON_RPC_ROUTE. As
   * in that pool, null and its like are no fourth argument.
   */
  function rpc (method, params, callback, route) {
    if (typeof callback === 'function') return void begin(method, params, callback, route, callback)
    return new Promise((resolve, reject) => {
      begin(method, params, callback, route, (error, result) => error ? reject(error) : resolve(result))
    })
  }

  /** Offers a block, in hex, to every daemon that could take it; resolves as soon as one has. */
  function submitBlock (blobHex) {
    return new Promise((resolve, reject) => {
      if (!isHex(blobHex)) throw new RpcError('ARGUMENT', 'submitBlock: the block is not a string of hex digits')
      refuseWhenStopped('submitBlock')
      submit(new Call('submitblock', [blobHex]), (error, outcome) => {
        if (error) reject(error)
        else resolve({ accepted: outcome.accepted, refused: outcome.refused })
      })
    })
  }

  /** Other time limits, for calls from now on. */
  function limit (options) {
    Object.assign(limits, DEFAULTS, options)
  }

  function close () {
    connections.close()
  }

  function begin (method, params, callback, route, done) {
    let call
    try {
      call = new Call(method, params)
      refuseOthers(method, callback, route)
      refuseWhenStopped(method)
    } catch (error) {
      process.nextTick(done, error)
      return
    }
    send(call, done)
  }

  function send (call, done) {
    switch (call.kind) {
      case 'template': return new Read(view, attempt, call, limits.hedgeAfter, done)
      case 'read': return new Read(view, attempt, call, false, done)
      case 'submission': return submit(call, (error, outcome) => error ? done(asDaemonSays(error)) : done(null, outcome.result))
      default: return askOnce(call, done)
    }
  }

  function submit (call, done) {
    return new Submission(view, attempt, call, limits, done)
  }

  function askOnce (call, done) {
    const daemon = view.current()
    return attempt(daemon, call, (failed, reply) => {
      if (failed) view.suspect(daemon)
      if (failed || reply.error) done(failed || reply.error)
      else done(null, reply.result)
    })
  }

  function attempt (daemon, call, heard) {
    return new Attempt(connections, daemon, call, limits.rpcTimeout, heard)
  }

  function refuseWhenStopped (method) {
    if (connections.closed || view.stopped()) throw new RpcError('STOPPED', `${method}: called after stop()`)
  }

  return { rpc, submitBlock, limit, close }
}

/**
 * In milliseconds. A block is worth half a minute; the pauses are short at first, for a daemon that is only restarting its listener.
 * Connections are kept for as long as polls rely on where a host name was.
 */
const DEFAULTS = { rpcTimeout: 5000, hedgeAfter: 500, submitFor: 30000, submitPauses: [100, 200, 400, 800, 1000], connectionsFor: 30000 }

function refuseOthers (method, callback, route) {
  if (route) throw new RpcError('ROUTE', `${method}: a fourth argument is for the pool's own rpcDaemon: child chains are not watched`)
  if (callback !== undefined && callback !== null && typeof callback !== 'function') {
    throw new RpcError('ARGUMENT', `${method}: the callback is not a function`)
  }
}

function isHex (text) {
  return typeof text === 'string' && /^(?:[0-9a-f]{2})+$/i.test(text)
}

module.exports = createRpc
