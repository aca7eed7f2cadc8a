'use strict'

const { setTimeout: sleep } = require('node:timers/promises')
const { inspect } = require('node:util')

/** Long enough for the slowest machine; nobody waits for it while all is well. */
const WITHIN = 60000
const EVERY = 25

/**
 * Looks again and again until what it sees is what was awaited, and gives it. An error counts as something seen: a
 * daemon that is starting refuses connections.
 * @template T
 * @param {string} what  what is awaited, for the error
 * @param {() => T | Promise<T>} look  gives the state now
 * @param {(state: T) => unknown} isIt  whether that is it
 * @param {object} [options]
 * @param {number} [options.within]  milliseconds until it is an error
 * @param {() => string | undefined} [options.hopeless]  why waiting longer is no use, if so
 * @returns {Promise<T>}
 */
async function until (what, look, isIt, { within = WITHIN, hopeless = () => undefined } = {}) {
  const deadline = performance.now() + within
  for (;;) {
    let seen
    try {
      seen = await look()
      if (isIt(seen)) return seen
    } catch (error) {
      seen = error
    }
    const why = hopeless() || (performance.now() > deadline && `not within ${within} ms`)
    if (why) throw new Error(`${why}: ${what}; last seen: ${show(seen)}`)
    await sleep(EVERY)
  }
}

function show (seen) {
  return seen instanceof Error ? `${seen.message} (${seen.cause ? seen.cause.message : 'no cause'})` : inspect(seen, { depth: 4, breakLength: 120 })
}

module.exports = { until }
