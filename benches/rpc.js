'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { run, withDaemons } = require('./process')

const SIZES = { short: { turns: 4, requests: 100 }, full: { turns: 30, requests: 200 } }

/** What a template costs through `rpc`, against the request code of pools and against a bare agent that keeps its connections. */
async function rpc ({ short }) {
  return withDaemons(4, async ({ addresses }) => {
    // Watching goes on, but polls are none of what is measured.
    const config = configOf(addresses, { pollingInterval: 86400000 })
    const outcomes = await run('requester', { config, ...SIZES[short ? 'short' : 'full'] })
    const compare = (name, unit, what) => {
      const of = side => outcomes[side].map(outcome => outcome[what])
      return figure(`rpc/${name}`, unit, of('rpc'), { others: { 'pool code': of('pool'), 'kept agent': of('agent') } })
    }
    return [
      compare('rate', 'requests a second, 16 at once', 'rate'),
      compare('latency/median', 'ms, one at a time', 'median'),
      compare('latency/p99', 'ms, one at a time', 'p99'),
      compare('processor', 'ms per 1,000 requests', 'processor')
    ]
  })
}

module.exports = rpc
