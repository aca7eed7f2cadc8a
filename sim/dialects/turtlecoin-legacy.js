'use strict'

const { RpcError, callMethod, notFound, ok, refuseUntilReady } = require('./reply')
const { METHODS, info, peerList } = require('./turtlecoin')

const PATHS = {
  '/getinfo': info,
  '/getpeers': daemon => ({ peers: peerList(daemon), status: 'OK' }),
  '/getheight': ({ chain }) => ({ height: chain.count, status: 'OK' })
}

/** What a daemon that is not synced answers nevertheless. */
const WHILE_BUSY = ['getblockcount']

/** @returns {import('./reply').Envelope} */
const envelope = ({ id = null } = {}) => ({
  success: result => ({ id, jsonrpc: '2.0', result }),
  failure: ({ code, message }) => ({ error: { code, message }, id, jsonrpc: '2.0' })
})

function call (daemon, exchange) {
  const { method, params } = exchange.rpc
  if (!Object.hasOwn(METHODS, method)) throw new RpcError(-32601, 'Method not found')
  if (!WHILE_BUSY.includes(method)) refuseUntilReady(daemon)
  return METHODS[method](daemon, params, exchange)
}

/** TurtleCoind 0.3 to 0.6, early 2018: other paths, replies carry the id, an unknown method is a JSON-RPC error. @type {import('.').Dialect} */
module.exports = {
  name: 'turtlecoin-legacy',
  envelope,
  hasLock: true,
  needsSync: false,

  answer (daemon, exchange) {
    const { verb, path, rpc } = exchange
    if (verb === 'POST' && path === '/json_rpc') {
      if (!rpc) return ok(envelope().failure(new RpcError(-32700, 'Parse error')))
      return callMethod(call, [daemon, exchange], envelope(rpc))
    }
    return Object.hasOwn(PATHS, path) ? ok(PATHS[path](daemon)) : notFound
  }
}
