'use strict'

// `npx turtle-pool-multi-daemon`, its output piped: what it prints, and how it exits.

const assert = require('node:assert/strict')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const { OFF_THE_BEST_BLOCK } = require('../lib/cli/unprotected')
const { version } = require('../package.json')
const { SimNetwork, faults, until } = require('../sim')
const { BIN, CommandLine, Folder, run } = require('./support/command-line')
const { differences } = require('./support/declared')
const { HookServer, answers } = require('./support/hook-server')
const { LIMIT } = require('./support/pool')
const { freePorts } = require('./support/ports')
const sim = require('./support/sim')

const COMMANDS = ['status', 'watch', 'check', 'edits', 'serve', 'demo']
/** Four machines, as far as anybody can tell. */
const MACHINES = [1, 2, 3, 4].map(number => ({ host: `127.0.0.${number}` }))

const folder = new Folder()
after(() => folder.remove())

let files = 0
const place = ({ host, port }) => ({ host, port })
const configOf = ([daemon, ...daemons], block = {}, rest = {}) =>
  ({ daemon: place(daemon), multiDaemon: { enabled: true, daemons: daemons.map(place), ...block }, ...rest })
const fileOf = config => folder.file(`config-${files++}.json`, config)

/** Runs a test on a network of daemons, with a function that writes their configuration and gives its path. */
const onNetwork = (run, daemons = 4) => async () => {
  const network = await SimNetwork.start(daemons, { height: 50 })
  try {
    await run({ network, file: (...args) => fileOf(configOf(network.daemons, ...args)) }, ...network.daemons)
  } finally {
    await network.close()
  }
}

describe('status', { concurrency: 2 }, () => {
  test('shows the daemons, and exits with 0 in mode multi', LIMIT, onNetwork(async ({ file }, P, A, B, C) => {
    const { code, stdout, stderr } = await run(['status', '--config', file()])
    const lines = stdout.split('\n')
    assert.equal(lines[0], `A pool would mine through ${P.address}, the primary, head at 50.`)
    assert.match(lines[2], /^ +daemon +state +height +lag +peers +latency +version +reason$/)
    for (const [index, daemon] of [P, A, B, C].entries()) {
      assert.match(lines[3 + index], new RegExp(`^${daemon === P ? '\\*' : ' '}  ${daemon.address} +healthy +50 +0 +12\\+8 +[0-9.]+ ms +0\\.28\\.3$`))
    }
    assert.equal(lines[8], 'mode multi, 4 of 4 healthy; * is in use')
    assert.deepEqual([code, stderr], [0, ''])
  }))

  test('exits with 1 in mode single, and says why', LIMIT, onNetwork(async ({ file }, P, A, B, C) => {
    await B.crash()
    await C.crash()
    const { code, stdout } = await run(['status', '--config', file()])
    assert.match(stdout, new RegExp(`${C.address} +unresponsive .* connection refused\n`))
    assert.match(stdout, /\nmode single, 2 of 4 healthy; \* is in use\n/)
    assert.equal(code, 1)
  }))

  test('sees a fork, which takes two rounds, and where it would send a pool', LIMIT, onNetwork(async ({ network, file }, P, A) => {
    network.mine(3, { on: P })
    network.mine(4, { on: network.daemons.slice(1) })
    const { code, stdout } = await run(['status', '--config', file()])
    assert.match(stdout, new RegExp(`${P.address} +unhealthy .* forked at 51, 3 deep; branch of ${A.address} has 3 of 4 votes\n`))
    assert.match(stdout, new RegExp(`^A pool would mine through ${A.address}, not the primary, head at 54\\. The primary is unhealthy: forked at 51, 3 deep; `))
    assert.equal(code, 0)
  }))

  test('waits until a daemon that is far behind has been compared', LIMIT, onNetwork(async ({ network, file }, P, A, B, C) => {
    C.lag(1500)
    network.mine(2000)
    const { code, stdout } = await run(['status', '--config', file()])
    assert.match(stdout, new RegExp(`${C.address} +unhealthy +550 +1500 .* on same chain, lagging behind other nodes by 1500 blocks\n`))
    assert.equal(code, 0)
  }))

  test('--json prints the status, and nothing else', LIMIT, onNetwork(async ({ file }) => {
    const { code, stdout, stderr } = await run(['status', '--json', '--config', file()])
    const status = JSON.parse(stdout)
    assert.deepEqual(differences(status, 'Status'), [])
    assert.deepEqual([status.mode, status.healthy, stdout.trim().split('\n').length, stderr, code], ['multi', 4, 1, '', 0])
  }))

  test('looks at a block that is not enabled yet, and says so', LIMIT, onNetwork(async ({ file }) => {
    const { code, stdout, stderr } = await run(['status', '--config', file({ enabled: false })])
    assert.match(stdout, /mode multi/)
    assert.match(stderr, /^note: multiDaemon\.enabled is false in .*: the pool uses only its primary/)
    assert.equal(code, 0)
  }))

  test('tells what is doubtful in the configuration on stderr', LIMIT, onNetwork(async ({ file }) => {
    const { stderr } = await run(['status', '--config', file()])
    assert.match(stderr, /^note: multiDaemon\.daemons: there are 3 daemons, the primary included/)
  }, 3))

  test('without --config reads config.json in its folder', LIMIT, onNetwork(async ({ network }) => {
    const here = new Folder()
    here.file('config.json', configOf(network.daemons))
    const { code } = await run(['status'], { cwd: here.path })
    here.remove()
    assert.equal(code, 0)
  }))
})

