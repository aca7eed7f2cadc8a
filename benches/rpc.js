'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { run, withDaemons } = require('./process')

const SIZES = { short: { processes: 2, turns: 2, requests: 50 }, full: { processes: 7, turns: 8, requests: 500 } }

/** What a template costs through `rpc`, against the request code of pools, a bare agent that keeps its connections, and undici. */
async function rpc ({ short }) {
  const outcomes = await withDaemons(4, ({ addresses }) => outcomesOf(addresses, SIZES[short ? 'short' : 'full']))
  const of = (way, what) => outcomes.map(outcome => outcome[way][what])
  const compare = (name, unit, what, target) => figure(`rpc/${name}`, unit, of('rpc', what), {
    others: { 'pool code': of('pool', what) },
    beside: { undici: of('undici', what) },
    target
  })
  // The agent sends, collects and reads JSON. No caller can do less, and no pool should do as little.
  const overFloor = (name, unit, what, target) => figure(`rpc/floor/${name}`, unit, of('rpc', what), { others: { 'kept agent': of('agent', what) }, target })
  return [
    compare('time', 'µs a request, 16 at once', 'time', 'at most 0.7'),
    compare('processor', 'µs a request, 16 at once', 'processor', 'at most 0.7'),
    compare('latency/median', 'µs, one at a time', 'median', 'at most 0.7'),
    compare('latency/p99', 'µs, one at a time', 'p99', 'at most 1'),
    overFloor('time', 'µs a request, 16 at once', 'time', 'at most 1.2'),
    overFloor('processor', 'µs a request, 16 at once', 'processor', 'at most 1.2'),
    overFloor('latency/median', 'µs, one at a time', 'median', 'at most 1.2'),
    overFloor('latency/p99', 'µs, one at a time', 'p99')
  ]
}

/** What V8 makes of the same code, and when it collects, differs from process to process, hence several of them. */
async function outcomesOf (addresses, { processes, turns, requests }) {
  // Watching goes on, but polls are none of what is measured.
  const config = configOf(addresses, { pollingInterval: 86400000 })
  const outcomes = []
  for (let process = 0; process < processes; process++) outcomes.push(await run('requester', { config, turns, requests }))
  return outcomes
}

module.exports = rpc
