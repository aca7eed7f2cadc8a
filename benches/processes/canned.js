'use strict'

// Daemons that answer with texts made beforehand, until the parent lets go: what is measured is what stands before them.

const net = require('node:net')
const { SimNetwork } = require('../../sim')

const CALLS = ['getblocktemplate', 'getlastblockheader', 'getblockheaderbyheight', 'getblockheaderbyhash']
const PARAMS = { getblocktemplate: { reserve_size: 8, wallet_address: 'T'.repeat(99) }, getblockheaderbyheight: { height: 0 } }

async function main ({ count }) {
  process.on('disconnect', () => process.exit())
  const texts = await recorded()
  const servers = await Promise.all(Array.from({ length: count }, () => listen(texts)))
  process.send(servers.map(server => ({ host: '127.0.0.1', port: server.address().port })))
}

/** What a simulated daemon says to each request, as bytes of HTTP. */
async function recorded () {
  const network = await SimNetwork.start(1, { height: 50 })
  const [{ host, port, tip }] = network.daemons
  const texts = {}
  const hash = async ({ prevHash }) => ({ hash: prevHash })
  for (const method of CALLS) {
    const params = method === 'getblockheaderbyhash' ? await hash(tip) : PARAMS[method] || {}
    const reply = await fetch(`http://${host}:${port}/json_rpc`, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: '0', method, params }) })
    texts[method] = httpOf(await reply.text())
  }
  texts['/info'] = httpOf(await (await fetch(`http://${host}:${port}/info`)).text())
  await network.close()
  return texts
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
      const key = received.startsWith('GET') ? '/info' : CALLS.find(method => received.includes(method))
      received = ''
      socket.write(texts[key])
    })
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

main(JSON.parse(process.argv[2]))
