'use strict'

const { now } = require('../clock')

/** Asks what pools ask, all the time, and remembers what it was given and everything that must never be. */
class Observer {
  #given = []
  #open = null

  /**
   * @param {string} who
   * @param {import('../..').MultiDaemon} multiDaemon
   * @param {string[]} daemons  all that may be the answer
   */
  constructor (who, multiDaemon, daemons) {
    Object.assign(this, { who, multiDaemon, daemons, asked: 0, troubles: [] })
  }

  look () {
    try {
      this.#note(this.multiDaemon.getDaemon(), this.multiDaemon.getStatus())
    } catch (error) {
      this.troubles.push(`${this.who}: getDaemon() threw ${error.stack}`)
    }
  }

  /** What was given since the last time, and how often somebody asked. */
  take () {
    this.#close()
    const { asked } = this
    this.asked = 0
    return { asked, givens: this.#given.splice(0) }
  }

  #note (daemon, { current, mode: held, pin }) {
    this.asked++
    // What an operator has pinned is the answer whatever is held of it.
    const mode = pin ? 'pinned' : held
    const address = addressOf(daemon)
    if (!this.daemons.includes(address)) this.troubles.push(`${this.who}: getDaemon() gave ${JSON.stringify(daemon)}, which nobody configured`)
    const at = now()
    if (this.#open && this.#open.daemon === address && this.#open.mode === mode) {
      this.#open.to = at
      return
    }
    this.#close()
    // A switch between the two questions: the next look shows what came of it.
    if (addressOf(current) === address) this.#open = { who: this.who, daemon: address, mode, from: at, to: at }
  }

  #close () {
    if (this.#open) this.#given.push(this.#open)
    this.#open = null
  }
}

function addressOf ({ host, port }) {
  return `${host}:${port}`
}

module.exports = { Observer, addressOf }
