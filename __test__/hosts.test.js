'use strict'

// Several hosts of one pool, each a master with workers, share one real Redis, whatever becomes of that.

const assert = require('node:assert/strict')
const path = require('node:path')
const { describe, test } = require('node:test')
const { setTimeout: sleep } = require('node:timers/promises')
const { identify } = require('../lib/hosts/identity')
const Keys = require('../lib/hosts/keys')
const { SimNetwork } = require('../sim')
const Standin = require('./standin/drive')
const { inChild } = require('./support/child')
const { CLIENTS, Redis, SERVER } = require('./support/redis')
const { until } = require('./support/until')

const skip = SERVER ? false : 'redis-server is not on the PATH'
const LIMIT = { timeout: 180000, skip }
const HOUR = 3600000
/** Milliseconds within which hosts obey an order. */
const SOON = 2000
const CLOCK = path.join(__dirname, 'support', 'shifted-clock.js')
const ROLES = ['master', 'pool1', 'pool2']

const isMulti = ({ status }) => status.mode === 'multi'
const uses = ({ address }) => ({ daemon }) => daemon === address
const knows = count => ({ status }) => status.hosts.length === count && status.hosts.every(({ silent, mode }) => !silent && mode === 'multi')

/** Some hosts of a pool, on one network of daemons and one Redis. */
class Pool {
  constructor (network, redis, [client, family]) {
    Object.assign(this, { network, redis, hosts: [], client: { module: require.resolve(client), family, port: redis.port } })
  }

  /** Starts a host; its clock is so many milliseconds ahead. */
  start (name, { ahead = 0, workers = 2 } = {}) {
    const settings = { standin: { redis: { ...this.client, host: name } }, poolServer: { clusterForks: workers } }
    const host = new Standin(Standin.configOf(this.network.daemons, settings), ahead ? { NODE_OPTIONS: `--require ${CLOCK}`, CLOCK_AHEAD: String(ahead) } : {})
    host.name = name
    this.hosts.push(host)
    return host
  }

  /** Starts hosts, and waits until all know one another. */
  async open (...hosts) {
    for (const [name, options] of hosts) this.start(name, options)
    for (const host of this.hosts) await host.says('pool1', isMulti)
    for (const host of this.hosts) await host.says('pool1', knows(this.hosts.length), `${this.hosts.length} hosts`)
    return this.hosts
  }

  async end () {
    for (const host of this.hosts) await host.end()
  }
}

const withHosts = async (names, run, client = CLIENTS[0]) => {
  const redis = await Redis.start()
  const network = await SimNetwork.start(4, { height: 60 })
  let pool = null
  try {
    pool = new Pool(network, redis, client)
    await run(await pool.open(...names.map(name => [].concat(name))), network.daemons, redis, pool)
  } finally {
    if (pool) await pool.end()
    await network.close()
    await redis.remove()
  }
}

async function order (host, at, name, ...args) {
  const id = host.command('order', { at, name, args })
  const { error } = await host.until(() => host.all('ordered', { id })[0], `${at} ${name}`)
  assert.equal(error, null)
}

/** Waits until all processes of these hosts say so; gives the milliseconds that it took. */
async function all (hosts, condition, what) {
  const start = performance.now()
  await Promise.all(hosts.map(host => Promise.all(ROLES.map(role => host.says(role, condition, `${host.name}: ${what}`)))))
  return performance.now() - start
}

const drains = (...ports) => ({ status }) => String(status.daemons.filter(({ drained }) => drained).map(({ port }) => port)) === String(ports)
const isPinnedTo = daemon => ({ status }) => daemon ? status.pin !== null && status.pin.daemon.port === daemon.port : status.pin === null

/** Drains a daemon by orders on the first of these hosts; gives the milliseconds until all processes knew it. On a busy machine it tries several times. */
async function timeToDrain (hosts, { host, port }) {
  let best = Infinity
  for (let tries = 0; tries < 8 && best >= SOON; tries++) {
    if (tries > 0) {
      await order(hosts[0], 'pool2', 'undrain', host, port)
      await all(hosts, drains(), 'no longer drained')
    }
    await order(hosts[0], 'pool2', 'drain', host, port)
    best = Math.min(best, await all(hosts, drains(port), 'drained'))
  }
  return best
}

const mentions = (host, text) => host.log().filter(line => line.text.includes(text)).length
const shares = host => mentions(host, 'orders are not shared')

