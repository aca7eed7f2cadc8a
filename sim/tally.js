'use strict'

/** How many requests of each path and JSON-RPC method a daemon has got. */
class Tally {
  #counts = new Map()
  #waiting = new Set()

  /** @param {string} key */
  add (key) {
    this.#counts.set(key, this.of(key) + 1)
    for (const look of [...this.#waiting]) look(key)
  }

  /** How many with a key; without one, all of them. */
  of (key) {
    if (key !== undefined) return this.#counts.get(key) || 0
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** @returns {Record<string, number>} */
  all () {
    return Object.fromEntries(this.#counts)
  }

  /**
   * Resolves when so many further ones with a key (any at all without one) have come.
   * @param {string | undefined} key
   * @param {{ times: number, timeout: number, name: string }} options  `name` of the daemon, for the error
   * @returns {Promise<void>}
   */
  further (key, { times, timeout, name }) {
    return new Promise((resolve, reject) => {
      let left = times
      const end = (settle, value) => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        settle(value)
      }
      const look = seen => {
        if ((key === undefined || seen === key) && --left === 0) end(resolve)
      }
      const late = () => end(reject, new Error(`${name} has not seen ${key || 'a request'} ${times} times within ${timeout} ms`))
      const timer = setTimeout(late, timeout)
      this.#waiting.add(look)
    })
  }
}

module.exports = { Tally }
