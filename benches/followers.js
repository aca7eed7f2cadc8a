'use strict'

const { configOf } = require('./config')
const { figure } = require('./figure')
const { alternately, run, withDaemons } = require('./process')

const KIB = 2 ** 10

/** What attach adds to a worker that follows its master, and to none but it: a pool has one for each core. */
async function followers ({ short }) {
  return withDaemons(4, async ({ addresses }) => {
    const config = configOf(addresses, { pollingInterval: 50 })
    const worker = attaches => () => run('cluster', { config, attaches })
    const [attached, bare] = await alternately(short ? 3 : 9, worker(true), worker(false))
    const added = what => attached.map((outcome, round) => outcome[what] - bare[round][what])
    const kib = what => added(what).map(bytes => bytes / KIB)
    return [
      figure('followers/memory', 'KiB added', kib('memory'), { beside: { 'of it heap': kib('heap') }, target: 'under 1 MB' }),
      figure('followers/threads', 'added', added('threads'), { target: 'none' })
    ]
  })
}

module.exports = followers
