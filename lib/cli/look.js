'use strict'

const clock = require('../clock')
const { nameOfBlock, withGateway } = require('../config')
const MultiDaemon = require('../multi-daemon')
const Native = require('../source/native')
const Onlooker = require('../source/onlooker')

const { readConfig } = require('./config-file')
const { UsageError, mistakeIn } = require('./usage-error')

const CONFIG = { value: 'FILE', text: 'the pool\'s configuration (default: config.json in this folder)' }
/** Milliseconds that are given to what takes more than two rounds: comparing chains that are far apart. */
const PATIENCE = 5000
/** Milliseconds between two looks meanwhile. */
const PAUSE = 250

/**
 * Watches the daemons of a pool's configuration for somebody who looks on, whether the pool does so or not: the block
 * need not be enabled. It binds no port and posts nowhere: that is the pool's to do. `gateway` is the port of a gateway of its own, and
 * `say(severity, text)` hears of that.
 * @returns {{ multiDaemon: MultiDaemon, notes: string[], file: string, config: object }}
 */
function open ({ config: file = 'config.json', gateway }, say) {
  const config = readConfig(file)
  const name = needsBlock(config, file)
  const source = gateway === undefined ? onlooker : (config, ear) => new Native(config, ear, say)
  const multiDaemon = start(file, gateway === undefined ? config : serving(config, name, gateway), name, source)
  const notes = multiDaemon.getStatus().warnings.slice()
  if (config[name].enabled === false) notes.unshift(`multiDaemon.enabled is false in ${file}: the pool uses only its primary; this command shows the daemons anyway`)
  return { multiDaemon, notes, file, config }
}

function needsBlock (config, file) {
  const name = nameOfBlock(config)
  if (!name) throw new UsageError(`${file}: multiDaemon: missing; expected an object with enabled and daemons`)
  return name
}

/** The gateway's host and password are as configured. The page in the configuration is the pool's. */
function serving (config, name, port) {
  const block = Object.assign({}, config[name])
  delete block.status
  const { gateway } = block
  return withGateway(Object.assign({}, config, { [name]: block }), Object.assign({}, typeof gateway === 'object' ? gateway : {}, { port }))
}

function onlooker (config, ear) {
  return new Onlooker(config, ear, () => {})
}

function start (file, config, name, source) {
  const block = config[name]
  const looking = block && block.enabled === false ? Object.assign({}, block, { enabled: true }) : block
  try {
    return new MultiDaemon(Object.assign({}, config, { [name]: looking }), source)
  } catch (error) {
    if (error.code !== 'ERR_MULTI_DAEMON_CONFIG') throw error
    throw mistakeIn(file, error)
  }
}

/** Watches with nobody to tell. */
function watch (config) {
  return new MultiDaemon(config, onlooker)
}

/** Polls twice, for a fork is told after two rounds, and on for as long as that may still tell something. Gives the status. */
async function settled (multiDaemon) {
  await multiDaemon.ready
  const deadline = clock.now() + PATIENCE
  let status = await multiDaemon.refresh()
  while (status.daemons.some(isOpen) && clock.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, PAUSE))
    status = await multiDaemon.refresh()
  }
  return status
}

/** Not judged, or not yet compared with the others. */
function isOpen ({ state }) {
  return state === 'unknown'
}

module.exports = { CONFIG, open, settled, watch }
