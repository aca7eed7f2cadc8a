'use strict'

const { MultiDaemon } = require('../..')
const { configOf } = require('../settings')

/** As different as pools' configurations are. */
const VARIANTS = [
  {}, { fallback: 'best' }, { failback: 500 }, { minHealthy: 1 }, { pollingInterval: 50 }, { timeout: 20 }, { maxPollingFailures: 5, recoveryPolls: 1 },
  { maxDeviance: 0, devianceGrace: 1 }, { stallAfter: 1500 }, { gateway: false }, { hedgeAfter: false }, { enabled: false }
]
/** More at a time would only slow the machine down. */
const MOST = 4
const EVENTS = ['switch', 'daemon', 'mode', 'hold', 'block', 'submitted', 'lost']

/** Watches that come and go. */
class Instances {
  #list = []
  #kept = new WeakSet()

  /** `extras` are options that keep an instance for as long as it is not stopped. */
  constructor (daemons, extras) {
    Object.assign(this, { daemons, extras, made: 0, stopped: 0, dropped: 0 })
  }

  get all () {
    return this.#list
  }

  make (dice) {
    if (this.#list.length >= MOST) return
    const daemons = dice.some(this.daemons, 1 + dice.below(this.daemons.length))
    // A list of daemons must not be empty.
    const others = daemons.length > 1 ? daemons : [...daemons, ...this.daemons.filter(each => !daemons.includes(each))]
    const isKept = dice.chance(0.3)
    const instance = new MultiDaemon(configOf(others, { ...dice.oneOf(VARIANTS), ...isKept && this.extras }))
    if (isKept) this.#kept.add(instance)
    for (const event of EVENTS) instance.on(event, () => instance.getStatus())
    this.#list.push(instance)
    this.made++
  }

  stop () {
    const instance = this.#list.shift()
    if (!instance) return
    this.stopped++
    return instance.stop()
  }

  /** Lets one go without a word: it has to end by being collected. */
  drop () {
    const place = this.#list.findIndex(instance => !this.#kept.has(instance))
    if (place === -1) return
    this.#list.splice(place, 1)
    this.dropped++
  }

  async stopAll () {
    while (this.#list.length > 0) await this.stop()
  }
}

module.exports = { EVENTS, Instances }
