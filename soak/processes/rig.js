'use strict'

const fs = require('node:fs')
const net = require('node:net')
const { Worker } = require('node:worker_threads')

const kept = []

/** What can be planted at each rest, to see that the soak finds it. */
const RIGS = {
  heap: () => kept.push(Array.from({ length: 50000 }, (_, index) => ({ index }))),
  memory: () => kept.push(Buffer.alloc(4 * 1024 * 1024, 1)),
  handles: () => kept.push(setInterval(() => {}, 1000000)),
  sockets: () => kept.push(net.createServer().listen(0, '127.0.0.1').unref()),
  threads: () => kept.push(new Worker('setInterval(() => {}, 1000)', { eval: true })),
  files: () => kept.push(fs.openSync(__filename)),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  stuck: () => kept.push(setInterval(() => {}, 1000))
}

function plant (name) {
  if (name) RIGS[name]()
}

module.exports = { RIGS: Object.keys(RIGS), plant }