describe('watch', { concurrency: 2 }, () => {
  test('prints one line for each change, and none for a poll', LIMIT, onNetwork(async ({ network, file }, P, A) => {
    const watch = new CommandLine(['watch', '--config', file({ pollingInterval: 20, timeout: 10000 })])
    try {
      await watch.shows(/mode multi/)
      const before = watch.stdout
      assert.equal(before.trim().split('\n').length, 5)
      await network.daemons[3].seen('/info', { times: 20 })
      assert.equal(watch.stdout, before)
      await P.crash()
      await watch.shows(/ warn: From .*\n/)
      const lines = watch.stdout.slice(before.length).trim().split('\n')
      assert.equal(lines.length, 2)
      assert.match(lines[0], new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z warn: ${P.address} is unresponsive: connection refused$`))
      assert.match(lines[1], new RegExp(` warn: From ${P.address} to ${A.address}, because ${P.address}: connection refused; `))
      watch.end('SIGINT')
      const { code, signal, stderr } = await watch.ended
      assert.deepEqual([code, signal, stderr], [0, null, ''])
    } finally {
      watch.end()
    }
  }))

  test('leaves ports and webhook of the configuration to the pool', LIMIT, onNetwork(async ({ file }, P) => {
    const server = await HookServer.listen(answers.status(200))
    const ports = await freePorts(2)
    const watch = new CommandLine(['watch', '--config', file({ pollingInterval: 20, webhook: server.url, gateway: { port: ports[0] }, status: { port: ports[1] } })])
    try {
      await watch.shows(/mode multi/)
      for (const port of ports) await assert.rejects(fetch(`http://127.0.0.1:${port}/`), ({ cause }) => cause.code === 'ECONNREFUSED')
      await P.crash()
      await watch.shows(/ warn: From .*\n/)
      watch.end('SIGTERM')
      assert.equal((await watch.ended).code, 0)
      assert.deepEqual(server.posts, [])
    } finally {
      watch.end()
      await server.close()
    }
  }))

  test('ends when nobody reads it any more', LIMIT, onNetwork(async ({ file }, P) => {
    const watch = new CommandLine(['watch', '--config', file({ pollingInterval: 20 })])
    try {
      await watch.shows(/mode multi/)
      watch.process.stdout.destroy()
      await P.crash()
      assert.equal((await watch.ended).code, 0)
    } finally {
      watch.end()
    }
  }))
})

describe('check', { concurrency: 2 }, () => {
  const check = async file => {
    const { code, stdout } = await run(['check', '--json', '--config', file])
    return { code, ...JSON.parse(stdout) }
  }

  test('says of every daemon what it is, and exits with 0 when there is nothing to fix', LIMIT, onNetwork(async ({ file }, P) => {
    const { code, stdout, stderr } = await run(['check', '--config', file()])
    assert.match(stdout, /^.*config-\d+\.json is valid: 4 daemons, mode multi\n/)
    assert.match(stdout, new RegExp(`\n${P.address}, the primary: healthy\n    turtlecoin 0\\.28\\.3, height 50, 12 peers in, 8 out, [0-9.]+ ms, http\n`))
    assert.match(stdout, /\n127\.0\.0\.2:\d+: healthy\n    monerod 0\.18\./)
    assert.match(stdout, /\n\nNothing to fix\.\n\nNot protected:\n/)
    assert.deepEqual([code, stderr], [0, ''])
  }, MACHINES.map((machine, index) => index === 1 ? { ...machine, dialect: 'monerod' } : machine)))

  test('says what to do about a daemon that is down, and exits with 1', LIMIT, onNetwork(async ({ file }, P, A) => {
    await A.crash()
    const { code, findings } = await check(file())
    assert.equal(findings.length, 1)
    assert.equal(findings[0].what, `${A.address} is unresponsive: connection refused`)
    assert.match(findings[0].fix, /^it has crashed/)
    assert.equal(code, 1)
  }, MACHINES))

  test('names a machine that is the end of the protection, as advice: it may be meant, and fails no script', LIMIT, onNetwork(async ({ file }) => {
    const { code, findings, advice } = await check(file())
    assert.deepEqual([code, findings, advice.map(({ fix }) => fix)], [0, [], ['use daemons on other machines']])
    assert.match(advice[0].what, /^4 of 4 daemons are on one machine, 127\.0\.0\.1: /)
    const { stdout } = await run(['check', '--config', file()])
    assert.match(stdout, /\n\nNothing to fix\.\n\nAdvice:\n {2}1\. 4 of 4 daemons are on one machine, [^]*\n {5}Use daemons on other machines\.\n\nNot protected:\n/)
  }))

  test('gives notes on the configuration as advice, and a mode that stays single as something to fix', LIMIT, onNetwork(async ({ file }) => {
    const { code, findings, advice } = await check(file())
    assert.deepEqual([code, findings, advice.length], [0, [], 1])
    assert.match(advice[0].what, /^multiDaemon\.daemons: there are 3 daemons, the primary included/)
    const single = await check(file({ minHealthy: 4 }))
    assert.deepEqual([single.code, single.findings.map(({ what }) => what)], [1, ['the mode is single: of 3 daemons 3 are healthy, and minHealthy is 4']])
  }, MACHINES.slice(0, 3)))

  test('names a daemon that is asked over https and speaks http', LIMIT, onNetwork(async ({ network }, P, A, B, C) => {
    const config = configOf(network.daemons)
    config.multiDaemon.daemons[2].tls = true
    const { findings } = await check(fileOf(config))
    assert.deepEqual(findings.filter(({ what }) => what.includes(C.address)), [
      { what: `${C.address} is asked over https, but speaks http`, fix: 'set "tls": false in its entry' }
    ])
  }, MACHINES))

  test('names what the pool\'s own requests could not reach', LIMIT, onNetwork(async ({ network }) => {
    const config = configOf(network.daemons)
    config.multiDaemon.daemons[2].tls = true
    const ofTls = async () => (await check(fileOf(config))).findings.filter(({ what }) => what.startsWith('multiDaemon.daemons[2].tls: true on port '))
    assert.deepEqual(await ofTls(), [], 'the gateway can')
    config.multiDaemon.gateway = false
    assert.deepEqual((await ofTls()).map(({ fix }) => fix), ['leave out "gateway": false'])
  }, MACHINES))

  test('names what stays unprotected though nothing is to be fixed, which changes no exit code', LIMIT, onNetwork(async ({ file }) => {
    const wallet = { host: '127.0.0.1', port: 8070, password: 'secret' }
    const { code, unprotected } = await check(file({ gateway: { port: 11897 } }, { wallet }))
    assert.deepEqual([code, unprotected.length], [0, 2])
    assert.equal(unprotected[0], 'payouts, unless the wallet service at 127.0.0.1:8070 was started with its daemon set to the gateway, 127.0.0.1:11897; this file does not show it')
    assert.match(unprotected[1], /^a pool with fewer than 3 healthy daemons: "fallback": "primary" stays with the primary/)
    const { stdout } = await run(['check', '--config', file({ gateway: { port: 11897 } }, { wallet })])
    assert.ok(stdout.endsWith(`\n\nNothing to fix.\n\nNot protected:\n  - ${unprotected[0]}.\n  - ${unprotected[1]}.\n`), stdout)
    assert.doesNotMatch(stdout, /secret/)
    // A host that others reach is one that this machine reaches by itself.
    const outside = await check(file({ gateway: { port: '11897', host: '0.0.0.0', password: 'x' } }, { wallet: {} }))
    assert.match(outside.unprotected[0], /^payouts, unless the wallet service was started with its daemon set to the gateway, 127\.0\.0\.1:11897;/)
  }, MACHINES))

  test('names no daemon for the wallet service where the gateway has no fixed port, or is off', LIMIT, onNetwork(async ({ file }) => {
    const wallet = { host: '127.0.0.1', port: 8070 }
    const of = async block => (await check(file({ fallback: 'best', ...block }, { wallet }))).unprotected
    const [noPort, ...rest] = await of({})
    assert.match(noPort, /set to the gateway, which needs a fixed port for that, such as "gateway": { "port": 11897 };/)
    assert.deepEqual(rest, [])
    const off = await of({ gateway: false })
    assert.equal(off.length, 2)
    assert.match(off[0], /set to the gateway, which is off here: /)
    assert.match(off[1], /^requests under way: with "gateway": false nothing rescues one that hangs/)
  }, MACHINES))

  test('says that nothing is unprotected by saying nothing', LIMIT, onNetwork(async ({ file }) => {
    const { code, stdout } = await run(['check', '--config', file({ fallback: 'best' })])
    assert.match(stdout, /\n\nNothing to fix\.\n$/)
    assert.equal(code, 0)
  }, MACHINES))

  test('names three daemons, of which one failure leaves too few, and does not count one that is drained', LIMIT, onNetwork(async ({ network, file }) => {
    const few = /^anything after one failure: of 3 daemons, fewer than 3 are healthy then/
    const three = await check(file({ fallback: 'best' }))
    assert.equal(three.unprotected.filter(what => few.test(what)).length, 1)
    const config = configOf([...network.daemons, { host: 'daemon.invalid', port: 1 }], { fallback: 'best' })
    config.multiDaemon.daemons[2].drain = true
    const drained = await check(fileOf(config))
    assert.equal(drained.unprotected.filter(what => few.test(what)).length, 1)
  }, 3))

  test('says what the fallback costs in the figures of the evidence', () => {
    const table = fs.readFileSync(path.join(__dirname, '..', 'docs', 'evidence.md'), 'utf8')
    for (const [fallback, percent] of Object.entries(OFF_THE_BEST_BLOCK)) {
      const [, onIt] = new RegExp(`^\\| this addon, \`"fallback": "${fallback}"\` \\| ([0-9.]+) % \\|`, 'm').exec(table)
      assert.equal((100 - onIt).toFixed(2), percent.toFixed(2), fallback)
    }
  })

  test('finds a daemon of this machine that is not in the list, and where its entry goes', LIMIT, onNetwork(async ({ network }, P, A, B, C, D) => {
    // A daemon elsewhere has the same port, which is how the other one comes to mind.
    const config = configOf([P, A, B, C])
    config.multiDaemon.daemons.push({ host: 'daemon.invalid', port: D.port })
    const { advice } = await check(fileOf(config))
    const [found] = advice.filter(({ what }) => what.startsWith('a daemon of this network'))
    assert.equal(found.what, `a daemon of this network answers at ${D.address}, and is not in the list`)
    assert.match(found.fix, new RegExp(`^add { "host": "127\\.0\\.0\\.1", "port": ${D.port}, "drain": true } to multiDaemon\\.daemons; drained, because it would fail together with`))
  }, [{ host: '127.0.0.2' }, { host: '127.0.0.3' }, { host: '127.0.0.4' }, { host: '127.0.0.5' }, { host: '127.0.0.1' }]))

  test('does not take a gateway for a daemon, and names one that is in the list', LIMIT, onNetwork(async ({ network, file }, P, A, B, C) => {
    const [port] = await freePorts(1)
    const serve = new CommandLine(['serve', '--gateway', String(port), '--port', '0', '--config', file({}, {})])
    try {
      await serve.shows(/gateway/)
      const elsewhere = configOf([P, A, B, C])
      elsewhere.multiDaemon.daemons.push({ host: 'daemon.invalid', port })
      const first = await check(fileOf(elsewhere))
      assert.deepEqual(first.advice.filter(({ what }) => what.startsWith('a daemon of this network')), [])
      const listed = configOf([P, A, B, C])
      listed.multiDaemon.daemons.push({ host: '127.0.0.1', port })
      const second = await check(fileOf(listed))
      assert.deepEqual(second.findings.filter(({ what }) => what.includes('gateway')).map(({ what }) => what), [`127.0.0.1:${port} is a gateway of this addon, and no daemon`])
    } finally {
      serve.end()
    }
  }, [{ host: '127.0.0.2' }, { host: '127.0.0.3' }, { host: '127.0.0.4' }, { host: '127.0.0.5' }]))

  test('recognises a gateway with a password by the login of its entry', LIMIT, onNetwork(async ({ network, file }, P, A, B, C) => {
    const [port] = await freePorts(1)
    const serve = new CommandLine(['serve', '--gateway', String(port), '--port', '0', '--config', file({ gateway: { password: 'se:cret' } })])
    const gatewaysWith = async login => {
      const config = configOf([P, A, B, C])
      config.multiDaemon.daemons.push({ host: '127.0.0.1', port, login })
      return (await check(fileOf(config))).findings.filter(({ what }) => what.endsWith('is a gateway of this addon, and no daemon')).map(({ what }) => what.split(' ')[0])
    }
    try {
      await serve.shows(/gateway/)
      assert.deepEqual(await gatewaysWith('anybody:se:cret'), [`127.0.0.1:${port}`])
      assert.deepEqual(await gatewaysWith('anybody:wrong'), [])
    } finally {
      serve.end()
    }
  }, [{ host: '127.0.0.2' }, { host: '127.0.0.3' }, { host: '127.0.0.4' }, { host: '127.0.0.5' }]))

  test('shows a login to the daemon of its entry alone, once that asks for HTTP Basic', LIMIT, onNetwork(async ({ network }, P, A) => {
    const heard = []
    const asking = (name, challenge) => http.createServer((request, response) => {
      heard.push([name, request.headers.authorization || null])
      response.writeHead(401, { 'WWW-Authenticate': challenge })
      response.end()
    })
    const servers = [asking('basic', 'Basic realm="daemon"'), asking('digest', 'Digest qop="auth",algorithm=MD5,realm="monero",nonce="abc"'), asking('other', 'Basic realm="daemon"')]
    await Promise.all(servers.map(server => once(server.listen(0, '127.0.0.1'), 'listening')))
    const [basic, digest, other] = servers.map(server => server.address().port)
    const config = configOf([P, A])
    config.multiDaemon.daemons.push({ host: '127.0.0.1', port: basic, login: 'me:one' }, { host: '127.0.0.1', port: digest, login: 'me:two' }, { host: '127.0.0.1', port: other })
    await check(fileOf(config))
    for (const server of servers) server.close()
    const shown = wanted => [...new Set(heard.filter(([name, header]) => name === wanted && header !== null).map(([, header]) => header))]
    assert.deepEqual(shown('basic'), [`Basic ${Buffer.from('me:one').toString('base64')}`])
    assert.deepEqual(shown('digest').filter(header => !header.startsWith('Digest ')), [])
    assert.deepEqual([heard.some(([name]) => name === 'other'), shown('other')], [true, []])
  }))

  test('finds a daemon that is not in the list where the primary takes a login', LIMIT, onNetwork(async ({ network }, P, A, B, C, D) => {
    const token = `Basic ${Buffer.from('me:secret').toString('base64')}`
    const guard = http.createServer((request, response) => {
      if (request.headers.authorization !== token) return response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="daemon"' }).end()
      request.pipe(http.request({ host: P.host, port: P.port, path: request.url, method: request.method, headers: request.headers, agent: false }, answer => {
        response.writeHead(answer.statusCode, answer.headers)
        answer.pipe(response)
      }))
    })
    await once(guard.listen(0, '127.0.0.1'), 'listening')
    const config = configOf([P, A, B, C])
    config.daemon = { host: '127.0.0.1', port: guard.address().port, login: 'me:secret' }
    config.multiDaemon.daemons.push({ host: 'daemon.invalid', port: D.port })
    const { advice } = await check(fileOf(config))
    guard.close()
    assert.deepEqual(advice.filter(({ what }) => what.startsWith('a daemon of this network')).map(({ what }) => what.split(/ at |, /)[1]), [D.address])
  }, [{ host: '127.0.0.2' }, { host: '127.0.0.3' }, { host: '127.0.0.4' }, { host: '127.0.0.5' }, { host: '127.0.0.1' }]))

  test('leaves a daemon of another network on this machine alone', LIMIT, onNetwork(async ({ network }, P, A, B, C) => {
    const other = await SimNetwork.start([{ host: '127.0.0.1' }], { height: 50, genesis: 'another' })
    const config = configOf([P, A, B, C])
    config.multiDaemon.daemons.push({ host: 'daemon.invalid', port: other.daemons[0].port })
    const { advice } = await check(fileOf(config))
    await other.close()
    assert.deepEqual(advice.filter(({ what }) => what.startsWith('a daemon of this network')), [])
  }, [{ host: '127.0.0.2' }, { host: '127.0.0.3' }, { host: '127.0.0.4' }, { host: '127.0.0.5' }]))
})

/** How long `serve` waits for requests that are under way at its end: milliseconds. */
const LONGEST_REQUEST = 10000

/** Runs a test with `serve --gateway` in mode `multi`. */
function onGateway (run) {
  return onNetwork(async ({ file }, ...daemons) => {
    const [port] = await freePorts(1)
    const serve = new CommandLine(['serve', '--port', '0', '--gateway', String(port), '--config', file({ pollingInterval: 60000 })])
    try {
      await serve.shows(/mode multi/)
      await run(serve, { host: '127.0.0.1', port }, ...daemons)
    } finally {
      serve.end()
    }
  })
}

/** A transaction that no daemon answers yet. */
async function heldTransaction (gateway, daemons) {
  const held = []
  for (const daemon of daemons) daemon.behave(faults.only('/sendrawtransaction', exchange => held.push(exchange)))
  const reply = sim.send(gateway, { method: 'POST', path: '/sendrawtransaction', body: '{}', timeout: 60000 })
  await until(() => held.length > 0, { what: 'it is asked' })
  return { reply, held }
}

describe('serve', { concurrency: 2 }, () => {
  test('serves what it sees on this machine, until Ctrl-C', LIMIT, onNetwork(async ({ file }, P) => {
    const serve = new CommandLine(['serve', '--port', '0', '--config', file({ enabled: false })])
    try {
      await serve.shows(/status page at http:\/\/127\.0\.0\.1:\d+\/\n/)
      assert.match(serve.stdout, /^note: multiDaemon\.enabled is false /)
      const [url] = /http:\S+/.exec(serve.stdout)
      const status = await (await fetch(`${url}status.json`)).json()
      assert.deepEqual([status.primary.port, status.daemons.length], [P.port, 4])
      const pin = await fetch(`${url}pin`, { method: 'POST', body: JSON.stringify({ host: P.host, port: P.port, milliseconds: 1000 }) })
      assert.ok(pin.status >= 400, `status ${pin.status}`)
      serve.end('SIGINT')
      const { code, signal, stderr } = await serve.ended
      assert.deepEqual([code, signal, stderr], [0, null, ''])
    } finally {
      serve.end()
    }
  }))

  test('--gateway answers for the daemons, and prints what happens', LIMIT, onNetwork(async ({ file }, P, A) => {
    const [port, page] = await freePorts(2)
    const serve = new CommandLine(['serve', '--port', '0', '--gateway', String(port), '--config', file({ enabled: false, pollingInterval: 50, status: { port: page } })])
    const height = async () => (await (await fetch(`http://127.0.0.1:${port}/info`)).json()).height
    try {
      await serve.shows(new RegExp(`info: requests go through the gateway at 127\\.0\\.0\\.1:${port}\n[^]*mode multi`))
      assert.equal(await height(), P.network.tip.height + 1)
      await P.crash()
      assert.equal(await height(), P.network.tip.height + 1)
      await serve.shows(/ warn: From .*\n/)
      // The page in the configuration is the pool's.
      await assert.rejects(fetch(`http://127.0.0.1:${page}/`))
      serve.end('SIGTERM')
      assert.equal((await serve.ended).code, 0)
    } finally {
      serve.end()
    }
  }))

  test('--gateway ends only when a block that is submitted has its answer', LIMIT, onGateway(async (serve, gateway, P, ...others) => {
    const { result } = await sim.askForWork(P)
    for (const daemon of [P, ...others]) daemon.takeBlocks('busy')
    const reply = sim.submit(gateway, result.blocktemplate_blob, { timeout: 60000 })
    await P.seen('submitblock', { timeout: 30000 })
    serve.end('SIGTERM')
    await serve.shows(/waiting for what becomes of a block/)
    for (const daemon of [P, ...others]) daemon.takeBlocks()
    assert.deepEqual((await reply).result, { status: 'OK' })
    assert.equal((await serve.ended).code, 0)
  }))

  test('--gateway ends only when a request that is under way has its answer', LIMIT, onGateway(async (serve, gateway, ...daemons) => {
    const { reply, held } = await heldTransaction(gateway, daemons)
    serve.end('SIGTERM')
    await serve.shows(/waiting for requests that are under way/)
    await assert.rejects(fetch(`http://${gateway.host}:${gateway.port}/info`))
    for (const exchange of held) exchange.send({ status: 200, body: '{"status":"OK"}' })
    assert.equal((await reply).text, '{"status":"OK"}')
    assert.equal((await serve.ended).code, 0)
  }))

  test('--gateway ends at once at a second signal', LIMIT, onGateway(async (serve, gateway, ...daemons) => {
    const { reply } = await heldTransaction(gateway, daemons)
    const began = Date.now()
    serve.end('SIGTERM')
    await serve.shows(/waiting for requests that are under way/)
    serve.end('SIGTERM')
    await assert.rejects(reply)
    assert.equal((await serve.ended).code, 0)
    assert.ok(Date.now() - began < LONGEST_REQUEST, 'it does not wait to the end')
  }))

  test('a port that is in use is a mistake', LIMIT, onNetwork(async ({ file }, P) => {
    const { code, stdout, stderr } = await run(['serve', '--port', String(P.port), '--config', file()])
    assert.equal(stderr, `turtle-pool-multi-daemon: --port: the port is in use (127.0.0.1:${P.port}); give another one, unless the page that the pool itself serves is there\n`)
    assert.deepEqual([code, stdout], [2, ''])
  }))
})

describe('demo', () => {
  test('plays the story', LIMIT, async () => {
    const { code, stdout } = await run(['demo', '--seconds', '2', '--json'])
    const events = stdout.trim().split('\n').map(line => JSON.parse(line).event)
    assert.ok(events.includes('template') && events[events.length - 1] === 'summary', stdout)
    assert.equal(code, 0)
  })
})

describe('help', { concurrency: 2 }, () => {
  test('lists the commands', LIMIT, async () => {
    const { code, stdout, stderr } = await run(['--help'])
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`\n  ${command} +\\w`))
    assert.deepEqual([code, stderr], [0, ''])
  })

  for (const command of COMMANDS) {
    test(`of ${command} tells its options and exit codes`, LIMIT, async () => {
      const { code, stdout, stderr } = await run([command, '--help'])
      assert.match(stdout, new RegExp(`^usage: turtle-pool-multi-daemon ${command} \\[options\\](?: \\[POOL\\])?\n[^]*\n  --help +print this\n[^]*Exit code`))
      assert.deepEqual([code, stderr], [0, ''])
    })
  }

  test('comes on stderr, with exit code 2, where no command is given', LIMIT, async () => {
    const { code, stdout, stderr } = await run([])
    assert.match(stderr, /^usage: turtle-pool-multi-daemon COMMAND/)
    assert.deepEqual([code, stdout], [2, ''])
  })

  test('has a version', LIMIT, async () => assert.equal((await run(['--version'])).stdout, `${version}\n`))
})

