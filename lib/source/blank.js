'use strict'

/** What the gateway counts where there is none. */
const NO_REQUESTS = Object.freeze({ answered: 0, rescued: 0, held: 0, failed: 0, abandoned: 0, hedges: 0 })

/**
 * The status of a process that knows only its primary.
 * @param {import('./contract').Daemon} primary
 * @param {boolean} enabled
 * @param {number} epoch
 * @returns {import('./contract').Status}
 */
function withPrimary (primary, enabled, epoch) {
  return {
    enabled,
    mode: 'single',
    quorum: false,
    hold: false,
    epoch,
    current: primary,
    primary,
    pin: null,
    head: null,
    healthy: 0,
    daemons: [],
    switches: [],
    polls: 0,
    warnings: [],
    blocks: [],
    gateway: null,
    requests: Object.assign({}, NO_REQUESTS)
  }
}

module.exports = { NO_REQUESTS, withPrimary }
