'use strict'

const { withNonce } = require('./blob')
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
   * @param {import('./pool').Pool} pool
   * @param {(text: string) => void} tell
   * @param {AbortSignal} signal  ends the story wherever it is
   */
  play (watcher, pool, tell, signal) {
    this.watcher = watcher
    this.pool = pool
    this.tell = tell
    this.signal = signal
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

  /** The pool finds a block, and waits until it is told what became of it. Nobody else finds one meanwhile. */
  async findBlock () {
    const { network, pool } = this
    network.stopMining()
    await this.#expect(() => pool.work && pool.work.height === network.tip.height + 1, 'the pool has no work on the newest block')
    const { height, blocktemplate_blob: blob } = pool.work
    this.tell(`the pool finds block ${height}`)
    const { error } = await pool.submit(withNonce(blob, height))
    this.tell(error ? `block ${height} is lost: ${error.message}` : `block ${height} is accepted`)
    const chains = () => network.daemons.filter(({ chain }) => chain.best.height >= height).length
    await this.#expect(() => chains() >= NAMES.length - 1, `block ${height} is not in the chains of the three others`)
    this.tell(`block ${height} is in the chains of ${chains()} daemons`)
    network.startMining()
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
