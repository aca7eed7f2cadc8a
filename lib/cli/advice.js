'use strict'

/** What to do about each reason: README's table in the imperative. */
const ADVICE = {
  timeout: 'it hangs or is overloaded, or a firewall drops what is sent to it: look at its disk, memory and firewall, restart it',
  refused: 'it has crashed, was never started, or listens on another address or port: look at its log, start it, compare its RPC options',
  reset: 'it ends connections in the middle of an answer: look at its log; or the port is its P2P port, and the RPC port is usually one higher',
  dns: 'correct the host name, or use an address',
  tls: 'renew its certificate; one of a private authority has to be in the store of this system',
  'http-status': 'often a proxy whose daemon is gone, or that wants a login or fewer requests, as its words say: look behind it; a redirect is not followed, so give the address that it leads to',
  'invalid-reply': 'is that the RPC port of a daemon? The P2P port is usually one lower',
  unsupported: 'run a daemon that has the header calls of CryptoNote (getlastblockheader), or take this one out of the list',
  damaged: 'stop it, remove its data, and let it sync anew: no restart mends it',
  'wrong-network': 'it belongs to another coin or to a test network: take it out of the list',
  'no-json-rpc': 'run a TurtleCoind 0.28 for the pool; this one still helps to compare',
  forked: 'restart it; if it stays on its branch, let it synchronize anew',
  lagging: 'see whether it has peers, processor and disk enough; it often catches up by itself',
  stalled: 'its connections to the network may be dead: look at its peers, restart it',
  syncing: 'wait until it has caught up',
  'no-work': 'give it peers that are honest and up to date, or restart it: a TurtleCoind believes for good what one peer once claimed',
  draining: 'undrain it, or remove `drain` from its entry, to use it again',
  isolated: 'give it peers outside: look at its P2P port, its firewall and its seed nodes',
  outdated: 'update its software before the network changes its rules',
  unconfirmed: 'wait a moment and check again; if it stays, it is on a chain that nobody else knows'
}

function adviceFor (code) {
  return ADVICE[code] || 'look at its log'
}

module.exports = { adviceFor }
