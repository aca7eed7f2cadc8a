'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { run, withDaemons } = require('./process')

const SIZES = { short: { turns: 4, requests: 100 }, full: { turns: 30, requests: 200 } }

/** What a template costs through `rpc`, against the request code of pools, a bare agent that keeps its connections, and undici. */
async function rpc ({ short }) {
  return withDaemons(4, async ({ addresses }) => {
    // Watching goes on, but polls are none of what is measured.
    const config = configOf(addresses, { pollingInterval: 86400000 })
    const outcomes = await run('requester', { config, ...SIZES[short ? 'short' : 'full'] })
    const of = (side, what) => outcomes[side].map(outcome => outcome[what])
    const compare = (name, unit, what, target) => figure(`rpc/${name}`, unit, of('rpc', what), {
      others: { 'pool code': of('pool', what) },
      beside: { undici: of('undici', what) },
      target
    })
    return [
      compare('time', 'µs a request, 16 at once', 'time', 'at most 0.7'),
      // The least that has to be done by whoever keeps connections and reads JSON.
      figure('rpc/floor', 'µs a request, 16 at once', of('rpc', 'time'), { others: { 'kept agent': of('agent', 'time') }, target: 'at most 1.2' }),
      compare('latency/median', 'µs, one at a time', 'median', 'at most 0.7'),
      compare('latency/p99', 'µs, one at a time', 'p99', 'at most 1'),
      compare('processor', 'µs a request', 'processor')
    ]
  })
}

module.exports = rpc