describe('hosts of one pool', { concurrency: 3 }, () => {
  for (const client of CLIENTS.slice(0, 2)) {
    test(`obey one order within two seconds, also a host that starts later (${client[0]})`, LIMIT, () => withHosts(['one', 'two', 'three'], async (hosts, [P, A, B], redis, pool) => {
      const [one, two, three] = hosts
      const took = await timeToDrain(hosts, P)
      assert.ok(took < SOON, `${took} ms`)
      await all(hosts, ({ daemon }) => daemon !== P.address, 'they leave the drained daemon')
      await order(three, 'master', 'pin', B.host, B.port, HOUR)
      await all(hosts, uses(B), 'pinned')
      const late = pool.start('late')
      await all([late], each => uses(B)(each) && drains(P.port)(each), 'obeys what was ordered before')
      await order(late, 'pool1', 'unpin')
      await all(pool.hosts, isPinnedTo(null), 'no longer pinned')
      await order(two, 'pool1', 'undrain', P.host, P.port)
      await all(pool.hosts, drains(), 'no longer drained')
      assert.ok(mentions(two, `by an order on host one: drain ${P.address}`) >= 1)
      assert.equal(mentions(one, 'by an order on host late: unpin'), 1)
      assert.deepEqual((await one.says('pool1', knows(4))).status.hosts.map(({ name, self }) => `${name} ${self}`), ['one true', 'late false', 'three false', 'two false'])
    }, client))
  }

  for (const client of CLIENTS.slice(2)) {
    test(`obey with the client ${client[0]} too`, LIMIT, () => withHosts(['one', 'two'], async (hosts, [P]) => {
      const took = await timeToDrain(hosts, P)
      assert.ok(took < SOON, `${took} ms`)
    }, client))
  }

  test('end a pin at one moment, though their clocks differ by minutes', LIMIT, () => withHosts(['one', ['two', { ahead: 7 * 60000 }], ['three', { ahead: -7 * 60000 }]], async (hosts, [P, A]) => {
    await order(hosts[1], 'pool1', 'pin', A.host, A.port, 6000)
    const given = performance.now()
    await all(hosts, uses(A), 'pinned')
    const ends = await Promise.all(hosts.map(async host => {
      await host.says('pool1', ({ status }) => status.pin === null, 'the end of the pin')
      return performance.now() - given
    }))
    for (const end of ends) assert.ok(end > 5500 && end < 16000, String(ends))
    assert.ok(Math.max(...ends) - Math.min(...ends) < 3000, String(ends))
    assert.deepEqual(hosts.map(host => mentions(host, 'the pin to')), [1, 1, 1])
  }))

  test('agree on one of two pins that are ordered at once', LIMIT, () => withHosts(['one', 'two', 'three'], async (hosts, [P, A, B]) => {
    const [one, two, three] = hosts
    await Promise.all([order(one, 'pool1', 'pin', A.host, A.port, HOUR), order(two, 'pool2', 'pin', B.host, B.port, HOUR)])
    await three.says('pool1', ({ status }) => status.pin !== null, 'one of the pins')
    const seen = []
    // Where they stay together for some rounds, they have agreed.
    while (seen.length < 20 || new Set(seen.slice(-20)).size > 1 || !seen[seen.length - 1]) {
      assert.ok(seen.length < 600, `no agreement: ${seen.slice(-20)}`)
      const ports = await Promise.all(hosts.map(async host => ((await host.status('pool1')).status.pin || { daemon: {} }).daemon.port))
      seen.push(new Set(ports).size === 1 ? ports[0] : null)
      await sleep(100)
    }
    assert.ok([A.port, B.port].includes(seen[seen.length - 1]))
  }))
})

