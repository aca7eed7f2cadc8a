'use strict'

const { RpcError } = require('./reply')

const UNSUPPORTED = 'This command is unsupported for bootstrap daemon'
/** Asked of the other daemon. */
const RELAYED = [
  '/get_info', '/getinfo', '/get_height', '/getheight',
  'get_info', 'getlastblockheader', 'getblockheaderbyheight', 'getblockheaderbyhash', 'getblocktemplate'
]
/** Not answered at all, each in a way of its own. */
const REFUSED = {
  getblockcount: () => ({ count: 0, status: UNSUPPORTED, untrusted: false }),
  on_getblockhash: () => UNSUPPORTED,
  submitblock () { throw new RpcError(-20, UNSUPPORTED) }
}

/**
 * What a monerod answers that was told of a bootstrap daemon, until it is synchronized itself: that one's words, marked as
 * not its own. What the other one does not tell it answers by itself, and marks that too. Recorded on 0.18.0.
 * @param {import('../daemon').SimDaemon} daemon
 * @param {string} key  the path or the method
 * @param {(daemon: import('../daemon').SimDaemon, ...rest: any[]) => any} answer  what a daemon answers by itself
 * @param {any[]} rest
 */
function bootstrapped (daemon, key, answer, rest) {
  if (Object.hasOwn(REFUSED, key)) return REFUSED[key]()
  if (!RELAYED.includes(key)) return answer(daemon, ...rest)
  const result = ofTheOther(daemon.bootstrap, answer, rest) || answer(daemon, ...rest)
  return { ...result, untrusted: true, ...'height_without_bootstrap' in result && ownMembers(daemon) }
}

function ofTheOther (other, answer, rest) {
  if (other.down || !other.isReady) return null
  try {
    return answer(other, ...rest)
  } catch (error) {
    if (error instanceof RpcError) return null
    throw error
  }
}

/** What it puts into the other daemon's info. */
function ownMembers ({ bootstrap, chain }) {
  return { bootstrap_daemon_address: bootstrap.address, height_without_bootstrap: chain.count, was_bootstrap_ever_used: true }
}

module.exports = { bootstrapped }
