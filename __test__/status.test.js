'use strict'

// The endpoints beside the status page: what they answer, to whom, and what they refuse.

const assert = require('node:assert/strict')
const { createHash } = require('node:crypto')
const { once } = require('node:events')
const net = require('node:net')
const { describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { partsOf } = require('../lib/parts')
const createStatusServer = require('../lib/status')
const { until } = require('../sim')
const { inChild } = require('./support/child')
const { differences } = require('./support/declared')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')
const { freePorts } = require('./support/ports')

const PASSWORD = 'pass:wörd'
const BASIC = `Basic ${Buffer.from(`anybody:${PASSWORD}`).toString('base64')}`
const TOKEN = 'a-password-for-scrapers'
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** Gives a test on a pool that serves its status: `ask(path, options)` is fetch. @param {object} [options]  of `status` */
const onServer = (options, run) => async () => {
  const [port] = await freePorts(1)
  await onPool(4, { status: { port, ...options } }, async (pool, ...daemons) => {
    const url = await partsOf(pool.multiDaemon).page.listening
    await run((path, options) => fetch(new URL(path, url), options), pool, ...daemons)
  })()
}

/** What a server says to bytes as they are, until it ends the connection. */
async function say (port, ...texts) {
  const socket = net.connect(port, '127.0.0.1')
  let heard = ''
  socket.setEncoding('utf8').on('data', text => { heard += text })
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  for (const text of texts) socket.write(text)
  await closed
  return heard
}

/** Looks on until the first message has arrived, and goes on looking on. */
async function lookOn (ask, options) {
  const response = await ask('/events', options)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  while (!/event: state\ndata: .*\n\n/.test(heard)) heard += (await reader.read()).value
  return { response, heard, reader, leave: () => reader.cancel() }
}

describe('endpoints', () => {
  test('answer the page, the status, the metrics and the probes', LIMIT, onServer({}, async (ask, pool) => {
    const status = await (await ask('/status.json')).json()
    assert.deepEqual(differences(status, 'Status'), [])
    assert.deepEqual(status, pool.status)
    const metrics = await ask('/metrics')
    assert.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(await metrics.text(), /^multidaemon_healthy_daemons 4$/m)
    for (const probe of ['/healthz', '/readyz', '/healthz?from=kubelet']) assert.equal((await ask(probe)).status, 200, probe)
    assert.match(await (await ask('/')).text(), /^<!DOCTYPE html>/)
  }))

  test('are not ready while the daemon in use is not healthy', LIMIT, onServer({}, async (ask, pool, P, A, B) => {
    await Promise.all([P, A, B].map(daemon => daemon.crash()))
    await pool.rounds()
    assert.deepEqual([(await ask('/readyz')).status, (await ask('/healthz')).status], [503, 200])
  }))

  test('tell who looks on what there is, and then what changes', LIMIT, onServer({}, async (ask, pool, P) => {
    const { response, heard, reader, leave } = await lookOn(ask)
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.match(heard, /^retry: 2000\n\nevent: history\ndata: \{.*\}\n\nevent: state\ndata: \{.*\}\n\n$/)
    await P.crash()
    await pool.rounds()
    let news = ''
    while (!/event: history\ndata: .*"reason":"From .*connection refused/.test(news)) news += (await reader.read()).value
    await leave()
  }))

  test('send the page in one piece that asks nobody for anything, under 60 KB', LIMIT, onServer({}, async ask => {
    const response = await ask('/')
    const html = await response.text()
    assert.ok(Buffer.byteLength(html) < 60000, `${Buffer.byteLength(html)} bytes`)
    assert.deepEqual(html.match(/\b(src|href)="(?!data:)[^"]*"|@import|url\(/g), null)
    const policy = response.headers.get('content-security-policy')
    for (const [tag, source] of [['script', 'script-src'], ['style', 'style-src']]) {
      const [, text] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(html)
      assert.ok(policy.includes(`${source} 'sha256-${createHash('sha256').update(text).digest('base64')}'`), policy)
    }
    assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'/)
  }))

  test('forbid every reply to be framed, kept, guessed at or filled by others', LIMIT, onServer({ password: TOKEN }, async ask => {
    const authorization = { headers: { Authorization: `Bearer ${TOKEN}` } }
    for (const [path, options] of [['/', authorization], ['/status.json', authorization], ['/metrics', authorization], ['/healthz'], ['/'], ['/nothing']]) {
      const { headers } = await ask(path, options)
      assert.deepEqual([headers.get('x-frame-options'), headers.get('x-content-type-options'), headers.get('cache-control'), headers.get('referrer-policy')],
        ['DENY', 'nosniff', 'no-store', 'no-referrer'], path)
      assert.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/, path)
    }
  }))
})

describe('with a password', () => {
  test('only the probes are for everybody', LIMIT, onServer({ password: PASSWORD }, async ask => {
    for (const path of ['/', '/status.json', '/metrics', '/events']) {
      const response = await ask(path)
      assert.deepEqual([response.status, response.headers.get('www-authenticate')], [401, 'Basic realm="multiDaemon", charset="UTF-8"'], path)
    }
    for (const path of ['/healthz', '/readyz']) {
      const response = await ask(path)
      assert.equal(response.status, 200, path)
      assert.doesNotMatch(await response.text(), /127\.0\.0\.1/)
    }
  }))

  test('people give it as Basic, under any name', LIMIT, onServer({ password: PASSWORD }, async ask => {
    assert.equal((await ask('/status.json', { headers: { Authorization: BASIC } })).status, 200)
  }))

  test('scrapers give it as Bearer', LIMIT, onServer({ password: TOKEN }, async ask => {
    assert.equal((await ask('/metrics', { headers: { Authorization: `Bearer ${TOKEN}` } })).status, 200)
  }))

  test('what is not the password is refused, whatever it looks like', LIMIT, onServer({ password: TOKEN }, async ask => {
    const basic = text => `Basic ${Buffer.from(text).toString('base64')}`
    const wrong = [
      `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(0, -1)}`, 'Bearer', 'Bearer  ', basic('x:'), basic(''), basic('no colon'), basic(`${TOKEN}:`), 'Basic !', `Digest ${TOKEN}`, TOKEN
    ]
    const statuses = await Promise.all(wrong.map(async authorization => (await ask('/status.json', { headers: { Authorization: authorization } })).status))
    assert.deepEqual(statuses, wrong.map(() => 401))
  }))
})

describe('without a password', () => {
  test('other names than an address or localhost are refused, so that no site can read through a browser', LIMIT, onServer({}, async (ask, pool) => {
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    const asked = host => say(port, `GET /status.json HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    for (const host of [`127.0.0.1:${port}`, '127.0.0.1', `localhost:${port}`, '[::1]:1', '10.0.0.1']) assert.match(await asked(host), /^HTTP\/1\.1 200/, host)
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '']) assert.match(await asked(host), /^HTTP\/1\.1 421/, host)
  }))

  test('nothing can be ordered', LIMIT, onServer({}, async (ask, pool, P) => {
    const { host, port } = P
    for (const path of ['/drain', '/undrain', '/pin', '/unpin']) {
      const { status } = await ask(path, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ host, port, milliseconds: 1000 }) })
      assert.equal(status, 403, path)
    }
    await pool.rounds()
    assert.deepEqual([pool.choice, pool.verdicts], ['multi P', 'healthy healthy healthy healthy'])
  }))

  test('the page is refused where other machines could reach it', () => {
    const config = { daemon: { host: 'a.example', port: 1 }, multiDaemon: { enabled: true, daemons: [], status: { port: 8118, host: '0.0.0.0' } } }
    assert.throws(() => new MultiDaemon(config), { code: 'ERR_MULTI_DAEMON_CONFIG', message: /multiDaemon\.status\.host: "0\.0\.0\.0" can be reached from other machines/ })
  })

  test('a name that stands for an address that others reach is left again', LIMIT, onPool(4, {}, async pool => {
    const said = []
    const server = createStatusServer(pool.multiDaemon, { port: 0, host: '0.0.0.0', say: (severity, text) => said.push([severity, text]) })
    try {
      await until(() => said.length > 0, { timeout: 30000 })
      assert.deepEqual(said, [['warn', 'no status page: 0.0.0.0 is 0.0.0.0, which other machines can reach, and multiDaemon.status has no password']])
      assert.equal(server.server.http.listening, false)
    } finally {
      server.stop()
    }
  }))
})

describe('orders', () => {
  const order = (ask, path, body, headers) => ask(path, { method: 'POST', headers: { ...JSON_TYPE, Authorization: BASIC, ...headers }, body: JSON.stringify(body) })

  test('are carried out', LIMIT, onServer({ password: PASSWORD }, async (ask, pool, P, A, B) => {
    const { host, port } = P
    assert.equal((await order(ask, '/drain', { host, port })).status, 204)
    assert.equal(pool.choice, 'multi A')
    assert.equal((await order(ask, '/undrain', { host, port })).status, 204)
    assert.equal((await order(ask, '/pin', { host: B.host, port: B.port, milliseconds: 60000 })).status, 204)
    assert.equal(pool.choice, 'multi B')
    assert.equal((await order(ask, '/unpin', {})).status, 204)
    assert.equal(pool.status.pin, null)
  }))

  test('that cannot be carried out tell why', LIMIT, onServer({ password: PASSWORD }, async (ask, pool, P) => {
    const { host, port } = P
    const mistakes = [
      ['/drain', { host: 'x', port: 1 }, /no daemon has host "x" and port 1/],
      ['/drain', {}, /host: undefined is not a host name/],
      ['/undrain', { host: [host], port }, /host: \["127\.0\.0\.1"\] is not a host name/],
      ['/drain', { host: 'x'.repeat(900), port }, /no daemon has host "x{99}… and port/],
      ['/drain', { host, port: [port] }, /port: \[\d+\] is not a port/],
      ['/drain', { host, port: -port }, /port: -\d+ is not a port/],
      ['/drain', { host, port: 'NaN' }, /port: "NaN" is not a port/],
      ['/drain', { host, port: null }, /port: null is not a port/],
      ['/pin', { host, port }, /milliseconds: undefined is not a whole number of milliseconds/],
      ['/pin', { host, port, milliseconds: '1e3' }, /milliseconds: "1e3" is not a whole number of milliseconds/],
      ['/pin', { host, port, milliseconds: 1500.5 }, /milliseconds: 1500.5 is not a whole number of milliseconds/],
      ['/pin', { host, port, milliseconds: -1 }, /milliseconds: -1 is not/],
      ['/pin', { host, port, milliseconds: null }, /milliseconds: null is not/],
      ['/pin', { host, port, milliseconds: 1e12 }, /milliseconds: 1000000000000 is not/],
      ['/pin', { host, port, milliseconds: { valueOf: 1 } }, /milliseconds: {"valueOf":1} is not/]
    ]
    for (const [path, body, why] of mistakes) {
      const response = await order(ask, path, body)
      assert.equal(response.status, 400)
      assert.match(await response.text(), why)
    }
    assert.deepEqual([pool.choice, pool.status.pin, pool.status.daemons.filter(({ drained }) => drained)], ['multi P', null, []])
  }))

  test('are not taken from other sites, though their browser knows the password', LIMIT, onServer({ password: PASSWORD }, async (ask, pool, P) => {
    const { host, port } = P
    const sites = [
      { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'https://evil.example' }, { Origin: 'null' },
      { 'Content-Type': 'text/plain' }, { 'Content-Type': 'application/x-www-form-urlencoded' }
    ]
    for (const headers of sites) assert.ok([403, 415].includes((await order(ask, '/drain', { host, port }, headers)).status), JSON.stringify(headers))
    assert.equal(pool.choice, 'multi P')
    const own = `http://127.0.0.1:${partsOf(pool.multiDaemon).page.server.http.address().port}`
    assert.equal((await order(ask, '/drain', { host, port }, { Origin: own })).status, 204)
  }))

  test('take the password', LIMIT, onServer({ password: PASSWORD }, async (ask, pool, P) => {
    const { host, port } = P
    assert.equal((await order(ask, '/drain', { host, port }, { Authorization: 'Bearer x' })).status, 401)
    assert.equal(pool.choice, 'multi P')
  }))

  test('are never given by looking: GET and HEAD change nothing', LIMIT, onServer({ password: PASSWORD }, async (ask, pool, P) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      const { status, headers } = await ask(`/drain?host=${P.host}&port=${P.port}`, { method, headers: { Authorization: BASIC } })
      assert.deepEqual([status, headers.get('allow')], [405, 'POST'], method)
    }
    assert.equal((await ask('/status.json', { method: 'POST', headers: { Authorization: BASIC, ...JSON_TYPE }, body: '{}' })).status, 405)
    assert.equal(pool.choice, 'multi P')
  }))

  test('that are too long, or no JSON, are refused', LIMIT, onServer({ password: PASSWORD }, async (ask, pool) => {
    const send = body => ask('/drain', { method: 'POST', duplex: 'half', headers: { ...JSON_TYPE, Authorization: BASIC }, body })
    assert.equal((await send('{"host":')).status, 400)
    assert.equal((await send('[1]')).status, 400)
    assert.equal((await send('null')).status, 400)
    assert.equal((await send(JSON.stringify({ host: 'x'.repeat(2000) }))).status, 413)
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    const head = `POST /drain HTTP/1.1\r\nHost: x\r\nAuthorization: ${BASIC}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`
    assert.match(await say(port, head, `800\r\n${'x'.repeat(0x800)}\r\n`), /^HTTP\/1\.1 413/)
  }))
})

describe('strangers', () => {
  test('find nothing by playing with the path', LIMIT, onServer({}, async (ask, pool) => {
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    const tricks = [
      '/../status.json', '//status.json', '/./status.json', '/status.json/', '/%73tatus.json', '/..%2fpackage.json', '/STATUS.JSON', '/__proto__', '/constructor',
      '/hasOwnProperty', 'http://127.0.0.1/status.json', '/page.css', '/lib/status/page/main.js', '*'
    ]
    for (const path of tricks) assert.match(await say(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`), /^HTTP\/1\.1 404 /, path)
  }))

  test('that say what is no HTTP, or too much of it, are sent away', LIMIT, onServer({}, async (ask, pool) => {
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    assert.match(await say(port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /)
    assert.match(await say(port, `GET / HTTP/1.1\r\nX: ${'x'.repeat(100000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
    assert.equal(await say(port, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n'), '')
    assert.equal((await ask('/healthz')).status, 200)
  }))

  test('that ask twice on one connection are answered once, and look on at nothing', LIMIT, onServer({}, async (ask, pool) => {
    const { feed, server } = partsOf(pool.multiDaemon).page
    const { port } = server.http.address()
    const request = path => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const heard = await say(port, request('/healthz') + request('/events') + request('/status.json'))
    assert.equal(heard.match(/HTTP\/1\.1/g).length, 1)
    assert.ok(heard.endsWith('alive\n'))
    assert.equal(feed.watchers.size, 0)
  }))

  test('that only connect keep no probe out', LIMIT, onServer({}, async (ask, pool) => {
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    const idle = Array.from({ length: 300 }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
    try {
      await Promise.all(idle.map(socket => once(socket, 'connect')))
      assert.equal((await ask('/healthz')).status, 200)
      assert.ok(partsOf(pool.multiDaemon).page.server.sockets.size <= 257)
    } finally {
      idle.forEach(socket => socket.destroy())
    }
  }))

  test('that find a fault of ours get an error, and the pool does not notice', LIMIT, onPool(4, {}, async pool => {
    const said = []
    const broken = { getStatus: () => pool.status, metrics () { throw new Error('the fault of this test') } }
    const server = createStatusServer(broken, { port: 0, say: (severity, text) => said.push(`${severity} ${text}`) })
    try {
      const url = await server.listening
      assert.equal((await fetch(`${url}metrics`)).status, 500)
      assert.equal((await fetch(`${url}healthz`)).status, 200)
      assert.match(said.at(-1), /^warn status page: Error: the fault of this test/)
    } finally {
      server.stop()
    }
  }))

  test('that take their time are left, whatever they have said so far', LIMIT, onPool(4, {}, async pool => {
    const server = createStatusServer(pool.multiDaemon, { port: 0, password: PASSWORD, longest: 300 })
    try {
      const port = Number(new URL(await server.listening).port)
      assert.equal(await say(port), '')
      assert.equal(await say(port, 'GET /healthz HTTP/1.1\r\nHost:'), '')
      assert.equal(await say(port, `POST /drain HTTP/1.1\r\nHost: x\r\nAuthorization: ${BASIC}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`), '')
    } finally {
      server.stop()
    }
  }))

  test('who look on stay longer than one request may take', LIMIT, onPool(4, {}, async (pool, P) => {
    const server = createStatusServer(pool.multiDaemon, { port: 0, longest: 300 })
    try {
      const url = await server.listening
      const { reader, leave } = await lookOn(path => fetch(new URL(path, url)))
      // Whoever only asks is sent away after that time.
      await say(Number(new URL(url).port))
      server.hear([{ event: 'switch', switch: { at: Date.now(), reason: 'the reason of this test' } }])
      let news = ''
      while (!news.includes('the reason of this test')) news += (await reader.read()).value
      await leave()
    } finally {
      server.stop()
    }
  }))

  test('a hundred of which look on without reading delay no poll; one more is asked to come later', LIMIT, onServer({}, async (ask, pool) => {
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    const idle = Array.from({ length: 100 }, () => net.connect(port, '127.0.0.1'))
    try {
      await Promise.all(idle.map(async socket => {
        socket.on('error', () => {})
        socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
        await once(socket, 'readable')
      }))
      const late = await ask('/events')
      assert.deepEqual([late.status, late.headers.get('retry-after')], [503, '60'])
      assert.equal((await ask('/healthz')).status, 200)
      const before = pool.status.polls
      await pool.rounds(3)
      assert.ok(pool.status.polls >= before + 12)
    } finally {
      idle.forEach(socket => socket.destroy())
    }
    await until(async () => (await ask('/events', { method: 'HEAD' })).status === 200 && partsOf(pool.multiDaemon).page.feed.hasRoom, { timeout: 30000 })
  }))

  test('that read too slowly are left before they fill the memory', LIMIT, onServer({}, async (ask, pool) => {
    const { feed, server } = partsOf(pool.multiDaemon).page
    const socket = net.connect(server.http.address().port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'readable')
    assert.equal(feed.watchers.size, 1)
    const text = `: ${'x'.repeat(100000)}\n\n`
    let sent = 0
    while (feed.watchers.size > 0) {
      feed.send(text)
      sent += text.length
      assert.ok(sent < 100 * 1024 * 1024, `${sent} bytes are waiting`)
      await new Promise(resolve => setImmediate(resolve))
    }
    socket.destroy()
  }))
})

describe('the port', () => {
  test('that somebody else has is warned of by its number, and taken when it is free', LIMIT, onPool(4, {}, async pool => {
    const other = net.createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    const said = []
    const server = createStatusServer(pool.multiDaemon, { port, retryEvery: 50, say: (severity, text) => said.push(`${severity}: ${text}`) })
    try {
      await until(() => said.length > 0, { timeout: 30000 })
      const failed = once(server.server.http, 'error')
      await failed
      other.close()
      assert.equal(await server.listening, `http://127.0.0.1:${port}/`)
      assert.deepEqual(said, [
        `warn: no status page yet: the port is in use (127.0.0.1:${port}); trying again every 0.05 s`,
        `info: status page at http://127.0.0.1:${port}/`
      ])
    } finally {
      server.stop()
      other.close()
    }
  }))

  test('in use troubles no pool', LIMIT, onNetwork(4, async network => {
    const other = net.createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    try {
      const { report, code, stderr } = await inChild(async (report, config) => {
        const multiDaemon = new (require('.').MultiDaemon)(config)
        const warned = new Promise(resolve => process.on('warning', resolve))
        await multiDaemon.ready
        report({ mode: multiDaemon.getStatus().mode, warning: (await warned).message })
      }, { args: [configOf(network.daemons, { status: { port } })] })
      assert.deepEqual(report, { mode: 'multi', warning: `no status page yet: the port is in use (127.0.0.1:${port}); trying again every 10 s` })
      assert.equal(code, 0, stderr)
    } finally {
      other.close()
    }
  }))

  test('is free again after stop(), and those who look on are told', LIMIT, onServer({}, async (ask, pool) => {
    const { reader } = await lookOn(ask)
    const { port } = partsOf(pool.multiDaemon).page.server.http.address()
    await pool.multiDaemon.stop()
    while (!(await reader.read().catch(() => ({ done: true }))).done);
    const next = net.createServer().listen(port, '127.0.0.1')
    await once(next, 'listening')
    next.close()
  }))

  test('keeps no process alive, nor does somebody who looks on', LIMIT, onNetwork(4, async network => {
    const [port] = await freePorts(1)
    const { code, report } = await inChild(async (report, config, port) => {
      const multiDaemon = new (require('.').MultiDaemon)(config)
      await multiDaemon.ready
      await require('./lib/parts').partsOf(multiDaemon).page.listening
      const http = require('http')
      const request = http.get({ port, host: '127.0.0.1', path: '/events', agent: false }, response => {
        response.once('data', () => {
          report('looking on')
          clearInterval(patience)
        })
        response.on('error', () => {})
      })
      request.on('error', () => {})
      request.on('socket', socket => socket.unref())
      // Until it looks on, and no longer.
      const patience = setInterval(() => {}, 1000)
    }, { args: [configOf(network.daemons, { status: { port } }), port] })
    assert.deepEqual([report, code], ['looking on', 0])
  }))
})

describe('a process', () => {
  test('that decides has loaded it, whatever its configuration says; one that does not watch has not', LIMIT, onNetwork(4, async network => {
    const look = async (report, config) => {
      const multiDaemon = new (require('.').MultiDaemon)(config)
      await multiDaemon.ready
      const path = require('path')
      report([Object.keys(require.cache).some(file => file.includes(path.join('lib', 'status', 'server'))), require('./lib/parts').partsOf(multiDaemon).page !== null])
      await multiDaemon.stop()
    }
    const off = configOf(network.daemons)
    off.multiDaemon.enabled = false
    assert.deepEqual((await inChild(look, { args: [configOf(network.daemons)] })).report, [true, false])
    assert.deepEqual((await inChild(look, { args: [off] })).report, [false, false])
  }))

  test('that leads a cluster serves the page; its workers neither serve nor load it', LIMIT, onNetwork(4, async network => {
    const [port] = await freePorts(1)
    const { report, code, stderr } = await inChild(async (report, config) => {
      const cluster = require('cluster')
      const path = require('path')
      const loads = () => Object.keys(require.cache).some(file => file.includes(path.join('lib', 'status', 'server')))
      const lines = []
      const log = (severity, system, text, data) => lines.push(`${severity} ${data[0]}`)
      cluster.setupPrimary({ exec: path.resolve('__test__/support/status-worker.js'), args: [JSON.stringify(config)], execArgv: [] })
      const multiDaemon = require('.').attach(config, { log })
      await multiDaemon.ready
      const url = await require('./lib/parts').partsOf(multiDaemon).page.listening
      const worker = cluster.fork()
      const told = await new Promise(resolve => worker.on('message', text => { if (text.type !== 'multiDaemon') resolve(text) }))
      worker.kill('SIGKILL')
      report({ url, loads: loads(), worker: told, logged: lines.filter(line => line.includes('status page')) })
      await multiDaemon.stop()
      process.exit()
    }, { args: [configOf(network.daemons, { status: { port } })] })
    const url = `http://127.0.0.1:${port}/`
    assert.deepEqual(report, { url, loads: true, worker: { loads: false, page: false, mode: 'multi' }, logged: [`info status page at ${url}`] }, stderr)
    assert.equal(code, 0, stderr)
  }))
})
