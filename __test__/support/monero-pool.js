'use strict'

const { MultiDaemon } = require('../..')
const { ADDRESS, jsonRpc } = require('./monerod')
const { until } = require('./until')

/** What a listener gets, by event. */
const EVENTS = {
  switch: event => event,
  daemon: (daemon, before) => ({ ...daemon, before }),
  mode: mode => ({ mode }),
  hold: hold => ({ hold }),
  block: head => head
}

/** What a mining pool has to do with the addon: it asks for the daemon to use, asks that one for work, and listens. */
class Pool {
  #heard = []

  /**
   * @param {Array<{ host: string, port: number }>} daemons  the primary first
   * @param {object} [options]  of the configuration's block, and the pool's own coinDifficultyTarget
   */
  constructor (daemons, { coinDifficultyTarget, ...options } = {}) {
    const [primary, ...others] = daemons.map(({ host, port }) => ({ host, port }))
    this.daemons = daemons
    this.multi = new MultiDaemon({
      daemon: primary,
      coinDifficultyTarget,
      // A daemon's own peers are the other daemons here, which is no reason against it.
      multiDaemon: { enabled: true, daemons: others, minOutsidePeers: 0, ...options }
    })
    for (const [event, content] of Object.entries(EVENTS)) {
      this.multi.on(event, (...args) => this.#heard.push({ event, ...content(...args) }))
    }
  }

  get status () {
    return this.multi.getStatus()
  }

  /** The place in the configuration of the daemon that it uses now. */
  get inUse () {
    return indexOf(this.daemons, this.multi.getDaemon())
  }

  /**
   * What it heard so far.
   * @param {string} event
   */
  heard (event) {
    return this.#heard.filter(it => it.event === event)
  }

  /** The switches so far, in brief. */
  switches () {
    return this.heard('switch').map(({ from, to, code, mode }) => ({ from: indexOf(this.daemons, from), to: indexOf(this.daemons, to), code, mode }))
  }

  /**
   * What it heard so far of one daemon, as `state` or `state: code`.
   * @param {{ port: number }} daemon
   */
  heardOf (daemon) {
    return this.heard('daemon').filter(({ port }) => port === daemon.port).map(named)
  }

  /**
   * What is held of one daemon now.
   * @param {{ port: number }} daemon
   */
  of (daemon) {
    return this.status.daemons.find(({ port }) => port === daemon.port)
  }

  /** The states now, as `state` or `state: code`. */
  states () {
    return this.status.daemons.map(named)
  }

  /**
   * Waits for a state of affairs.
   * @param {string} what
   * @param {(pool: Pool) => unknown} isIt
   */
  async until (what, isIt) {
    const look = () => {
      const { mode, quorum, hold, head, current } = this.status
      return { states: this.states(), mode, quorum, hold, head, current: current.port, heard: this.#heard.map(({ event, port, state, code }) => [event, port, state, code]) }
    }
    await until(what, look, () => isIt(this))
  }

  /** A block template from the daemon in use, as a pool asks for it. */
  template () {
    return jsonRpc(this.multi.getDaemon(), 'getblocktemplate', { wallet_address: ADDRESS, reserve_size: 8 })
  }

  stop () {
    return this.multi.stop()
  }
}

function named ({ state, reason }) {
  return reason ? `${state}: ${reason.code}` : state
}

function indexOf (daemons, { host, port }) {
  return daemons.findIndex(daemon => daemon.host === host && daemon.port === port)
}

module.exports = { Pool }
