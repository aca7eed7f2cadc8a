'use strict'

/** Messages between the master and its workers carry this type; pools ignore types they do not know. */
const TYPE = 'multiDaemon'
/** What the master leaves for workers that are forked later: they know the state before any message can reach them. */
const VARIABLE = 'MULTI_DAEMON_STATE'
/** Keeps the variable small: each new value stays in memory for as long as the process lives. */
const MOST_DAEMONS = 16

/** A message from the master: the state, and what changed. */
function state (source, status, changes) {
  return { type: TYPE, kind: 'state', source, status, changes: changes.filter(isForEverybody).map(withoutStatus) }
}

/** A message from the master: the answer to `refresh`. */
function refreshed (request, status) {
  return { type: TYPE, kind: 'refreshed', request, status }
}

/** A message from a worker: poll every daemon. */
function refresh (request) {
  return { type: TYPE, kind: 'refresh', request }
}

/** A message from a worker: a request of its own to this daemon failed. */
function suspect (host, port) {
  return { type: TYPE, kind: 'suspect', host, port }
}

/** Whether a message is ours; what is in it has still to be checked. */
function isOurs (message) {
  return isObject(message) && message.type === TYPE
}

/** Whether a message or a variable holds a state that can be worked with. */
function isState (value) {
  if (!isObject(value) || typeof value.source !== 'string' || !isObject(value.status)) return false
  const { current, primary, daemons, epoch, switches } = value.status
  return isDaemon(current) && isDaemon(primary) && Number.isFinite(epoch) && Array.isArray(switches) &&
    Array.isArray(daemons) && daemons.every(isDaemon) && (value.changes === undefined || isChanges(value.changes))
}

/** The part of the state that is left for workers to come. */
function remember (source, status) {
  const daemons = status.daemons.slice(0, MOST_DAEMONS).map(({ host, port, tls, primary, state }) => ({ host, port, tls, primary, state }))
  const { mode, quorum, hold, epoch, current, primary } = status
  process.env[VARIABLE] = JSON.stringify({ source, status: { mode, quorum, hold, epoch, current, primary, daemons, switches: [] } })
}

function forget () {
  delete process.env[VARIABLE]
}

/** What the master left: `undefined` when it left nothing, `null` when it cannot be read. */
function recall () {
  const text = process.env[VARIABLE]
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text)
    return isState(value) ? { source: value.source, status: Object.assign({}, UNKNOWN, value.status, { daemons: value.status.daemons.map(fill) }) } : null
  } catch (error) {
    return null
  }
}

function isChanges (changes) {
  return Array.isArray(changes) && changes.every(change => isObject(change) && isComplete(change))
}

function isComplete (change) {
  switch (change.event) {
    case 'switch': return isObject(change.switch) && isDaemon(change.switch.from) && isDaemon(change.switch.to)
    case 'daemon': return isDaemon(change.daemon)
    case 'block': return isObject(change.head) && Number.isFinite(change.head.height)
    default: return typeof change.event === 'string'
  }
}

function isDaemon (daemon) {
  return isObject(daemon) && typeof daemon.host === 'string' && Number.isInteger(daemon.port) && typeof daemon.tls === 'boolean'
}

function isObject (value) {
  return typeof value === 'object' && value !== null
}

/** What only the process that polls has to know. */
function isForEverybody ({ event }) {
  return event !== 'ready' && event !== 'refreshed' && event !== 'warning'
}

/** The state goes with every message, so no change needs its own copy. */
function withoutStatus (change) {
  return change.status === undefined ? change : Object.assign({}, change, { status: undefined })
}

function fill (daemon) {
  return Object.assign({}, UNKNOWN_DAEMON, daemon)
}

const UNKNOWN = { enabled: true, head: null, healthy: 0, polls: 0, warnings: [] }
const UNKNOWN_DAEMON = {
  reason: null,
  height: null,
  hash: null,
  lag: null,
  networkHeight: null,
  incoming: null,
  outgoing: null,
  version: null,
  latency: null,
  lastSeen: null,
  consecutiveFailures: 0
}

module.exports = { forget, isObject, isOurs, isState, recall, refresh, refreshed, remember, state, suspect }
