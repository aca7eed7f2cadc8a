'use strict'

const fs = require('node:fs')
const path = require('node:path')

const ROOT = path.join(__dirname, '..')

/** Where each Rust target begins: with what real daemons have answered, and with a whole configuration. */
const SEEDS = {
  dialect: () => [...filesBelow('tests/fixtures/rpc').map(read), ...filesBelow('__test__/fixtures').map(bodyOf)],
  response: () => RESPONSES,
  routing: () => [...filesBelow('__test__/fixtures').map(bodyOf), ...filesBelow('__test__/fixtures').map(blobOf).filter(Boolean), ...REQUESTS],
  config: () => [read('src/config/tests/pool.json')],
  packet: () => PACKETS
}

/** As daemons and what stands before them send them, after a byte that says how long the pieces are in which they come. */
const RESPONSES = [
  'HTTP/1.1 200 Ok\r\nServer: Epee-based\r\nContent-Length: 13\r\nContent-Type: application/json\r\nAccept-Ranges: bytes\r\n\r\n{"height": 7}',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\nd;a="b"\r\n{"height": 7}\r\n0\r\nExpires: 0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 Internal Server Error\r\nConnection: close\r\n\r\nCore is busy',
  'HTTP/1.1 204 No Content\r\n\r\n', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
].flatMap(response => ['\x00', '\x40'].map(size => size + response))

/** As a turtlecoind-ha sends them. */
const PACKETS = [
  '0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":5000}', '1', '3', '40', '44"Unauthorized"',
  `42["block",{"height":7,"hash":"${'7f'.repeat(32)}","prev_hash":"${'00'.repeat(32)}","transactions":[]}]`,
  '42["topblock",1204331]', '42["down"]', '42["stopped",0]', '42["desync",{"height":7}]', '42["ready",{"height":7}]', '4217["auth",true]'
]

/** Writes a target's seeds into a folder. */
function writeSeeds (target, folder) {
  fs.mkdirSync(folder, { recursive: true })
  SEEDS[target]().forEach((seed, index) => fs.writeFileSync(path.join(folder, `seed-${index}`), seed))
}

/** What the daemon sent, of a recorded exchange. */
function bodyOf (file) {
  const { body } = JSON.parse(read(file))
  return typeof body === 'string' ? body : JSON.stringify(body) || ''
}

/** The block template in it, if there is one. */
function blobOf (file) {
  const { body } = JSON.parse(read(file))
  return body && body.result && body.result.blocktemplate_blob
}

/** As pools and wallets send them. */
const REQUESTS = [
  '{"id":"0","jsonrpc":"2.0","method":"getblocktemplate","params":{"reserve_size":8,"wallet_address":"TRTL"}}',
  '{"id":"0","jsonrpc":"2.0","method":"submitblock","params":["0606"]}', '{"id":1,"method":"getblockheaderbyheight","params":{"height":7}}',
  '[{"id":"0","method":"getblock","params":{"height":7,"hash":""}},{"id":1,"method":"on_getblockhash","params":[7]}]'
]

function filesBelow (folder) {
  const all = fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
  return all.flatMap(entry => entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : entry.name.endsWith('.json') ? [`${folder}/${entry.name}`] : [])
}

function read (file) {
  return fs.readFileSync(path.join(ROOT, file), 'utf8')
}

module.exports = { writeSeeds }
