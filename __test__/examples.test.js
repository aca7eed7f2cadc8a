'use strict'

// The examples for systemd, Docker Compose and Kubernetes: the service starts as they start it, and their probes ask it as they say.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const fs = require('node:fs')
const path = require('node:path')
const { after, before, test } = require('node:test')
const { readOptions } = require('../lib/cli/options')
const { options } = require('../lib/cli/commands/serve')
const { SimNetwork } = require('../sim')
const { CommandLine, Folder } = require('./support/command-line')
const { LIMIT, configOf } = require('./support/pool')
const { freePorts } = require('./support/ports')
const { until } = require('./support/until')

const DOCUMENT = fs.readFileSync(path.join(__dirname, '..', 'docs', 'other-pools-and-wallets.md'), 'utf8')
/** Where the examples have the gateway and the page. */
const [GATEWAY, PAGE] = [11897, 8118]

/** All lists of words in the examples, as in YAML written like JSON. */
const lists = [...DOCUMENT.matchAll(/^ +(?:- )?(\w+): (\["[^\n]*"\])/gm)].map(([, name, list]) => [name, JSON.parse(list)])
const [, unit] = /^ExecStart=(.*)$/m.exec(DOCUMENT)
const starts = [unit.split(' ').slice(1), ...lists.filter(([, words]) => words[0] === 'serve').map(([, words]) => words)]
/** What asks, less the word that tells Docker not to use a shell. */
const probes = lists.map(([, words]) => words[0] === 'CMD' ? words.slice(1) : words).filter(([program]) => program === 'node')
const pathOf = words => new RegExp(`http://127\\.0\\.0\\.1:${PAGE}(/\\w+)`).exec(words.join(' '))[1]

let network, folder, serve, page
before(async () => {
  network = await SimNetwork.start(Array.from({ length: 4 }, () => ({ host: '127.0.0.1' })), { height: 50 })
  folder = new Folder()
  const [gateway, port] = await freePorts(2)
  page = port
  const config = folder.file('config.json', configOf(network.daemons, { pollingInterval: 50, fallback: 'best' }))
  // As the unit starts it, at other ports.
  const words = starts[0].map(word => word === String(GATEWAY) ? String(gateway) : word.endsWith('config.json') ? config : word)
  serve = new CommandLine([...words, '--port', String(page)])
  await serve.shows(/mode multi/)
})
after(async () => {
  serve.end()
  await serve.ended
  await network.close()
  folder.remove()
})

/** Runs a probe as it stands there, but for the port; gives its exit code. */
async function run ([, ...words]) {
  const probe = spawn(process.execPath, words.map(word => word.replace(`:${PAGE}/`, `:${page}/`)), { stdio: ['ignore', 'ignore', 'inherit'], timeout: 20000 })
  const [code] = await once(probe, 'close')
  return code
}

const status = async path => (await fetch(`http://127.0.0.1:${page}${path}`)).status

test('the service is started alike everywhere, with options that it knows', () => {
  assert.equal(starts.length, 3)
  for (const [command, ...words] of starts) {
    assert.equal(command, 'serve')
    const { gateway, config } = readOptions(words, options)
    assert.deepEqual([gateway, path.basename(config)], [GATEWAY, 'config.json'])
  }
})

test('the probes are satisfied while the daemon in use is healthy, and ask only paths that exist', LIMIT, async () => {
  assert.deepEqual(probes.map(pathOf), ['/readyz', '/healthz', '/readyz'])
  for (const probe of probes) assert.equal(await run(probe), 0, probe.join(' '))
  const [, curled] = /^curl -fsS http:\/\/127\.0\.0\.1:8118(\S+)$/m.exec(DOCUMENT)
  assert.equal(await status(curled), 200)
  const table = [...DOCUMENT.matchAll(/^\| `(\/\w+)` \| (\d+) while .*$/gm)].map(([, path, code]) => [path, Number(code)])
  assert.deepEqual(table.map(([path]) => path), ['/healthz', '/readyz'])
  for (const [path, code] of table) assert.equal(await status(path), code, path)
})

test('without a healthy daemon only the probe of readiness fails, as the table says', LIMIT, async () => {
  await Promise.all(network.daemons.map(daemon => daemon.crash()))
  await until('not ready', () => status('/readyz'), code => code === 503)
  assert.deepEqual(await Promise.all(probes.map(async probe => [pathOf(probe), await run(probe)])), [['/readyz', 1], ['/healthz', 0], ['/readyz', 1]])
})

test('without the service no probe is satisfied', LIMIT, async () => {
  serve.end('SIGTERM')
  await serve.ended
  assert.deepEqual(await Promise.all(probes.map(run)), [1, 1, 1])
})
