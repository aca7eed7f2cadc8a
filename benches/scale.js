'use strict'

const { configOf } = require('./config')
const decision = require('./decision')
const { figure } = require('./figure')
const { alternately, run, withDaemons } = require('./process')

const DAEMONS = { short: [4, 100], full: [4, 32, 100, 320, 1000] }
/** The default interval: with as many daemons there are as many more polls. */
const INTERVAL = 5000
/** Long enough for every daemon to be polled. */
const WATCHED = 6000
const KIB = 2 ** 10

/** What each further daemon costs: a decision, processor time, memory, and the time by which the pool's own work is late. */
async function scale ({ short }) {
  const size = short ? 'short' : 'full'
  const watched = []
  for (const daemons of DAEMONS[size]) watched.push({ daemons, ...await crowd(daemons, short) })
  const [fewest] = watched
  return [
    ...await decision({ short }),
    ...watched.slice(1).map(each => memory(each, fewest)),
    ...watched.map(({ daemons, outcomes }) => figure(`scale/processor/${daemons}`, 'µs a poll, off the main thread', outcomes.map(({ processor, mainThread }) => processor - mainThread))),
    ...watched.map(({ daemons, outcomes, bare }) => figure(`scale/late/${daemons}`, 'ms, p99 of the event loop', outcomes.map(({ late }) => late), {
      others: { 'without it': bare.map(({ late }) => late) }
    })),
    ...watched.map(({ daemons, outcomes }) => figure(`scale/snapshot/${daemons}`, 'ms, one getStatus()', outcomes.map(({ snapshot }) => snapshot)))
  ]
}

function crowd (count, short) {
  return withDaemons(count, async ({ addresses }) => {
    const config = configOf(addresses, { pollingInterval: INTERVAL })
    const watch = task => () => run('crowd', { ...task, milliseconds: WATCHED }, { flags: ['--expose-gc'] })
    const [outcomes, bare] = await alternately(short ? 1 : 2, watch({ config }), watch({}))
    return { outcomes, bare }
  })
}

function memory ({ daemons, outcomes }, fewest) {
  const each = outcomes.map((outcome, round) => (outcome.memory - fewest.outcomes[round].memory) / (daemons - fewest.daemons) / KIB)
  return figure(`scale/memory/${daemons}`, 'KiB for each further daemon', each, { target: 'under 12 KB' })
}

module.exports = scale
