'use strict'

const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ARCHS, LIBCS } = require('../lib/source/prebuilt')
const { compressed, pack } = require('../scripts/release/pack')
const { MAX_PACKAGE } = require('../scripts/release/size')
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
    figure('startup/tarball', 'MB', [tarball() / 1e6], { target: `under ${MAX_PACKAGE / 1e6} MB, for four platforms` })
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

/** Bytes of the package as it is published; for a platform whose binary was not made, this machine's stands in. */
function tarball () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'startup-'))
  try {
    const { size, binaries } = pack(folder)
    const missing = ARCHS.length * LIBCS.length - binaries.length
    return size + (missing && missing * compressed(fs.readFileSync(ADDON)).length)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
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
