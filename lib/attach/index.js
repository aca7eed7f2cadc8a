'use strict'

const cluster = require('cluster')

const { ConfigError, isEnabled, mistakesForPoolRequests, primaryOf } = require('../config')
const { makeLive } = require('../live')
const MultiDaemon = require('../multi-daemon')

const Follower = require('./follower')
const HungRequests = require('./hung-requests')
const Leader = require('./leader')
const Log = require('./log')

/** What this process is attached to. */
let attached = null

/** Attaches the pool of this process; see index.d.ts. */
function attach (config, options) {
  if (attached) return attached
  if (!isEnabled(config)) return null
  const { log, rpcOnly } = options || {}
  const pool = { config, log: new Log(log), rpcOnly: Boolean(rpcOnly) }
  attached = cluster.isWorker ? follow(pool) : lead(pool)
  return attached
}

/** What attach() returned in this process. */
function current () {
  return attached
}

/** In the master, or in a process of its own: a mistake has to stop the pool, while its operator looks on. */
function lead (pool) {
  const { config, log } = pool
  const multiDaemon = new MultiDaemon(config, (config, owner) => watchFor(pool, owner))
  embed(multiDaemon, new Leader(multiDaemon, config, log), pool)
  return multiDaemon
}

/** In a worker nothing may stop the pool: the configuration may be half edited when a worker is started again at night. */
function follow (pool) {
  const { config, log } = pool
  try {
    // Throws, before anything runs, where there is no block to make live.
    primaryOf(config)
    const watch = (config, owner) => watchFor(pool, owner)
    const multiDaemon = new MultiDaemon(config, (config, owner) => new Follower(config, owner, log, watch))
    embed(multiDaemon, null, pool)
    return multiDaemon
  } catch (error) {
    log.error(`this worker uses the daemon in its configuration: ${error.message}`)
    return null
  }
}

/** Loaded only here: workers that follow must not load native code. */
function watchFor ({ config, log, rpcOnly }, owner) {
  const Watch = require('../watch')
  const mistakes = rpcOnly ? [] : mistakesForPoolRequests(config)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return new Watch(config, owner, (severity, text) => log.line(severity, text))
}

function embed (multiDaemon, leader, { config, log }) {
  const hung = new HungRequests(multiDaemon, config)
  makeLive(config.daemon, () => multiDaemon.getDaemon(), text => log.warn(text))
  multiDaemon._tap = changes => {
    if (leader) leader.tell(changes)
    if (multiDaemon._source.decides) log.changes(changes)
    hung.hear(changes)
  }
  multiDaemon._onStop = () => {
    if (leader) leader.stop()
    hung.stop()
  }
}

module.exports = { attach, current }
