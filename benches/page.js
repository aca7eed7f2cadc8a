'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { alternately, run, withDaemons } = require('./process')

const DAEMONS = 7

/** How long the pool's event loop waits while somebody looks at the status page, and while daemons fail and come back all the time. */
async function page ({ short }) {
  return withDaemons(DAEMONS, async ({ addresses, alternate }) => {
    await alternate()
    const config = configOf(addresses, { pollingInterval: 50, maxPollingFailures: 1, recoveryPolls: 1, minHealthy: 2 })
    const measure = looking => () => run('page', { config, looking, milliseconds: short ? 2000 : 10000 })
    const [looked, alone] = await alternately(short ? 1 : 5, measure(true), measure(false))
    const of = what => looked.map(outcome => outcome[what])
    return [
      figure('page/message', 'ms of the event loop, p99', of('messageP99'), { beside: { median: of('messageMedian'), messages: of('messages') }, target: 'under 2 ms' }),
      figure('page/delay', 'ms of event loop delay, p99', of('delay'), { beside: { 'without a page': alone.map(outcome => outcome.delay) }, target: 'at most 2 ms more' })
    ]
  })
}

module.exports = page
