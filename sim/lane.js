'use strict'

/**
 * Work that is done piece by piece, each one taking its time. Work that takes none is done at once.
 * @typedef {object} Work
 * @property {() => number} begin  gives the milliseconds that it takes
 * @property {() => void} end
 */
class Lane {
  #waiting = []
  #timer = null

  /** @param {Work} work */
  add (work) {
    this.#waiting.push(work)
    if (!this.#timer) this.#next()
  }

  /** Leaves what is under way, and what waits. */
  clear () {
    clearTimeout(this.#timer)
    this.#timer = null
    this.#waiting = []
  }

  #next () {
    this.#timer = null
    while (this.#waiting.length > 0 && !this.#timer) {
      const work = this.#waiting.shift()
      const time = work.begin()
      if (time > 0) this.#timer = setTimeout(() => { work.end(); this.#next() }, time).unref()
      else work.end()
    }
  }
}

module.exports = { Lane }
