'use strict'

const http = require('http')

const { blockOf } = require('../config')

/** Milliseconds for the pool to answer. */
const LIMIT = 2000
/** Bytes of an answer that are read. */
const LONGEST = 4 * 1024 * 1024
const HERE = '127.0.0.1'
/** Addresses to listen at, but not to connect to. */
const ANYWHERE = ['0.0.0.0', '::']

/** The status of the pool that runs with this configuration, from its status page; null where there is no page, or no pool runs. */
async function statusOfPool (config, limit = LIMIT) {
  const page = pageOf(config)
  if (page === null) return null
  const { password } = blockOf(config).status
  const headers = password ? { Authorization: `Basic ${Buffer.from(`check:${password}`).toString('base64')}` } : {}
  const status = await get({ host: page.host, port: page.port, path: '/status.json', headers, agent: false }, limit)
  return status && isOfPool(status, config) ? status : null
}

/** Where the status page of the pool is, as this machine reaches it; null where the configuration has none. */
function pageOf (config) {
  const { status } = blockOf(config)
  if (typeof status !== 'object' || status === null) return null
  const { host = HERE, port } = status
  return { host: ANYWHERE.includes(host) ? HERE : host, port: Number(port) }
}

/** The page of `serve`, which may be at the same port while no pool runs, has no gateway. */
function isOfPool ({ gateway }, config) {
  return blockOf(config).gateway === false || Boolean(gateway)
}

function get (options, limit) {
  return new Promise(resolve => {
    const request = http.get(options, response => read(response, end))
    const timer = setTimeout(() => end(null), limit)
    function end (status) {
      clearTimeout(timer)
      resolve(status)
      request.destroy()
    }
    request.on('error', () => end(null))
    request.on('close', () => end(null))
  })
}

function read (response, end) {
  const chunks = []
  let length = 0
  response.on('error', () => end(null))
  response.on('data', chunk => {
    chunks.push(chunk)
    length += chunk.length
    if (length > LONGEST) end(null)
  })
  response.on('end', () => end(response.statusCode === 200 ? statusIn(Buffer.concat(chunks).toString()) : null))
}

/** What listens there may be something else. */
function statusIn (text) {
  try {
    const status = JSON.parse(text)
    const { mode, daemons, blocks, current, primary, requests } = status
    const isStatus = status.enabled === true && ['multi', 'single'].includes(mode) && [current, primary, requests].every(Boolean) && Array.isArray(blocks)
    return isStatus && daemons.length > 0 && daemons.concat(current, primary).every(({ host }) => typeof host === 'string') ? status : null
  } catch (error) {
    return null
  }
}

module.exports = { pageOf, statusOfPool }
