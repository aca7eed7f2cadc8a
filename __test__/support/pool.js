'use strict'

const { MultiDaemon } = require('../..')
const { SimNetwork } = require('../../sim')

/** Far more than any test takes on a slow machine: it ends only what hangs. */
const LIMIT = { timeout: 60000 }
const EVENTS = ['switch', 'daemon', 'mode', 'hold', 'block', 'submitted', 'lost']
const NAMES = 'PABCDEF'
/**
 * After the first poll a daemon is polled only when a test asks for a round, so that what a test sees does not depend on
 * how fast the machine is. The time limit is one that only a daemon without an answer exceeds.
 */
const ON_REQUEST = { pollingInterval: 3600000, timeout: 10000 }
/** For daemons that never answer: long enough for one that does, on a machine that is busy with other things. */
const HANGING = { timeout: 700 }

/**
 * @param {Array<{ host: string, port: number | string, tls?: boolean, drain?: boolean, ha?: boolean | object }>} daemons  the primary first
 * @param {object} [options]  of the block multiDaemon, and the pool's own coinDifficultyTarget
 */
function configOf ([primary, ...others], { coinDifficultyTarget, ...options } = {}) {
  const place = ({ host, port, tls, drain, ha }) => ({ host, port, tls, drain, ha })
  return { daemon: place(primary), coinDifficultyTarget, multiDaemon: { enabled: true, daemons: others.map(place), ...ON_REQUEST, ...options } }
}

/** A pool with its simulated daemons, which tests call P, A, B, C … in configuration order. */
class Pool {
  constructor (network, daemons, options) {
    this.network = network
    this.daemons = daemons
    /** Every event in its order, as its name and its arguments. */
    this.events = []
    this.multiDaemon = new MultiDaemon(configOf(daemons, options))
    for (const name of EVENTS) this.multiDaemon.on(name, (...args) => this.events.push([name, ...args]))
  }

  /** Polls every daemon so many times, one time after the other, and gives the status that follows. */
  async rounds (times = 1) {
    let status = this.status
    for (let round = 0; round < times; round++) status = await this.multiDaemon.refresh()
    return status
  }

  /** Polls until something holds, for what takes time as well as rounds. */
  async roundsUntil (condition, what, { timeout = 30000 } = {}) {
    const deadline = performance.now() + timeout
    while (!condition()) {
      if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}; it is ${this.verdicts}, in use ${this.inUse}`)
      await this.rounds()
    }
  }

  get status () {
    return this.multiDaemon.getStatus()
  }

  /** The letter of the daemon in use. */
  get inUse () {
    return this.nameOf(this.multiDaemon.getDaemon())
  }

  /** What is held of each daemon: the code of its reason, or its state. */
  get verdicts () {
    return this.status.daemons.map(({ state, reason }) => reason ? reason.code : state).join(' ')
  }

  /** 'multi P' and the like. */
  get choice () {
    return `${this.status.mode} ${this.inUse}`
  }

  /** The arguments of every event of one name. */
  heard (wanted) {
    return this.events.filter(([name]) => name === wanted).map(([, ...args]) => args)
  }

  /** The letters of the daemons in use, from the first to the last. */
  get path () {
    return ['P', ...this.heard('switch').map(([{ to }]) => this.nameOf(to))].join('')
  }

  /** The letters of all daemons that ever were anything but healthy. */
  get everBad () {
    const bad = this.heard('daemon').filter(([daemon]) => daemon.state !== 'healthy').map(([daemon]) => this.nameOf(daemon))
    return [...new Set(bad)].sort().join('')
  }

  nameOf ({ host, port }) {
    return NAMES[this.daemons.findIndex(daemon => daemon.host === host && daemon.port === port)]
  }
}

/**
 * Gives a test on a pool whose first round has ended: `test('…', LIMIT, onPool(4, {}, (pool, P, A, B, C) => { … }))`. All is
 * closed afterwards, whatever happens.
 * @param {number | object[]} daemons  how many, or the simulator's options of each
 * @param {object} options  of the block multiDaemon
 * @param {(pool: Pool, ...daemons: import('../../sim').SimDaemon[]) => unknown} run
 */
const onPool = (daemons, options, run) => async () => {
  const network = await SimNetwork.start(daemons, { height: 50 })
  let pool
  try {
    pool = new Pool(network, network.daemons, options)
    await pool.multiDaemon.ready
    await run(pool, ...network.daemons)
  } finally {
    if (pool) await pool.multiDaemon.stop()
    await network.close()
  }
}

/** Gives a test on a network alone, for what builds its pools itself. */
const onNetwork = (daemons, run) => async () => {
  const network = await SimNetwork.start(daemons, { height: 50 })
  try {
    await run(network, ...network.daemons)
  } finally {
    await network.close()
  }
}

module.exports = { EVENTS, HANGING, LIMIT, Pool, configOf, onNetwork, onPool }
