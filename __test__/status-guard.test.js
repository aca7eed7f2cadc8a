'use strict'

// The status page under somebody who guesses its password, or takes all connections that there are.

const assert = require('node:assert/strict')
const http = require('node:http')
const net = require('node:net')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const Guesses = require('../lib/status/guesses')
const createStatusServer = require('../lib/status')
const { LIMIT } = require('./support/pool')
const { until } = require('./support/until')

const PASSWORD = 'right'
/** The other loopback addresses have to be there without being set up. */
const onLinux = process.platform === 'linux' ? LIMIT : { ...LIMIT, skip: 'there is one loopback address only' }
const MOST_CONNECTIONS = 256

/** Gives a test on a status page with a password; what it asks has an end, whatever happens. */
const onServer = run => async () => {
  const multiDaemon = new MultiDaemon({ daemon: { host: '127.0.0.1', port: 9 } })
  const server = createStatusServer(multiDaemon, { port: 0, password: PASSWORD, longest: 60000 })
  const asked = new Set()
  try {
    const port = Number(new URL(await server.listening).port)
    const ask = (password, { path = '/status.json', localAddress } = {}) => new Promise(resolve => {
      const headers = password === undefined ? {} : { Authorization: `Bearer ${password}` }
      const request = http.get({ host: '127.0.0.1', port, path, headers, agent: false, localAddress }, response => {
        response.resume()
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }))
      })
      asked.add(request)
      request.on('error', ({ code }) => resolve({ status: code }))
    })
    const open = text => {
      const socket = net.connect(port, '127.0.0.1', () => socket.write(text)).on('error', () => {}).on('close', () => { socket.isOver = true })
      asked.add(socket)
      return socket
    }
    await run({ ask, open, server: server.server, guesses: server.server.gate.guesses })
  } finally {
    asked.forEach(each => each.destroy())
    server.stop()
  }
}

describe('somebody who guesses', () => {
  test('slows down his own address, and the right password from there waits too', onLinux, onServer(async ({ ask, guesses }) => {
    const order = []
    // Time stands still here, so that it is known who waits for how long.
    guesses.now = () => 0
    const wrong = Array.from({ length: 4 }, () => ask('wrong'))
    await until('all of them are noted', () => [...guesses.next.values()], ([next]) => next === 4000)
    const own = ask(PASSWORD).then(({ status }) => order.push(['his address', status]))
    const other = ask(PASSWORD, { localAddress: '127.0.0.2' }).then(({ status }) => order.push(['another one', status]))
    await Promise.all([own, other])
    assert.deepEqual(order, [['another one', 200], ['his address', 200]])
    for (const { status } of await Promise.all(wrong)) assert.equal(status, 401)
  }))

  test('does not hear of the right one among many, also if he waits for none of them', LIMIT, onServer(async ({ ask, guesses }) => {
    const wrong = Array.from({ length: 30 }, () => ask('wrong'))
    await until('most are sent away', async () => (await Promise.race([...wrong])).status, status => status === 429)
    const { status, headers } = await ask(PASSWORD)
    assert.deepEqual([status, headers['retry-after']], [429, '10'])
    for (const probe of ['/healthz', '/readyz']) assert.notEqual((await ask(undefined, { path: probe })).status, 429)
    assert.equal((await ask()).status, 401, 'who gives none is asked for it')
    assert.equal(guesses.next.size, 1)
  }))
})

describe('what is remembered of addresses', () => {
  /** With a clock of its own, and what a number of right passwords in a row would wait. */
  const begin = () => {
    const clock = { now: 5 }
    const guesses = new Guesses(() => clock.now)
    return { clock, guesses, turns: (address, count = 1) => Array.from({ length: count }, () => guesses.turn(address)) }
  }

  test('one password a second is looked at, for as long as wrong ones come', () => {
    const { clock, guesses, turns } = begin()
    assert.deepEqual(turns('192.0.2.1', 3), [0, 0, 0])
    guesses.wrong('192.0.2.1')
    assert.deepEqual(turns('192.0.2.1', 3), [1000, 2000, 3000])
    assert.deepEqual(turns('192.0.2.2'), [0])
    clock.now += 3500
    assert.deepEqual(turns('192.0.2.1', 2), [500, 1500])
    clock.now += 3000
    assert.deepEqual([turns('192.0.2.1', 2), guesses.next.size], [[0, 0], 0])
  })

  test('nobody waits longer than ten seconds: who would is sent away, and makes nobody wait longer', () => {
    const { clock, guesses, turns } = begin()
    guesses.wrong('192.0.2.1')
    assert.deepEqual(turns('192.0.2.1', 100).filter(wait => wait !== null), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(seconds => seconds * 1000))
    clock.now += 11000
    assert.deepEqual(turns('192.0.2.1'), [0])
  })

  test('an IPv6 address stands for its network, since who has one has all of them; an IPv4 address for itself', () => {
    const { guesses, turns } = begin()
    for (const address of ['2001:db8:1:2:3:4:5:6', '2001:db8::1', '::1', '::ffff:192.0.2.1', 'fe80::1%eth0', undefined]) guesses.wrong(address)
    for (const same of ['2001:db8:1:2::7', '2001:db8:0:0:7::', '::2', '192.0.2.1', 'fe80::2%eth1', undefined]) assert.notEqual(turns(same)[0], 0, same)
    for (const other of ['2001:db8:1:3:3:4:5:6', '2001:db8:0:1::1', '::ffff:192.0.2.2', 'fe80:0:0:1::1']) assert.deepEqual(turns(other), [0], other)
  })

  test('a thousand of them, and then those that were heard of last', () => {
    const { guesses, turns } = begin()
    for (let index = 0; index < 5000; index++) guesses.wrong(`10.0.${index >> 8}.${index & 255}`)
    assert.equal(guesses.next.size, 1000)
    assert.deepEqual([turns('10.0.0.0'), turns('10.0.19.135')], [[0], [1000]])
  })
})

describe('256 connections', () => {
  const POST = `POST /drain HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${PASSWORD}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`
  const GUESS = 'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n'
  const connections = server => new Promise((resolve, reject) => server.http.getConnections((error, count) => error ? reject(error) : resolve(count)))

  test('are the limit, also where all of them have asked for something: one more is closed, until there is room', LIMIT, onServer(async ({ ask, open, server }) => {
    const busy = Array.from({ length: MOST_CONNECTIONS }, () => open(POST))
    await until('all have asked', () => [...server.sockets].filter(({ hasAsked }) => hasAsked).length, count => count === MOST_CONNECTIONS)
    const more = Array.from({ length: 50 }, () => open(POST))
    await until('all others are over', () => more.filter(({ isOver }) => isOver).length, count => count === more.length)
    assert.deepEqual([server.sockets.size, await connections(server), busy.filter(({ isOver }) => isOver)], [MOST_CONNECTIONS, MOST_CONNECTIONS, []])
    busy[0].destroy()
    await until('there is room', () => ask(undefined, { path: '/healthz' }), ({ status }) => status === 200)
  }))

  test('of people who guess keep no probe out', LIMIT, onServer(async ({ ask, open, server }) => {
    const most = { seen: 0 }
    server.http.on('connection', () => { most.seen = Math.max(most.seen, server.sockets.size) })
    for (let index = 0; index < 400; index++) open(GUESS)
    for (let index = 0; index < 300; index++) open('')
    await until('there are as many as there may be', () => most.seen, seen => seen === MOST_CONNECTIONS)
    await until('an answer', () => ask(undefined, { path: '/healthz' }), ({ status }) => status === 200)
    assert.equal(most.seen, MOST_CONNECTIONS)
  }))
})
