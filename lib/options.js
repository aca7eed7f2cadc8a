'use strict'

/** One day. No time is longer: timers take one that is too long for none at all. */
const DAY = 86400000

/**
 * The options whose values JavaScript needs itself, a row each; native code judges all of them, by src/config/options.rs. `bounds` are those
 * of numbers, both included. __test__/options.test.js compares them with native code's.
 *
 * @type {Record<string, { default: unknown, bounds?: [number, number] }>}
 */
const OPTIONS = {
  pollingInterval: { default: 5000, bounds: [10, DAY] },
  timeout: { default: 2000 },
  minHealthy: { default: 3 },
  minOutsidePeers: { default: 1 },
  fallback: { default: 'primary' }
}

/** What an option of this block is, or its default where it is left out. */
function optionOf (block, name) {
  const value = block ? block[name] : undefined
  return value === undefined ? OPTIONS[name].default : value
}

/**
 * A number within its bounds, or the default. Where the configuration is checked each time is right; in a worker it is not, and a
 * wrong one counts as left out.
 * @returns {number}
 */
function numberOf (block, name) {
  const value = optionOf(block, name)
  const [least, most] = OPTIONS[name].bounds
  return typeof value === 'number' && value >= least && value <= most ? value : Number(OPTIONS[name].default)
}

module.exports = { OPTIONS, numberOf, optionOf }
