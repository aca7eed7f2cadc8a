'use strict'

// What a person meets at `npm start`: the story, and mistakes at the keyboard.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const path = require('node:path')
const { describe, test } = require('node:test')

const MAIN = path.join(__dirname, '..', 'sim', 'main.js')
const LIMIT = { timeout: 60000 }

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

  test('a block that the pool finds while the daemon in use hangs is in the others\' chains', LIMIT, async () => {
    const { code, stdout } = await run(['--json'], { interruptAt: 'is in the chains of' })
    const all = events(stdout)
    const told = text => all.findIndex(event => event.event === 'fault' && event.text.includes(text))
    assert.ok(told('hangs') < told('the pool finds block') && told('the pool finds block') < told('is accepted'))
    const block = all.find(({ event }) => event === 'block')
    assert.equal(block.told, 'accepted')
    assert.deepEqual(all.find(({ event }) => event === 'summary').blocks, { found: 1, lost: 0 })
    assert.equal(code, 0)
  })

  test('the pool asks at one address from its first request to its last', LIMIT, async () => {
    const { stdout } = await run(['--json', '--seconds', '1'])
    assert.match(events(stdout)[1].text, /^the pool asks the gateway at 127\.0\.0\.1:\d+/)
  })

  test('has a status page at the address that it tells', LIMIT, async () => {
    let status
    const look = async stdout => { status = await statusIn(stdout) }
    const { code } = await run([], { interruptAt: '4 of 4 healthy', before: look })
    assert.deepEqual([status.mode, status.healthy, code], ['multi', 4, 0])
  })

  test('Ctrl-C ends it with a summary and exit code 0', LIMIT, async () => {
    const { code, stdout } = await run([], { interruptAt: '4 of 4 healthy' })
    assert.match(stdout, /the end: \d+ good templates?/)
    assert.equal(code, 0)
  })
})

describe('mistakes at the keyboard are one line and exit code 2', () => {
  const mistakes = [
    ['an unknown option', ['--bogus'], /--bogus/],
    ['a word too many', ['bogus'], /bogus/],
    ['an option that was there once', ['--config', 'config.json'], /--config/],
    ['no number', ['--seconds', 'soon'], /--seconds .*soon/]
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
    assert.match(stdout, /--seconds N/)
  })
})
