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
function statusOfPool (config, limit = LIMIT) {
  const { status } = blockOf(config)
  if (typeof status !== 'object' || status === null) return Promise.resolve(null)
  const { host = HERE, port, password } = status
  const headers = password ? { Authorization: `Basic ${Buffer.from(`check:${password}`).toString('base64')}` } : {}
  return get({ host: ANYWHERE.includes(host) ? HERE : host, port, path: '/status.json', headers, agent: false }, limit)
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
    return ['daemons', 'blocks'].every(name => Array.isArray(status[name])) && status.enabled === true && status.current && status.requests ? status : null
  } catch (error) {
    return null
  }
}

module.exports = { statusOfPool }