describe('mistakes are one line that names them, and exit code 2', { concurrency: 2 }, () => {
  const daemon = { host: '127.0.0.1', port: 11898 }
  const wrong = { enabled: true, daemons: [{ host: '127.0.0.1', port: 70000 }], timeout: -1, status: { port: 'x' }, gateway: { port: 'y' } }
  for (const [name, args, ...named] of [
    ['a command that is none', ['look'], /'look' is not a command/],
    ['an option that is none', ['status', '--confg', 'x'], /there is no option --confg/],
    ['an option without its value', ['status', '--config'], /--config needs a value/],
    ['a value for a switch', ['status', '--json=yes'], /--json takes no value, not 'yes'/],
    ['a word too many', ['status', 'now'], /unexpected argument 'now'/],
    ['a name that every object has', ['status', '--constructor'], /there is no option --constructor/],
    ['a port that is none', ['serve', '--port', '70000'], /--port: '70000' is not a port/],
    ['a number that is none', ['demo', '--seconds', 'soon'], /--seconds .*'soon'/],
    ['a file that is not there', ['status', '--config', '/nonexistent/config.json'], /\/nonexistent\/config\.json: the file does not exist/],
    ['a file that is no JSON', ['check', '--config', folder.file('text.json', '{ daemon')], /text\.json is not JSON/],
    ['a file without a daemon', ['watch', '--config', folder.file('none.json', {})], /none\.json .* it has no daemon/],
    ['a file without the block', ['status', '--config', folder.file('alone.json', { daemon })], /alone\.json: multiDaemon: missing/],
    ['wrong members, all of them', ['check', '--config', folder.file('wrong.json', { daemon, multiDaemon: wrong })],
      /wrong\.json: /, /multiDaemon\.daemons\[0\]\.port: 70000/, /multiDaemon\.timeout: -1/, /multiDaemon\.status\.port: "x"/, /multiDaemon\.gateway\.port: "y"/],
    ['a block that is none', ['status', '--config', folder.file('block.json', { daemon, multiDaemon: 5 })], /block\.json: multiDaemon: a number is not an object/]
  ]) {
    test(name, LIMIT, async () => {
      const { code, stdout, stderr } = await run(args)
      for (const pattern of named) assert.match(stderr, pattern)
      assert.deepEqual([code, stdout, stderr.trim().split('\n').length], [2, '', 1])
      assert.match(stderr, /^turtle-pool-multi-daemon: /)
    })
  }
})

test('the program is where package.json says', () => {
  assert.equal(require.resolve(`../${require('../package.json').bin['turtle-pool-multi-daemon']}`), BIN)
})
