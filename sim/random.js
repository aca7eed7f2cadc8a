'use strict'

/**
 * A seeded source of numbers, so that a simulated network is the same at every run (the generator is called mulberry32).
 * @param {number} seed
 * @returns {() => number} numbers from 0 up to, but without, 1
 */
function seededRandom (seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6D2B79F5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

module.exports = { seededRandom }
