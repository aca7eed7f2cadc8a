'use strict'

// What `check` names as not protected, and what the command line learns from a pool that runs.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const { MultiDaemon } = require('..')
const { poolLines } = require('../lib/cli/pool-lines')
const { statusOfPool } = require('../lib/cli/pool-page')
const { startedBefore } = require('../lib/cli/started')
const { OFF_THE_BEST_BLOCK, unprotected } = require('../lib/cli/unprotected')
const { partsOf } = require('../lib/parts')
const { withPrimary } = require('../lib/source/blank')
const { CommandLine, Folder, run } = require('./support/command-line')
const { LIMIT, configOf, onNetwork, onPool } = require('./support/pool')
const { freePorts } = require('./support/ports')

const folder = new Folder()
after(() => folder.remove())

const NOW = 1e12
const FOUR = Array.from({ length: 4 }, () => ({ drained: false }))
/** Protected in every respect. */
const GOOD = { config: { daemon: {}, multiDaemon: { fallback: 'best' } }, status: { daemons: FOUR }, edits: null, pool: null, started: [] }
const withBlock = (block, rest) => ({ ...GOOD, config: { ...GOOD.config, ...rest, multiDaemon: { fallback: 'best', ...block } } })
const process = members => ({ pid: 71, worker: 3, role: 'pool', since: NOW - 61000, attached: true, ...members })
const withProcesses = (...processes) => ({ ...GOOD, pool: { processes } })

describe('check names as not protected', () => {
  test('nothing where nothing is', () => assert.deepEqual(unprotected(GOOD, NOW), []))

  const CASES = {
    'payouts with a wallet service': [withBlock({ gateway: { port: 11897 } }, { wallet: { host: 'w', port: 1 } }), /^payouts, unless the wallet service at w:1 was started with its daemon set to the gateway, 127\.0\.0\.1:11897/],
    'a fallback to the primary, with what it costs': [{ ...GOOD, config: { daemon: {}, multiDaemon: {} } }, new RegExp(`^a pool with fewer than 3 healthy daemons: .* for ${OFF_THE_BEST_BLOCK.primary} % of the time, with "best" for ${OFF_THE_BEST_BLOCK.best} %$`)],
    'three daemons': [{ ...GOOD, status: { daemons: FOUR.slice(1) } }, /^anything after one failure: of 3 daemons, fewer than 3/],
    'four of which one is drained': [{ ...GOOD, status: { daemons: [...FOUR.slice(1), { drained: true }] } }, /^anything after one failure: of 3 daemons/],
    'no gateway': [withBlock({ gateway: false }), /^requests under way: with "gateway": false/],
    'daemons that may be connected to one another alone': [{ ...GOOD, status: { daemons: FOUR.map(daemon => ({ ...daemon, incoming: 3, outgoing: 3 })) } }, /^anything, once the pool has run for two block times: .* or set minOutsidePeers to 0 on a private network$/],
    'edits that are missing': [{ ...GOOD, edits: { pool: 'turtle-pool', attached: true, files: ['lib/pool.js'], obstacles: [] } }, /^miners right after a fork: without the edits of a turtle-pool \(lib\/pool\.js\)/],
    'edits that cannot be made': [{ ...GOOD, edits: { pool: 'turtle-pool', attached: true, files: [], obstacles: ['lib/pool.js: twice'] } }, /^miners right after a fork: .* \(lib\/pool\.js: twice\)/],
    'a pool that is older than its init.js': [{ ...GOOD, started: [4711, 4712] }, /^the pool that runs: its processes 4711, 4712 started before init\.js was last changed; restart/],
    'a worker that has not attached': [withProcesses(process({ attached: false, role: null })), /^worker 3 \(pid 71\): it has not called attach\(\), so it asks the primary by itself; restart the pool$/]
  }
  for (const [name, [seen, words]] of Object.entries(CASES)) {
    test(name, () => {
      const named = unprotected(seen, NOW)
      assert.equal(named.length, 1, named.join('\n'))
      assert.match(named[0], words)
    })
  }

  test('no payouts of a pool that does not pay', () => {
    const named = payments => unprotected(withBlock({}, { wallet: { host: 'w', port: 1 }, ...payments }), NOW).length
    assert.deepEqual([{ payments: { enabled: false } }, { payments: {} }, { payments: { enabled: true } }, {}].map(named), [0, 0, 1, 1])
  })

  test('no connections where one of them must be to somebody else, where they are hidden, and where the operator knows', () => {
    const withPeers = (incoming, block = {}) => ({ ...withBlock({ fallback: 'best', ...block }), status: { daemons: FOUR.map((daemon, index) => ({ ...daemon, incoming: index === 0 ? incoming : 3, outgoing: 3 })) } })
    for (const seen of [withPeers(4), withPeers(null), withPeers(3, { minOutsidePeers: 0 })]) assert.deepEqual(unprotected(seen, NOW), [])
  })

  test('no process that has just started, none that asks, and none that has nothing to ask', () => {
    const fine = [process(), process({ attached: false, since: NOW - 59000 }), process({ role: null, worker: null })]
    assert.deepEqual(unprotected(withProcesses(...fine), NOW), [])
  })

  test('no edits of a pool that is not attached, which has to be fixed, and none that are made', () => {
    for (const edits of [{ attached: false, files: ['init.js'], obstacles: [] }, { attached: true, files: [], obstacles: [] }]) {
      assert.deepEqual(unprotected({ ...GOOD, edits: { pool: 'turtle-pool', ...edits } }, NOW), [])
    }
  })
})

