'use strict'

/** One day. No time is longer: timers take one that is too long for none at all. */
const DAY = 86400000
/** More than anybody needs. */
const MOST = 1000

/**
 * The options of the block multiDaemon, a row each, in the order of docs/configuration.md. `bounds` are those of numbers, both
 * included; `orFalse` is whether `false` is taken too. A default that is left out is `undefined`: the option is required, has no
 * default, or one that follows from others. Native code has its own table, src/config/options.rs, and is the one that judges;
 * __test__/options.test.js compares the two, and the documents.
 *
 * @type {Record<string, { unit?: string, default?: unknown, bounds?: [number, number], orFalse?: boolean }>}
 */
const OPTIONS = {
  enabled: {},
  daemons: {},
  pollingInterval: { unit: 'ms', default: 5000, bounds: [10, DAY] },
  timeout: { unit: 'ms', default: 2000, bounds: [10, DAY] },
  maxPollingFailures: { unit: 'tries', default: 2, bounds: [1, MOST] },
  recoveryPolls: { unit: 'polls', default: 2, bounds: [1, MOST] },
  minHealthy: { unit: 'daemons', default: 3, bounds: [1, MOST] },
  maxDeviance: { unit: 'blocks', default: 3, bounds: [0, MOST] },
  devianceGrace: { unit: 'ms', default: 12000, bounds: [1, DAY] },
  stallAfter: { unit: 'ms', bounds: [10, DAY] },
  minOutsidePeers: { unit: 'connections', default: 1, bounds: [0, MOST] },
  fallback: { default: 'primary' },
  failback: { unit: 'ms', default: false, bounds: [0, DAY], orFalse: true },
  hedgeAfter: { unit: 'ms', default: 500, bounds: [1, DAY], orFalse: true },
  gateway: { default: true },
  status: {},
  webhook: {},
  rpcTimeout: { unit: 'ms', bounds: [10, DAY] }
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
