'use strict'

// Small TurtleCoind 0.28 daemons on loopback, all with one chain. A process of their own, so that they go on while the event
// loop of the one under test is blocked; it ends with the process that started it.

const http = require('http')

const TIP = 1000

function main () {
  const daemons = Array.from({ length: Number(process.argv[2]) }, () => new Daemon())
  process.on('disconnect', () => process.exit())
  process.on('message', ({ id, daemon, command }) => {
    process.send({ id, answer: daemons[daemon][command]() })
  })
  Promise.all(daemons.map(daemon => daemon.start())).then(ports => process.send({ ports }))
}

class Daemon {
  constructor () {
    this.requests = 0
    this.waiting = 0
    this.hangs = false
    this.sockets = new Set()
    this.server = http.createServer((request, response) => this.hear(request, response))
    this.server.on('connection', socket => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
  }

  start () {
    return new Promise(resolve => this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)))
  }

  /** Refuses connections from now on, and breaks those that are open. */
  crash () {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }

  /** Takes requests from now on, but answers none. */
  hang () {
    this.hangs = true
  }

  counts () {
    return { requests: this.requests, waiting: this.waiting, connections: this.sockets.size }
  }

  hear (request, response) {
    const chunks = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      this.requests++
      if (this.hangs) {
        this.waiting++
        return
      }
      const answer = answerTo(request, Buffer.concat(chunks).toString())
      response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
  }
}

function answerTo ({ method, url }, body) {
  if (method === 'GET' && url === '/info') return info()
  if (method !== 'POST' || url !== '/json_rpc') return undefined
  const call = JSON.parse(body)
  const answer = METHODS[call.method]
  return answer && Object.assign({ jsonrpc: '2.0' }, answer(call.params || {}))
}

const METHODS = {
  getlastblockheader: () => header(TIP),
  getblockheaderbyhash: ({ hash }) => header(heightOf(hash)),
  getblockheaderbyheight: ({ height }) => header(height)
}

function header (height) {
  if (!(height >= 0 && height <= TIP)) return { error: { code: -5, message: 'Block hash specified does not exist!' } }
  return {
    result: {
      status: 'OK',
      block_header: {
        major_version: 3,
        minor_version: 0,
        timestamp: 1500000000 + 30 * height,
        prev_hash: hashOf(height - 1),
        nonce: height,
        orphan_status: false,
        height,
        depth: TIP - height,
        hash: hashOf(height),
        difficulty: 30,
        reward: 2980231,
        num_txes: 1,
        block_size: 470
      }
    }
  }
}

function info () {
  return {
    height: TIP + 1,
    difficulty: 930,
    tx_count: 0,
    tx_pool_size: 0,
    alt_blocks_count: 0,
    outgoing_connections_count: 3,
    incoming_connections_count: 3,
    white_peerlist_size: 0,
    grey_peerlist_size: 0,
    last_known_block_index: TIP,
    network_height: TIP + 1,
    upgrade_heights: [187000, 350000, 440000],
    supported_height: 2800000,
    hashrate: 31,
    synced: true,
    major_version: 3,
    minor_version: 0,
    version: '0.28.3',
    status: 'OK',
    start_time: 1500000000
  }
}

/** The genesis block follows on no block, which is told as zeros. */
function hashOf (height) {
  return (height < 0 ? 0 : height + 0xb10c0000).toString(16).padStart(64, '0')
}

function heightOf (hash) {
  return parseInt(hash, 16) - 0xb10c0000
}

main()
