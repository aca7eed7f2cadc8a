'use strict'

const { count, spell } = require('./words')

/**
 * Why a daemon is not healthy, a row for each code. `words` follow its name in a sentence of the page, and may use the
 * reason's evidence; `advice` is what `check` and the page tell to do about it: README's table in the imperative. Metrics count
 * switches by these codes. __test__/reasons.test.js compares them with everybody else's.
 *
 * @type {Record<import('..').ReasonCode, { words: (reason: any) => string, advice: string }>}
 */
const REASONS = {
  timeout: {
    words: () => 'does not answer',
    advice: 'it hangs or is overloaded, or a firewall drops the requests: look at its disk, memory and firewall, restart it'
  },
  refused: {
    words: () => 'refuses connections',
    advice: 'it has crashed, was never started, or listens on another address or port: look at its log, start it, compare its RPC options'
  },
  reset: {
    words: () => 'breaks off its answers',
    advice: 'it ends connections in the middle of an answer: look at its log; or this is its P2P port: the RPC port is usually one higher'
  },
  dns: {
    words: () => 'has a host name without an address',
    advice: 'correct the host name, or use an address'
  },
  tls: {
    words: () => 'has no certificate that is trusted',
    advice: 'renew its certificate; add a private authority to the store of this system'
  },
  'http-status': {
    words: () => 'answers with an HTTP error',
    advice: 'usually a proxy answers: its daemon is down, or it wants a login or fewer requests, as the message says; the addon follows no redirect: use the address that it leads to'
  },
  'invalid-reply': {
    words: () => 'does not answer as a daemon does',
    advice: 'if the message names a cause (compression, a member), repair that, in the daemon or in the proxy in front of it; otherwise check that this is the RPC port of a daemon; the P2P port is usually one lower'
  },
  unsupported: {
    words: () => 'runs software that cannot be watched',
    advice: 'run a daemon that has the header calls of CryptoNote (getlastblockheader), or remove this one from the list'
  },
  damaged: {
    words: () => 'has a damaged database',
    advice: 'stop it, remove its data, and let it sync again: a restart does not repair it'
  },
  'wrong-network': {
    words: () => 'is on another network',
    advice: 'it belongs to another coin or to a test network: remove it from the list'
  },
  'no-json-rpc': {
    words: () => 'has no JSON-RPC, which the pool needs',
    advice: 'run a TurtleCoind 0.28 for the pool; this one still helps to compare'
  },
  outdated: {
    words: () => 'runs software that is outdated',
    advice: 'update its software before the network changes its rules'
  },
  isolated: {
    words: () => 'is cut off from the network',
    advice: 'give it peers outside: look at its P2P port, its firewall and its seed nodes'
  },
  forked: {
    words: ({ at }) => at === undefined ? 'is on a fork' : `is on a fork since block ${at}`,
    advice: 'restart it; if it stays on its branch, remove its data and let it sync again'
  },
  lagging: {
    words: ({ by }) => by === undefined ? 'is behind' : `is ${count(by, 'block')} behind`,
    advice: 'often it catches up without help; otherwise check its peers, processor and disk'
  },
  stalled: {
    words: ({ lasting }) => lasting ? `has had no new block for ${spell(lasting)}` : 'has had no new block',
    advice: 'its connections to the network may be dead: look at its peers, restart it'
  },
  syncing: {
    words: () => 'is still syncing',
    advice: 'wait until it has caught up'
  },
  'no-work': {
    words: () => 'gives no work',
    advice: 'give it peers that are honest and up to date, or restart it: until a restart a TurtleCoind remembers what a peer once claimed'
  },
  draining: {
    words: () => 'is drained',
    advice: 'undrain it, or remove `drain` from its entry, to use it again'
  },
  unconfirmed: {
    words: () => 'claims blocks that no other daemon knows',
    advice: 'wait a moment and check again; if this stays, the daemon is on a chain that no other daemon knows'
  }
}

/** Why the pool went elsewhere, besides what was the matter with the daemon before. */
const SWITCHES = ['start', 'failback', 'fallback', 'recovered', 'overtaken', 'unsteady', 'pinned', 'unpinned', 'reconfigured']

/** All codes that a switch can have: a counter that appears only at its first switch has no growth that could be seen. */
const SWITCH_CODES = Object.keys(REASONS).concat(SWITCHES)

/** What to do about a daemon that is not healthy. Whoever drained it knows, and may be at work on it. */
function adviceFor ({ drained, reason }) {
  if (!reason) return 'wait a moment and look again'
  const { advice = 'look at its log' } = rowOf(reason)
  return drained && reason.code !== 'draining' ? `it is drained, so you may expect this; before you use it again: ${advice}` : advice
}

/** What is the matter with a daemon, as what follows its name in a sentence. */
function wordsFor ({ state, reason }) {
  if (!reason) return state === 'healthy' ? 'is healthy' : 'has not been judged yet'
  const { words = () => `is ${state}: ${reason.message}` } = rowOf(reason)
  return words(reason)
}

/** Another version's master may tell its workers of codes that this one does not know. */
function rowOf ({ code }) {
  return Object.prototype.hasOwnProperty.call(REASONS, code) ? REASONS[code] : {}
}

module.exports = { REASONS, SWITCH_CODES, adviceFor, wordsFor }
