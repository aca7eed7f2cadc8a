'use strict'

const { SimNetwork } = require('./network')
const { sleep, until } = require('./wait')

const NAMES = ['primary', 'second', 'third', 'fourth']
const BLOCK_TIME = 3000
/** Any of the right length: nobody is paid here. */
const ADDRESS = `TRTL${'v'.repeat(95)}`
/** The longest that the story waits for what it expects, before it goes on without. */
const PATIENCE = 6000

/** Where the story is played: four daemons, the watcher in front of them, and the time. */
class Stage {
  static async open () {
    const network = await SimNetwork.start(NAMES.length, { blockTime: BLOCK_TIME, jitter: 0.3, seed: Date.now() % 2 ** 32 })
    network.startMining()
    return new Stage(network)
  }

  constructor (network) {
    this.network = network
    this.address = ADDRESS
    const endpoints = network.daemons.map(({ host, port }) => ({ host, port }))
    /** As in a pool's config.json, with shorter times than the defaults, so that there is something to see. */
    this.config = {
      coinDifficultyTarget: BLOCK_TIME / 1000,
      daemon: endpoints[0],
      poolServer: { poolAddress: ADDRESS },
      multiDaemon: { enabled: true, daemons: endpoints.slice(1), pollingInterval: 500, timeout: 400, devianceGrace: 3000 }
    }
    this.names = new Map(network.daemons.map(({ address }, index) => [address, NAMES[index]]))
  }

  /**
   * @param {import('..').MultiDaemon} watcher
   * @param {(text: string) => void} tell
   * @param {AbortSignal} signal  ends the story wherever it is
   */
  play (watcher, tell, signal) {
    Object.assign(this, { watcher, tell, signal })
  }

  get primary () {
    return this.network.daemons[0]
  }

  /** The daemon that the pool uses now. */
  get inUse () {
    const { host, port } = this.watcher.getDaemon()
    return this.network.daemons.find(daemon => daemon.host === host && daemon.port === port)
  }

  name (daemon) {
    return `the ${this.names.get(daemon.address)} daemon (${daemon.address})`
  }

  /** Whether a template is for the next block of the chain that most daemons are on. */
  isGood (template) {
    // TurtleCoind puts the hash of the previous block after two bytes of version.
    const prevHash = template.blocktemplate_blob.slice(4, 68)
    const { tip } = this.network
    // A block may have arrived while the template was on its way.
    return tip.hash === prevHash || tip.prevHash === prevHash
  }

  pause (milliseconds) {
    return sleep(milliseconds, undefined, { signal: this.signal })
  }

  /** Waits until the pool uses another daemon. */
  async left (daemon) {
    await this.#expect(() => this.inUse !== daemon, `no switch away from ${this.name(daemon)}`)
  }

  async allHealthy () {
    await this.#expect(() => this.watcher.getStatus().healthy === NAMES.length, 'not all daemons are healthy')
  }

  async close () {
    await this.network.close()
  }

  async #expect (condition, otherwise) {
    try {
      await until(condition, { timeout: PATIENCE, every: 20, signal: this.signal })
    } catch (error) {
      if (error.name === 'AbortError') throw error
      this.tell(`${otherwise} within ${PATIENCE / 1000} s`)
    }
  }
}

module.exports = { Stage }
