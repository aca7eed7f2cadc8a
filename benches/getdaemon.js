'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { run, withDaemons } = require('./process')

const SWITCHES = 100

/** What a pool pays to ask which daemon to use, and whether the answer is right while its event loop is blocked. */
async function getdaemon ({ short }) {
  return withDaemons(4, async daemons => [...await call(daemons, short), await blocked(daemons, short)])
}

/** What V8 makes of the same code differs from process to process, hence several of them. */
async function call ({ addresses }, short) {
  // Watching goes on, but polls are none of what is measured.
  const config = configOf(addresses, { pollingInterval: 86400000 })
  const outcomes = []
  for (let round = 0; round < (short ? 2 : 9); round++) outcomes.push(await run('caller', { config }))
  const of = side => outcomes.map(outcome => outcome[side])
  const target = 'at most 1.5 of a property read'
  return [
    figure('getdaemon/bare', 'ns', of('ours'), { others: { 'property read': of('property') }, target }),
    figure('getdaemon/request', 'ns', of('oursInRequest'), { others: { 'property read': of('propertyInRequest') }, target })
  ]
}

async function blocked ({ addresses, alternate }, short) {
  const config = configOf(addresses, { pollingInterval: 10, maxPollingFailures: 1, recoveryPolls: 1, minHealthy: 2 })
  const running = run('blocked', { config, switches: short ? 10 : SWITCHES })
  await alternate()
  const { happened, seen, heard } = await running
  return figure('getdaemon/blocked', `of ${happened} switches seen`, [seen], { others: { 'by an event': [heard] }, target: 'all' })
}

module.exports = getdaemon
