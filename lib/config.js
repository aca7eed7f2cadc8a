'use strict'

const { originalOf } = require('./daemon-block')
const { numberOf } = require('./options')

/** The block with our options, and the spelling of it that stands in the wild. Where both are there, the first counts. */
const BLOCKS = ['multiDaemon', 'mutliDaemon']

/** A configuration that cannot be used; the message names every mistake. */
class ConfigError extends TypeError {
  constructor (mistakes) {
    super(mistakes.length === 1 ? mistakes[0] : `${mistakes.length} mistakes in the configuration:\n- ${mistakes.join('\n- ')}`)
    this.code = 'ERR_MULTI_DAEMON_CONFIG'
    this.mistakes = mistakes
  }
}

/** Whether daemons are to be watched. A value that is neither true nor false is a mistake, which reading it all will name. */
function isEnabled (config) {
  const block = blockOf(config)
  return block !== undefined && block.enabled !== undefined && block.enabled !== false
}

/** What native code reads of the pool's configuration, as JSON text. */
function toJson (config) {
  const read = {}
  for (const name of ['daemon', ...BLOCKS, 'coinDifficultyTarget']) read[name] = config[name]
  try {
    return JSON.stringify(read, nameNumbers)
  } catch (error) {
    throw new ConfigError([`the configuration cannot be written as JSON: ${error.message}`])
  }
}

/** The primary of a configuration in which nothing else is used. */
function primaryOf (config) {
  const daemon = isObject(config) ? originalOf(config.daemon) : undefined
  if (!isObject(daemon)) throw new ConfigError([`daemon: ${show(daemon)} is not an object with host and port`])
  const port = Number(daemon.port)
  const tls = daemon.tls === undefined ? port === 443 : daemon.tls === true
  return Object.freeze({ host: daemon.host, port, tls })
}

function blockOf (config) {
  const block = isObject(config) ? config[nameOfBlock(config)] : undefined
  return isObject(block) ? block : undefined
}

/** By which name the block is there; undefined where it is not. */
function nameOfBlock (config) {
  return BLOCKS.find(name => config[name] !== undefined)
}

/** In milliseconds. */
function pollingIntervalOf (config) {
  return numberOf(blockOf(config), 'pollingInterval')
}

/** The configuration of a process that has to watch for itself, beside others that may do the same: each has a gateway of its own. */
function aloneOf (config) {
  const block = blockOf(config)
  return !block || block.gateway === undefined || block.gateway === false ? config : withGateway(config, true)
}

/** The same configuration with this for the gateway. */
function withGateway (config, gateway) {
  const name = nameOfBlock(config)
  return Object.assign({}, config, { [name]: Object.assign({}, config[name], { gateway }) })
}

/** Where switches are posted to; undefined for nowhere. It was checked with the rest. */
function webhookOf (config) {
  const { webhook } = blockOf(config) || {}
  return webhook
}

/** Where the status page is to be; undefined for nowhere. It was checked with the rest. */
function statusPageOf (config) {
  const { status } = blockOf(config) || {}
  return status
}

/** The mistakes that matter only where the pool's own code asks daemons, and no gateway: it takes port 443 for https, and no other. */
function mistakesForPoolRequests (config) {
  const block = blockOf(config)
  if (block && block.gateway !== false) return []
  const others = block && Array.isArray(block.daemons) ? block.daemons : []
  const named = [['daemon', originalOf(config.daemon)]].concat(others.map((daemon, index) => [`multiDaemon.daemons[${index}]`, daemon]))
  return named.filter(([, daemon]) => isObject(daemon)).map(([path, { port, tls }]) => {
    const https = Number(port) === 443
    if (tls === true && !https) return `${path}.tls: true on port ${port}: the pool's own requests speak https on port 443 only (without "gateway": false the pool asks through the gateway, which speaks https on every port)`
    if (tls === false && https) return `${path}.tls: false on port 443: the pool's own requests speak https there (without "gateway": false the pool asks through the gateway, which speaks http on every port)`
    return null
  }).filter(Boolean)
}

/** JSON has no NaN and no Infinity, and would make them null; the mistake should name what was there. */
function nameNumbers (key, value) {
  return typeof value === 'number' && !isFinite(value) ? String(value) : value
}

function isObject (value) {
  return typeof value === 'object' && value !== null
}

function show (value) {
  return value === undefined ? 'missing:' : String(JSON.stringify(value))
}

module.exports = {
  ConfigError,
  aloneOf,
  blockOf,
  isEnabled,
  mistakesForPoolRequests,
  nameOfBlock,
  pollingIntervalOf,
  primaryOf,
  statusPageOf,
  toJson,
  webhookOf,
  withGateway
}
