'use strict'

const { RpcError, callMethod, notFound, ok } = require('./reply')
const { METHODS, info, peerList } = require('./turtlecoin')

const PATHS = {
  '/getinfo': info,
  '/getpeers': daemon => ({ peers: peerList(daemon), status: 'OK' }),
  '/getheight': ({ chain }) => ({ height: chain.count, status: 'OK' })
}

const failure = id => ({ code, message }) => ({ error: { code, message }, id, jsonrpc: '2.0' })

/** TurtleCoind 0.3 to 0.6, early 2018: other paths, replies carry the id, an unknown method is a JSON-RPC error. @type {import('.').Dialect} */
module.exports = {
  name: 'turtlecoin-legacy',

  answer (daemon, { verb, path, rpc }) {
    if (verb === 'POST' && path === '/json_rpc') {
      if (!rpc) return ok(failure(null)(new RpcError(-32700, 'Parse error')))
      const { method, params, id = null } = rpc
      if (!Object.hasOwn(METHODS, method)) return ok(failure(id)(new RpcError(-32601, 'Method not found')))
      return callMethod(METHODS[method], [daemon, params], { success: result => ({ id, jsonrpc: '2.0', result }), failure: failure(id) })
    }
    return Object.hasOwn(PATHS, path) ? ok(PATHS[path](daemon)) : notFound
  }
}