describe('a Redis in trouble ends nothing but the sharing', { concurrency: 3 }, () => {
  test('killed, and started again empty', LIMIT, () => withHosts(['one', 'two', 'three'], async (hosts, [P, A, B], redis, pool) => {
    const [one, two, three] = hosts
    await order(one, 'pool1', 'drain', P.host, P.port)
    await all(hosts, drains(P.port), 'drained')
    await redis.kill()
    for (const host of hosts) await host.until(() => shares(host) === 1, `${host.name} says that nothing is shared`)
    await order(two, 'pool1', 'pin', B.host, B.port, HOUR)
    await all([two], uses(B), 'its own order counts')
    await all([one, three], each => isPinnedTo(null)(each) && drains(P.port)(each), 'they go on')
    await A.crash()
    await all([one, three], ({ daemon }) => daemon !== A.address && daemon !== P.address, 'they leave a daemon that crashed')
    const { waiting } = await one.status('master')
    assert.deepEqual(waiting, { sent: 0, unsent: 0 })
    await redis.restart()
    await all([one, two, three], uses(B), 'the order reaches them when Redis is back')
    const late = pool.start('late')
    await all([late], each => uses(B)(each) && drains(P.port)(each), 'what an empty Redis had lost')
    for (const host of [one, two, three]) await host.until(() => mentions(host, 'share orders through Redis again') === 1, 'the end of the outage')
    assert.deepEqual([one, two, three, late].map(shares), [1, 1, 1, 0])
  }))

  for (const client of CLIENTS.slice(0, 2)) {
    test(`hung: nothing waits for it, and nothing piles up (${client[0]})`, LIMIT, () => withHosts(['one', 'two'], async (hosts, [P, A, B, C], redis) => {
      const [one, two] = hosts
      redis.signal('SIGSTOP')
      await order(one, 'pool1', 'drain', P.host, P.port)
      await all([one], drains(P.port), 'its own order counts')
      for (const host of hosts) await host.until(() => shares(host) === 1, `${host.name} says that nothing is shared`)
      const before = (await two.status('master')).waiting
      // Six orders more, each of which would have been written at once.
      for (const daemon of [A, B, C]) await order(two, 'master', 'drain', daemon.host, daemon.port)
      for (const daemon of [A, B, C]) await order(two, 'master', 'undrain', daemon.host, daemon.port)
      const after = (await two.status('master')).waiting
      assert.deepEqual(after, before)
      assert.ok(before.sent <= 1 + 5 + 32 && before.unsent === 0, JSON.stringify(before))
      redis.signal('SIGCONT')
      await all(hosts, drains(P.port), 'the order reaches the other host')
    }, client))
  }

  test('full of nonsense: it is ignored, told once, and never read as a whole', LIMIT, async () => {
    const redis = await Redis.start()
    const network = await SimNetwork.start(4, { height: 60 })
    const pool = new Pool(network, redis, CLIENTS[0])
    const keys = new Keys('standin', identify().machine)
    try {
      const [P, A, B, C] = network.daemons
      await redis.ask('SETRANGE', keys.pin, 10 * 1024 * 1024, 'x')
      await redis.ask('LPUSH', keys.drain(P), 'x')
      await redis.ask('SET', keys.drain(A), JSON.stringify({ v: 2, order: 'drain' }))
      await redis.ask('SET', keys.drain(B), '{"v":1,"order":"drain"')
      await redis.ask('SET', keys.drain(C), JSON.stringify({ v: 1, order: 'drain', host: C.host, port: C.port, id: 'x', by: 'x\ny', at: 1, until: 1e12 }))
      for (let place = 0; place < 29; place++) await redis.ask('SETRANGE', keys.places[place], place === 0 ? 10 * 1024 * 1024 : 100, '\u0000\u00ff')
      const hosts = await pool.open(['one'], ['two'])
      await all(hosts, each => isPinnedTo(null)(each) && drains()(each), 'as if it were not there')
      for (const host of hosts) await host.until(() => mentions(host, 'what is in Redis is ignored') === 1, 'it is told')
      const line = hosts[0].log().find(({ text }) => text.includes('ignored')).text
      assert.match(line, /pin is longer than 1024 bytes; .*is no string; .*was written by another version; and 31 more$/)
      // An order of the operator's takes the place of what nobody can read.
      await order(hosts[0], 'pool1', 'drain', P.host, P.port)
      await all(hosts, drains(P.port), 'drained')
      const text = await redis.ask('INFO', 'stats')
      const [, sent] = /total_net_output_bytes:(\d+)/.exec(text)
      const [, commands] = /total_commands_processed:(\d+)/.exec(text)
      assert.ok(Number(sent) < Number(commands) * 2000, `${sent} bytes for ${commands} commands`)
      for (const host of hosts) assert.equal(mentions(host, 'what is in Redis is ignored') + shares(host), 1)
    } finally {
      await pool.end()
      await network.close()
      await redis.remove()
    }
  })

  test('refuses to write: what it holds is still read', LIMIT, () => withHosts(['one', 'two'], async (hosts, [P, A, B], redis) => {
    const [one, two] = hosts
    await order(one, 'pool1', 'drain', P.host, P.port)
    await all(hosts, drains(P.port), 'drained')
    await redis.ask('CONFIG', 'SET', 'maxmemory', '1')
    for (const host of hosts) await host.until(() => shares(host) === 1, `${host.name} says so`)
    assert.match(two.log().find(({ text }) => text.includes('not shared')).text, /OOM/)
    await order(two, 'pool1', 'pin', B.host, B.port, HOUR)
    await all([two], uses(B), 'its own order counts')
    await redis.ask('CONFIG', 'SET', 'maxmemory', '0')
    await all(hosts, uses(B), 'the other host hears of it')
  }))
})

