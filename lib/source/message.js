'use strict'

const { NO_REQUESTS } = require('./blank')

/** Messages between the master and its workers carry this type; pools ignore types they do not know. */
const TYPE = 'multiDaemon'
/** What the master leaves for workers that are forked later: they know the state before any message can reach them. */
const VARIABLE = 'MULTI_DAEMON_STATE'
/** Keeps the variable small: each new value stays in memory for as long as the process lives. */
const MOST_DAEMONS = 16

// From the master: the state, again every `interval`; `ready` once the first round has ended.

function state ({ source, interval, ready, status }) {
  return { type: TYPE, kind: 'state', source, interval, ready, status }
}

/** Whether a message or a variable holds a state that can be worked with. */
function isState (value) {
  return isObject(value) && (value.kind === 'state' || value.kind === undefined) && typeof value.source === 'string' &&
    isInterval(value.interval) && isStatus(value.status)
}

// From the master: the answer to `refresh`.

function refreshed (request, status) {
  return { type: TYPE, kind: 'refreshed', request, status }
}

function isRefreshed (value) {
  return value.kind === 'refreshed' && Number.isInteger(value.request) && isStatus(value.status)
}

// From a worker: poll every daemon.

function refresh (request) {
  return { type: TYPE, kind: 'refresh', request }
}

function isRefresh (value) {
  return value.kind === 'refresh' && Number.isInteger(value.request)
}

// From a worker: what the operator orders.

function drain ({ host, port }, drained) {
  return { type: TYPE, kind: 'drain', host, port, drained }
}

function isDrain (value) {
  return value.kind === 'drain' && typeof value.host === 'string' && isPort(value.port) && typeof value.drained === 'boolean'
}

function pin ({ host, port }, milliseconds) {
  return { type: TYPE, kind: 'pin', host, port, milliseconds }
}

function isPin (value) {
  return value.kind === 'pin' && typeof value.host === 'string' && isPort(value.port) && Number.isInteger(value.milliseconds)
}

function unpin () {
  return { type: TYPE, kind: 'unpin' }
}

function isUnpin (value) {
  return value.kind === 'unpin'
}

// From a worker: it has attached, and what the pool calls it, if anything.

function attached (role) {
  return { type: TYPE, kind: 'attached', role }
}

function isAttached ({ kind, role }) {
  return kind === 'attached' && (role === null || (typeof role === 'string' && role.length <= LONGEST_ROLE))
}

/** Characters of what a pool calls a kind of worker. */
const LONGEST_ROLE = 40

/** Whether a message is ours; what is in it has still to be checked. */
function isOurs (message) {
  return isObject(message) && message.type === TYPE
}

/** Leaves what of the state workers to come have to know at once. */
function remember ({ source, interval, status }) {
  const { enabled, mode, quorum, hold, epoch, current, primary, gateway } = status
  const daemons = status.daemons.slice(0, MOST_DAEMONS).map(({ host, port, tls, primary, state }) => ({ host, port, tls, primary, state }))
  process.env[VARIABLE] = JSON.stringify({ source, interval, status: { enabled, mode, quorum, hold, epoch, current, primary, gateway, daemons } })
}

function forget () {
  delete process.env[VARIABLE]
}

/** What the master left: `undefined` when it left nothing, `null` when it cannot be read. */
function recall () {
  const text = process.env[VARIABLE]
  if (text === undefined) return undefined
  try {
    const { source, interval, status } = JSON.parse(text)
    const left = { source, interval, status: Object.assign({}, UNKNOWN, status, { daemons: status.daemons.map(fill) }) }
    return isState(left) ? left : null
  } catch (error) {
    return null
  }
}

function isStatus (status) {
  return isObject(status) && isDaemon(status.current) && isDaemon(status.primary) && Number.isFinite(status.epoch) &&
    typeof status.mode === 'string' && typeof status.hold === 'boolean' && isHead(status.head) &&
    isListOf(status.daemons, isDaemonStatus) && isListOf(status.switches, isSwitch) &&
    isListOf(status.blocks, isObject) && isGateway(status.gateway)
}

function isGateway (gateway) {
  return gateway === null || (isObject(gateway) && typeof gateway.host === 'string' && isPort(gateway.port))
}

function isHead (head) {
  return head === null || (isObject(head) && Number.isFinite(head.height) && typeof head.hash === 'string')
}

function isDaemonStatus (daemon) {
  return isDaemon(daemon) && typeof daemon.state === 'string' && typeof daemon.reason === 'object'
}

function isSwitch (value) {
  return isObject(value) && isDaemon(value.from) && isDaemon(value.to)
}

function isDaemon (daemon) {
  return isObject(daemon) && typeof daemon.host === 'string' && isPort(daemon.port) && typeof daemon.tls === 'boolean'
}

/** As in the configuration; a timer with a longer one would never rest. */
function isInterval (interval) {
  return Number.isFinite(interval) && interval >= 1 && interval <= LONGEST_INTERVAL
}

const LONGEST_INTERVAL = 24 * 3600 * 1000

/** Native code, and Node's requests, throw at any other number. */
function isPort (port) {
  return Number.isInteger(port) && port > 0 && port <= 65535
}

function isListOf (list, isMember) {
  return Array.isArray(list) && list.every(isMember)
}

function isObject (value) {
  return typeof value === 'object' && value !== null
}

function fill (daemon) {
  return Object.assign({}, UNKNOWN_DAEMON, daemon)
}

const UNKNOWN = { enabled: true, pin: null, head: null, healthy: 0, switches: [], polls: 0, warnings: [], blocks: [], gateway: null, requests: NO_REQUESTS }
const UNKNOWN_DAEMON = {
  drained: false,
  reason: null,
  height: null,
  hash: null,
  lag: null,
  networkHeight: null,
  incoming: null,
  outgoing: null,
  dialect: null,
  version: null,
  latency: null,
  lastSeen: null,
  consecutiveFailures: 0,
  learnt: { answerTime: null, timeLimit: null, blockDelay: null },
  requests: 0
}

module.exports = {
  LONGEST_ROLE,
  attached,
  drain,
  forget,
  isAttached,
  isDrain,
  isOurs,
  isPin,
  isRefresh,
  isRefreshed,
  isState,
  isUnpin,
  pin,
  recall,
  refresh,
  refreshed,
  remember,
  state,
  unpin
}
