'use strict'

const cluster = require('cluster')
const path = require('path')

const { ConfigError, aloneOf, isEnabled, mistakesForPoolRequests, primaryOf, statusPageOf, webhookOf } = require('../config')
const { DaemonBlock, obstacleIn } = require('../daemon-block')
const Idle = require('../source/idle')
const MultiDaemon = require('../multi-daemon')
const { OrderError } = require('../source/orders')

const WatchedFile = require('./watched-file')
const Follower = require('../source/follower')
const Leader = require('./leader')
const Log = require('./log')

/** What this process is attached to. */
let attached = null

/** Attaches the pool of this process; see index.d.ts. */
function attach (config, options) {
  if (attached) return attached
  if (!isEnabled(config)) return null
  const { log, watch } = options || {}
  if (!cluster.isWorker) refuseWrongOptions(log, watch)
  const pool = { config, log: new Log(typeof log === 'function' ? log : undefined), watch }
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
  const multiDaemon = new MultiDaemon(config, (config, owner) => isEnabled(config) ? createWatch(config, owner) : new Idle(config))
  const leader = new Leader(multiDaemon, config, log)
  const file = watch === undefined ? null : new WatchedFile(path.resolve(watch), log, config => multiDaemon.reconfigure(config))
  if (file) file.note(config)
  embed(multiDaemon, { leader, file }, pool)
  return multiDaemon
}

/** In a worker nothing may stop the pool: the configuration may be half edited when a worker is started again at night. */
function follow (pool) {
  const { config, log } = pool
  try {
    // Throws, before anything runs, where there is no block to make live.
    primaryOf(config)
    refuseFixed(config)
    const multiDaemon = new MultiDaemon(config, (config, owner) => new Follower(config, owner, log, watchFor(pool), forMasters(pool)))
    embed(multiDaemon, {}, pool)
    return multiDaemon
  } catch (error) {
    log.error(`this worker uses the daemon in its configuration: ${error.message}`)
    return null
  }
}

/** What was asked for and is a master's to do. */
function forMasters ({ config, watch }) {
  return [statusPageOf(config) && 'status page', webhookOf(config) && 'webhook', watch && 'watching of the config file'].filter(Boolean)
}

/**
 * Native code is loaded only at the call of what this gives: workers that follow must not have it. Where that fails, for want of a file
 * descriptor, say, they try again; and whoever decides loads with it all that another configuration may need.
 */
function watchFor ({ log }) {
  const say = (severity, text) => log.line(severity, text)
  return (config, owner) => {
    if (!cluster.isWorker) require('../equipment')
    const Watch = require('../source/native')
    return new Watch(cluster.isWorker ? aloneOf(config) : config, owner, say, mistakesForPoolRequests)
  }
}

function embed (multiDaemon, { leader, file }, { config, log }) {
  const block = new DaemonBlock(config.daemon, () => multiDaemon.getDaemon(), text => log.warn(text))
  const point = () => block.point(multiDaemon._source.gateway())
  point()
  multiDaemon._tap = changes => {
    if (changes.some(({ event }) => event === 'gateway')) point()
    if (leader) leader.tell(changes)
    // Switched off, nobody decides, but somebody has to say so.
    if (leader || multiDaemon._source.decides) log.changes(changes)
  }
  multiDaemon._onReconfigure = config => {
    // Where it was, nobody may listen any more, and the change is announced a turn later.
    point()
    if (file) file.note(config)
    leader.reconfigure(config)
    if (isEnabled(config)) log.info('the configuration was replaced')
    else log.warn('the configuration was replaced: multiDaemon is off, only the primary is used')
  }
  multiDaemon._onStop = () => {
    block.settle()
    if (file) file.stop()
    if (leader) leader.stop()
  }
}

module.exports = { attach, current }
