'use strict'

const { setTimeout: sleep } = require('node:timers/promises')
const Standin = require('../__test__/standin/drive')
const { figure } = require('./figure')
const { Haproxy, isInstalled } = require('./haproxy')
const { alternately, withDaemons } = require('./process')

/** The addon's defaults, and the time between two templates that pools have. */
const TIMES = { multiDaemon: { pollingInterval: 5000, timeout: 2000 }, poolServer: { blockRefreshInterval: 1000 } }
const WAYS = {
  'attach, edited': { variant: 'edited' },
  'attach alone': { variant: 'plain' },
  'haproxy, tuned': { variant: 'plain', attach: 'none', haproxy: 'tuned' },
  haproxy: { variant: 'plain', attach: 'none', haproxy: 'defaults' },
  'pool alone': { variant: 'plain', attach: 'none' }
}
const OURS = ['attach, edited', 'attach alone']
const FAULTS = ['hang', 'crash', 'fork', 'lag']
/** Nobody but who compares chains ever notices these. */
const UNSEEN = ['fork', 'lag']
const TARGETS = {
  hang: { 'attach alone': 'at most 0.3 s' },
  crash: { 'attach alone': 'at most 0.05 s' }
}
/** After so many answers the gateway knows a daemon's habit; a pool that has run for a minute is long past that. */
const HABIT = 4
/** While a pool that cannot recover is watched: more than any of the others takes. */
const PATIENCE = { short: 12000, full: 40000 }

/** How long the template loop of a pool is without a good template when its daemon fails: a cluster, its daemons in another process. */
async function failover ({ short }) {
  // The short form tells whether it works; its figures may suffer.
  if (short) return (await Promise.all(FAULTS.map(fault => recoveries(fault, short)))).flat()
  const figures = []
  for (const fault of FAULTS) figures.push(...await recoveries(fault, short))
  return figures
}

async function recoveries (fault, short) {
  const names = Object.keys(WAYS).filter(name => isInstalled() || !WAYS[name].haproxy)
  const [often, once] = [name => canRecover(fault, name), name => !canRecover(fault, name)].map(is => names.filter(is))
  const measure = name => round => recovery(fault, name, short, round)
  // What never ends needs no repetition, and can be watched beside.
  const [outcomes, never] = await Promise.all([
    alternately(short ? 1 : 5, ...often.map(measure)),
    Promise.all(once.map(async name => [await measure(name)(0)]))
  ])
  const all = new Map([...often.map((name, index) => [name, outcomes[index]]), ...once.map((name, index) => [name, never[index]])])
  return names.map(name => describe(fault, name, all))
}

function canRecover (fault, name) {
  return OURS.includes(name) || (!UNSEEN.includes(fault) && name !== 'pool alone')
}

function describe (fault, name, all) {
  const seconds = (of, what) => all.get(of).map(outcome => outcome[what] / 1000)
  const isNever = of => all.get(of).some(({ never }) => never)
  const rivals = OURS.includes(name) ? [...all.keys()].filter(other => !OURS.includes(other) && !isNever(other)) : []
  // The loop pauses for up to a second before it asks, and so meets the fault.
  return figure(`failover/${fault}/${name}`, isNever(name) ? 's, and still none' : 's', seconds(name, 'sinceMet'), {
    others: Object.fromEntries(rivals.map(other => [other, seconds(other, 'sinceMet')])),
    beside: { 'since the fault': seconds(name, 'sinceFault') },
    target: (TARGETS[fault] || {})[name]
  })
}

/** The time until the loop has a good template again: since it first asked in vain, and since the fault itself. */
function recovery (fault, name, short, round) {
  return withDaemons(4, daemons => throughProxy(WAYS[name].haproxy, daemons.addresses, async addresses => {
    const pool = new Standin(Standin.configOf(addresses, { ...TIMES, standin: WAYS[name] }))
    try {
      await settled(pool, name, round)
      // At any moment between two templates, but never during one: what is answered before the fault has not met it.
      await sleep(100 + Math.random() * 700)
      const { at, height } = await daemons.break(fault, 0)
      return await outcome(pool, at, height + 1, PATIENCE[short ? 'short' : 'full'])
    } finally {
      await pool.end()
    }
  }))
}

/** The pool knows one address where a proxy stands before the daemons. */
async function throughProxy (configuration, addresses, use) {
  if (!configuration) return use(addresses)
  const proxy = await Haproxy.start(configuration, addresses)
  try {
    return await use([proxy.address])
  } finally {
    await proxy.end()
  }
}

/**
 * Until all daemons are judged and have shown how long they take, and so many templates longer: each round meets another part of the time
 * between two polls.
 */
async function settled (pool, name, templates) {
  if (OURS.includes(name)) await pool.says('pool1', ({ status }) => status && status.healthy === 4)
  for (let count = 0; count <= HABIT + templates; count++) {
    const { error } = await pool.next('refresh')
    if (error) throw new Error(`no template before the fault: ${error}`)
  }
}

/** A good template is as high as the others' chain wants it. */
async function outcome (pool, fault, height, patience) {
  const after = () => pool.all('refresh').filter(({ asked }) => asked >= fault)
  const good = () => after().find(report => report.error === null && report.height >= height)
  const deadline = fault + patience
  await pool.until(() => good() || Date.now() > deadline)
  const { at, never } = good() || { at: Date.now(), never: true }
  // A loop whose request never ends reports none.
  const [first] = after()
  return { sinceMet: at - (first ? first.asked : fault), sinceFault: at - fault, never: Boolean(never) }
}

module.exports = failover
