'use strict'

const { setTimeout: sleep } = require('node:timers/promises')
const Standin = require('../__test__/standin/drive')
const { figure } = require('./figure')
const { alternately, withDaemons } = require('./process')

/** The addon's defaults, and the time between two templates that pools have. */
const TIMES = { multiDaemon: { pollingInterval: 5000, timeout: 2000 }, poolServer: { blockRefreshInterval: 1000 } }
const POOLS = {
  rpc: { variant: 'edited' },
  'attach alone': { variant: 'plain' },
  'pool alone': { variant: 'plain', attach: 'none' }
}
const TARGETS = {
  hang: { rpc: 'under 0.7 s', 'attach alone': 'under 6.5 s (2 x timeout + 2.5 s)' },
  refused: { rpc: 'under 0.3 s' }
}
/** While a pool that cannot recover is watched: more than any of the others takes. */
const PATIENCE = { short: 8000, full: 20000 }

/** How long the template loop of a pool is without a template when its daemon fails: a cluster, its daemons in another process. */
async function failover ({ short }) {
  const figures = []
  for (const fault of ['hang', 'refused']) figures.push(...await recoveries(fault, short))
  return figures
}

async function recoveries (fault, short) {
  const names = Object.keys(POOLS).filter(name => name !== 'pool alone')
  const measured = names.map(name => round => recovery(fault, name, short, round))
  // What never ends needs no repetition.
  const [outcomes, alone] = await Promise.all([alternately(short ? 1 : 5, ...measured), recovery(fault, 'pool alone', short, 0)])
  return [...names.map((name, index) => describe(fault, name, outcomes[index])), describe(fault, 'pool alone', [alone])]
}

function describe (fault, name, outcomes) {
  const seconds = what => outcomes.map(outcome => outcome[what] / 1000)
  const unit = outcomes.some(({ never }) => never) ? 's, and still none' : 's'
  // The loop pauses for up to a second before it asks, and so meets the fault.
  return figure(`failover/${fault}/${name}`, unit, seconds('sinceMet'), {
    others: { 'since the fault': seconds('sinceFault') },
    target: TARGETS[fault][name]
  })
}

/** The time until the loop has a template again: since it first asked in vain, and since the fault itself. */
function recovery (fault, name, short, round) {
  return withDaemons(4, async daemons => {
    const pool = new Standin(Standin.configOf(daemons.addresses, { ...TIMES, standin: POOLS[name] }))
    try {
      await settled(pool, name, round)
      // At any moment between two templates, but never during one: what is answered before the fault has not met it.
      await sleep(100 + Math.random() * 700)
      const at = await (fault === 'hang' ? daemons.hang(0) : daemons.crash(0))
      return await outcome(pool, at, PATIENCE[short ? 'short' : 'full'])
    } finally {
      await pool.end()
    }
  })
}

/** Until all daemons are judged, and so many templates longer: each round meets another part of the time between two polls. */
async function settled (pool, name, templates) {
  if (name !== 'pool alone') await pool.says('pool1', ({ status }) => status && status.healthy === 4)
  for (let count = 0; count <= templates; count++) {
    const { error } = await pool.next('refresh')
    if (error) throw new Error(`no template before the fault: ${error}`)
  }
}

async function outcome (pool, fault, patience) {
  const after = () => pool.all('refresh').filter(({ asked }) => asked >= fault)
  const good = () => after().find(({ error }) => error === null)
  const deadline = fault + patience
  await pool.until(() => good() || Date.now() > deadline)
  const { at, never } = good() || { at: Date.now(), never: true }
  // A loop whose request never ends reports none.
  const [first] = after()
  return { sinceMet: at - (first ? first.asked : fault), sinceFault: at - fault, never: Boolean(never) }
}

module.exports = failover
