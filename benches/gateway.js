'use strict'

const { fork } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { configOf } = require('./config')
const { figure, median } = require('./figure')
const { Haproxy, isInstalled } = require('./haproxy')
const { run } = require('./process')

const SIZES = { short: { requests: 100, rounds: 5 }, full: { requests: 600, rounds: 21 } }
const MANNERS = { each: 'a connection for each request', kept: 'kept connections' }
const LIMITS = { each: 'at most 1', kept: 'at most 1.1' }
const AT_ONCE = 1000

/** What a template of 1 kB costs through the gateway, beside HAProxy on one thread, and straight to the daemon. */
async function gateway ({ short }) {
  const size = SIZES[short ? 'short' : 'full']
  return withParts(async ({ direct, ours, haproxy }) => {
    const figures = []
    for (const manner of Object.keys(MANNERS)) figures.push(...await costs(manner, { direct, ours, haproxy }, size))
    figures.push(await crowd(ours))
    return figures
  })
}

/** The first figure is what it leads with: the median that is added. */
async function costs (manner, { direct, ours, haproxy }, size) {
  const proxies = Object.entries({ ours, haproxy }).filter(([, proxy]) => proxy)
  const addresses = Object.fromEntries([['direct', direct], ...proxies.map(([name, { address }]) => [name, address])])
  const latencies = await run('asker', { addresses, manner, ...size })
  const ofPool = await run('asker', { addresses, manner, asPool: true, ...size })
  const added = (name, of) => latencies[name].map((taken, round) => of(taken) - of(latencies.direct[round]))
  const whole = (name, of) => latencies[name].map(of)
  const compared = (what, unit, values, target) => {
    const others = haproxy ? { 'haproxy, one thread': values('haproxy') } : {}
    return figure(`gateway/${manner}/${what}`, unit, values('ours'), { others, beside: { direct: whole('direct', median) }, target })
  }
  return [
    compared('added median', `µs, ${MANNERS[manner]}`, name => added(name, median), LIMITS[manner]),
    compared('p99', `µs, ${MANNERS[manner]}`, name => whole(name, percentile), 'at most 1'),
    figure(`gateway/${manner}/time`, 'µs, asked by a pool\'s code', ofPool.ours.map(median), {
      others: { 'straight to the daemon': ofPool.direct.map(median) },
      beside: haproxy ? { haproxy: ofPool.haproxy.map(median) } : {},
      target: 'at most 1.3'
    }),
    await processor(manner, proxies, size)
  ]
}

async function processor (manner, proxies, { requests, rounds }) {
  const used = {}
  for (const [name, proxy] of proxies) {
    used[name] = []
    for (let round = 0; round < Math.ceil(rounds / 4); round++) {
      const before = await proxy.used()
      await run('asker', { addresses: { it: proxy.address }, manner, requests: 2 * requests, rounds: 2 })
      used[name].push((await proxy.used() - before) / (4 * requests))
    }
  }
  const others = used.haproxy ? { 'haproxy, one thread': used.haproxy } : {}
  return figure(`gateway/${manner}/processor`, 'µs a request', used.ours, { others, target: 'at most 1.2' })
}

async function crowd (ours) {
  const failed = await run('asker', { addresses: { ours: ours.address }, atOnce: AT_ONCE })
  return figure('gateway/at once', `of ${AT_ONCE} requests at once without an answer`, [failed], { target: '0' })
}

async function withParts (use) {
  const daemons = await child('canned', { count: 4 })
  const ours = await child('gateway', { config: configOf(daemons.told, { pollingInterval: 5000 }) })
  const haproxy = isInstalled() ? await Haproxy.start('gateway', daemons.told) : null
  try {
    return await use({
      direct: daemons.told[0],
      ours: { address: ours.told, used: () => usedBy(ours) },
      haproxy: haproxy && { address: haproxy.address, used: async () => ticksOf(haproxy.child.pid) }
    })
  } finally {
    if (haproxy) await haproxy.end()
    for (const each of [ours, daemons]) await each.end()
  }
}

/** A process that tells something when it is ready, and ends when it is let go. */
async function child (name, task) {
  const process = fork(path.join(__dirname, 'processes', `${name}.js`), [JSON.stringify(task)])
  const exit = once(process, 'exit')
  const [told] = await Promise.race([once(process, 'message'), exit.then(([code]) => { throw new Error(`${name} ended with ${code} before it was ready`) })])
  const end = () => {
    process.disconnect()
    return exit
  }
  return { process, told, end }
}

/** Microseconds of processor time. */
async function usedBy ({ process }) {
  process.send('used')
  const [{ user, system }] = await once(process, 'message')
  return user + system
}

/** The same of a process that tells nobody: Linux counts in hundredths of a second. */
function ticksOf (pid) {
  const [user, system] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13)
  return (Number(user) + Number(system)) * 10000
}

function percentile (values) {
  return [...values].sort((one, other) => one - other)[Math.ceil(values.length * 0.99) - 1]
}

module.exports = gateway
