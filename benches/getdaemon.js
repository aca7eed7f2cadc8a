'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { run, withDaemons } = require('./process')

/** The Node.js that turtle-pool runs on. */
const OLD = '10.24.1'
const SWITCHES = 1000

/** What a pool pays to ask which daemon to use, and whether the answer is right while its event loop is blocked. */
async function getdaemon ({ short }) {
  return withDaemons(4, async daemons => [
    ...await call('getdaemon', daemons, short, { target: 'at most 1.3 of a property read' }),
    ...short ? [] : await call(`getdaemon/node-${OLD}`, daemons, short, { program: old(), target: 'at most 1.5 of a property read' }),
    await blocked(daemons, short)
  ])
}

/** What V8 makes of the same code differs from process to process, hence several of them. */
async function call (name, { addresses }, short, { program, target }) {
  // Watching goes on, but polls are none of what is measured.
  const config = configOf(addresses, { pollingInterval: 86400000 })
  const outcomes = []
  for (let round = 0; round < (short ? 2 : 9); round++) outcomes.push(await run('caller', { config }, { program }))
  const of = side => outcomes.map(outcome => outcome[side])
  const compare = (what, ours, property, target) => figure(`${name}/${what}`, 'ns', of(ours), { others: { 'property read': of(property) }, target })
  return [
    compare('call', 'ours', 'property', target),
    compare('request', 'oursInRequest', 'propertyInRequest'),
    // Without any code around it, nothing is left of a property read but three loads.
    compare('inlined', 'oursInlined', 'propertyInlined')
  ]
}

/** Fetched only when it is measured. */
function old () {
  const { node } = require('../__test__/nodes/runtimes')
  return node(OLD)
}

async function blocked ({ addresses, alternate }, short) {
  const config = configOf(addresses, { pollingInterval: 10, maxPollingFailures: 1, recoveryPolls: 1, minHealthy: 2 })
  const running = run('blocked', { config, switches: short ? 10 : SWITCHES })
  await alternate()
  const { happened, seen, heard } = await running
  return figure('getdaemon/blocked', `of ${happened} switches missed`, [happened - seen], { others: { 'by an event': [happened - heard] }, target: 'none' })
}

module.exports = getdaemon
