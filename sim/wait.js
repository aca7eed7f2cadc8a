'use strict'

const { setTimeout: sleep } = require('node:timers/promises')

/**
 * Waits until a condition holds, and gives its value. Looking every few milliseconds is cheap here, and needs no event
 * for every thing that a test may wait for.
 * @template T
 * @param {() => T} condition  anything truthy ends the waiting
 * @param {object} [options]
 * @param {string} [options.what]  what is waited for, named in the error
 * @param {number} [options.timeout]  milliseconds until it is an error
 * @param {number} [options.every]  milliseconds between two looks
 * @param {AbortSignal} [options.signal]  ends the waiting with its AbortError
 * @returns {Promise<T>}
 */
async function until (condition, { what = String(condition), timeout = 10000, every = 5, signal } = {}) {
  const deadline = performance.now() + timeout
  for (;;) {
    const value = condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`)
    await sleep(every, undefined, { signal })
  }
}

module.exports = { until, sleep }
