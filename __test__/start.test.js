'use strict'

// What a person meets at `npm start`: the story, a run on a pool's own configuration, and mistakes at the keyboard.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')
const { after, describe, test } = require('node:test')
const { SimNetwork } = require('../sim')

const MAIN = path.join(__dirname, '..', 'sim', 'main.js')
const LIMIT = { timeout: 60000 }

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'multi-daemon-start-'))
after(() => fs.rmSync(folder, { recursive: true, force: true }))

function fileWith (name, content) {
  const file = path.join(folder, name)
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/** Runs it to its end; `interruptAt` sends Ctrl-C as soon as the output contains that text, and `before` has been done. */
async function run (args, { interruptAt, before: doBefore = () => {} } = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', chunk => {
      const before = text[stream]
      text[stream] += chunk
      if (interruptAt && text[stream].includes(interruptAt) && !before.includes(interruptAt)) {
        Promise.resolve(doBefore(text[stream])).finally(() => child.kill('SIGINT'))
      }
    })
  }
  const [code] = await once(child, 'close')
  return { code, ...text }
}

/** What the page says whose address was printed. */
async function statusIn (stdout) {
  const [, url] = /status page at (\S+)/.exec(stdout)
  return (await fetch(new URL('/status.json', url))).json()
}

const events = stdout => stdout.trim().split('\n').map(line => JSON.parse(line))

describe('the story', () => {
  test('the primary crashes, the pool moves on, and templates keep coming', LIMIT, async () => {
    const { code, stdout } = await run(['--json', '--seconds', '10'])
    const all = events(stdout)
    const of = kind => all.filter(({ event }) => event === kind)
    assert.match(of('fault')[0].text, /primary daemon .* crashes/)
    const [first] = of('switch')
    assert.equal(first.code, 'refused')
    assert.ok(all.indexOf(first) > all.indexOf(of('fault')[0]))
    const { host, port } = first.to
    assert.ok(of('template').some(template => template.daemon === `${host}:${port}` && template.good))
    assert.ok(of('daemon').some(({ before, state, primary }) => primary && before === 'healthy' && state === 'unresponsive'))
    assert.equal(of('status')[0].daemons.length, 4)
    assert.ok(of('summary')[0].longestGap < 5000)
    assert.equal(code, 0)
  })

  test('has a status page at the address that it tells', LIMIT, async () => {
    let status
    const look = async stdout => { status = await statusIn(stdout) }
    const { code } = await run([], { interruptAt: '4 of 4 healthy', before: look })
    assert.deepEqual([status.mode, status.healthy, code], ['multi', 4, 0])
  })

  test('Ctrl-C ends it with a summary and exit code 0', LIMIT, async () => {
    const { code, stdout } = await run([], { interruptAt: '4 of 4 healthy' })
    assert.match(stdout, /the end: \d+ good templates/)
    assert.equal(code, 0)
  })
})

describe('a run on a pool\'s configuration', () => {
  async function withConfig (change, check) {
    const network = await SimNetwork.start(4, { height: 20 })
    try {
      const [daemon, ...daemons] = network.daemons.map(({ host, port }) => ({ host, port }))
      const config = { daemon, poolServer: { poolAddress: 'T'.repeat(99) }, multiDaemon: { enabled: true, daemons } }
      await check(fileWith('config.json', { ...config, ...change }), network.daemons)
    } finally {
      await network.close()
    }
  }

  test('leaves the pool\'s status page, gateway and webhook to the pool, and has a page of its own', LIMIT, async () => {
    const pool = net.createServer().listen(0, '127.0.0.1')
    await once(pool, 'listening')
    const { port } = pool.address()
    await withConfig({}, async file => {
      const config = JSON.parse(fs.readFileSync(file, 'utf8'))
      Object.assign(config.multiDaemon, { status: { port }, gateway: { port }, webhook: `http://127.0.0.1:${port}/` })
      let status
      const look = async stdout => { status = await statusIn(stdout) }
      const { code, stderr } = await run(['--config', fileWith('taken.json', config)], { interruptAt: '4 of 4 healthy', before: look })
      assert.deepEqual([status.healthy, 'webhook' in status, stderr, code], [4, false, '', 0])
    })
    pool.close()
  })

  test('asks for templates to the pool\'s address', LIMIT, () => withConfig({}, async (file, [primary]) => {
    const { code, stdout } = await run(['--config', file, '--seconds', '1', '--json'])
    const template = events(stdout).find(({ event }) => event === 'template')
    assert.deepEqual([template.height, template.daemon], [21, primary.address])
    assert.equal(code, 0)
  }))

  test('without an address it asks for the last header, and says so', LIMIT, () => withConfig({ poolServer: undefined }, async (file, [primary]) => {
    const { code, stdout } = await run(['--config', file, '--seconds', '1'])
    assert.match(stdout, /no poolServer.poolAddress: asking for getlastblockheader/)
    assert.match(stdout, /[1-9]\d* good header/)
    assert.equal(primary.count('getblocktemplate'), 0)
    assert.equal(code, 0)
  }))

  test('without a multiDaemon block it runs on the primary, and says so', LIMIT, () => withConfig({ multiDaemon: undefined }, async (file, daemons) => {
    const { code, stdout } = await run(['--config', file, '--seconds', '1'])
    assert.match(stdout, /multiDaemon is missing or not enabled in .*: running on the primary alone/)
    assert.deepEqual(daemons.map(daemon => daemon.count() > 0), [true, false, false, false])
    assert.equal(code, 0)
  }))

  test('exit code 1 when no template comes', LIMIT, () => withConfig({}, async (file, daemons) => {
    await Promise.all(daemons.map(daemon => daemon.crash()))
    assert.equal((await run(['--config', file, '--seconds', '1'])).code, 1)
  }))
})

describe('mistakes at the keyboard are one line and exit code 2', () => {
  const missing = path.join(folder, 'missing.json')
  const mistakes = [
    ['an unknown option', ['--bogus'], /--bogus/],
    ['a word too many', ['bogus'], /bogus/],
    ['no number', ['--seconds', 'soon'], /--seconds .*soon/],
    ['a missing file', ['--config', missing], /missing\.json/],
    ['a file that is not JSON', ['--config', fileWith('text.json', '{\n "daemon": x\n}')], /text\.json/],
    ['a file without a daemon', ['--config', fileWith('empty.json', {})], /empty\.json/],
    ['a mistake that the addon finds', ['--config', fileWith('wrong.json', {
      daemon: { host: '127.0.0.1', port: 11898 }, multiDaemon: { enabled: true, daemons: 'none' }
    })], /wrong\.json/]
  ]
  for (const [name, args, named] of mistakes) {
    test(name, LIMIT, async () => {
      const { code, stdout, stderr } = await run(args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, named)
      assert.equal(stderr.trim().split('\n').length, 1)
    })
  }

  test('--help is no mistake', LIMIT, async () => {
    const { code, stdout } = await run(['--help'])
    assert.equal(code, 0)
    assert.match(stdout, /--config FILE/)
  })
})
