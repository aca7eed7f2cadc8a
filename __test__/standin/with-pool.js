'use strict'

const { SimNetwork } = require('../../sim')
const Standin = require('./drive')

/**
 * Runs a test on a stand-in pool over a network of four daemons; `prepare` comes before the pool starts.
 * @param {object} settings  blocks of the pool's configuration
 * @param {(pool: Standin, network: SimNetwork, ...daemons: import('../../sim').SimDaemon[]) => unknown} run
 */
async function withPool (settings, run, { prepare = async () => {}, environment, network: options } = {}) {
  const network = await SimNetwork.start(4, { height: 60, ...options })
  let pool
  try {
    await prepare(network, ...network.daemons)
    pool = new Standin(Standin.configOf(network.daemons, settings), environment)
    await run(pool, network, ...network.daemons)
  } finally {
    if (pool) await pool.end()
    await network.close()
  }
}

module.exports = { withPool }