describe('a process of the pool in a folder', { skip: require('node:process').platform !== 'linux' }, () => {
  test('is older than its init.js until it is started again', LIMIT, async () => {
    const file = folder.file('init.js', 'process.stdout.write("up"); setInterval(() => {}, 1000)')
    const start = async name => {
      const child = spawn(require('node:process').execPath, [name], { cwd: folder.path, stdio: ['ignore', 'pipe', 'ignore'] })
      await once(child.stdout, 'data')
      return child
    }
    const touch = milliseconds => fs.utimesSync(file, new Date(), new Date(Date.now() + milliseconds))
    const other = folder.file('other.js', fs.readFileSync(file, 'utf8'))
    const children = [await start('init.js'), await start(other)]
    try {
      touch(-60000)
      assert.deepEqual(startedBefore(folder.path), [])
      touch(60000)
      assert.deepEqual(startedBefore(folder.path), [children[0].pid])
      assert.deepEqual(startedBefore(path.join(folder.path, 'nowhere')), [])
    } finally {
      for (const child of children) child.kill('SIGKILL')
    }
  })
})

describe('the pool that runs', () => {
  const configFor = status => ({ daemon: {}, multiDaemon: { status } })
  const serving = async (answer, run) => {
    const server = http.createServer(answer)
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
    try {
      await run(server.address().port)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  test('is not asked without a page, and silence, refusals and nonsense are no pool', LIMIT, async () => {
    assert.equal(await statusOfPool(configFor(undefined)), null)
    const [free] = await freePorts(1)
    assert.equal(await statusOfPool(configFor({ port: free })), null)
    const ANSWERS = {
      silence: () => {},
      refusal: (request, response) => { response.writeHead(401); response.end('{}') },
      nonsense: (request, response) => response.end('<html>'),
      'another program': (request, response) => response.end('{"daemons":{}}'),
      null: (request, response) => response.end('null'),
      'half an answer': (request, response) => { response.writeHead(200, { 'Content-Length': 100 }); response.write('{'); setImmediate(() => response.destroy()) },
      'an endless one': (request, response) => { const more = () => { while (!response.destroyed && response.write(' '.repeat(65536)));response.once('drain', more) }; more() }
    }
    for (const [name, answer] of Object.entries(ANSWERS)) {
      await serving(answer, async port => assert.equal(await statusOfPool(configFor({ port }), 500), null, name))
    }
  })

  test('is asked with the password, and at this machine where it listens at every address', LIMIT, async () => {
    const [port] = await freePorts(1)
    await onPool(4, { status: { port, host: '0.0.0.0', password: 'ä:b' } }, async pool => {
      await partsOf(pool.multiDaemon).page.listening
      const status = await statusOfPool(configFor({ port, host: '0.0.0.0', password: 'ä:b' }))
      assert.deepEqual(status.current, pool.status.current)
      assert.equal(await statusOfPool(configFor({ port, password: 'wrong' })), null)
    })()
  })

  test('is told in lines: what it uses, what became of requests and blocks, and who asks', () => {
    const [P, A] = [{ host: 'p', port: 1, tls: false }, { host: 'a', port: 1, tls: false }]
    const daemon = (place, rest) => ({ ...place, drained: false, state: 'healthy', reason: null, requests: 0, ...rest })
    const block = (id, rest) => ({ id, at: NOW, height: 50 + id, hash: null, told: 'accepted', late: false, by: A, seen: 1, depth: 2, orphaned: false, ...rest })
    const pool = {
      ...withPrimary(P, true, 1),
      current: A,
      daemons: [daemon(P, { state: 'unhealthy', reason: { code: 'no-work', message: 'gives no work: it says that it is busy' }, requests: 3 }), daemon(A, { requests: 1204 })],
      requests: { answered: 1200, rescued: 3, failed: 1, abandoned: 2, held: 0, hedges: 4 },
      blocks: [block(0), block(1, { orphaned: true }), block(2, { told: 'refused', late: true, by: null, depth: null }), block(3)],
      processes: [process(), process({ pid: 72, worker: 4, role: null, attached: false }), process({ pid: 73, role: 'api', attached: false, since: NOW })]
    }
    assert.deepEqual(poolLines(pool, NOW), [
      'The pool that runs uses a:1.',
      '  p:1 is unhealthy for the pool: gives no work: it says that it is busy',
      '  requests  1200 answered, 3 rescued by another daemon, 4 hedged, 1 failed, 2 abandoned by the client, 0 held',
      '  sent to   p:1 3, a:1 1204',
      '  block     53 accepted by a:1, in the chain, 2 on top of it',
      '  block     52 refused, it came too late',
      '  block     51 accepted by a:1, lost: another block has its place',
      '  process   pool (pid 71) asks through the gateway',
      '  process   worker 4 (pid 72) has not called attach(), so it asks the primary by itself',
      '  process   api (pid 73) has just started'
    ])
  })

  /** Runs a test with the file of a pool, the pool itself, and its daemons. */
  const running = run => async () => {
    const [port] = await freePorts(1)
    await onNetwork(4, async (network, ...daemons) => {
      const config = configOf(daemons, { status: { port } })
      const multiDaemon = new MultiDaemon(config)
      await multiDaemon.ready
      await partsOf(multiDaemon).page.listening
      try {
        await run({ config, file: folder.file(`running-${port}.json`, config), multiDaemon, port }, ...daemons)
      } finally {
        await multiDaemon.stop()
      }
    })()
  }

  test('tells status all that it shows: headline, table, exit code and what the pool has done', LIMIT, running(async ({ file, multiDaemon, port }, P, A, B, C) => {
    const healthy = await run(['status', '--config', file])
    assert.equal(healthy.stdout.split('\n')[0], `The pool that runs mines through ${P.address}, the primary, head at 50.`)
    assert.match(healthy.stdout, /\nmode multi, 4 of 4 healthy; \* is in use\n\nWhat the pool has done since it started to watch:\n {2}requests {2}0 answered, 0 rescued/)
    assert.deepEqual([healthy.code, healthy.stderr], [0, ''])

    // The pool looks again only when it is told to. Until then it uses a daemon that is gone, and that is what counts.
    await Promise.all([P, A].map(daemon => daemon.crash()))
    const unaware = await run(['status', '--config', file])
    assert.match(unaware.stdout, new RegExp(`^The pool that runs mines through ${P.address}, the primary, [^]*\nmode multi, 4 of 4 healthy;`))
    assert.equal(unaware.code, 0)

    await multiDaemon.refresh()
    const aware = await run(['status', '--config', file])
    assert.match(aware.stdout, new RegExp(`^The pool that runs mines through ${P.address}, the primary, [^]*The primary is unresponsive: connection refused\\.\n[^]*\nmode single, 2 of 4 healthy;`))
    assert.equal(aware.code, 1)

    multiDaemon.pin(C.host, C.port, 60000)
    assert.match((await run(['status', '--config', file])).stdout, new RegExp(`^The pool that runs mines through ${C.address}, not the primary, pinned, `))

    await multiDaemon.stop()
    const alone = await run(['status', '--config', file])
    assert.match(alone.stdout, new RegExp(`^A pool would mine through ${P.address}, the primary`))
    assert.doesNotMatch(alone.stdout, /since it started/)
    assert.equal(alone.stderr, `note: the pool's status page at 127.0.0.1:${port} does not answer as a pool that runs: this is what one look at the daemons shows\n`)
    assert.equal(alone.code, 1)
  }))

  test('is what status --json prints, which says so beside it', LIMIT, running(async ({ file, multiDaemon, port }) => {
    const { code, stdout, stderr } = await run(['status', '--json', '--config', file])
    assert.equal(stderr, `note: this is what the pool that runs knows, from the pool's status page at 127.0.0.1:${port}\n`)
    const status = JSON.parse(stdout)
    assert.deepEqual([status.gateway, status.epoch, code], [multiDaemon.getStatus().gateway, multiDaemon.getStatus().epoch, 0])
  }))

  test('is not the page of serve, which is there without a pool', LIMIT, async () => {
    const [port] = await freePorts(1)
    await onNetwork(4, async network => {
      const file = folder.file('served.json', configOf(network.daemons, { status: { port } }))
      const serve = new CommandLine(['serve', '--port', String(port), '--config', file])
      try {
        await serve.shows(/status page at/)
        assert.match((await run(['status', '--config', file])).stdout, /^A pool would mine through /)
      } finally {
        serve.end()
      }
    })()
  })
})
