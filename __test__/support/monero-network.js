'use strict'

const { Link } = require('./link')
const { Monerod } = require('./monerod')
const { freePorts } = require('./ports')
const { until } = require('./until')

/**
 * Some monerods on loopback that know only one another, every one connected to every other over links that can be cut.
 *
 * Everything that it does waits until the daemons themselves say that it is done.
 */
class MoneroNetwork {
  /** @type {Monerod[]} */
  daemons = []
  /** @type {Array<{ from: Monerod, to: Monerod, link: Link }>} */
  #links = []

  /**
   * @param {number} size  how many daemons
   * @returns {Promise<MoneroNetwork>}  connected, and at one height
   */
  static async start (size) {
    const network = new MoneroNetwork()
    try {
      const ports = await freePorts(2 * size)
      for (let index = 0; index < size; index++) {
        network.daemons.push(new Monerod({ port: ports[2 * index], p2pPort: ports[2 * index + 1] }))
      }
      await network.#layLinks()
      await Promise.all(network.daemons.map(daemon => daemon.start()))
      await network.#connected()
      // A few blocks to stand on. They also have every daemon do its first proof of work, which takes it seconds.
      await network.mine(FIRST_BLOCKS)
    } catch (error) {
      await network.remove()
      throw error
    }
    return network
  }

  /**
   * Adds blocks and waits until others have them too.
   * @param {number} count
   * @param {Monerod[]} [daemons]  the first one mines, all of them have to arrive there
   * @param {string} [address]  who gets the reward
   * @returns {Promise<import('./monerod').Tip>}
   */
  async mine (count, daemons = this.daemons, address = undefined) {
    const tip = await daemons[0].mine(count, address)
    await this.reach(tip, daemons)
    return tip
  }

  /**
   * Waits until daemons stand on a block.
   * @param {import('./monerod').Tip} tip
   * @param {Monerod[]} [daemons]
   */
  async reach (tip, daemons = this.daemons) {
    const look = () => Promise.all(daemons.map(daemon => daemon.tip()))
    await until(`${daemons.join(', ')} have block ${tip.height} ${tip.hash} on top`, look, tips => tips.every(it => it.hash === tip.hash))
  }

  /**
   * Cuts every connection between the sides, and none within one.
   * @param {...Monerod[]} sides  together all daemons
   */
  async partition (...sides) {
    const together = (one, other) => sides.some(side => side.includes(one) && side.includes(other))
    for (const { from, to, link } of this.#links) together(from, to) ? link.restore() : link.cut()
    await this.#connected()
  }

  /** Lets everybody connect to everybody again. */
  async heal () {
    await this.partition(this.daemons)
  }

  /** Brings everybody back, however a test left them, to one chain. */
  async restore () {
    for (const daemon of this.daemons) {
      if (!daemon.running) await daemon.start()
      if (daemon.hung) daemon.wake()
    }
    await this.heal()
    const tips = await Promise.all(this.daemons.map(daemon => daemon.tip()))
    if (tips.every(({ hash }) => hash === tips[0].hash)) return
    // Chains of one height would stay apart; one more block decides between them.
    const highest = tips.reduce((best, tip, index) => tip.height > tips[best].height ? index : best, 0)
    await this.reach(await this.daemons[highest].mine(1))
  }

  /** Ends everything. */
  async remove () {
    await Promise.all(this.daemons.map(daemon => daemon.remove()))
    for (const { link } of this.#links) link.close()
  }

  /** A link for each direction: to the one that dials, every peer has an address of its own. */
  async #layLinks () {
    for (const from of this.daemons) {
      for (const to of this.daemons) {
        if (from === to) continue
        const link = await Link.to(to.p2pPort)
        from.peers.push(link.port)
        this.#links.push({ from, to, link })
      }
    }
  }

  async #connected () {
    const running = this.daemons.filter(daemon => daemon.running && !daemon.hung)
    const touches = daemon => ({ from, to, link }) => link.whole && running.includes(from) && running.includes(to) && (from === daemon || to === daemon)
    const wanted = running.map(daemon => this.#links.filter(touches(daemon)).length)
    const look = () => Promise.all(running.map(daemon => daemon.connections()))
    await until(`${running.join(', ')} have ${wanted.join(', ')} connections`, look, counts => counts.every((count, index) => count === wanted[index]))
  }
}

/** More than a window of the addon shows at first, so that no test meets the first block of the chain by chance. */
const FIRST_BLOCKS = 6

module.exports = { MoneroNetwork }
