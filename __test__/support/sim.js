'use strict'

const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')
const { SimNetwork } = require('../../sim')

/** A request that hangs must fail a test, and soon. */
const LIMIT = { timeout: 20000 }
const ADDRESSES = { 'turtlecoin-0.28.3': `TRTL${'v'.repeat(95)}`, 'turtlecoin-legacy': `TRTL${'v'.repeat(95)}`, monerod: `4${'4'.repeat(94)}` }

/** Sends one request on a connection of its own, unless an agent says otherwise. */
function send (daemon, { method = 'GET', path = '/info', body, agent = false, timeout = 5000, localAddress } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: daemon.host, port: daemon.port, method, path, agent, timeout, localAddress }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({
        status: response.statusCode,
        type: response.headers['content-type'],
        location: response.headers.location,
        headers: response.headers,
        bytes: Buffer.concat(chunks),
        text: Buffer.concat(chunks).toString()
      }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })))
    request.on('error', reject)
    request.end(body)
  })
}

/** A JSON-RPC request. */
const call = (daemon, method, params, options) =>
  send(daemon, { method: 'POST', path: '/json_rpc', body: JSON.stringify({ id: '0', jsonrpc: '2.0', method, params }), ...options })

/** What a daemon answers to a JSON-RPC request, parsed. */
const ask = async (daemon, method, params, options) => JSON.parse((await call(daemon, method, params, options)).text)

const info = async daemon => JSON.parse((await send(daemon, { path: daemon.dialect.name === 'monerod' ? '/get_info' : '/info' })).text)
const header = async daemon => (await ask(daemon, 'getlastblockheader')).result.block_header

/** What a daemon answers to a pool that asks for work. */
const askForWork = (daemon, options) => ask(daemon, 'getblocktemplate', { wallet_address: ADDRESSES[daemon.dialect.name], reserve_size: 8 }, options)
const submit = (daemon, blob, options) => ask(daemon, 'submitblock', [blob], options)

/** All bytes that come for a request, until `isOver` says so of the text, or the other side ends the connection. */
function receive (daemon, { path = '/info', isOver = () => false } = {}) {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = net.connect(daemon.port, daemon.host, () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${daemon.address}\r\n\r\n`))
    const end = isEnded => {
      socket.destroy()
      const [head, ...body] = text.split('\r\n\r\n')
      resolve({ head, body: body.join('\r\n\r\n'), isEnded })
    }
    socket.on('data', chunk => {
      text += chunk
      if (isOver(text)) end(false)
    })
    socket.on('end', () => end(true))
    socket.on('error', reject)
  })
}

/** Runs a test on a network of its own, which is closed whatever happens. */
async function withNetwork (daemons, run, options) {
  const network = await SimNetwork.start(daemons, { height: 50, ...options })
  try {
    await run(network, ...network.daemons)
  } finally {
    await network.close()
  }
}

/** What real daemons of a version answered, by the names of the files. @returns {Array<[name: string, recorded: object]>} */
function recordings (folder) {
  const directory = path.join(__dirname, '..', 'fixtures', folder)
  return fs.readdirSync(directory).map(file => [path.basename(file, '.json'), JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'))])
}

/** Sends what a recording says was sent, with an address that exists here. */
function replay (daemon, { request }) {
  const [first, ...rest] = request.split(' ')
  if (first === 'GET') return send(daemon, { path: rest[0] })
  if (first === 'POST') return send(daemon, { method: 'POST', path: rest[0], body: rest[1] === '(empty)' ? '' : rest[1] })
  const params = rest.length && rest[0] !== 'undefined' ? JSON.parse(rest.join(' ')) : undefined
  if (params && params.wallet_address && params.wallet_address !== 'nope') params.wallet_address = ADDRESSES[daemon.dialect.name]
  return call(daemon, first, params)
}

/** The members and types of a JSON value, without its values; an empty list has the shape of any. */
function shape (value) {
  if (Array.isArray(value)) return []
  if (value === null || typeof value !== 'object') return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)]))
}

module.exports = { ADDRESSES, LIMIT, ask, askForWork, call, header, info, receive, recordings, replay, send, shape, submit, withNetwork }
