'use strict'

const { SimNetwork, sleep } = require('../sim')
const { seededRandom } = require('../sim/random')
const { LoopbackServer } = require('../sim/server')
const { now } = require('./clock')
const { ILLS } = require('./ills')
const { BLOCK_TIME, DIALECTS, OPTIONS } = require('./settings')

/** The daemons, what is done to them, and since when each of them is bad in truth. */
class World {
  #open = new Map()
  #bads = []
  #split = []

  static async open (seed) {
    const daemons = DIALECTS.map(dialect => ({ dialect }))
    const network = await SimNetwork.start(daemons, { seed, height: 100, blockTime: BLOCK_TIME, jitter: 0.5 })
    const [webhook, page] = [new LoopbackServer(), new LoopbackServer()]
    await Promise.all([webhook.start(), page.start()])
    // Its port is free from now on.
    await page.stop()
    return new World(network, webhook, page.port, seededRandom(seed))
  }

  constructor (network, webhook, pagePort, random) {
    Object.assign(this, { network, webhook, pagePort })
    // Half of what it is told it takes.
    webhook.on('request', (request, response) => random() < 0.5 ? response.writeHead(204, { Connection: 'close' }).end() : request.socket.destroy())
    this.counts = {}
    /** What each daemon has now, by its index. */
    this.ills = new Map()
    this.watching = setInterval(() => this.#judge(), 10)
    network.startMining()
  }

  get daemons () {
    return this.network.daemons.map(({ host, port }) => ({ host, port }))
  }

  /** What the processes have to know. */
  get input () {
    return { daemons: this.daemons, webhook: `http://${this.webhook.host}:${this.webhook.port}/`, pagePort: this.pagePort }
  }

  /** @param {import('./plan').Turn} turn */
  async play ({ what, daemons, ill, lasts }) {
    this.#count(what === 'ill' ? ill : what)
    if (what === 'ill') await this.#ail(daemons[0], ill, lasts)
    if (what === 'split') await this.#cut(daemons.map(index => this.network.daemons[index]), lasts)
    if (what === 'reorganise') this.#reorganise()
  }

  /** All is well again. Every daemon is started anew, so that no connection is left from before. */
  async heal () {
    this.#join()
    await Promise.all(this.network.daemons.map((daemon, index) => this.#recover(index)))
    await Promise.all(this.network.daemons.map(async daemon => {
      await daemon.crash()
      await daemon.restart()
    }))
    this.network.mine()
    this.#judge()
  }

  /** What was wrong with whom, up to now. */
  takeBads () {
    this.#judge()
    for (const key of [...this.#open.keys()]) this.#close(key)
    return this.#bads.splice(0)
  }

  async close () {
    clearInterval(this.watching)
    await Promise.all([this.webhook.stop(), this.network.close()])
  }

  async #ail (index, ill, lasts) {
    await ILLS[ill].begin(this.network.daemons[index])
    this.ills.set(index, ill)
    this.#judge()
    await sleep(lasts)
    await this.#recover(index)
    this.#judge()
  }

  async #recover (index) {
    // Before: a request that comes meanwhile may be answered already.
    this.ills.delete(index)
    this.#judge()
    await this.network.daemons[index].recover()
  }

  /** Some daemons see no others, and each side mines; the smaller one is two blocks deep at once. */
  async #cut (daemons, lasts) {
    this.#split = daemons
    this.network.partition(daemons)
    this.network.mine(2)
    this.#judge()
    await sleep(lasts)
    this.#join()
    this.#judge()
  }

  #join () {
    this.#split = []
    this.network.heal()
  }

  /** Everybody reorganises to a longer chain. */
  #reorganise () {
    if (this.#split.length > 0) return
    const [daemon] = this.network.daemons
    this.network.partition(daemon)
    this.network.mine()
    this.network.mine(1, { on: daemon })
    this.network.heal()
  }

  /** Notes what is wrong with each daemon, as long as it lasts. */
  #judge () {
    this.network.daemons.forEach((daemon, index) => {
      const ill = this.ills.get(index)
      const isDead = ill !== undefined && ILLS[ill].dead === true
      this.#mark(daemon, 'ill', ill !== undefined, ill)
      this.#mark(daemon, 'dead', isDead, ill)
      this.#mark(daemon, 'astray', !isDead && this.#isAstray(daemon), ill || 'split')
    })
  }

  /** More than `maxDeviance` behind, or on another branch that either side has built two blocks on. */
  #isAstray ({ tip }) {
    const main = this.network.tip
    const common = tip.commonWith(main)
    if (!common) return true
    const [own, theirs] = [tip.height - common.height, main.height - common.height]
    return own === 0 ? theirs > OPTIONS.maxDeviance : theirs > 0 && Math.max(own, theirs) >= 2
  }

  #mark (daemon, how, isBad, what) {
    const key = `${how} ${daemon.address}`
    if (isBad && !this.#open.has(key)) this.#open.set(key, { daemon: daemon.address, how, what, from: now() })
    if (!isBad) this.#close(key)
  }

  #close (key) {
    const bad = this.#open.get(key)
    this.#open.delete(key)
    if (bad) this.#bads.push({ ...bad, to: now() })
  }

  #count (what) {
    this.counts[what] = (this.counts[what] || 0) + 1
  }
}

module.exports = { World }
