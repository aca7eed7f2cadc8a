'use strict'

/** What to do about each reason: README's table in the imperative. */
const ADVICE = {
  timeout: 'it hangs or is overloaded, or a firewall drops the requests: look at its disk, memory and firewall, restart it',
  refused: 'it has crashed, was never started, or listens on another address or port: look at its log, start it, compare its RPC options',
  reset: 'it ends connections in the middle of an answer: look at its log; or this is its P2P port: the RPC port is usually one higher',
  dns: 'correct the host name, or use an address',
  tls: 'renew its certificate; add a private authority to the store of this system',
  'http-status': 'usually a proxy answers: its daemon is down, or it wants a login or fewer requests, as the message says; the addon follows no redirect: use the address that it leads to',
  'invalid-reply': 'if the message names a cause (compression, a member), repair that, in the daemon or in the proxy in front of it; otherwise check that this is the RPC port of a daemon; the P2P port is usually one lower',
  unsupported: 'run a daemon that has the header calls of CryptoNote (getlastblockheader), or remove this one from the list',
  damaged: 'stop it, remove its data, and let it sync again: a restart does not repair it',
  'wrong-network': 'it belongs to another coin or to a test network: remove it from the list',
  'no-json-rpc': 'run a TurtleCoind 0.28 for the pool; this one still helps to compare',
  forked: 'restart it; if it stays on its branch, remove its data and let it sync again',
  lagging: 'often it catches up without help; otherwise check its peers, processor and disk',
  stalled: 'its connections to the network may be dead: look at its peers, restart it',
  syncing: 'wait until it has caught up',
  'no-work': 'give it peers that are honest and up to date, or restart it: until a restart a TurtleCoind remembers what a peer once claimed',
  draining: 'undrain it, or remove `drain` from its entry, to use it again',
  isolated: 'give it peers outside: look at its P2P port, its firewall and its seed nodes',
  outdated: 'update its software before the network changes its rules',
  unconfirmed: 'wait a moment and check again; if this stays, the daemon is on a chain that no other daemon knows'
}

/** What to do about a daemon that is not healthy. Whoever drained it knows, and may be at work on it. */
function adviceFor ({ drained, reason }) {
  if (!reason) return 'wait a moment and look again'
  const { code } = reason
  const advice = ADVICE[code] || 'look at its log'
  return drained && code !== 'draining' ? `it is drained, so you may expect this; before you use it again: ${advice}` : advice
}

module.exports = { ADVICE, adviceFor }
