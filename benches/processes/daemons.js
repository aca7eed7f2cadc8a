'use strict'

// Simulated daemons, until the parent lets go.

const { SimNetwork, until } = require('../../sim')

/** Polls of each daemon after which every verdict has been spoken and acted upon. */
const POLLS_TO_VERDICT = 4

async function main ({ count }) {
  // The parent may die at any moment, also before anything is there to close.
  process.on('disconnect', () => process.exit())
  const network = await SimNetwork.start(count)
  process.on('message', ({ id, order, index }) => ORDERS[order](network, index).then(() => process.send({ id, at: Date.now(), height: network.tip.height })))
  process.send(network.daemons.map(({ host, port }) => ({ host, port })))
}

/** What the parent may order; it hears when that has been done. */
const ORDERS = {
  alternate: async network => { alternate(network) },
  hang: async ({ daemons }, index) => daemons[index].hang(),
  crash: ({ daemons }, index) => daemons[index].crash(),
  lag: async (network, index) => {
    network.daemons[index].freeze()
    network.mine(4)
  },
  // Cut off for good; the others are a block higher.
  fork: async (network, index) => {
    const one = network.daemons[index]
    network.partition(one)
    network.mine(2)
    network.mine(1, { on: network.daemons.filter(daemon => daemon !== one) })
  }
}

/** One of two daemons is always fit: whoever follows has to switch each time. */
async function alternate ({ daemons }) {
  const pair = daemons.slice(0, 2)
  for (const daemon of turns(pair)) {
    daemon.busy(true)
    await polled(pair)
    daemon.busy(false)
    await polled(pair)
  }
}

function * turns (pair) {
  for (;;) yield * pair
}

/** Waits until the daemons have been asked often enough, rather than for a time that a noisy machine may need. */
async function polled (daemons) {
  const before = daemons.map(daemon => daemon.count('/info'))
  const often = () => daemons.every((daemon, index) => daemon.count('/info') >= before[index] + POLLS_TO_VERDICT)
  await until(often, { every: 1, timeout: 60000, what: 'the daemons are polled' })
}

main(JSON.parse(process.argv[2]))
