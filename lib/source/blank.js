'use strict'

/** The status of a process that knows only its primary. */
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
    gateway: null
  }
}

module.exports = { withPrimary }
