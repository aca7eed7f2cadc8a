'use strict'

const { blobs, until } = require('../../sim')
const { MultiDaemon } = require('../..')
const sim = require('./sim')

/** Times that make verdicts quick, and poll seldom enough that requests are what tells. */
const TIMES = { pollingInterval: 200, timeout: 1000, minOutsidePeers: 0 }

/** The addon on a simulated network, its gateway, and what a pool does with it. */
class Rig {
  static async start (network, options) {
    const [daemon, ...daemons] = network.daemons.map(({ host, port }) => ({ host, port }))
    const multiDaemon = new MultiDaemon({ coinDifficultyTarget: 30, daemon, multiDaemon: { enabled: true, daemons, ...TIMES, ...options } })
    const rig = new Rig(network, multiDaemon)
    await multiDaemon.ready
    await multiDaemon.refresh()
    // On a busy machine a view may be too old by then to be judged by.
    await rig.until(() => multiDaemon.getStatus().daemons.every(({ state }) => state !== 'unknown'), 'every daemon has been judged')
    return rig
  }

  constructor (network, multiDaemon) {
    Object.assign(this, { network, multiDaemon })
  }

  /** Where a pool's requests go. */
  get gateway () {
    return this.multiDaemon.getStatus().gateway
  }

  /** The daemon in use. */
  get inUse () {
    return this.network.daemons.find(({ port }) => port === this.multiDaemon.getDaemon().port)
  }

  ask (method, params, options) {
    return sim.ask(this.gateway, method, params, options)
  }

  /** A template as a pool asks for it. */
  template (options) {
    const [{ dialect }] = this.network.daemons
    return this.ask('getblocktemplate', { wallet_address: sim.ADDRESSES[dialect.name], reserve_size: 8 }, options)
  }

  /** A block on the daemon in use's template, in hex digits. */
  async block (nonce = 1) {
    const { result } = await sim.askForWork(this.inUse)
    return blobs.withNonce(result.blocktemplate_blob, nonce)
  }

  submit (blob, options) {
    return sim.submit(this.gateway, blob, { timeout: 60000, ...options })
  }

  /** The daemons that are said to give no work. */
  get blamed () {
    return this.multiDaemon.getStatus().daemons.filter(({ reason }) => reason && reason.code === 'no-work')
  }

  state (index) {
    return this.multiDaemon.getStatus().daemons[index]
  }

  until (condition, what) {
    return until(condition, { timeout: 30000, what })
  }
}

/** Runs a test with the addon on a network of its own; nothing is left of either. */
function onRig (daemons, { network: networkOptions, ...options }, run) {
  return () => sim.withNetwork(daemons, async network => {
    const rig = await Rig.start(network, options)
    try {
      await run(rig, ...network.daemons)
      // A network is no worse for having been asked through the gateway.
      if (network.damaged > 0) throw new Error(`${network.damaged} databases are damaged`)
    } finally {
      await rig.multiDaemon.stop()
    }
  }, networkOptions)
}

module.exports = { Rig, onRig }
