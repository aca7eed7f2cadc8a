'use strict'

// Daemons that answer with texts made beforehand, until the parent lets go: what is measured is what stands before them.

const net = require('node:net')
const { SimNetwork } = require('../../sim')

const HEIGHT = 50
const TEMPLATE = { reserve_size: 8, wallet_address: 'T'.repeat(99) }

async function main ({ count }) {
  process.on('disconnect', () => process.exit())
  const texts = await recorded()
  const servers = await Promise.all(Array.from({ length: count }, () => listen(texts)))
  process.send(servers.map(server => ({ host: '127.0.0.1', port: server.address().port })))
}

/** What a simulated daemon says to each request, as bytes of HTTP: by method or path, and of the headers also by what is asked for. */
async function recorded () {
  const network = await SimNetwork.start(1, { height: HEIGHT })
  const [{ host, port, tip }] = network.daemons
  const call = async (method, params = {}) => {
    const reply = await fetch(`http://${host}:${port}/json_rpc`, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: '0', method, params }) })
    return reply.text()
  }
  const texts = new Map()
  texts.set('getblocktemplate', httpOf(await call('getblocktemplate', TEMPLATE)))
  texts.set('getlastblockheader', httpOf(await call('getlastblockheader')))
  for (let height = 0; height <= tip.height; height++) {
    const header = await call('getblockheaderbyheight', { height })
    texts.set(String(height), httpOf(header)).set(JSON.parse(header).result.block_header.hash, httpOf(header))
  }
  texts.set('/info', httpOf(await (await fetch(`http://${host}:${port}/info`)).text()))
  await network.close()
  return texts
}

/** By what name the answer to a request is found. */
function askedIn (request) {
  if (request.startsWith('GET')) return '/info'
  // What is measured first.
  if (request.includes('getblocktemplate')) return 'getblocktemplate'
  const { method, params } = JSON.parse(request.slice(request.indexOf('\r\n\r\n')))
  return method === 'getblockheaderbyhash' ? params.hash : method === 'getblockheaderbyheight' ? String(params.height) : method
}

function httpOf (body) {
  return Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

function listen (texts) {
  const server = net.createServer(socket => {
    socket.setNoDelay(true)
    let received = ''
    socket.on('error', () => {})
    socket.on('data', piece => {
      received += piece.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end === -1) return
      const [, length] = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, end)) || [null, 0]
      if (received.length < end + 4 + Number(length)) return
      const answer = texts.get(askedIn(received))
      received = ''
      socket.write(answer)
    })
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

main(JSON.parse(process.argv[2]))
