'use strict'

// Where the soak takes place: eight daemons of every family on one network, and a pool that looks often, so that much
// happens in little time.

/** The last one has no JSON-RPC: it is watched and votes, and must never be the answer. */
const DIALECTS = [
  'turtlecoin-0.28.3', 'turtlecoin-0.28.3', 'monerod', 'turtlecoin-0.28.3', 'turtlecoin-legacy', 'turtlecoin-0.28.3', 'monerod', 'turtlecoin-1.0'
]
/** Milliseconds between two blocks. */
const BLOCK_TIME = 1000
/** Any of the right length: nobody is paid here. */
const ADDRESS = `TRTL${'v'.repeat(95)}`
/** In the words of the configuration. */
const OPTIONS = {
  pollingInterval: 250, timeout: 400, maxPollingFailures: 2, recoveryPolls: 2, minHealthy: 3, maxDeviance: 3, devianceGrace: 1500, hedgeAfter: 100
}

/** A pool's configuration. @param {Array<{ host: string, port: number }>} daemons  the primary first */
function configOf ([primary, ...others], options) {
  const place = ({ host, port }) => ({ host, port })
  return {
    coinDifficultyTarget: BLOCK_TIME / 1000,
    daemon: place(primary),
    multiDaemon: { enabled: true, daemons: others.map(place), ...OPTIONS, ...options }
  }
}

module.exports = { ADDRESS, BLOCK_TIME, DIALECTS, OPTIONS, configOf }
