'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { alternately, run, withDaemons } = require('./process')

/** Polls in one round. The paced ones take a while: 4 daemons, one poll each in an interval of 20 ms. */
const POLLS = { flat: 6000, paced: 1200 }
const WARM_UP = 1000
const TARGETS = { paced: 'at most 0.25', flat: 'at most 0.8' }
const INTERVAL = 20

/** The processor's time that polls cost a pool, against the same polls in JavaScript. */
async function poll ({ short }) {
  return withDaemons(4, async ({ addresses }) => [
    ...await pace('paced', configOf(addresses, { pollingInterval: INTERVAL }), short),
    ...await pace('flat', configOf(addresses, { pollingInterval: 60000 }), short)
  ])
}

async function pace (name, config, short) {
  const task = { config, polls: short ? POLLS[name] / 10 : POLLS[name], warmUp: short ? WARM_UP / 10 : WARM_UP, flat: name === 'flat' }
  const [addon, ...clients] = await alternately(short ? 2 : 5, () => run('addon', task), ...CLIENTS.map(client => () => run('agent', { ...task, client })))
  const compare = (what, time, target) => {
    const times = outcomes => outcomes.map(outcome => outcome[time])
    const others = Object.fromEntries(CLIENTS.map((client, index) => [client, times(clients[index])]))
    return figure(`poll/${name}/${what}`, 'ms per 1,000 polls', times(addon), { others, target })
  }
  return [compare('processor', 'processor', TARGETS[name]), compare('main-thread', 'mainThread', 'at most 0.02')]
}

const CLIENTS = ['http.Agent', 'undici']

module.exports = poll