describe('beside the pool', { concurrency: 1 }, () => {
  test('only the master talks to Redis, and what it does there goes when it stops', LIMIT, () => withHosts(['one'], async ([one], daemons, redis) => {
    await one.until(() => mentions(one, 'shares orders with') === 1, 'it has begun')
    // The last command of each of the pool's three clients; a client asks for INFO by itself when it connects.
    const commands = await until('three clients', async () => {
      const list = (await redis.ask('CLIENT', 'LIST')).split('\n').map(line => /\bcmd=(\S+)/.exec(line)).filter(Boolean)
      return list.map(([, command]) => command).filter(command => command !== 'client|list').sort()
    }, found => found.length === 3 && found.filter(command => command === 'info').length === 2)
    assert.match(String(commands.filter(command => command !== 'info')), /^(set|getrange|time)$/)
    assert.equal((await redis.ask('KEYS', '*')).length, 1)
    const stop = one.command('stop')
    await one.until(() => one.all('stopped', { id: stop }).length === 3, 'all stop')
    await one.until(() => { redis.ask('DBSIZE').then(size => { one.size = size }); return one.size === 0 }, 'the card is gone')
  }))

  test('two processes of one name are told apart, and told of', LIMIT, () => withHosts([], async (hosts, daemons, redis, pool) => {
    const [one, other] = [pool.start('same'), pool.start('same')]
    for (const host of [one, other]) {
      await host.says('pool1', ({ status }) => status.hosts && status.hosts.length === 2, 'two hosts')
      await host.until(() => mentions(host, 'under the name same too') === 1, 'it is told')
    }
  }))

  test('keeps no process alive, and lets none fail', LIMIT, async () => {
    const redis = await Redis.start()
    try {
      const { report, code, stderr } = await inChild(async (report, file, port) => {
        const client = require(file).createClient(port, '127.0.0.1')
        client.once('ready', () => client.unref())
        const lines = []
        const config = { coin: 'test', daemon: { host: '127.0.0.1', port: 9 }, multiDaemon: { enabled: true, gateway: false, daemons: [{ host: '127.0.0.1', port: 7 }] } }
        const multiDaemon = require('.').attach(config, { redis: client, log: (severity, system, text, data) => lines.push(data[0]) })
        await multiDaemon.ready
        while (!lines.some(line => line.startsWith('shares orders'))) await new Promise(resolve => setTimeout(resolve, 20))
        report(multiDaemon.getStatus().hosts.length)
      }, { args: [require.resolve('redis-2'), redis.port] })
      assert.deepEqual([report, code, stderr], [1, 0, ''])
    } finally {
      await redis.remove()
    }
  })
})

describe('options that cannot be used', () => {
  const attachWith = (options, coin) => inChild((report, options, coin) => {
    const lines = []
    const config = { coin, daemon: { host: '127.0.0.1', port: 9 }, multiDaemon: { enabled: true, gateway: false, daemons: [{ host: '127.0.0.1', port: 7 }] } }
    try {
      const { attach } = require('.')
      const { hosts = null } = attach(config, Object.assign({ log: (severity, system, text, data) => lines.push(`${severity} ${data[0]}`) }, options)).getStatus()
      report({ hosts, lines })
    } catch ({ code, message }) {
      report({ code, message })
    }
    process.exit()
  }, { args: [options, coin] })

  test('stop the pool before it starts, in words', { timeout: 60000 }, async () => {
    const words = []
    for (const [options, coin] of [[{ redis: {} }, 'x'], [{ redis: null, host: 'a b' }, 'x'], [{ host: 7 }, 'x']]) words.push((await attachWith(options, coin)).report)
    assert.deepEqual(words.map(({ code }) => code), Array(3).fill('ERR_MULTI_DAEMON_ARGUMENT'))
    assert.deepEqual(words.map(({ message }) => /options\.\w+/.exec(message)[0]), ['options.redis', 'options.host', 'options.host'])
  })

  test('a client that is not there yet is told of', { timeout: 60000 }, async () => {
    const { report: { hosts, lines } } = await attachWith({ redis: null }, 'x')
    assert.equal(hosts, null)
    assert.equal(lines.filter(line => line.startsWith('warn nothing is shared with other hosts')).length, 1)
  })

  test('nothing is shared and nothing is told without the option', { timeout: 60000 }, async () => {
    const { report: { hosts, lines } } = await attachWith({}, undefined)
    assert.equal(hosts, null)
    assert.deepEqual(lines.filter(line => line.includes('host')), [])
  })
})
