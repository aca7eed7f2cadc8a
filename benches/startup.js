'use strict'

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { gzipSync } = require('node:zlib')
const { ARCHS, LIBCS } = require('../lib/source/prebuilt')
const { configOf } = require('./config')
const { figure } = require('./figure')
const { alternately, run, withDaemons } = require('./process')

const ROOT = path.join(__dirname, '..')
const ADDON = path.join(ROOT, 'turtle-pool-multi-daemon.node')
const MIB = 2 ** 20

/** What a pool pays for having the addon at all. */
async function startup ({ short }) {
  return withDaemons(4, async ({ addresses }) => [
    ...await loading(addresses, short),
    ...await presence(addresses, short),
    figure('startup/binary', 'MB', [fs.statSync(ADDON).size / 1e6], { target: 'under 3.2 MB' }),
    figure('startup/tarball', 'MB', [tarball() / 1e6], { target: 'under 6.6 MB, for four platforms' })
  ])
}

async function loading (addresses, short) {
  const config = configOf(addresses)
  const [times] = await alternately(short ? 3 : 15, () => run('loader', { config }))
  const parts = part => times.map(time => time[part])
  return [
    figure('startup/load', 'ms', parts('total'), {
      beside: { 'of it require': parts('require'), 'of it construct': parts('construct'), 'node:http and https': parts('http') },
      target: 'under 10 ms'
    }),
    figure('startup/answer', 'ms from require to the first answer', parts('answer')),
    figure('startup/verdict', 'ms from require to the first verdict', parts('verdict'))
  ]
}

/** Bytes of the package as npm sends it; for a platform whose binary was not made, this machine's stands in. */
function tarball () {
  const [{ size, files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] }))
  const missing = ARCHS.length * LIBCS.length - files.filter(file => file.path.startsWith('prebuilds/')).length
  return size + missing * gzipSync(fs.readFileSync(ADDON), { level: 9 }).length
}

/** Memory and threads after a number of polls, against the same polls in JavaScript. */
async function presence (addresses, short) {
  const task = { config: configOf(addresses, { pollingInterval: 50 }), polls: short ? 200 : 800, warmUp: 0 }
  const measured = (poller, client) => () => run(poller, { ...task, client }, { flags: ['--expose-gc'] })
  const [addon, agent, undici] = await alternately(short ? 1 : 3, measured('addon'), measured('agent', 'http.Agent'), measured('agent', 'undici'))
  const added = (outcomes, what) => outcomes.map(outcome => outcome[what])
  return [
    figure('startup/memory', 'MiB', added(addon, 'memory').map(bytes => bytes / MIB), {
      others: { 'http.Agent': added(agent, 'memory').map(bytes => bytes / MIB), undici: added(undici, 'memory').map(bytes => bytes / MIB) },
      target: 'under 5 MB'
    }),
    figure('startup/threads', 'added', added(addon, 'threads'), { target: 'at most 2' })
  ]
}

module.exports = startup
