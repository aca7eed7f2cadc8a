'use strict'

/** The types know it as a module of newer Node.js only. @type {import('cluster').Cluster} */
const cluster = /** @type {any} */ (require('cluster'))
const path = require('path')

const { ConfigError, aloneOf, isEnabled, mistakesForPoolRequests, primaryOf, statusPageOf, webhookOf } = require('../config')
const { DaemonBlock, obstacleIn } = require('../daemon-block')
const { createHosts, refuseWrongSharing } = require('../hosts/options')
const MultiDaemon = require('../multi-daemon')
const { partsOf } = require('../parts')
const Follower = require('../source/follower')
const Idle = require('../source/idle')
const { OrderError } = require('../source/orders')

const Leader = require('./leader')
const Log = require('./log')
const WatchedFile = require('./watched-file')

/** What this process is attached to. */
let attached = null

/** Attaches the pool of this process; see index.d.ts. */
function attach (config, options) {
  if (attached) return attached
  if (!isEnabled(config)) return null
  const { log, watch } = options || {}
  if (!cluster.isWorker) refuseWrongOptions(log, watch)
  if (!cluster.isWorker) refuseWrongSharing(options || {}, config)
  const pool = { config, log: new Log(typeof log === 'function' ? log : undefined), watch, sharing: options || {} }
  attached = cluster.isWorker ? follow(pool) : lead(pool)
  return attached
}

/** What attach() returned in this process. */
function current () {
  return attached
}

function refuseWrongOptions (log, watch) {
  if (log !== undefined && typeof log !== 'function') throw new OrderError('ARGUMENT', 'attach: options.log is not a function')
  if (watch !== undefined && (typeof watch !== 'string' || watch.includes('\0'))) throw new OrderError('ARGUMENT', 'attach: options.watch is not the path of a file')
}

/** Before anything runs or is changed. */
function refuseFixed ({ daemon }) {
  const obstacle = obstacleIn(daemon)
  if (obstacle) throw new ConfigError([obstacle])
}

/** In the master, or in a process of its own: a mistake has to stop the pool, while its operator looks on. */
function lead (pool) {
  const { config, log, watch } = pool
  refuseFixed(config)
  const createWatch = watchFor(pool)
  const multiDaemon = new MultiDaemon(config, (config, ear) => isEnabled(config) ? createWatch(config, ear) : new Idle(config))
  const leader = new Leader(multiDaemon, config, log)
  const file = watch === undefined ? null : new WatchedFile(path.resolve(watch), log, config => multiDaemon.reconfigure(config))
  const hosts = createHosts(multiDaemon, pool.sharing, pool)
  if (file) file.reconfigured(config)
  embed(multiDaemon, { leader, file, hosts }, pool)
  return multiDaemon
}

/** In a worker nothing may stop the pool: the configuration may be half edited when a worker is started again at night. */
function follow (pool) {
  const { config, log } = pool
  try {
    // Throws, before anything runs, where there is no block to make live.
    primaryOf(config)
    refuseFixed(config)
    const multiDaemon = new MultiDaemon(config, (config, ear) => new Follower(config, ear, log, watchFor(pool), forMasters(pool)))
    embed(multiDaemon, {}, pool)
    return multiDaemon
  } catch (error) {
    log.error(`this worker uses the daemon in its configuration: ${error.message}`)
    return null
  }
}

/** What was asked for and is a master's to do. */
function forMasters ({ config, watch, sharing }) {
  return [statusPageOf(config) && 'status page', webhookOf(config) && 'webhook', watch && 'watching of the config file', sharing.redis && 'sharing with other hosts'].filter(Boolean)
}

/**
 * Native code is loaded only at the call of what this gives: workers that follow must not have it. Where that fails, for want of a file
 * descriptor, say, they try again; and whoever decides loads with it all that another configuration may need.
 */
function watchFor ({ log }) {
  const say = (severity, text) => log.line(severity, text)
  return (config, ear) => {
    if (!cluster.isWorker) require('../equipment')
    const Native = require('../source/native')
    return new Native(cluster.isWorker ? aloneOf(config) : config, ear, say, mistakesForPoolRequests)
  }
}

/**
 * @param {MultiDaemon} multiDaemon
 * @param {{ leader?: Leader, file?: WatchedFile | null, hosts?: import('../source/contract').Part | null }} own  what only a master has
 * @param {{ config: import('../..').PoolConfig, log: Log }} pool
 */
function embed (multiDaemon, { leader, file, hosts }, { config, log }) {
  const parts = partsOf(multiDaemon)
  const block = new DaemonBlock(config.daemon, { getDaemon: () => multiDaemon.getDaemon(), gateway: () => parts.source.gateway(), warn: text => log.warn(text) })
  const record = {
    // Switched off, nobody decides, but somebody has to say so.
    hear: changes => { if (leader || parts.source.decides) log.hear(changes) },
    reconfigured: config => {
      if (isEnabled(config)) log.info('the configuration was replaced')
      else log.warn('the configuration was replaced: multiDaemon is off, only the primary is used')
    }
  }
  parts.add(...[block, file, leader, hosts, record].filter(Boolean))
}

module.exports = { attach, current }
